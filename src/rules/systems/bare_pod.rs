use super::containers::containers;
use crate::chain::Chain;
use crate::chain::Container;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::chain::wording;
use crate::rules::rule;

rule! {
    /// A Pod is written down as such. Only workloads that monitor are looked at: Prometheus, exporters, Grafana and their like.
    ///
    /// ## Why it matters
    ///
    /// When its node fails or is drained, the Pod is gone, and nobody makes another one.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: prometheus, namespace: monitoring}
    /// spec:
    ///   containers:
    ///   - name: prometheus
    ///     image: prom/prometheus:v3.13.1
    ///     resources: {limits: {memory: 2Gi}}
    ///     securityContext: {readOnlyRootFilesystem: true}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata: {name: prometheus, namespace: monitoring}
    /// spec:
    ///   serviceName: prometheus
    ///   selector: {matchLabels: {app: prometheus}}
    ///   template:
    ///     metadata: {labels: {app: prometheus}}
    ///     spec:
    ///       containers:
    ///       - name: prometheus
    ///         image: prom/prometheus:v3.13.1
    ///         resources: {limits: {memory: 2Gi}}
    ///         securityContext: {readOnlyRootFilesystem: true}
    /// ```
    BARE_POD, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let own = containers(chain).filter(|container| container.is_of_monitoring());
    own.filter(|container| is_wrong(*container))
        .map(|container| {
            let object = container.object;
            Diagnostic::new(
                Code::BARE_POD,
                format!("`{}` is a Pod that nothing makes again", object.identity()),
            )
            .about(object.subject())
            .at(wording::first_line(container.node.place()), "")
            .help("use a Deployment, a StatefulSet or, for a Prometheus, a Prometheus of the operator")
        })
        .collect()
}

fn is_wrong(container: Container<'_>) -> bool {
    let object = container.object;
    // A static pod belongs to its node.
    object.kind() == "Pod"
        && object.at(&["metadata", "ownerReferences"]).is_none()
        && !container.template.host_network()
}
