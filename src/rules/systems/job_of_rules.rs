use crate::chain::Chain;
use crate::chain::Container;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::kind::GroupKind;
use crate::operator::MonitorKind;
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// A PrometheusRule of the input asks for `job="node-exporter"`, and the ServiceMonitor of a node-exporter gives its targets
    /// another job.
    ///
    /// ## Why it matters
    ///
    /// The rules and dashboards of the node mixin stay empty, although everything is scraped.
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
    ///         securityContext: {readOnlyRootFilesystem: true}
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: node-exporter-service, namespace: monitoring, labels: {app: node-exporter}}
    /// spec:
    ///   clusterIP: None
    ///   selector: {app: node-exporter}
    ///   ports: [{name: metrics, port: 9100}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: node-exporter, namespace: monitoring}
    /// spec:
    ///   selector: {matchLabels: {app: node-exporter}}
    ///   endpoints: [{port: metrics}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: PrometheusRule
    /// metadata: {name: nodes, namespace: monitoring}
    /// spec:
    ///   groups:
    ///   - name: nodes
    ///     rules:
    ///     - {record: "instance:node_cpu:sum", expr: 'sum by (instance) (node_cpu_seconds_total{job="node-exporter"})'}
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
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: node-exporter, namespace: monitoring, labels: {app: node-exporter}}
    /// spec:
    ///   clusterIP: None
    ///   selector: {app: node-exporter}
    ///   ports: [{name: metrics, port: 9100}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: node-exporter, namespace: monitoring}
    /// spec:
    ///   selector: {matchLabels: {app: node-exporter}}
    ///   endpoints: [{port: metrics}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: PrometheusRule
    /// metadata: {name: nodes, namespace: monitoring}
    /// spec:
    ///   groups:
    ///   - name: nodes
    ///     rules:
    ///     - {record: "instance:node_cpu:sum", expr: 'sum by (instance) (node_cpu_seconds_total{job="node-exporter"})'}
    /// ```
    JOB_OF_RULES, Stable, Files, check
}

/// The job of the node mixin.
const JOB: &str = "node-exporter";

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let rules = chain.setting.inventory.of_kind(GroupKind::PROMETHEUS_RULE).find(|rules| {
        let text = rules.document().file().text().as_bytes();
        memchr::memmem::find(text, b"job=\"node-exporter\"").is_some()
            || memchr::memmem::find(text, b"job=\\\"node-exporter\\\"").is_some()
    });
    let Some(rules) = rules else { return Vec::new() };
    let mut found = Vec::new();
    for targets in chain.targets.iter().filter(|targets| targets.kind == MonitorKind::Service) {
        let monitor = targets.monitor;
        let endpoints = monitor.at(&["spec", "endpoints"]).into_iter().flat_map(Node::items);
        let mut relabelings =
            endpoints.filter_map(|endpoint| endpoint.get("relabelings")).flat_map(Node::items);
        if relabelings.any(|rule| rule.get("targetLabel").and_then(Node::as_str) == Some("job")) {
            continue;
        }
        for service in &targets.found {
            let Some(backing) = chain.backings.get(*service) else { continue };
            let behind = backing.workloads.iter().map(|item| chain.workloads.get(*item));
            let mut behind = behind.flat_map(|workload| Container::of(workload.object, workload.template));
            if !behind.any(Container::is_node_exporter) {
                continue;
            }
            let label = monitor.at(&["spec", "jobLabel"]).and_then(Node::as_str);
            let labelled =
                label.and_then(|label| service.labels().get(label)).filter(|value| !value.is_empty());
            let job = labelled.unwrap_or_else(|| service.name());
            if job == JOB {
                continue;
            }
            let message =
                format!("the job of `{}` is `{job}`, and rules ask for `{JOB}`", monitor.identity());
            found.push(
                Diagnostic::new(Code::JOB_OF_RULES, message)
                    .about(monitor.subject())
                    .at(monitor.place(), "")
                    .with(service.place(), "without `jobLabel` the name of the Service is the job")
                    .with(rules.place(), "these ask for another")
                    .help(format!("name in `jobLabel` a label of the Service with the value `{JOB}`")),
            );
        }
    }
    found
}
