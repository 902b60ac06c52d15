//! What the input is laid over: a cluster, or what `promwire snapshot` wrote of one.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args};

use super::Failure;
#[cfg(feature = "cluster")]
use super::cluster::ClusterArgs;
use crate::chain::Scope;
use crate::config::Stack;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::engine::{self, Assumed, World, Worlds, lock};
use crate::operator::Reality;
use crate::source::{Document, LoadOptions, Reading};

/// What to lay the input over.
#[derive(Args, Debug, Clone)]
pub(super) struct BeneathArgs {
    /// Lay the input over what a cluster was like: a file that `promwire snapshot` wrote
    #[arg(long, value_name = "FILE", help_heading = "Cluster")]
    assume: Option<PathBuf>,

    #[cfg(feature = "cluster")]
    #[command(flatten)]
    cluster: ClusterArgs,
}

/// What the input is laid over; nothing by default.
#[derive(Debug, Default)]
pub(super) struct Beneath {
    pub(super) documents: Vec<Arc<Document>>,
    /// What was listed in full.
    pub(super) listed: Vec<Scope>,
    /// What to say of it.
    pub(super) findings: Vec<Diagnostic>,
    /// Settings of the reality assumed, by the names of their flags, with where they are from.
    pub(super) settings: Vec<(String, String, Place)>,
    /// What it is called: `the cluster`.
    pub(super) name: String,
    /// Whether it is worth looking at without any input.
    pub(super) is_input: bool,
    /// The only namespace whose findings are asked for.
    pub(super) namespace: Option<String>,
}

impl BeneathArgs {
    /// Whether what it is laid over is an input in itself.
    #[cfg_attr(
        not(feature = "cluster"),
        expect(clippy::unused_self, reason = "there is no cluster to ask for")
    )]
    pub(super) fn is_input(&self) -> bool {
        #[cfg(feature = "cluster")]
        if self.cluster.cluster {
            return true;
        }
        false
    }

    /// Whether there is anything of the kind.
    pub(super) fn is_given(&self) -> bool {
        self.is_input() || self.assume.is_some()
    }

    /// Reads it. `namespace` is the one that is asked for.
    #[cfg_attr(not(feature = "cluster"), expect(unused_variables, reason = "there is no cluster to ask"))]
    pub(super) fn look(&self, namespace: Option<&str>) -> Result<Beneath, Failure> {
        #[cfg(feature = "cluster")]
        if let Some(access) = self.cluster.access() {
            return super::cluster::look(&access, namespace).map(|(beneath, _)| beneath);
        }
        let Some(path) = &self.assume else { return Ok(Beneath::default()) };
        let lock = lock::read(path, &LoadOptions::default()).map_err(Failure::Findings)?;
        let name = format!("`{}`", path.display());
        let mut findings = Vec::new();
        if !lock.not_listed.is_empty() {
            let message = format!("{name} does not show `{}`", lock.not_listed.join("`, `"));
            let finding = Diagnostic::new(Code::NOT_SHOWN, message)
                .note("what depends on them is unknown, and not taken for wrong")
                .help("write it anew with the rights of deploy/read-only.yaml");
            findings.push(finding);
        }
        Ok(Beneath {
            documents: lock.documents,
            listed: lock.listed,
            findings,
            settings: lock.settings,
            name,
            is_input: false,
            namespace: None,
        })
    }
}

impl Beneath {
    /// The same worlds, laid over it.
    pub(super) fn under(&self, worlds: Worlds) -> Worlds {
        if self.documents.is_empty() { worlds } else { worlds.over(&self.documents) }
    }

    /// The same world, laid over it.
    pub(super) fn under_one(&self, world: World) -> World {
        if self.documents.is_empty() { world } else { world.over(&self.documents) }
    }

    /// Its objects, and no others.
    pub(super) fn alone(&self) -> World {
        World::of(Reading::default(), None).over(&self.documents)
    }

    /// What was listed in full.
    pub(super) fn listed(&self) -> Vec<Scope> {
        self.listed.clone()
    }

    /// What there is to say of it.
    pub(super) fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }

    /// What it and some files are called together.
    pub(super) fn and(&self, files: usize) -> String {
        let files = match files {
            0 if !self.name.is_empty() => return self.name.clone(),
            1 => "1 file".to_owned(),
            files => format!("{files} files"),
        };
        if self.name.is_empty() { files } else { format!("{} and {files}", self.name) }
    }

    /// The Stack, with the reality as it is here where nobody says otherwise.
    pub(super) fn settle(&self, stack: Option<Stack>, matches: &ArgMatches) -> Option<Stack> {
        if self.settings.is_empty() {
            return stack;
        }
        let mut stack = stack.unwrap_or_else(Stack::empty);
        let says = |option: &str| {
            let id = option.replace('-', "_");
            let on_line = matches.try_contains_id(&id).unwrap_or(false)
                && matches.value_source(&id) == Some(ValueSource::CommandLine);
            on_line || stack.reality.options().any(|(known, _)| known == option)
        };
        // One of these two excludes the other.
        let excluded = |option: &str| match option {
            "namespaces" => says("deny-namespaces"),
            "deny-namespaces" => says("namespaces"),
            _ => false,
        };
        let settings: Vec<&(String, String, Place)> =
            self.settings.iter().filter(|(option, ..)| !excluded(option)).collect();
        let others = settings
            .into_iter()
            .map(|(option, value, place)| (option.as_str(), value.as_str(), place.clone()));
        stack.reality = stack.reality.clone().or(others);
        Some(stack)
    }

    /// Takes Secrets for granted where they are not shown.
    pub(super) fn adjust(&self, reality: &mut Reality) {
        let shows = |kind: &str| self.listed.contains(&Scope::Kind(kind.to_owned()));
        let is_whole = shows("Secret") && shows("ConfigMap");
        reality.takes_secrets_for_granted |= !self.documents.is_empty() && !is_whole;
    }

    /// Leaves only findings that are news: of what is laid over it, those that would not be there without; of a namespace that is
    /// asked for, those about it. Tells what is to be said of it besides.
    pub(super) fn only_news(&self, worlds: &Worlds, assumed: &Assumed, findings: &mut Vec<Diagnostic>) {
        if self.documents.is_empty() {
            return;
        }
        let beneath: BTreeSet<&str> = self.documents.iter().map(|document| document.file().name()).collect();
        let is_mixed =
            worlds.iter().any(|named| named.world.documents().any(|document| !document.is_beneath()));
        if is_mixed || !self.is_input {
            let known = engine::check(&self.alone(), assumed).findings;
            let key = |finding: &Diagnostic| (finding.code, finding.subject.clone(), finding.message.clone());
            let mut counts: Vec<_> = known.iter().map(key).collect();
            findings.retain(|finding| {
                let is_beneath =
                    finding.place.as_ref().is_none_or(|at| beneath.contains(at.place.file.name()));
                let Some(at) = counts.iter().position(|known| *known == key(finding)).filter(|_| is_beneath)
                else {
                    return true;
                };
                counts.swap_remove(at);
                false
            });
        } else if let Some(namespace) = &self.namespace {
            findings.retain(|finding| {
                let of = finding.subject.as_ref().and_then(|subject| subject.namespace.as_ref());
                of.is_none_or(|of| of == namespace)
            });
        }
        findings.splice(0..0, self.findings.iter().cloned());
    }
}
