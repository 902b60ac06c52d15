use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::operator::MonitorKind;
use crate::rules::chain::wording;
use crate::rules::parts::{Part, is_true, parts, text};
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// An endpoint scrapes `/federate`, a Pushgateway or kube-state-metrics, and has no `honorLabels: true`. For kube-state-metrics
    /// this is worth knowing only.
    ///
    /// ## Why it matters
    ///
    /// Their samples carry labels of what they are about: `job`, `namespace`, `pod`. Prometheus sets those of the target instead,
    /// and renames theirs to `exported_job`, `exported_namespace`.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{port: web, path: /federate}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{port: web, path: /federate, honorLabels: true}]
    /// ```
    LABELS_RENAMED, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    parts(chain)
        .filter(|part| !is_true(part.node, "honorLabels") && part.node.at(&["prober"]).is_none())
        .filter_map(|part| {
            let (what, level) = source(part)?;
            let monitor = part.monitor();
            let message = format!("`{}` scrapes {what}, and its labels are renamed", monitor.identity());
            Some(
                Diagnostic::new(Code::LABELS_RENAMED, message)
                    .level(level)
                    .about(monitor.subject())
                    .at(wording::first_line(part.node.place()), "")
                    .help("add `honorLabels: true`"),
            )
        })
        .collect()
}

/// What is scraped there about others.
fn source(part: Part<'_, '_>) -> Option<(&'static str, Level)> {
    let path = if part.selected.kind == MonitorKind::ScrapeConfig { "metricsPath" } else { "path" };
    if text(part.node, path) == "/federate" {
        return Some(("another Prometheus", Level::Warning));
    }
    let labels = part.monitor().at(&["spec", "selector", "matchLabels"]).into_iter().flat_map(Node::entries);
    labels.filter_map(|entry| entry.value.as_str()).find_map(|value| match value {
        "pushgateway" | "prometheus-pushgateway" => Some(("a Pushgateway", Level::Warning)),
        "kube-state-metrics" => Some(("kube-state-metrics", Level::Info)),
        _ => None,
    })
}
