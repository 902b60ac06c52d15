//! Flags that say which cluster, the same for every command that talks to one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::Failure;
use super::beneath::Beneath;
use crate::chain::Scope;
use crate::cluster::{Access, Connection, Listing};
use crate::diagnostic::{Code, Diagnostic, Place, Span, TextFile};
use crate::operator::{RELEASES, Release, deployed};
use crate::source::CLUSTER;

/// Which cluster, for commands that always talk to one.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Cluster")]
pub(super) struct AccessArgs {
    /// The context of the kubeconfig, instead of the current one
    #[arg(long, value_name = "CONTEXT")]
    context: Option<String>,

    /// The kubeconfig, instead of those KUBECONFIG names or ~/.kube/config
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
}

impl AccessArgs {
    /// What they say.
    pub(super) fn access(&self) -> Access {
        Access { context: self.context.clone(), kubeconfig: self.kubeconfig.clone() }
    }
}

/// Where in a cluster, for commands that read no files.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Cluster")]
pub(super) struct ScopeArgs {
    /// The namespace to work in
    #[arg(short, long, value_name = "NAMESPACE", value_parser = crate::model::name::label)]
    pub(super) namespace: Option<String>,

    /// All namespaces
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    pub(super) all_namespaces: bool,
}

/// Which cluster, for commands that read files, too.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Cluster")]
pub(super) struct ClusterArgs {
    /// Read the cluster too. A file counts in the place of the cluster's object, as if it had been applied
    #[arg(long, conflicts_with = "assume")]
    pub(super) cluster: bool,

    /// All namespaces of the cluster
    #[arg(short = 'A', long, requires = "cluster", conflicts_with = "namespace")]
    pub(super) all_namespaces: bool,

    #[command(flatten)]
    access: AccessArgs,
}

impl ClusterArgs {
    /// The cluster to read, where one is asked for.
    pub(super) fn access(&self) -> Option<Access> {
        self.cluster.then(|| self.access.access())
    }
}

/// Reads a cluster, and says which resources may not be listed. Where a kind may not be listed in all namespaces, it is listed in
/// this one.
pub(super) fn look(access: &Access, namespace: Option<&str>) -> Result<(Beneath, Vec<String>), Failure> {
    let connection = Connection::open(access)?;
    let live = connection.read(Some(namespace.unwrap_or_else(|| connection.namespace())))?;
    let scope = |listing: &Listing| match &listing.namespace {
        None => Scope::Kind(listing.kind.kind.to_owned()),
        Some(namespace) => Scope::KindIn(listing.kind.kind.to_owned(), namespace.clone()),
    };
    let version = live.kubernetes.to_string();
    let file = Arc::new(TextFile::new(format!("{CLUSTER}/version"), version.as_str()));
    let place = Place::new(file, Span::default());
    let not_listed = live.unseen.iter().map(|unseen| unseen.kind.full_resource()).collect();
    let beneath = Beneath {
        listed: live.listed.iter().map(scope).collect(),
        findings: live.not_shown(connection.server()).into_iter().collect(),
        settings: vec![("kubernetes-version".to_owned(), version, place)],
        documents: live.documents.into_iter().map(Arc::new).collect(),
        name: "the cluster".to_owned(),
        is_input: true,
        namespace: namespace.map(str::to_owned),
    };
    Ok((with_operator(beneath), not_listed))
}

/// The same, with the reality of the operator that runs there.
fn with_operator(mut beneath: Beneath) -> Beneath {
    let world = beneath.alone();
    let operators = deployed::all(world.inventory());
    let [operator] = &operators[..] else {
        if let [first, others @ ..] = &operators[..] {
            let message = "several operators run here; none of their flags is assumed".to_owned();
            let finding = Diagnostic::new(Code::REALITY_UNCERTAIN, message).at(first.object.place(), "");
            let finding =
                others.iter().fold(finding, |finding, other| finding.with(other.object.place(), ""));
            beneath.findings.push(finding.help("say which counts: --namespaces, --controller-id and others"));
        }
        return beneath;
    };
    match &operator.version {
        Some((version, place)) if Release::of(version).is_some() => {
            beneath.settings.push(("operator-version".to_owned(), version.clone(), place.clone()));
        }
        Some((version, place)) => {
            let known: Vec<&str> = RELEASES.iter().map(|release| release.name).collect();
            let message = format!(
                "the operator here is {version}; it is taken for {}, the nearest that promwire knows",
                known.last().copied().unwrap_or_default()
            );
            beneath
                .findings
                .push(Diagnostic::new(Code::REALITY_UNCERTAIN, message).at(place.clone(), "says so"));
        }
        None => {}
    }
    let mut flags: BTreeMap<&str, (String, Place)> = BTreeMap::new();
    for (name, value, place) in &operator.flags {
        let known = flags.entry(name).or_insert_with(|| (String::new(), place.clone()));
        // Lists may be given in parts; of others the last counts.
        let is_list = name.contains("namespaces") || name == "feature-gates";
        known.0 = if is_list && !known.0.is_empty() { format!("{},{value}", known.0) } else { value.clone() };
    }
    let flags = flags.into_iter().filter(|(_, (value, _))| !value.is_empty());
    beneath.settings.extend(flags.map(|(name, (value, place))| (name.to_owned(), value, place)));
    if operator.reads_storage_classes == Some(false) {
        let place = operator.object.place();
        beneath.settings.push(("no-storage-class-check".to_owned(), String::new(), place));
    }
    beneath
}
