//! Relabel rules that read what discovery finds.

use serde_json::{Value, json};

use crate::worlds::random::Random;

/// Meta labels by what has them, without the part they all begin with.
const OF_PODS: &[&str] = &[
    "pod_name",
    "pod_ip",
    "pod_phase",
    "pod_ready",
    "pod_host_ip",
    "pod_node_name",
    "pod_container_name",
    "pod_container_port_name",
    "pod_container_port_number",
    "pod_container_port_protocol",
    "pod_container_init",
    "pod_container_image",
    "pod_label_app",
    "pod_label_tier",
    "pod_labelpresent_tier",
    "pod_label_topology_kubernetes_io_zone",
    "pod_annotation_prometheus_io_port",
    "pod_annotation_example_com_note",
];
const OF_SERVICES: &[&str] = &[
    "service_name",
    "service_label_app",
    "service_labelpresent_team",
    "service_annotation_prometheus_io_path",
    "service_type",
    "service_cluster_ip",
    "service_external_name",
    "service_port_name",
    "service_port_number",
    "service_loadbalancer_ip",
];
const OF_ENDPOINTS: &[&str] = &[
    "endpoints_name",
    "endpoint_port_name",
    "endpoint_port_protocol",
    "endpoint_ready",
    "endpoint_hostname",
    "endpoint_node_name",
    "endpoint_address_target_kind",
    "endpoint_address_target_name",
    "endpoints_label_app",
    "endpointslice_name",
    "endpointslice_address_type",
    "endpointslice_port",
    "endpointslice_port_name",
    "endpointslice_port_protocol",
    "endpointslice_port_app_protocol",
    "endpointslice_endpoint_conditions_ready",
    "endpointslice_endpoint_conditions_serving",
    "endpointslice_endpoint_conditions_terminating",
    "endpointslice_endpoint_zone",
    "endpointslice_endpoint_hostname",
    "endpointslice_endpoint_node_name",
    "endpointslice_address_target_kind",
    "endpointslice_label_app",
];
const OF_OTHERS: &[&str] = &[
    "namespace",
    "namespace_label_team",
    "node_name",
    "node_label_topology_kubernetes_io_zone",
    "node_address_InternalIP",
    "node_address_Hostname",
    "node_provider_id",
    "node_condition_ready",
    "ingress_name",
    "ingress_host",
    "ingress_path",
    "ingress_scheme",
    "ingress_class_name",
    "ingress_label_app",
];

/// Rules in the spelling of the custom resources, at most so many.
pub(super) fn of_objects(random: &mut Random, most: usize) -> Vec<Value> {
    (0..random.below(most + 1)).map(|_| rule(random)).collect()
}

fn meta(random: &mut Random) -> String {
    let set = *random.pick(&[OF_PODS, OF_PODS, OF_SERVICES, OF_ENDPOINTS, OF_ENDPOINTS, OF_OTHERS]);
    format!("__meta_kubernetes_{}", random.pick(set))
}

fn rule(random: &mut Random) -> Value {
    let (one, other) = (meta(random), meta(random));
    let name = *random.pick(&["a", "zone", "app", "pod", "instance", "k_1", "__tmp_x"]);
    match random.below(26) {
        0..=5 => json!({"sourceLabels": [one], "targetLabel": name}),
        6 => json!({"sourceLabels": [one], "targetLabel": name, "regex": "(.+)"}),
        7 => json!({"sourceLabels": [one, other], "targetLabel": name, "separator": "/"}),
        8 => {
            json!({"sourceLabels": [one, other], "targetLabel": name, "regex": "(.+);(.+)", "replacement": "$2-${1}"})
        }
        9 => json!({"action": "labelmap", "regex": "__meta_kubernetes_pod_label_(.+)"}),
        10 => {
            json!({"action": "labelmap", "regex": "__meta_kubernetes_(service|node|endpoints|endpointslice)_annotation_(.+)",
            "replacement": "${1}_$2"})
        }
        11 => {
            json!({"action": "keep", "sourceLabels": ["__meta_kubernetes_namespace"], "regex": ".*-(mon|app|app-x|0)"})
        }
        12 => {
            json!({"action": "drop", "sourceLabels": [one], "regex": random.pick(&["false", "UDP", "Pending|Failed", "db.*"])})
        }
        13 => {
            json!({"action": "hashmod", "sourceLabels": ["__address__"], "modulus": random.between(2, 5), "targetLabel": "bucket"})
        }
        14 => json!({"action": "lowercase", "sourceLabels": [one], "targetLabel": name}),
        15 => json!({"action": "uppercase", "sourceLabels": [one, other], "targetLabel": name}),
        16 => {
            json!({"action": "dropequal", "sourceLabels": [one], "targetLabel": "__meta_kubernetes_endpoint_port_name"})
        }
        17 => {
            json!({"action": "keepequal", "sourceLabels": ["__meta_kubernetes_namespace"], "targetLabel": "namespace"})
        }
        18 => {
            json!({"action": "labeldrop", "regex": random.pick(&["pod|container", "__meta_.*", "endpoint", "inst.*"])})
        }
        19 => json!({"action": "labelkeep", "regex": "__.*|job|instance|namespace|service"}),
        20 => json!({"sourceLabels": ["__address__", "__meta_kubernetes_pod_annotation_prometheus_io_port"],
            "regex": "([^:]+)(?::\\d+)?;(\\d+)", "replacement": "$1:$2", "targetLabel": "__address__"}),
        21 => {
            json!({"sourceLabels": ["__meta_kubernetes_service_annotation_prometheus_io_path"], "regex": "(.+)",
            "targetLabel": "__metrics_path__"})
        }
        22 => {
            let interval = *random.pick(&["10s", "1m30s", "90s", "0s", "soon", "2m"]);
            json!({"targetLabel": "__scrape_interval__", "replacement": interval})
        }
        23 => {
            json!({"targetLabel": "__param_module", "sourceLabels": [one], "regex": "(.+)", "replacement": "m_$1"})
        }
        24 => {
            let address = *random.pick(&["", "http://x/y", "fixed.example:1", "$1:1", "[fd00::1]"]);
            json!({"targetLabel": "__address__", "sourceLabels": [one], "regex": "(.*[13579x])", "replacement": address})
        }
        _ => {
            json!({"targetLabel": "__scheme__", "sourceLabels": [one], "regex": ".*s", "replacement": "https"})
        }
    }
}
