use std::sync::Arc;

rule! {
    /// The Secret of `additionalScrapeConfigs` has a `<<` (a merge of YAML), or a number that is written in an unusual way.
    ///
    /// ## Why it matters
    ///
    /// The operator reads the text and writes it again: what a `<<` would bring is lost, `0123` becomes `83`, and `1e3` becomes
    /// `1000`, also in a regex.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    ///   additionalScrapeConfigs: {name: jobs, key: jobs.yaml}
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: jobs, namespace: shop}
    /// stringData:
    ///   jobs.yaml: |
    ///     - &base {job_name: one, scrape_interval: 15s}
    ///     - {<<: *base, job_name: two}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    ///   additionalScrapeConfigs: {name: jobs, key: jobs.yaml}
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: jobs, namespace: shop}
    /// stringData:
    ///   jobs.yaml: |
    ///     - {job_name: one, scrape_interval: 15s}
    ///     - {job_name: two, scrape_interval: 15s}
    /// ```
    ADDITIONAL_CHANGED, Stable, Files, check
}

use crate::chain::Chain;
use crate::chain::selection::PROMETHEUS_KINDS;
use crate::diagnostic::{Code, Diagnostic, TextFile};
use crate::kubernetes::data;
use crate::model::kind::GroupKind;
use crate::rules::parts::text;
use crate::rules::rule;
use crate::source::{self, Node, Value};

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for prometheus in PROMETHEUS_KINDS.into_iter().flat_map(|kind| chain.setting.inventory.of_kind(kind)) {
        let Some(selector) = prometheus.at(&["spec", "additionalScrapeConfigs"]) else { continue };
        let secret =
            chain.setting.inventory.get(GroupKind::SECRET, prometheus.namespace(), text(selector, "name"));
        let Some(secret) = secret else { continue };
        let key = text(selector, "key");
        let Some(content) = data::of_secret(secret).remove(key) else { continue };
        let Ok(content) = String::from_utf8(content) else { continue };
        let file = Arc::new(TextFile::new("jobs", content));
        let Ok(Some(document)) = source::read_unmerged(&file) else { continue };
        for (line, what) in changes(document.root()) {
            let message = format!("line {line} of the key `{key}` of `{}` {what}", secret.identity());
            found.push(
                Diagnostic::new(Code::ADDITIONAL_CHANGED, message)
                    .about(prometheus.subject())
                    .at(secret.place(), "the operator reads it, and writes it again")
                    .with(selector.place(), format!("`{}` takes its jobs from it", prometheus.identity())),
            );
        }
    }
    found
}

/// The lines that are changed, and how. What stands there may be secret, and is not told.
fn changes(node: Node<'_>) -> Vec<(usize, &'static str)> {
    let line = |node: Node<'_>| node.document().file().line_column(node.span().start).0;
    match node.value() {
        Value::Mapping(entries) => entries
            .flat_map(|entry| {
                if entry.is_merge() {
                    vec![(line(entry.value), "has a `<<`, which is dropped with everything it would bring")]
                } else {
                    changes(entry.value)
                }
            })
            .collect(),
        Value::Sequence(items) => items.flat_map(changes).collect(),
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => {
            let written = node.written().unwrap_or_default();
            let is_unusual = (written.len() > 1 && written.starts_with('0') && !written.contains('.'))
                || written.contains(['_', 'e', 'E', 'x', 'b', 'o']);
            is_unusual
                .then(|| (line(node), "has a number that is written otherwise afterwards; put it in quotes"))
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    }
}
