//! Workloads as what they stand for: pods made from a template, with the ports their containers declare.

use std::collections::BTreeMap;

use super::inventory::Inventory;
use super::kind::GroupKind;
use super::object::Object;
use crate::source::Node;

/// The kinds that make pods from a template, with their group and where the template stands. A Pod is its own.
const TEMPLATES: &[(&str, &str, &[&str])] = &[
    ("", "Pod", &[]),
    ("", "ReplicationController", &["spec", "template"]),
    ("apps", "DaemonSet", &["spec", "template"]),
    ("apps", "Deployment", &["spec", "template"]),
    ("apps", "ReplicaSet", &["spec", "template"]),
    ("apps", "StatefulSet", &["spec", "template"]),
    ("batch", "CronJob", &["spec", "jobTemplate", "spec", "template"]),
    ("batch", "Job", &["spec", "template"]),
];

/// Group and kind of everything that makes pods.
pub fn kinds() -> impl Iterator<Item = GroupKind<'static>> {
    TEMPLATES.iter().map(|(group, kind, _)| GroupKind::new(group, kind))
}

/// Everything in an inventory that makes pods, with what they are made from.
pub fn all(inventory: &Inventory) -> impl Iterator<Item = (Object<'_>, PodTemplate<'_>)> {
    kinds()
        .flat_map(|kind| inventory.of_kind(kind))
        .filter_map(|object| Some((object, PodTemplate::of(object)?)))
}

/// What pods are made from.
#[derive(Debug, Clone, Copy)]
pub struct PodTemplate<'d> {
    root: Node<'d>,
}

/// A port a container declares.
#[derive(Debug, Clone, Copy)]
pub struct ContainerPort<'d> {
    /// Its name, if it has one.
    pub name: Option<&'d str>,
    /// Its number.
    pub number: u16,
    /// Where it stands.
    pub node: Node<'d>,
}

impl<'d> PodTemplate<'d> {
    /// The template of an object, if it makes pods and has one.
    pub fn of(object: Object<'d>) -> Option<Self> {
        let (_, _, path) =
            TEMPLATES.iter().find(|(group, kind, _)| *group == object.group() && *kind == object.kind())?;
        object.at(path).map(|root| Self { root })
    }

    /// The labels its pods will have. Labels with other values than strings are left out: the API server refuses
    /// the object that has them.
    pub fn labels(self) -> BTreeMap<String, String> {
        let labels = self.root.at(&["metadata", "labels"]);
        labels
            .into_iter()
            .flat_map(Node::entries)
            .filter_map(|entry| Some((entry.key.to_owned(), entry.value.as_str()?.to_owned())))
            .collect()
    }

    /// The pods' specification.
    pub fn spec(self) -> Option<Node<'d>> {
        self.root.get("spec")
    }

    /// Whether its pods use the network of their node.
    pub fn host_network(self) -> bool {
        self.spec().and_then(|spec| spec.get("hostNetwork")).and_then(Node::as_bool).unwrap_or(false)
    }

    /// The ports its containers declare: containers first, then the init containers that keep running (sidecars).
    pub fn ports(self) -> Vec<ContainerPort<'d>> {
        let list = |name| self.spec().and_then(|spec| spec.get(name)).into_iter().flat_map(Node::items);
        let sidecars = list("initContainers")
            .filter(|container| container.get("restartPolicy").and_then(Node::as_str) == Some("Always"));
        list("containers")
            .chain(sidecars)
            .filter_map(|container| container.get("ports"))
            .flat_map(Node::items)
            .filter_map(|port| {
                Some(ContainerPort {
                    name: port.get("name").and_then(Node::as_str),
                    number: u16::try_from(port.get("containerPort")?.as_i64()?).ok()?,
                    node: port,
                })
            })
            .collect()
    }
}
