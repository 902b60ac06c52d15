use super::containers::containers;
use crate::chain::Chain;
use crate::chain::Container;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::chain::wording;
use crate::rules::rule;

rule! {
    /// A container has no `resources`. Only workloads that monitor are looked at: Prometheus, exporters, Grafana and their like.
    ///
    /// ## Why it matters
    ///
    /// It is among the first to be killed when its node is short of memory, just when metrics matter.
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
    ///         image: quay.io/prometheus/node-exporter:v1.12.1
    ///         args: [--path.rootfs=/host/root]
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
    NO_RESOURCES, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let own = containers(chain).filter(|container| container.is_of_monitoring());
    own.filter(|container| is_wrong(*container))
        .map(|container| {
            let object = container.object;
            Diagnostic::new(Code::NO_RESOURCES, format!("`{}` asks for no resources", object.identity()))
                .about(object.subject())
                .at(wording::first_line(container.node.place()), "")
                .help("say what it needs in `resources.requests`, and the memory in `resources.limits`")
        })
        .collect()
}

fn is_wrong(container: Container<'_>) -> bool {
    let resources = container.node.get("resources");
    resources.is_none_or(|resources| resources.entries().len() == 0)
}
