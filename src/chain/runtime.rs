//! Objects that nobody writes down, because the operator or the distribution makes them in every cluster.
//!
//! They are put beside the input, so that what leads to them is not taken for broken. An object of the input with the same
//! identity counts instead. The list is short on purpose, and `docs/check.md` shows it:
//!
//! * prometheus-operator 0.93: the governing Service and the `StatefulSet` of each Prometheus, `PrometheusAgent`, Alertmanager and
//!   `ThanosRuler` of the input, and the Service of the kubelets (`--kubelet-service=kube-system/kubelet`);
//! * Kubernetes 1.36 as kubeadm and kube-prometheus expect it: the Service of the API server, the Service and Deployment of the
//!   cluster's DNS, kube-proxy, the static pods of the control plane, and the namespaces every cluster has.

use serde_json::{Value, json};

use super::completeness::Completeness;
use crate::model::inventory::Inventory;
use crate::model::kind::{GroupKind, MONITORING};
use crate::model::object::Object;
use crate::source::{self, Node};

/// The name that the text of these objects has.
pub const MADE_AT_RUN_TIME: &str = "<made at run time>";

/// Whether an object is none of the input, but made at run time.
pub fn is_made(object: Object<'_>) -> bool {
    object.document().file().name() == MADE_AT_RUN_TIME
}

/// Whether the operator made an object of a cluster: what there is to say of it is said of the resource it is made from.
pub fn is_of_the_operator(object: Object<'_>) -> bool {
    let owners = object.at(&["metadata", "ownerReferences"]).into_iter().flat_map(Node::items);
    let mut groups = owners.filter_map(|owner| owner.get("apiVersion")?.as_str()?.split('/').next());
    groups.any(|group| group == MONITORING)
}

/// The text of the objects that are made at run time and that the inventory lacks.
pub fn text(inventory: &Inventory) -> String {
    text_beside(inventory, &Completeness::default())
}

/// The same, where it is known what a cluster shows: of kinds that were listed in full nothing is made that is not there, but
/// for what the input would add.
pub fn text_beside(inventory: &Inventory, listed: &Completeness) -> String {
    let is_new = |object: &Value| {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
        !listed.shows_all(text("/kind").unwrap_or_default(), text("/metadata/namespace"))
    };
    let operated = OPERATED.iter().flat_map(|operated| {
        inventory.of_kind(operated.kind).flat_map(|object| {
            let made = [operated.service(object), operated.pods(object)].into_iter().flatten();
            made.filter(|made| !object.document().is_beneath() || is_new(made)).collect::<Vec<_>>()
        })
    });
    let distribution = of_the_distribution().into_iter().filter(is_new);
    let mut made: Vec<Value> = distribution.chain(operated).collect();
    made.retain(|object| !is_there(inventory, object));
    // One Service governs all resources of a kind in a namespace.
    let key = |object: &Value| (object["kind"].to_string(), object["metadata"].to_string());
    let mut seen = std::collections::BTreeSet::new();
    made.retain(|object| seen.insert(key(object)));
    source::emit_stream(&made)
}

fn is_there(inventory: &Inventory, object: &Value) -> bool {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
    let group =
        text("/apiVersion").and_then(|version| version.split_once('/')).map_or("", |(group, _)| group);
    let (Some(kind), Some(name)) = (text("/kind"), text("/metadata/name")) else { return true };
    inventory.get(GroupKind::new(group, kind), text("/metadata/namespace"), name).is_some()
}

/// A kind whose resources the operator makes pods of.
struct Operated {
    kind: GroupKind<'static>,
    /// What the names of its `StatefulSets` begin with.
    prefix: &'static str,
    /// `app.kubernetes.io/name` of its pods.
    name: &'static str,
    /// The label of its pods whose value is the resource's name.
    own_label: Option<&'static str>,
    /// The Service, and its label.
    service: (&'static str, &'static str),
    /// Ports of the Service.
    ports: &'static [(&'static str, u16)],
    /// Ports of the main container besides `spec.portName`.
    more_ports: &'static [(&'static str, u16)],
}

const OPERATED: [Operated; 4] = [
    Operated {
        kind: GroupKind::PROMETHEUS,
        prefix: "prometheus",
        name: "prometheus",
        own_label: Some("prometheus"),
        service: ("prometheus-operated", "operated-prometheus"),
        ports: &[("web", 9090)],
        more_ports: &[],
    },
    Operated {
        kind: GroupKind::PROMETHEUS_AGENT,
        prefix: "prom-agent",
        name: "prometheus-agent",
        own_label: None,
        service: ("prometheus-agent-operated", "operated-prometheus"),
        ports: &[("web", 9090)],
        more_ports: &[],
    },
    Operated {
        kind: GroupKind::new(MONITORING, "Alertmanager"),
        prefix: "alertmanager",
        name: "alertmanager",
        own_label: Some("alertmanager"),
        service: ("alertmanager-operated", "operated-alertmanager"),
        ports: &[("web", 9093), ("tcp-mesh", 9094)],
        more_ports: &[("mesh-tcp", 9094)],
    },
    Operated {
        kind: GroupKind::new(MONITORING, "ThanosRuler"),
        prefix: "thanos-ruler",
        name: "thanos-ruler",
        own_label: Some("thanos-ruler"),
        service: ("thanos-ruler-operated", "operated-thanos-ruler"),
        ports: &[("web", 10902), ("grpc", 10901)],
        more_ports: &[("grpc", 10901)],
    },
];

impl Operated {
    /// The first port has the name the resource gives it.
    fn named_ports(object: Object<'_>, ports: &[(&str, u16)]) -> Vec<(String, u16)> {
        let own = object.at(&["spec", "portName"]).and_then(Node::as_str);
        let name = |index: usize, name: &str| if index == 0 { own.unwrap_or(name) } else { name }.to_owned();
        ports.iter().enumerate().map(|(index, (port, number))| (name(index, port), *number)).collect()
    }

    fn service(&self, object: Object<'_>) -> Option<Value> {
        if object.at(&["spec", "serviceName"]).is_some_and(|name| !name.is_null()) {
            return None;
        }
        let (name, label) = self.service;
        let ports = Self::named_ports(object, self.ports).into_iter();
        let ports: Vec<Value> =
            ports.map(|(name, port)| json!({"name": name, "port": port, "targetPort": name})).collect();
        Some(json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata(object.namespace(), name, &json!({label: "true"})),
            "spec": {"clusterIP": "None", "selector": {"app.kubernetes.io/name": self.name}, "ports": ports},
        }))
    }

    fn pods(&self, object: Object<'_>) -> Option<Value> {
        if object.name().is_empty() {
            return None;
        }
        let mut labels = json!({
            "app.kubernetes.io/name": self.name,
            "app.kubernetes.io/instance": object.name(),
            "app.kubernetes.io/managed-by": "prometheus-operator",
        });
        if self.name.starts_with("prometheus") {
            labels["operator.prometheus.io/name"] = object.name().into();
        }
        if let Some(label) = self.own_label {
            labels[label] = object.name().into();
        }
        for entry in object.at(&["spec", "podMetadata", "labels"]).into_iter().flat_map(Node::entries) {
            labels[entry.key] = entry.value.to_json();
        }
        let first: Vec<(&str, u16)> = self.ports[..1].iter().chain(self.more_ports).copied().collect();
        let ports = Self::named_ports(object, &first).into_iter();
        let ports: Vec<Value> =
            ports.map(|(name, port)| json!({"name": name, "containerPort": port})).collect();
        let name = format!("{}-{}", self.prefix, object.name());
        let replicas = object.at(&["spec", "replicas"]).and_then(Node::as_i64).unwrap_or(1);
        let account = object.at(&["spec", "serviceAccountName"]).and_then(Node::as_str).unwrap_or("default");
        Some(json!({
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": metadata(object.namespace(), &name, &json!({})),
            "spec": {
                "replicas": replicas,
                "serviceName": self.service.0,
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {
                        "serviceAccountName": account,
                        "containers": [
                            {"name": self.name, "ports": ports},
                            {"name": "config-reloader", "ports": [{"name": "reloader-web", "containerPort": 8080}]},
                        ],
                    },
                },
            },
        }))
    }
}

fn metadata(namespace: Option<&str>, name: &str, labels: &Value) -> Value {
    let mut metadata = json!({"name": name, "labels": labels});
    if let Some(namespace) = namespace {
        metadata["namespace"] = namespace.into();
    }
    metadata
}

fn of_the_distribution() -> Vec<Value> {
    let service = |namespace: &str,
                   name: &str,
                   labels: Value,
                   selector: Option<Value>,
                   ports: &[(&str, u16)]| {
        let ports: Vec<Value> =
            ports.iter().map(|(name, port)| json!({"name": name, "port": port})).collect();
        let mut spec = json!({"ports": ports});
        if let Some(selector) = selector {
            spec["selector"] = selector;
        }
        json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata(Some(namespace), name, &labels), "spec": spec})
    };
    let pods = |kind: &str, name: &str, labels: Value, ports: &[(&str, u16)]| {
        let ports: Vec<Value> =
            ports.iter().map(|(name, port)| json!({"name": name, "containerPort": port})).collect();
        json!({
            "apiVersion": "apps/v1",
            "kind": kind,
            "metadata": metadata(Some("kube-system"), name, &labels),
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": name, "ports": ports}]}},
            },
        })
    };
    let static_pod = |component: &str| {
        let labels = json!({"component": component, "tier": "control-plane"});
        json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": metadata(Some("kube-system"), &format!("{component}-control-plane"), &labels),
            "spec": {"hostNetwork": true, "containers": [{"name": component}]},
        })
    };
    let namespaces = ["default", "kube-node-lease", "kube-public", "kube-system"]
        .map(|name| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}));
    let dns = &[("dns", 53), ("dns-tcp", 53), ("metrics", 9153)];
    let mut made = vec![
        service(
            "kube-system",
            "kubelet",
            json!({
                "k8s-app": "kubelet",
                "app.kubernetes.io/name": "kubelet",
                "app.kubernetes.io/managed-by": "prometheus-operator",
            }),
            None,
            &[("https-metrics", 10250), ("http-metrics", 10255), ("cadvisor", 4194)],
        ),
        service(
            "default",
            "kubernetes",
            json!({"component": "apiserver", "provider": "kubernetes"}),
            None,
            &[("https", 443)],
        ),
        service(
            "kube-system",
            "kube-dns",
            json!({"k8s-app": "kube-dns", "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS"}),
            Some(json!({"k8s-app": "kube-dns"})),
            dns,
        ),
        pods("Deployment", "coredns", json!({"k8s-app": "kube-dns"}), dns),
        pods("DaemonSet", "kube-proxy", json!({"k8s-app": "kube-proxy"}), &[]),
    ];
    made.extend(["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"].map(static_pod));
    made.extend(namespaces);
    made
}
