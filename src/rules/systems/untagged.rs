use super::containers::containers;
use crate::chain::Chain;
use crate::chain::Container;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::chain::wording;
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// The image of a container has no tag, or `latest`. Only workloads that monitor are looked at: Prometheus, exporters, Grafana
    /// and their like.
    ///
    /// ## Why it matters
    ///
    /// Another version runs after the next restart, and on one node another than on the next.
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
    ///       tolerations: [{operator: Exists}]
    ///       containers:
    ///       - name: node-exporter
    ///         image: quay.io/prometheus/node-exporter
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
    UNTAGGED_IMAGE, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let own = containers(chain).filter(|container| container.is_of_monitoring());
    own.filter(|container| is_wrong(*container))
        .map(|container| {
            let object = container.object;
            Diagnostic::new(
                Code::UNTAGGED_IMAGE,
                format!("`{}` runs an image without a version", object.identity()),
            )
            .about(object.subject())
            .at(wording::first_line(container.node.place()), "")
            .help("name a version")
        })
        .collect()
}

fn is_wrong(container: Container<'_>) -> bool {
    let image = container.node.get("image").and_then(Node::as_str).unwrap_or_default();
    let last = image.rsplit('/').next().unwrap_or_default();
    !image.is_empty() && !image.contains('@') && last.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}
