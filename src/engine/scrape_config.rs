//! The scrape configuration of a Prometheus in a world, and how two of them differ.

use serde::Serialize;

use super::World;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::model::schema::SchemaSet;
use crate::operator::{Mounts, Outcome, Reality, Refusal, Rejection, Verdict, reconcile};
use crate::prom::version::Version;
use crate::source::{Mapping, Ordered};

/// Which Prometheus is asked about.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// `NAMESPACE/NAME`, or `NAME`; the only one there is if none is named.
    pub name: Option<String>,
    /// Whether it is a `PrometheusAgent`.
    pub is_agent: bool,
}

/// What the operator makes of a Prometheus.
#[derive(Debug)]
pub struct Compiled {
    /// Kind, namespace and name.
    pub prometheus: (String, String, String),
    /// The configuration. None when the operator writes none; the findings say why.
    pub config: Option<Ordered>,
    /// What the operator says, or dies with, where it writes none because something is wrong.
    pub error: Option<String>,
    /// Each monitor that is rejected.
    pub rejected: Vec<RejectedMonitor>,
    /// Each monitor that is not selected.
    pub not_selected: Vec<UnselectedMonitor>,
    /// What the user should know, with places.
    pub findings: Vec<Diagnostic>,
    /// The files that Prometheus finds beside its configuration.
    pub mounts: Mounts,
}

/// A monitor the operator rejects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectedMonitor {
    /// Its kind.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The operator's word for why: there is one only.
    pub reason: &'static str,
    /// The operator's words.
    pub message: String,
}

/// A monitor a Prometheus does not select.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnselectedMonitor {
    /// Its kind.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Why not, in a sentence.
    pub why: String,
}

/// Finds the Prometheus and does what the operator does.
///
/// # Errors
/// When there is no such Prometheus, or several.
pub fn compile(world: &World, wanted: &Wanted, reality: &Reality) -> Result<Compiled, Box<Diagnostic>> {
    Ok(compile_object(world.inventory(), find(world.inventory(), wanted)?, reality))
}

/// Does what the operator does for a Prometheus.
pub(super) fn compile_object(inventory: &Inventory, object: Object<'_>, reality: &Reality) -> Compiled {
    let (schemas, mut findings) = SchemaSet::new(inventory);
    let outcome = match crashing_other(inventory, &schemas, reality, object) {
        Some((other, words)) => {
            findings.push(crash(other, &words).note(format!(
                "the whole process dies, so that `{}` gets no configuration either",
                object.identity()
            )));
            Outcome { verdict: Verdict::Crashed(words), ..empty() }
        }
        None => reconcile(inventory, &schemas, reality, object),
    };
    let told = !findings.is_empty();
    findings.extend(outcome.refused.iter().cloned());
    for rejection in &outcome.rejected {
        let rejected = inventory.object(rejection.object);
        findings.push(
            Diagnostic::new(
                Code::REJECTED,
                format!("`{}` is rejected: {}", rejected.identity(), rejection.refusal.message),
            )
            .at(place(rejected, &rejection.refusal), ""),
        );
    }
    findings.extend(outcome.afterwards.iter().map(|refusal| {
        let message = format!("`{}` fails after its configuration is written: {refusal}", object.identity());
        Diagnostic::new(Code::FAILS_LATER, message).at(place(object, refusal), "")
    }));
    let identity = |object: Object<'_>| {
        let text = |text: &str| text.to_owned();
        (text(object.kind()), text(object.namespace().unwrap_or_default()), text(object.name()))
    };
    let rejected = outcome.rejected.iter().map(|rejection| {
        let (kind, namespace, name) = identity(inventory.object(rejection.object));
        let message = rejection.refusal.message.clone();
        RejectedMonitor { kind, namespace, name, reason: Rejection::REASON, message }
    });
    let not_selected = outcome.not_selected.iter().map(|other| {
        let (kind, namespace, name) = identity(inventory.object(other.object));
        UnselectedMonitor { kind, namespace, name, why: other.why.clone() }
    });
    let (rejected, not_selected) = (rejected.collect(), not_selected.collect());
    let error = match &outcome.verdict {
        Verdict::Failed(refusal) => Some(refusal.message.clone()),
        Verdict::Crashed(words) => Some(words.clone()),
        Verdict::Configuration(_) | Verdict::Unmanaged | Verdict::Unhandled(_) => None,
    };
    let config = match outcome.verdict {
        Verdict::Configuration(config) => Some(config),
        verdict => {
            if !(told && matches!(verdict, Verdict::Crashed(_))) {
                findings.push(why_nothing(object, &verdict));
            }
            None
        }
    };
    let mounts = outcome.mounts;
    Compiled { prometheus: identity(object), config, error, rejected, not_selected, findings, mounts }
}

fn empty() -> Outcome {
    Outcome {
        verdict: Verdict::Unmanaged,
        afterwards: Vec::new(),
        rejected: Vec::new(),
        not_selected: Vec::new(),
        refused: Vec::new(),
        mounts: Mounts::default(),
    }
}

fn why_nothing(object: Object<'_>, verdict: &Verdict) -> Diagnostic {
    let who = object.identity();
    let at_object = |finding: Diagnostic| finding.at(object.place(), "");
    match verdict {
        Verdict::Unmanaged => at_object(Diagnostic::new(
            Code::UNMANAGED,
            format!("the operator leaves the configuration of `{who}` to its user"),
        ))
        .note("none of its four monitor selectors is set, so the operator only makes an empty Secret"),
        Verdict::Unhandled(why) => at_object(Diagnostic::new(
            Code::NOT_HANDLED,
            format!("the operator writes no configuration for `{who}`: {why}"),
        )),
        Verdict::Crashed(words) => crash(object, words),
        Verdict::Failed(refusal) => {
            let message = format!("the operator cannot reconcile `{who}`: {refusal}");
            let finding = Diagnostic::new(Code::RECONCILIATION_FAILS, message).at(place(object, refusal), "");
            if refusal.message.starts_with("storage class") {
                finding.help(
                    "add the StorageClass to the input, or say --no-storage-class-check if the operator may not read \
                     StorageClasses",
                )
            } else {
                finding
            }
        }
        Verdict::Configuration(_) => {
            Diagnostic::new(Code::NOT_HANDLED, format!("`{who}` has a configuration"))
        }
    }
}

fn crash(object: Object<'_>, words: &str) -> Diagnostic {
    let message = format!("the operator crashes on `{}`: {words}", object.identity());
    let at = object.at(&["spec", "version"]).map_or_else(|| object.place(), crate::source::Node::place);
    Diagnostic::new(Code::OPERATOR_CRASHES, message)
        .at(at, "")
        .note("an `authorization` with a version below 2.26.0, which does not know it")
        .help("raise `spec.version`, or remove the `authorization`")
}

/// Another Prometheus that makes the operator crash, so that it writes nothing for this one either. Only one with an old
/// version does.
fn crashing_other<'w>(
    inventory: &'w Inventory,
    schemas: &SchemaSet,
    reality: &Reality,
    subject: Object<'w>,
) -> Option<(Object<'w>, String)> {
    let reality = Reality { prometheus_version: None, ..reality.clone() };
    let is_old = |object: &Object<'_>| {
        let version =
            object.at(&["spec", "version"]).and_then(crate::source::Node::as_str).unwrap_or_default();
        Version::parse_tolerant(reality.prometheus_version(version))
            .is_ok_and(|version| !version.is_at_least(2, 26, 0))
    };
    [GroupKind::PROMETHEUS, GroupKind::PROMETHEUS_AGENT]
        .into_iter()
        .flat_map(|kind| inventory.of_kind(kind))
        .filter(|object| object.id() != subject.id() && is_old(object))
        .find_map(|object| match reconcile(inventory, schemas, &reality, object).verdict {
            Verdict::Crashed(words) => Some((object, words)),
            _ => None,
        })
}

/// Where a refusal points: the deepest part of its path that is there.
fn place(object: Object<'_>, refusal: &Refusal) -> Place {
    let mut node = object.node();
    let mut found = object.place();
    for step in &refusal.path {
        let Some(next) = node.at(&[step]) else { break };
        found = node.key_place(step).unwrap_or_else(|| next.place());
        node = next;
    }
    found
}

/// The Prometheus of a world that is meant.
///
/// # Errors
/// When there is no such Prometheus, or several.
pub fn find_prometheus<'w>(world: &'w World, wanted: &Wanted) -> Result<Object<'w>, Box<Diagnostic>> {
    find(world.inventory(), wanted)
}

/// The Prometheus that is meant.
pub(super) fn find<'w>(inventory: &'w Inventory, wanted: &Wanted) -> Result<Object<'w>, Box<Diagnostic>> {
    let kind = if wanted.is_agent { GroupKind::PROMETHEUS_AGENT } else { GroupKind::PROMETHEUS };
    let other = if wanted.is_agent { GroupKind::PROMETHEUS } else { GroupKind::PROMETHEUS_AGENT };
    let is_named = |object: &Object<'_>| match &wanted.name {
        None => true,
        Some(name) => match name.split_once('/') {
            Some((namespace, name)) => object.namespace() == Some(namespace) && object.name() == name,
            None => object.name() == name,
        },
    };
    let found: Vec<Object<'w>> = inventory.of_kind(kind).filter(|object| is_named(object)).collect();
    let list = |objects: &[Object<'_>]| {
        let names: Vec<String> = objects.iter().map(|object| format!("`{}`", object.identity())).collect();
        names.join(", ")
    };
    match found[..] {
        [only] => return Ok(only),
        [] => {}
        _ => {
            let message = format!("there are several: {}", list(&found));
            return Err(Box::new(
                Diagnostic::new(Code::AMBIGUOUS_OBJECT, message)
                    .help("choose one with --prometheus NAMESPACE/NAME"),
            ));
        }
    }
    let what =
        wanted.name.as_ref().map_or_else(|| kind.kind.to_owned(), |name| format!("{} `{name}`", kind.kind));
    let finding = Diagnostic::new(Code::NO_SUCH_OBJECT, format!("no {what} is in the input"));
    let all: Vec<Object<'w>> = inventory.of_kind(kind).collect();
    Err(Box::new(if inventory.of_kind(other).any(|object| is_named(&object)) {
        let flag = if wanted.is_agent { "leave out --agent" } else { "say --agent" };
        finding.help(format!("there is a {} of this name: {flag}", other.kind))
    } else if all.is_empty() {
        finding.help("add its manifest with -f")
    } else {
        finding.help(format!("there is {}", list(&all)))
    }))
}

/// A part of a configuration that two of them do not have alike.
#[derive(Debug)]
pub struct Change {
    /// Which: `global`, `job NAME`, or another section.
    pub part: String,
    /// As it was, as YAML; empty if it was not there.
    pub before: String,
    /// As it is; empty if it is not there any more.
    pub after: String,
}

/// How two configurations differ: section by section, job by job, in the order of the second.
pub fn compare(before: Option<&Ordered>, after: Option<&Ordered>) -> Vec<Change> {
    let (before, after) = (parts(before), parts(after));
    let text = |value: &Ordered| value.to_yaml();
    let mut changes = Vec::new();
    for (part, value) in &before {
        if !after.iter().any(|(other, _)| other == part) {
            changes.push(Change { part: part.clone(), before: text(value), after: String::new() });
        }
    }
    for (part, value) in &after {
        let old = before.iter().find(|(other, _)| other == part).map(|(_, value)| value);
        if old != Some(value) {
            let before = old.map(text).unwrap_or_default();
            changes.push(Change { part: part.clone(), before, after: text(value) });
        }
    }
    changes
}

/// Sections by name, and jobs by theirs. Of several with one name each has a number.
fn parts(config: Option<&Ordered>) -> Vec<(String, Ordered)> {
    let empty = Mapping::new();
    let config = config.and_then(Ordered::as_map).unwrap_or(&empty);
    let mut parts: Vec<(String, Ordered)> = Vec::new();
    let mut seen: rustc_hash::FxHashMap<String, usize> = rustc_hash::FxHashMap::default();
    let mut add = |name: String, value: &Ordered| {
        let count = seen.entry(name.clone()).or_default();
        *count += 1;
        let name = if *count > 1 { format!("{name} ({count})") } else { name };
        parts.push((name, value.clone()));
    };
    for (key, value) in config.entries() {
        if key != "scrape_configs" {
            add(key.to_owned(), value);
            continue;
        }
        for job in value.as_list().unwrap_or_default() {
            let name = job.as_map().and_then(|job| job.get("job_name")).and_then(Ordered::as_str);
            add(format!("job {}", name.unwrap_or_default()), job);
        }
    }
    parts
}
