use crate::chain::{Chain, TargetNamespaces};
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;

rule! {
    /// A Prometheus has `ignoreNamespaceSelectors: true`, and selects a monitor that looks into other namespaces than its own.
    ///
    /// ## Why it matters
    ///
    /// The operator makes such a monitor look into its own namespace, whatever it says. Rancher sets this.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    ///   ignoreNamespaceSelectors: true
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   namespaceSelector: {any: true}
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
    ///   ignoreNamespaceSelectors: true
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{port: metrics}]
    /// ```
    IGNORED_NAMESPACE_SELECTOR, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let confined = chain.targets.iter().filter_map(|targets| Some((targets, targets.confined_by?)));
    confined
        .filter(|(targets, _)| {
            let monitor = targets.monitor;
            let asked = TargetNamespaces::of(monitor, monitor.at(&["spec", "namespaceSelector"]), false);
            asked != TargetNamespaces::Only(vec![monitor.namespace()])
        })
        .map(|(targets, prometheus)| {
            let monitor = targets.monitor;
            let message = format!("`{}` looks into its own namespace only", monitor.identity());
            Diagnostic::new(Code::IGNORED_NAMESPACE_SELECTOR, message)
                .about(monitor.subject())
                .at(monitor.place_at(&["spec", "namespaceSelector"]), "this is ignored")
                .with(
                    prometheus.place_at(&["spec", "ignoreNamespaceSelectors"]),
                    format!("by `{}`", prometheus.identity()),
                )
                .help("move the monitor to the namespace of its targets")
        })
        .collect()
}
