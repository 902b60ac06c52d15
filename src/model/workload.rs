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

/// Labels that controllers add to the pods they make: they tell pods of one workload apart, not workloads, and no
/// template has them.
const ADDED_BY_CONTROLLERS: &[&str] = &[
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
    "batch.kubernetes.io/job-name",
    "controller-revision-hash",
    "controller-uid",
    "job-name",
    "pod-template-generation",
    "pod-template-hash",
    "statefulset.kubernetes.io/pod-name",
];

/// Whether controllers add this label to the pods they make.
pub fn is_added_by_controllers(key: &str) -> bool {
    ADDED_BY_CONTROLLERS.contains(&key)
}

/// Whether one object was made by another one: directly, or through a ReplicaSet or Job between them, which need not
/// be in the inventory (its name is that of its maker, a dash, and a suffix without one).
pub fn is_made_by(object: Object<'_>, maker: Object<'_>, inventory: &Inventory) -> bool {
    if object.namespace() != maker.namespace() {
        return false;
    }
    let is_maker = |kind: &str, name: &str| kind == maker.kind() && name == maker.name();
    owners(object).any(|(kind, name)| {
        let between = match (maker.kind(), kind) {
            ("Deployment", "ReplicaSet") => GroupKind::REPLICA_SET,
            ("CronJob", "Job") => GroupKind::JOB,
            _ => return is_maker(kind, name),
        };
        match inventory.get(between, object.namespace(), name) {
            Some(between) => owners(between).any(|(kind, name)| is_maker(kind, name)),
            None => name
                .strip_prefix(maker.name())
                .and_then(|rest| rest.strip_prefix('-'))
                .is_some_and(|suffix| !suffix.is_empty() && !suffix.contains('-')),
        }
    })
}

/// Kind and name of what `metadata.ownerReferences` lists.
fn owners(object: Object<'_>) -> impl Iterator<Item = (&str, &str)> {
    let references = object.at(&["metadata", "ownerReferences"]).into_iter().flat_map(Node::items);
    references.filter_map(|owner| Some((owner.get("kind")?.as_str()?, owner.get("name")?.as_str()?)))
}

/// Whether a Service has a selector and it matches these pod labels. One without a selector has its endpoints from
/// somebody else.
pub fn is_selected_by(service: Object<'_>, pod_labels: &BTreeMap<String, String>) -> bool {
    let mut selector = service.at(&["spec", "selector"]).into_iter().flat_map(Node::entries).peekable();
    selector.peek().is_some()
        && selector.all(|entry| pod_labels.get(entry.key).map(String::as_str) == entry.value.as_str())
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
        self.label_node()
            .into_iter()
            .flat_map(Node::entries)
            .filter_map(|entry| Some((entry.key.to_owned(), entry.value.as_str()?.to_owned())))
            .collect()
    }

    /// Where its labels stand.
    pub fn label_node(self) -> Option<Node<'d>> {
        self.root.at(&["metadata", "labels"])
    }

    /// Where its annotations stand.
    pub fn annotation_node(self) -> Option<Node<'d>> {
        self.root.at(&["metadata", "annotations"])
    }

    /// The pods' specification.
    pub fn spec(self) -> Option<Node<'d>> {
        self.root.get("spec")
    }

    /// Whether its pods use the network of their node.
    pub fn host_network(self) -> bool {
        self.spec().and_then(|spec| spec.get("hostNetwork")).and_then(Node::as_bool).unwrap_or(false)
    }

    /// Its containers, and after them the init containers that keep running (sidecars).
    pub fn containers(self) -> impl Iterator<Item = Node<'d>> {
        let list = move |name| self.spec().and_then(|spec| spec.get(name)).into_iter().flat_map(Node::items);
        let keeps_running =
            |container: &Node<'_>| container.get("restartPolicy").and_then(Node::as_str) == Some("Always");
        list("containers").chain(list("initContainers").filter(keeps_running))
    }

    /// The ports its containers declare, in the order of [`Self::containers`].
    pub fn ports(self) -> Vec<ContainerPort<'d>> {
        self.containers()
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
