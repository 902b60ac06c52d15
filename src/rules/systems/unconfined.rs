use super::containers::containers;
use crate::chain::Chain;
use crate::chain::Container;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::chain::wording;
use crate::rules::rule;

rule! {
    /// Neither a container nor its pod has a `securityContext`. Only workloads that monitor are looked at: Prometheus, exporters,
    /// Grafana and their like.
    ///
    /// ## Why it matters
    ///
    /// Exporters read and serve; they need no root, no capabilities and no writable file system.
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
    ///         resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}
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
    NO_SECURITY_CONTEXT, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let own = containers(chain).filter(|container| container.is_of_monitoring());
    own.filter(|container| is_wrong(*container))
        .map(|container| {
            let object = container.object;
            Diagnostic::new(
                Code::NO_SECURITY_CONTEXT,
                format!("`{}` runs without a `securityContext`", object.identity()),
            )
            .about(object.subject())
            .at(wording::first_line(container.node.place()), "")
            .help("set `runAsNonRoot`, `readOnlyRootFilesystem` and `allowPrivilegeEscalation: false`")
        })
        .collect()
}

fn is_wrong(container: Container<'_>) -> bool {
    let of_pod = container.template.spec().and_then(|spec| spec.get("securityContext"));
    let own = container.node.get("securityContext");
    [of_pod, own].into_iter().all(|context| context.is_none_or(|context| context.entries().len() == 0))
}
