use super::containers::containers;
use crate::chain::Chain;
use crate::chain::Container;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;

rule! {
    /// A DaemonSet of a node-exporter has no tolerations.
    ///
    /// ## Why it matters
    ///
    /// Nodes with taints, the control plane among them, have no node-exporter then, and nobody misses their metrics.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: {name: node-exporter, namespace: monitoring, labels: {app: node-exporter}}
    /// spec:
    ///   selector: {matchLabels: {app: node-exporter}}
    ///   template:
    ///     metadata: {labels: {app: node-exporter}}
    ///     spec:
    ///       hostNetwork: true
    ///       containers:
    ///       - name: node-exporter
    ///         image: quay.io/prometheus/node-exporter:v1.12.1
    ///         args: [--path.rootfs=/host/root]
    ///         resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}
    ///         securityContext: {readOnlyRootFilesystem: true}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: {name: node-exporter, namespace: monitoring, labels: {app: node-exporter}}
    /// spec:
    ///   selector: {matchLabels: {app: node-exporter}}
    ///   template:
    ///     metadata: {labels: {app: node-exporter}}
    ///     spec:
    ///       hostNetwork: true
    ///       tolerations: [{operator: Exists}]
    ///       containers:
    ///       - name: node-exporter
    ///         image: quay.io/prometheus/node-exporter:v1.12.1
    ///         args: [--path.rootfs=/host/root]
    ///         resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}
    ///         securityContext: {readOnlyRootFilesystem: true}
    /// ```
    EXPORTER_TOLERATIONS, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let exporters = containers(chain)
        .filter(|container| container.is_node_exporter() && container.object.kind() == "DaemonSet");
    exporters
        .filter(|container| is_wrong(*container))
        .map(|container| {
            let object = container.object;
            Diagnostic::new(
                Code::EXPORTER_TOLERATIONS,
                format!("`{}` does not run on nodes with taints", object.identity()),
            )
            .about(object.subject())
            .at(object.place(), "")
            .help("tolerate every taint: `tolerations: [{operator: Exists}]`")
        })
        .collect()
}

fn is_wrong(container: Container<'_>) -> bool {
    let tolerations = container.template.spec().and_then(|spec| spec.get("tolerations"));
    tolerations.is_none_or(|list| list.items().len() == 0)
}
