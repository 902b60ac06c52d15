use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::rules::parts::relabelings;
use crate::rules::rule;

rule! {
    /// A rule in `metricRelabelings` reads a `__meta_…` label, `__address__`, `__scheme__` or `__metrics_path__`.
    ///
    /// ## Why it matters
    ///
    /// These labels are gone once a target is made. A rule that keeps samples by them drops every sample, which is an error.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    ///     metricRelabelings:
    ///     - {sourceLabels: [__meta_kubernetes_pod_node_name], targetLabel: node}
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
    ///   endpoints:
    ///   - port: metrics
    ///     relabelings:
    ///     - {sourceLabels: [__meta_kubernetes_pod_node_name], targetLabel: node}
    /// ```
    META_LABEL_OF_SAMPLES, Stable, Files, check
}

/// Labels of targets besides those of discovery.
const OF_TARGETS: [&str; 3] = ["__address__", "__scheme__", "__metrics_path__"];

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    relabelings(chain)
        .filter(|rule| rule.of_samples)
        .filter_map(|rule| {
            let is_of_target = |source: &&str| source.starts_with("__meta_") || OF_TARGETS.contains(source);
            let source = rule.sources().find(is_of_target)?;
            let monitor = rule.part.monitor();
            let message = format!("`{}` reads `{source}` where samples do not have it", monitor.identity());
            let only = rule.sources().all(|source| is_of_target(&source));
            let drops = only && rule.action() == "keep" && rule.matches("") == Some(false);
            let finding = Diagnostic::new(Code::META_LABEL_OF_SAMPLES, message)
                .about(monitor.subject())
                .at(rule.node.key_place("sourceLabels")?, "")
                .help("copy it to a label in `relabelings`, and use that here");
            Some(if drops { finding.level(Level::Error).note("every sample is dropped") } else { finding })
        })
        .collect()
}
