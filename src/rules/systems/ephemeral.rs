use super::containers::containers;
use crate::chain::Chain;
use crate::chain::Container;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::chain::wording;
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// A Prometheus, an Alertmanager, an InfluxDB or a Grafana keeps its data in an `emptyDir`.
    ///
    /// ## Why it matters
    ///
    /// An `emptyDir` is empty again when the pod moves to another node.
    ///
    /// ## Example
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
    ///       volumes: [{name: data, emptyDir: {}}]
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
    ///       volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
    /// ```
    EPHEMERAL_STATE, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let own = containers(chain).filter(|container| container.is_of_monitoring());
    own.filter(|container| is_wrong(*container))
        .map(|container| {
            let object = container.object;
            Diagnostic::new(
                Code::EPHEMERAL_STATE,
                format!("`{}` keeps its data in a volume that goes with the pod", object.identity()),
            )
            .about(object.subject())
            .at(wording::first_line(container.node.place()), "")
            .help("use a persistentVolumeClaim")
        })
        .collect()
}

fn is_wrong(container: Container<'_>) -> bool {
    let keeps = [
        "prometheus",
        "alertmanager",
        "influxdb",
        "grafana",
        "heapster-influxdb-amd64",
        "heapster-grafana-amd64",
    ];
    let volumes = container.template.spec().and_then(|spec| spec.get("volumes"));
    let mut volumes = volumes.into_iter().flat_map(Node::items);
    keeps.contains(&container.program)
        && volumes.any(|volume| {
            let name = volume.get("name").and_then(Node::as_str).unwrap_or_default();
            let is_data = ["data", "storage", "db", "tsdb"].iter().any(|word| name.contains(word));
            volume.get("emptyDir").is_some() && is_data
        })
}
