//! Objects of an inventory as views of them.
//!
//! What the API server would fill in (Kubernetes 1.36) is filled in where discovery sees it; fields of a wrong type read as
//! absent, because the API server refuses their object and [`crate::model::schema`] says so.

mod containers;
mod endpoints;
mod pods;
mod services;
mod template;

pub use template::Templates;

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::meta::{Meta, Owner};
use super::node::{Condition, Node, NodeAddress};
use super::text::{Pairs, Pool, Text};
use super::{Container, Ingress, IngressRule, Plain, Snapshot};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::source;

/// What the API server writes on every Namespace.
const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// What Pods have from their Node since Kubernetes 1.35 (`PodTopologyLabels`).
const TOPOLOGY: [&str; 2] = ["topology.kubernetes.io/region", "topology.kubernetes.io/zone"];

impl Snapshot {
    /// The objects of an inventory. Those without a name, or with the beginning of one only, are not among them.
    pub fn read(inventory: &Inventory) -> Self {
        let mut reader = Reader::default();
        let read = |kind: GroupKind<'static>| -> Vec<Object<'_>> {
            inventory.of_kind(kind).filter(|object| is_named(*object)).collect()
        };
        let (pods, services) = (read(GroupKind::POD), read(GroupKind::SERVICE));
        let (endpoints, slices) = (read(GroupKind::ENDPOINTS), read(GroupKind::ENDPOINT_SLICE));
        let (namespaces, nodes) = (read(GroupKind::NAMESPACE), read(GroupKind::NODE));
        let (replica_sets, jobs) = (read(GroupKind::REPLICA_SET), read(GroupKind::JOB));
        let ingresses = read(GroupKind::INGRESS);
        let mut snapshot = Self {
            namespaces: namespaces.into_iter().map(|object| reader.namespace(object)).collect(),
            nodes: nodes.into_iter().map(|object| reader.node(object)).collect(),
            pods: pods.into_iter().map(|object| reader.pod(object)).collect(),
            services: services.into_iter().map(|object| reader.service(object)).collect(),
            endpoints: endpoints.into_iter().map(|object| reader.endpoints(object)).collect(),
            endpoint_slices: slices.into_iter().filter_map(|object| reader.slice(object)).collect(),
            ingresses: ingresses.into_iter().map(|object| reader.ingress(object)).collect(),
            replica_sets: replica_sets.into_iter().map(|object| reader.plain(object)).collect(),
            jobs: jobs.into_iter().map(|object| reader.plain(object)).collect(),
        };
        snapshot.sort();
        snapshot
    }

    /// Gives Pods the labels for zone and region of their Node, as Kubernetes 1.35 and later do when a Pod is created with a
    /// `nodeName` or bound. A Pod that was read from an API server (it has a UID) is left as it is.
    pub fn add_topology_labels(&mut self) {
        let nodes = &self.nodes;
        for pod in self.pods.iter_mut().filter(|pod| pod.meta.uid.is_empty() && !pod.node_name.is_empty()) {
            let Some(node) = super::find(nodes, "", &pod.node_name) else { continue };
            let added = TOPOLOGY
                .iter()
                .filter_map(|key| Some((Text::from(*key), node.meta.labels.get(key)?.clone())));
            let added: Vec<(Text, Text)> = added.collect();
            if !added.is_empty() {
                let own = pod.meta.labels.iter().map(|(key, value)| (key.clone(), value.clone()));
                pod.meta.labels = own.chain(added).collect();
            }
        }
    }
}

fn is_named(object: Object<'_>) -> bool {
    !object.name().is_empty() && !object.name().ends_with('*')
}

/// What objects share while they are read.
#[derive(Default)]
struct Reader {
    pool: Pool,
    containers: FxHashSet<Arc<[Container]>>,
    owners: FxHashSet<Arc<Owner>>,
}

impl Reader {
    fn meta(&mut self, object: Object<'_>) -> Meta {
        let labels = object.labels().iter().map(|(key, value)| (self.pool.text(key), self.pool.text(value)));
        let labels: Pairs = labels.collect();
        let annotations = self.pairs(object.at(&["metadata", "annotations"]));
        Meta {
            namespace: self.pool.text(object.namespace().unwrap_or_default()),
            name: object.name().into(),
            uid: self.unique(object.at(&["metadata", "uid"])),
            labels: self.pool.pairs(labels),
            annotations,
            origin: Some(object.id()),
        }
    }

    /// A text that repeats; empty where there is none.
    fn text(&mut self, node: Option<source::Node<'_>>) -> Text {
        self.pool.text(node.and_then(source::Node::as_str).unwrap_or_default())
    }

    /// A text that is there once; empty where there is none.
    fn unique(&mut self, node: Option<source::Node<'_>>) -> Text {
        match node.and_then(source::Node::as_str) {
            Some(text) if !text.is_empty() => text.into(),
            _ => self.pool.text(""),
        }
    }

    /// A text that repeats, or what it is by default.
    fn text_or(&mut self, node: Option<source::Node<'_>>, default: &str) -> Text {
        match node.and_then(source::Node::as_str) {
            Some(text) if !text.is_empty() => self.pool.text(text),
            _ => self.pool.text(default),
        }
    }

    /// A text that repeats, if there is one.
    fn optional(&mut self, node: Option<source::Node<'_>>) -> Option<Text> {
        node.and_then(source::Node::as_str).map(|text| self.pool.text(text))
    }

    fn texts(&mut self, node: Option<source::Node<'_>>) -> Box<[Text]> {
        items(node).filter_map(source::Node::as_str).map(|text| self.pool.text(text)).collect()
    }

    /// A mapping of texts; others are left out.
    fn pairs(&mut self, node: Option<source::Node<'_>>) -> Pairs {
        let entries = node.into_iter().flat_map(source::Node::entries);
        let pairs: Pairs = entries
            .filter_map(|entry| Some((self.pool.text(entry.key), self.pool.text(entry.value.as_str()?))))
            .collect();
        self.pool.pairs(pairs)
    }

    /// The owner that is the controller.
    fn controller(&mut self, object: Object<'_>) -> Option<Arc<Owner>> {
        let owner = items(object.at(&["metadata", "ownerReferences"]))
            .find(|owner| owner.get("controller").and_then(source::Node::as_bool) == Some(true))?;
        let owner = Owner { kind: self.text(owner.get("kind")), name: self.text(owner.get("name")) };
        if let Some(known) = self.owners.get(&owner) {
            return Some(Arc::clone(known));
        }
        let owner = Arc::new(owner);
        self.owners.insert(Arc::clone(&owner));
        Some(owner)
    }

    fn plain(&mut self, object: Object<'_>) -> Plain {
        let controller = self.controller(object).map(|owner| (*owner).clone());
        Plain { meta: self.meta(object), controller }
    }

    fn namespace(&mut self, object: Object<'_>) -> Plain {
        let mut plain = self.plain(object);
        let own = plain.meta.labels.iter().map(|(key, value)| (key.clone(), value.clone()));
        plain.meta.labels = own.chain([(NAMESPACE_NAME.into(), plain.meta.name.clone())]).collect();
        plain
    }

    fn node(&mut self, object: Object<'_>) -> Node {
        let addresses = items(object.at(&["status", "addresses"]))
            .map(|address| NodeAddress {
                kind: self.text(address.get("type")),
                address: self.unique(address.get("address")),
            })
            .collect();
        let conditions = items(object.at(&["status", "conditions"]))
            .map(|condition| Condition {
                kind: self.text(condition.get("type")),
                status: self.text(condition.get("status")),
            })
            .collect();
        Node {
            meta: self.meta(object),
            provider_id: self.unique(object.at(&["spec", "providerID"])),
            addresses,
            conditions,
            kubelet_port: number(object.at(&["status", "daemonEndpoints", "kubeletEndpoint", "Port"])),
        }
    }

    fn ingress(&mut self, object: Object<'_>) -> Ingress {
        let mut tls_hosts = Vec::new();
        for tls in items(object.at(&["spec", "tls"])) {
            tls_hosts.extend(self.texts(tls.get("hosts")));
        }
        let rules = items(object.at(&["spec", "rules"]))
            .map(|rule| IngressRule {
                host: self.text(rule.get("host")),
                paths: rule
                    .get("http")
                    .filter(|http| !http.is_null())
                    .map(|http| items(http.get("paths")).map(|path| self.text(path.get("path"))).collect()),
            })
            .collect();
        Ingress {
            meta: self.meta(object),
            class_name: self.optional(object.at(&["spec", "ingressClassName"])),
            tls_hosts: tls_hosts.into(),
            rules,
        }
    }
}

/// The items of a list that may be absent.
fn items(node: Option<source::Node<'_>>) -> impl Iterator<Item = source::Node<'_>> {
    node.into_iter().flat_map(source::Node::items)
}

/// A port's number, 0 where there is none.
fn number(node: Option<source::Node<'_>>) -> u16 {
    node.and_then(source::Node::as_i64).and_then(|number| u16::try_from(number).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
