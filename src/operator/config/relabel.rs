//! Relabel rules as the operator writes them.

use crate::operator::fields::Fields;
use crate::source::{Mapping, Ordered};

fn names(sources: &[&str]) -> Vec<Ordered> {
    sources.iter().map(|source| Ordered::from((*source).to_owned())).collect()
}

/// Copies a label to another.
pub(super) fn copy(source: &str, target: &str) -> Ordered {
    Mapping::new().with("source_labels", names(&[source])).with("target_label", target.to_owned()).into()
}

/// Keeps or drops targets by their labels.
pub(super) fn filter(action: &'static str, sources: &[&str], regex: impl Into<Ordered>) -> Ordered {
    Mapping::new().with("action", action).with("source_labels", names(sources)).with("regex", regex).into()
}

/// Sets a label to a text.
pub(super) fn set(target: &str, replacement: impl Into<Ordered>) -> Ordered {
    Mapping::new().with("target_label", target.to_owned()).with("replacement", replacement).into()
}

/// Copies a label to another if it is not empty.
pub(super) fn copy_filled(source: &str, target: &str) -> Ordered {
    Mapping::new()
        .with("source_labels", names(&[source]))
        .with("target_label", target.to_owned())
        .with("regex", "(.+)")
        .with("replacement", "${1}")
        .into()
}

/// Takes a part of several labels: separator, regex, replacement, target.
pub(super) fn extract(sources: &[&str], regex: &'static str, target: &'static str) -> Ordered {
    Mapping::new()
        .with("source_labels", names(sources))
        .with("separator", ";")
        .with("regex", regex)
        .with("replacement", "${1}")
        .with("target_label", target)
        .into()
}

/// Copies the name of the job, before anything changes it.
pub(super) fn job_name() -> Ordered {
    copy("job", "__tmp_prometheus_job_name")
}

/// Drops pods that are done.
pub(super) fn running() -> Ordered {
    filter("drop", &["__meta_kubernetes_pod_phase"], "(Failed|Succeeded)")
}

/// The rules of a resource, spelled as Prometheus spells them.
pub(super) fn of_resource(owner: Fields<'_>, field: &str) -> impl Iterator<Item = Ordered> {
    owner.items(field).map(|rule| {
        let mut made = Mapping::new();
        if !rule.list("sourceLabels").is_empty() {
            super::copy(rule, &mut made, &[("sourceLabels", "source_labels")]);
        }
        super::copy(rule, &mut made, &[("separator", "separator")]);
        super::limits::push_filled(&mut made, rule, "targetLabel", "target_label");
        super::limits::push_filled(&mut made, rule, "regex", "regex");
        if let Some(modulus) = rule.int("modulus").filter(|modulus| *modulus != 0) {
            made.push("modulus", modulus);
        }
        super::copy(rule, &mut made, &[("replacement", "replacement")]);
        if !rule.str("action").is_empty() {
            made.push("action", rule.str("action").to_lowercase());
        }
        Ordered::from(made)
    })
}
