//! What the operator runs for its resources, as far as targets depend on it: governing Services, and pods.
//!
//! Repositories hold monitors for Prometheus and Alertmanager themselves, and nobody writes the pods these select. The rules are
//! those of prometheus-operator 0.93 (`makeStatefulSetSpec`, `BuildStatefulSetService`).

use std::sync::Arc;

use super::reality::Reality;
use super::reconcile::{Verdict, reconcile};
use super::select;
use crate::kubernetes::controllers::{is_listed, is_read_back};
use crate::kubernetes::snapshot::{
    Container, ContainerPort, Meta, Owner, Pairs, Pod, Service, ServicePort, Snapshot, Standing, TargetPort,
    Templates, Text, Workload, find,
};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::model::schema::SchemaSet;
use crate::source::Node;

/// No resource has more pods; one that asks for more is a slip of the pen.
const MOST: i64 = 10_000;

/// A kind the operator runs pods for.
struct Operand {
    kind: GroupKind<'static>,
    /// `app.kubernetes.io/name` of its pods, and what its governing Service selects.
    application: &'static str,
    /// What the names of its `StatefulSet`s begin with.
    prefix: &'static str,
    governing_service: &'static str,
    /// The label of the governing Service.
    operated: &'static str,
    container: &'static str,
    port: u16,
    has_shards: bool,
    /// Labels of the pods whose value is the name of the resource, besides `app.kubernetes.io/instance`.
    name_labels: &'static [&'static str],
}

const OPERANDS: [Operand; 3] = [
    Operand {
        kind: GroupKind::PROMETHEUS,
        application: "prometheus",
        prefix: "prometheus-",
        governing_service: "prometheus-operated",
        operated: "operated-prometheus",
        container: "prometheus",
        port: 9090,
        has_shards: true,
        name_labels: &["operator.prometheus.io/name", "prometheus"],
    },
    Operand {
        kind: GroupKind::PROMETHEUS_AGENT,
        application: "prometheus-agent",
        prefix: "prom-agent-",
        governing_service: "prometheus-agent-operated",
        operated: "operated-prometheus",
        container: "prometheus",
        port: 9090,
        has_shards: true,
        name_labels: &["operator.prometheus.io/name"],
    },
    Operand {
        kind: GroupKind::ALERTMANAGER,
        application: "alertmanager",
        prefix: "alertmanager-",
        governing_service: "alertmanager-operated",
        operated: "operated-alertmanager",
        container: "alertmanager",
        port: 9093,
        has_shards: false,
        name_labels: &["alertmanager"],
    },
];

/// Adds what the operator makes of the resources it handles, unless the input has it. The controllers have yet to settle the snapshot.
///
/// A resource that was read back from a cluster together with Pods or Services of it has in the input what it is run as.
pub fn add_operands(inventory: &Inventory, reality: &Reality, snapshot: &mut Snapshot) {
    let is_live = is_listed(inventory, GroupKind::POD) || is_listed(inventory, GroupKind::SERVICE);
    let (schemas, _) = SchemaSet::new(inventory);
    let mut templates = Templates::default();
    let mut services = Vec::new();
    for operand in &OPERANDS {
        for object in inventory.of_kind(operand.kind) {
            let is_named = !object.name().is_empty() && !object.name().ends_with('*');
            let is_there = is_live && is_read_back(object);
            if is_named
                && !is_there
                && select::why_unmanaged(object, reality).is_none()
                && is_run(inventory, &schemas, reality, object)
            {
                let resource = Resource { operand, object, reality };
                resource.add_service(snapshot, &mut services);
                resource.add_pods(inventory, &mut templates, snapshot);
            }
        }
    }
    snapshot.services.append(&mut services);
    snapshot.sort();
}

/// Whether the operator comes to running a resource: it stops where it cannot write a configuration.
fn is_run(inventory: &Inventory, schemas: &SchemaSet, reality: &Reality, object: Object<'_>) -> bool {
    if object.group_kind() == GroupKind::ALERTMANAGER {
        return true;
    }
    let verdict = reconcile(inventory, schemas, reality, object).verdict;
    matches!(verdict, Verdict::Configuration(_) | Verdict::Unmanaged)
}

/// A resource and what it is run as.
struct Resource<'i> {
    operand: &'i Operand,
    object: Object<'i>,
    reality: &'i Reality,
}

impl<'i> Resource<'i> {
    fn spec(&self, field: &str) -> Option<Node<'i>> {
        self.object.at(&["spec", field]).filter(|node| !node.is_null())
    }

    fn text(&self, field: &str) -> Option<&'i str> {
        self.spec(field).and_then(Node::as_str).filter(|text| !text.is_empty())
    }

    fn namespace(&self) -> &'i str {
        self.object.namespace().unwrap_or_default()
    }

    fn port_name(&self) -> &'i str {
        self.text("portName").unwrap_or("web")
    }

    /// Whether it is run once on each Node; which Nodes these are is left open.
    fn is_daemon_set(&self) -> bool {
        self.operand.kind == GroupKind::PROMETHEUS_AGENT && self.text("mode") == Some("DaemonSet")
    }

    fn has_thanos(&self) -> bool {
        self.operand.kind == GroupKind::PROMETHEUS && self.spec("thanos").is_some()
    }

    /// The Service of all resources of its kind in a namespace; one that names its own has none.
    fn add_service(&self, snapshot: &Snapshot, services: &mut Vec<Service>) {
        let name = self.operand.governing_service;
        let is_there = find(&snapshot.services, self.namespace(), name).is_some()
            || services.iter().rev().any(|service| service.meta.identity() == (self.namespace(), name));
        if self.spec("serviceName").is_some() || self.is_daemon_set() || is_there {
            return;
        }
        let port = |name: &str, number, protocol: &str, target: &str| ServicePort {
            name: name.into(),
            number,
            protocol: protocol.into(),
            app_protocol: None,
            target: TargetPort::Name(target.into()),
        };
        let mut ports = vec![port(self.port_name(), self.operand.port, "TCP", self.port_name())];
        if self.has_thanos() {
            ports.push(port("grpc", 10901, "TCP", "grpc"));
        }
        let is_alertmanager = self.operand.kind == GroupKind::ALERTMANAGER;
        if is_alertmanager {
            ports.push(port("tcp-mesh", 9094, "TCP", "mesh-tcp"));
            ports.push(port("udp-mesh", 9094, "UDP", "mesh-udp"));
        }
        let labels = [
            ("app.kubernetes.io/managed-by", "prometheus-operator"),
            ("managed-by", "prometheus-operator"),
            (self.operand.operated, "true"),
        ];
        services.push(Service {
            meta: Meta { labels: labels.into_iter().collect(), ..Meta::named(self.namespace(), name) },
            cluster_ip: "None".into(),
            selector: Some([("app.kubernetes.io/name", self.operand.application)].into_iter().collect()),
            publish_not_ready_addresses: is_alertmanager,
            ports: ports.into(),
            ..Service::default()
        });
    }

    fn add_pods(&self, inventory: &Inventory, templates: &mut Templates, snapshot: &mut Snapshot) {
        // The API server refuses a StatefulSet whose pods would have a dot in their host names.
        if self.object.name().contains('.') {
            return;
        }
        let number = |field| self.spec(field).and_then(Node::as_i64);
        let shards = if self.operand.has_shards { number("shards").unwrap_or(1).clamp(1, MOST) } else { 1 };
        let replicas = number("replicas").unwrap_or(1).clamp(0, MOST);
        let workload = Arc::new(Workload {
            kind: self.object.kind().into(),
            namespace: self.namespace().into(),
            name: self.object.name().into(),
            origin: Some(self.object.id()),
        });
        let pod = self.pod(templates, &workload);
        if self.is_daemon_set() {
            // Without the feature the operator fails.
            if self.reality.has_feature("PrometheusAgentDaemonSet") {
                let name = format!("{}{}", self.operand.prefix, self.object.name()).into();
                let controller = Some(Arc::new(Owner { kind: "DaemonSet".into(), name }));
                let meta = Meta { name: workload.address(0), ..pod.meta.clone() };
                snapshot.pods.push(Pod {
                    meta,
                    ip: workload.address(0),
                    controller,
                    subdomain: "".into(),
                    ..pod
                });
            }
            return;
        }
        let mut count = 0;
        for shard in 0..shards {
            let set = match shard {
                0 => format!("{}{}", self.operand.prefix, self.object.name()),
                _ => format!("{}{}-shard-{shard}", self.operand.prefix, self.object.name()),
            };
            let namespace = self.object.namespace();
            let is_there = inventory.get(GroupKind::STATEFUL_SET, namespace, &set).is_some()
                || inventory.get(GroupKind::POD, namespace, &format!("{set}-0")).is_some();
            for replica in (0..replicas).filter(|_| !is_there) {
                if count >= MOST {
                    return;
                }
                let mut pod = pod.clone();
                pod.meta.name = format!("{set}-{replica}").into();
                pod.hostname = pod.meta.name.clone();
                pod.ip = workload.address(usize::try_from(count).unwrap_or_default());
                pod.controller =
                    Some(Arc::new(Owner { kind: "StatefulSet".into(), name: set.as_str().into() }));
                let shard = self.operand.has_shards.then(|| shard.to_string());
                pod.meta.labels = numbered(&pod, shard.as_deref(), replica);
                snapshot.pods.push(pod);
                count += 1;
            }
        }
    }

    /// What all its pods have.
    fn pod(&self, templates: &mut Templates, workload: &Arc<Workload>) -> Pod {
        let metadata = self.spec("podMetadata");
        let pairs = |field| {
            let entries = metadata.and_then(|node| node.get(field)).into_iter().flat_map(Node::entries);
            entries.filter_map(|entry| Some((Text::from(entry.key), Text::from(entry.value.as_str()?))))
        };
        let mut labels: Vec<(Text, Text)> = Vec::new();
        let written = self.text("version").unwrap_or_default();
        if self.operand.has_shards {
            let version = self.reality.prometheus_version(written).trim_start_matches('v');
            labels.push(("app.kubernetes.io/version".into(), version.into()));
        }
        labels.extend(pairs("labels"));
        let mut own = |key: &str, value: &str| labels.push((key.into(), value.into()));
        own("app.kubernetes.io/name", self.operand.application);
        own("app.kubernetes.io/managed-by", "prometheus-operator");
        own("app.kubernetes.io/instance", self.object.name());
        for key in self.operand.name_labels {
            own(key, self.object.name());
        }
        let default_container =
            ("kubectl.kubernetes.io/default-container".into(), self.operand.container.into());
        let annotations: Pairs = [default_container].into_iter().chain(pairs("annotations")).collect();
        let (containers, init_containers) = self.containers(templates);
        Pod {
            meta: Meta {
                labels: labels.into_iter().collect(),
                annotations,
                ..Meta::named(self.namespace(), "")
            },
            standing: Standing::Of(Arc::clone(workload)),
            subdomain: self.text("serviceName").unwrap_or(self.operand.governing_service).into(),
            phase: "Running".into(),
            ready: Some("True".into()),
            host_network: self.spec("hostNetwork").and_then(Node::as_bool).unwrap_or_default(),
            containers,
            init_containers,
            ..Pod::default()
        }
    }

    /// The operator's containers and init containers, with what the resource adds to them.
    fn containers(&self, templates: &mut Templates) -> (Arc<[Container]>, Arc<[Container]>) {
        let is_local = self.spec("listenLocal").and_then(Node::as_bool).unwrap_or_default();
        let is_alertmanager = self.operand.kind == GroupKind::ALERTMANAGER;
        let reloads_by_signal = self.text("reloadStrategy") == Some("ProcessSignal");
        let mut main = Vec::new();
        if !is_local {
            main.push(port(self.port_name(), self.operand.port, "TCP"));
        }
        if is_alertmanager {
            main.extend([port("mesh-tcp", 9094, "TCP"), port("mesh-udp", 9094, "UDP")]);
        }
        let reloader = |name, number| {
            if is_local && !reloads_by_signal { Vec::new() } else { vec![port(name, number, "TCP")] }
        };
        let mut containers = vec![
            container(self.operand.container, self.text("image"), main),
            container("config-reloader", None, reloader("reloader-web", 8080)),
        ];
        if self.has_thanos() {
            let ports = vec![port("http", 10902, "TCP"), port("grpc", 10901, "TCP")];
            containers.push(container("thanos-sidecar", None, ports));
        }
        let init = vec![container("init-config-reloader", None, reloader("reloader-init", 8081))];
        let merge = |own: Vec<Container>, added: Arc<[Container]>| merged(own, &added).into();
        (
            merge(containers, templates.containers(self.spec("containers"))),
            merge(init, templates.containers(self.spec("initContainers"))),
        )
    }
}

fn port(name: &str, number: u16, protocol: &str) -> ContainerPort {
    ContainerPort { name: name.into(), number, protocol: protocol.into() }
}

fn container(name: &str, image: Option<&str>, ports: Vec<ContainerPort>) -> Container {
    let image = image.unwrap_or_default().into();
    Container { name: name.into(), image, ports: ports.into(), restarts: false }
}

/// A container of the same name adds to the operator's own, any other one is added; ports are told apart by number and protocol.
fn merged(mut own: Vec<Container>, added: &[Container]) -> Vec<Container> {
    for added in added {
        let Some(known) = own.iter_mut().find(|known| known.name == added.name) else {
            own.push(added.clone());
            continue;
        };
        if !added.image.is_empty() {
            known.image = added.image.clone();
        }
        let is_same =
            |a: &ContainerPort, b: &ContainerPort| (a.number, &a.protocol) == (b.number, &b.protocol);
        let kept = known.ports.iter().filter(|port| !added.ports.iter().any(|added| is_same(added, port)));
        known.ports = added.ports.iter().chain(kept).cloned().collect();
    }
    own
}

/// The labels of a pod, with what its StatefulSet adds.
fn numbered(pod: &Pod, shard: Option<&str>, ordinal: i64) -> Pairs {
    let own = pod.meta.labels.iter().map(|(key, value)| (key.clone(), value.clone()));
    let shard = shard.map(|shard| ("operator.prometheus.io/shard".into(), shard.into()));
    own.chain(shard)
        .chain([
            ("statefulset.kubernetes.io/pod-name".into(), pod.meta.name.clone()),
            ("apps.kubernetes.io/pod-index".into(), ordinal.to_string().into()),
        ])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::TextFile;

    fn with_operands(text: &str) -> Snapshot {
        let reading = crate::source::read(Arc::new(TextFile::new("a.yaml", text)));
        let (inventory, _) = Inventory::builder().documents(reading.documents).build();
        let mut snapshot = Snapshot::read(&inventory);
        add_operands(&inventory, &Reality::default(), &mut snapshot);
        crate::kubernetes::controllers::settle(&inventory, snapshot)
    }

    #[test]
    fn a_prometheus_is_run_as_pods_behind_a_service() {
        let snapshot = with_operands(
            "{apiVersion: monitoring.coreos.com/v1, kind: Prometheus, metadata: {name: k8s, namespace: m}, spec: {replicas: 2, \
             shards: 2, thanos: {}, podMetadata: {labels: {team: a, prometheus: lost}}, containers: [{name: proxy, ports: \
             [{name: https, containerPort: 8443}]}]}}",
        );
        let names: Vec<&str> = snapshot.pods.iter().map(|pod| &*pod.meta.name).collect();
        let expected =
            ["prometheus-k8s-0", "prometheus-k8s-1", "prometheus-k8s-shard-1-0", "prometheus-k8s-shard-1-1"];
        assert_eq!(names, expected);
        let pod = &snapshot.pods[3];
        for (key, value) in [
            ("prometheus", "k8s"),
            ("team", "a"),
            ("operator.prometheus.io/shard", "1"),
            ("app.kubernetes.io/name", "prometheus"),
            ("app.kubernetes.io/version", "3.13.1"),
        ] {
            assert_eq!(pod.meta.labels.get(key).map(|value| &**value), Some(value), "{key}");
        }
        let containers: Vec<(&str, usize)> =
            pod.containers.iter().map(|container| (&*container.name, container.ports.len())).collect();
        assert_eq!(
            containers,
            [("prometheus", 1), ("config-reloader", 1), ("thanos-sidecar", 2), ("proxy", 1)]
        );
        let endpoints = &snapshot.endpoints[0];
        assert_eq!(endpoints.meta.identity(), ("m", "prometheus-operated"));
        let ports: Vec<u16> = endpoints.subsets[0].ports.iter().map(|port| port.number).collect();
        assert_eq!((ports, endpoints.subsets[0].addresses.len()), (vec![9090, 10901], 4));
    }

    #[test]
    fn what_is_there_or_not_handled_gets_none() {
        let prometheus = "{apiVersion: monitoring.coreos.com/v1, kind: Prometheus, metadata: {name: k8s, namespace: m}, spec: {paused: PAUSED, \
             serviceName: own}}\n---\n";
        let stateful_set = "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: prometheus-k8s, namespace: m}, spec: \
                            {template: {metadata: {labels: {real: 'true'}}}}}";
        let paused = with_operands(&prometheus.replace("PAUSED", "true"));
        assert!(paused.pods.is_empty() && paused.services.is_empty());
        let there = with_operands(&format!("{}{stateful_set}", prometheus.replace("PAUSED", "false")));
        assert_eq!((there.pods.len(), there.services.len()), (1, 0));
        assert!(there.pods[0].meta.labels.get("real").is_some());
    }

    #[test]
    fn an_alertmanager_listens_for_its_peers() {
        let snapshot = with_operands(
            "{apiVersion: monitoring.coreos.com/v1, kind: Alertmanager, metadata: {name: main, namespace: m}, spec: {listenLocal: true}}",
        );
        let ports: Vec<&str> = snapshot.pods[0]
            .all_containers()
            .flat_map(|(container, _)| container.ports.iter())
            .map(|port| &*port.name)
            .collect();
        assert_eq!(ports, ["mesh-tcp", "mesh-udp"]);
        assert_eq!(snapshot.services[0].ports.len(), 3);
    }
}
