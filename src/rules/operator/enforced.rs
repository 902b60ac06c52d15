use crate::chain::{Chain, TargetNamespaces};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::object::Object;
use crate::rules::parts::text;
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// A Prometheus has an `enforcedNamespaceLabel`, and selects a monitor that looks into other namespaces than its own.
    ///
    /// ## Why it matters
    ///
    /// Whatever the target is in, its metrics get the namespace of the monitor: alerts and dashboards by namespace show it in the
    /// wrong place.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    ///   enforcedNamespaceLabel: namespace
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   namespaceSelector: {matchNames: [store]}
    ///   endpoints: [{port: metrics}]
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
    ///   enforcedNamespaceLabel: namespace
    ///   excludedFromEnforcement:
    ///   - {group: monitoring.coreos.com, resource: servicemonitors, namespace: shop, name: web}
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   namespaceSelector: {matchNames: [store]}
    ///   endpoints: [{port: metrics}]
    /// ```
    ENFORCED_NAMESPACE, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for targets in &chain.targets {
        let monitor = targets.monitor;
        if targets.namespaces == TargetNamespaces::Only(vec![monitor.namespace()]) {
            continue;
        }
        let selected = chain.selections.iter().find(|selected| selected.monitor.id() == monitor.id());
        let enforcing = selected.into_iter().flat_map(|selected| &selected.by).find(|prometheus| {
            let label = prometheus.at(&["spec", "enforcedNamespaceLabel"]).and_then(Node::as_str);
            label.is_some_and(|label| !label.is_empty()) && !is_excluded(**prometheus, monitor)
        });
        let Some(prometheus) = enforcing else { continue };
        let message = format!(
            "targets of `{}` in other namespaces get the namespace of the monitor",
            monitor.identity()
        );
        found.push(
            Diagnostic::new(Code::ENFORCED_NAMESPACE, message)
                .about(monitor.subject())
                .at(monitor.place_at(&["spec", "namespaceSelector"]), "it looks elsewhere")
                .with(
                    prometheus.place_at(&["spec", "enforcedNamespaceLabel"]),
                    format!("`{}` overwrites the label", prometheus.identity()),
                )
                .help("list the monitor in `excludedFromEnforcement` of the Prometheus, or move it to its targets"),
        );
    }
    found
}

fn is_excluded(prometheus: Object<'_>, monitor: Object<'_>) -> bool {
    let entries = prometheus.at(&["spec", "excludedFromEnforcement"]).into_iter().flat_map(Node::items);
    let resource = format!("{}s", monitor.kind().to_ascii_lowercase());
    entries.into_iter().any(|entry| {
        let name = text(entry, "name");
        Some(text(entry, "namespace")) == monitor.namespace()
            && text(entry, "resource") == resource
            && (name.is_empty() || name == monitor.name())
    })
}
