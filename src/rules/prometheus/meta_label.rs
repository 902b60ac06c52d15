use crate::chain::{Chain, alike};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::operator::MonitorKind;
use crate::rules::parts::{Rule, is_true, relabelings, text};
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// A rule in `relabelings` of a ServiceMonitor or PodMonitor reads a `__meta_kubernetes_…` label that does not exist, or that
    /// exists only with another discovery: of nodes without `attachMetadata: {node: true}`, of Services in a PodMonitor, of an
    /// Ingress. Where the rule keeps targets by it, nothing is left, and it is an error.
    ///
    /// ## Why it matters
    ///
    /// A label that is not there is empty. `replace` then deletes the label it should set, and `keep` drops every target.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    ///     relabelings:
    ///     - {sourceLabels: [__meta_kubernetes_pod_node], targetLabel: node}
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
    ///   endpoints:
    ///   - port: metrics
    ///     relabelings:
    ///     - {sourceLabels: [__meta_kubernetes_pod_node_name], targetLabel: node}
    /// ```
    UNKNOWN_META_LABEL, Stable, Files, check
}

const PREFIX: &str = "__meta_kubernetes_";

/// What every pod has (Prometheus 3.13).
const OF_PODS: [&str; 17] = [
    "namespace",
    "pod_ip",
    "pod_ready",
    "pod_phase",
    "pod_node_name",
    "pod_host_ip",
    "pod_uid",
    "pod_name",
    "pod_controller_kind",
    "pod_controller_name",
    "pod_container_name",
    "pod_container_id",
    "pod_container_image",
    "pod_container_init",
    "pod_container_port_name",
    "pod_container_port_number",
    "pod_container_port_protocol",
];

/// What discovery by Endpoints and by `EndpointSlices` adds (Prometheus 3.13).
const OF_ENDPOINTS: [&str; 22] = [
    "service_name",
    "endpoints_name",
    "endpoint_port_name",
    "endpoint_port_protocol",
    "endpoint_ready",
    "endpoint_address_target_kind",
    "endpoint_address_target_name",
    "endpoint_node_name",
    "endpoint_hostname",
    "endpointslice_name",
    "endpointslice_address_type",
    "endpointslice_port",
    "endpointslice_port_name",
    "endpointslice_port_protocol",
    "endpointslice_port_app_protocol",
    "endpointslice_endpoint_conditions_ready",
    "endpointslice_endpoint_conditions_serving",
    "endpointslice_endpoint_conditions_terminating",
    "endpointslice_endpoint_hostname",
    "endpointslice_address_target_kind",
    "endpointslice_address_target_name",
    "endpointslice_endpoint_node_name",
];

/// Beginnings of labels that are made of the labels and annotations of objects.
const SETS: [&str; 4] = ["label_", "labelpresent_", "annotation_", "annotationpresent_"];

/// Labels that newer releases and optional metadata add.
const OTHERS: [&str; 7] = [
    "pod_deployment_name",
    "pod_job_name",
    "pod_cronjob_name",
    "endpointslice_endpoint_zone",
    "endpointslice_endpoint_topology_",
    "pod_replicaset_name",
    "service_loadbalancer_ip",
];

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let rules = relabelings(chain).filter(|rule| !rule.of_samples);
    rules.filter_map(judge).collect()
}

fn judge(rule: Rule<'_, '_>) -> Option<Diagnostic> {
    let kind = rule.part.selected.kind;
    if !matches!(kind, MonitorKind::Service | MonitorKind::Pod) {
        return None;
    }
    let (source, why) = rule.sources().find_map(|source| Some((source, unknown(rule, source)?)))?;
    let monitor = rule.part.monitor();
    // Without the label it drops everything, if it reads nothing else.
    let drops = rule.action() == "keep" && rule.sources().count() == 1 && rule.matches("") == Some(false);
    let message = format!("`{}` reads `{source}`, which {why}", monitor.identity());
    let place = rule.node.get("sourceLabels")?.items().find(|label| label.as_str() == Some(source))?.place();
    let finding = Diagnostic::new(Code::UNKNOWN_META_LABEL, message).about(monitor.subject());
    let known = OF_PODS.iter().chain(&OF_ENDPOINTS).map(|name| format!("{PREFIX}{name}"));
    let known: Vec<String> = known.collect();
    let finding = match alike::closest(source, known.iter().map(String::as_str)) {
        Some(meant) => finding.at(place, format!("did you mean `{meant}`?")),
        None => finding.at(place, ""),
    };
    Some(if drops {
        finding.level(Level::Error).note("the rule keeps what has the label, so that no target is left")
    } else {
        finding
    })
}

/// Why a label is never there.
fn unknown(rule: Rule<'_, '_>, source: &str) -> Option<String> {
    let name = source.strip_prefix(PREFIX)?;
    let is_set = |object: &str| {
        name.strip_prefix(object).is_some_and(|rest| SETS.iter().any(|set| rest.starts_with(set)))
    };
    if OTHERS.iter().any(|other| name.starts_with(other)) {
        return None;
    }
    let of_pods = OF_PODS.contains(&name) || is_set("pod_") || is_set("namespace_");
    let of_endpoints =
        OF_ENDPOINTS.contains(&name) || ["service_", "endpoints_", "endpointslice_"].into_iter().any(is_set);
    let of_nodes = name == "node_name" || is_set("node_");
    if of_pods || (of_endpoints && rule.part.selected.kind == MonitorKind::Service) {
        return None;
    }
    if of_endpoints {
        return Some("a PodMonitor does not have".to_owned());
    }
    if of_nodes {
        return (!attaches_nodes(rule))
            .then(|| "is there only with `attachMetadata: {node: true}`".to_owned());
    }
    Some("discovery does not set".to_owned())
}

fn attaches_nodes(rule: Rule<'_, '_>) -> bool {
    let asks = |node: Option<Node<'_>>| node.is_some_and(|node| is_true(node, "node"));
    let classes =
        rule.part.selected.by.iter().filter_map(|prometheus| prometheus.at(&["spec", "scrapeClasses"]));
    asks(rule.part.monitor().at(&["spec", "attachMetadata"]))
        || classes
            .flat_map(Node::items)
            .any(|class| !text(class, "name").is_empty() && asks(class.get("attachMetadata")))
}
