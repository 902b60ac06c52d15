use super::containers::containers;
use crate::chain::Chain;
use crate::chain::Container;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::chain::wording;
use crate::rules::rule;

rule! {
    /// A container runs heapster, or the InfluxDB and Grafana that came with it.
    ///
    /// ## Why it matters
    ///
    /// Heapster was retired with Kubernetes 1.13, and reads a port of the kubelet that is closed today.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata: {name: heapster, namespace: monitoring}
    /// spec:
    ///   serviceName: heapster
    ///   selector: {matchLabels: {app: heapster}}
    ///   template:
    ///     metadata: {labels: {app: heapster}}
    ///     spec:
    ///       containers:
    ///       - name: heapster
    ///         image: registry.k8s.io/heapster-amd64:v1.5.4
    ///         resources: {limits: {memory: 2Gi}}
    ///         securityContext: {readOnlyRootFilesystem: true}
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
    LEGACY_STACK, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let own = containers(chain).filter(|container| container.is_of_monitoring());
    own.filter(|container| is_wrong(*container))
        .map(|container| {
            let object = container.object;
            Diagnostic::new(
                Code::LEGACY_STACK,
                format!("`{}` runs what was retired with Kubernetes 1.13", object.identity()),
            )
            .about(object.subject())
            .at(wording::first_line(container.node.place()), "")
            .help("use metrics-server for `kubectl top` and autoscaling, and Prometheus for everything else")
        })
        .collect()
}

fn is_wrong(container: Container<'_>) -> bool {
    container.program.starts_with("heapster")
}
