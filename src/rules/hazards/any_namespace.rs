use crate::chain::{Chain, TargetNamespaces};
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;

rule! {
    /// A `namespaceSelector` has `any: true`.
    ///
    /// ## Why it matters
    ///
    /// Whoever may make a Service in some namespace of the cluster can add targets to the job, and Prometheus needs rights in all
    /// of them.
    ///
    /// ## Example
    ///
    /// ```yaml
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
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   namespaceSelector: {matchNames: [shop]}
    ///   endpoints: [{port: metrics}]
    /// ```
    ANY_NAMESPACE, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let open = chain.targets.iter().filter(|targets| targets.namespaces == TargetNamespaces::All);
    open.map(|targets| {
        let monitor = targets.monitor;
        Diagnostic::new(Code::ANY_NAMESPACE, format!("`{}` looks into every namespace", monitor.identity()))
            .about(monitor.subject())
            .at(monitor.place_at(&["spec", "namespaceSelector", "any"]), "")
    })
    .collect()
}
