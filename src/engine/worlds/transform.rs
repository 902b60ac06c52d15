//! What a kustomization does to every object: namespace, prefix and suffix of names, labels and annotations, as kustomize v5
//! does by its default configuration.

use rustc_hash::FxHashMap;

use crate::model::kind::GroupKind;
use crate::source::{Draft, DraftValue};

/// What is put on labels, and where.
#[derive(Debug, Clone, Default)]
pub(super) struct Labels {
    pub(super) pairs: Vec<(String, String)>,
    pub(super) in_selectors: bool,
    pub(super) in_templates: bool,
}

/// What a kustomization says about all of its objects.
#[derive(Debug, Clone, Default)]
pub(super) struct Transformation {
    pub(super) namespace: Option<String>,
    pub(super) prefix: String,
    pub(super) suffix: String,
    pub(super) labels: Vec<Labels>,
    pub(super) annotations: Vec<(String, String)>,
}

/// An object's group and kind.
pub(super) fn kind_of(object: &Draft) -> GroupKind<'_> {
    let api_version = object.get("apiVersion").and_then(Draft::as_str).unwrap_or_default();
    let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
    GroupKind::new(group, object.get("kind").and_then(Draft::as_str).unwrap_or_default())
}

/// An object's name.
pub(super) fn name_of(object: &Draft) -> &str {
    object.at(&["metadata", "name"]).and_then(Draft::as_str).unwrap_or_default()
}

impl Transformation {
    /// Whether it leaves everything as it is.
    pub(super) fn is_nothing(&self) -> bool {
        self.namespace.is_none()
            && self.prefix.is_empty()
            && self.suffix.is_empty()
            && self.labels.is_empty()
            && self.annotations.is_empty()
    }

    /// Applies it to all objects together: references between them follow.
    pub(super) fn apply(
        &self,
        objects: &mut [&mut Draft],
        is_cluster_scoped: impl Fn(GroupKind<'_>) -> bool,
    ) {
        if let Some(namespace) = &self.namespace {
            set_namespace(objects, namespace, is_cluster_scoped);
        }
        if !self.prefix.is_empty() || !self.suffix.is_empty() {
            self.rename(objects);
        }
        for object in objects {
            for labels in &self.labels {
                put_labels(object, labels);
            }
            if !self.annotations.is_empty() {
                put(object, &["metadata", "annotations"], &self.annotations);
                if object.at(TEMPLATE).is_some() {
                    put(object, &["spec", "template", "metadata", "annotations"], &self.annotations);
                }
            }
        }
    }

    /// Changes names, and where objects of Kubernetes' own kinds refer to them. Custom resources keep what they refer to.
    fn rename(&self, objects: &mut [&mut Draft]) {
        let mut renamed: FxHashMap<(String, String), String> = FxHashMap::default();
        for object in objects.iter_mut() {
            let kind = kind_of(object).kind.to_owned();
            if matches!(kind.as_str(), "Namespace" | "CustomResourceDefinition" | "APIService") {
                continue;
            }
            let old = name_of(object).to_owned();
            let new = format!("{}{old}{}", self.prefix, self.suffix);
            if !old.is_empty()
                && let Some(metadata) = object.get_mut("metadata")
            {
                metadata.set("name", Draft::text(new.clone()));
                renamed.insert((kind, old), new);
            }
        }
        for object in objects {
            follow(object, &renamed);
        }
    }
}

const TEMPLATE: &[&str] = &["spec", "template"];

/// Where references to a kind stand in the kinds of Kubernetes.
const REFERENCES: &[(&str, &[&str])] = &[
    ("Service", &["spec", "serviceName"]),
    ("ServiceAccount", &["serviceAccountName"]),
    ("ServiceAccount", &["serviceAccount"]),
    ("ConfigMap", &["configMap", "name"]),
    ("ConfigMap", &["configMapRef", "name"]),
    ("ConfigMap", &["configMapKeyRef", "name"]),
    ("Secret", &["secret", "secretName"]),
    ("Secret", &["secretRef", "name"]),
    ("Secret", &["secretKeyRef", "name"]),
    ("PersistentVolumeClaim", &["persistentVolumeClaim", "claimName"]),
];

/// Follows the new names in an object of Kubernetes' own kinds.
fn follow(object: &mut Draft, renamed: &FxHashMap<(String, String), String>) {
    let kind = kind_of(object);
    if !is_own(kind) {
        return;
    }
    let new_name = |kind: &str, name: &str| renamed.get(&(kind.to_owned(), name.to_owned()));
    match kind.kind {
        "RoleBinding" | "ClusterRoleBinding" => {
            if let Some(role) = object.get_mut("roleRef") {
                rename_by_kind(role, renamed);
            }
            let subjects = object.get_mut("subjects").and_then(Draft::items_mut);
            subjects.into_iter().flatten().for_each(|subject| rename_by_kind(subject, renamed));
        }
        "HorizontalPodAutoscaler" => {
            if let Some(target) = object.at_mut(&["spec", "scaleTargetRef"]) {
                rename_by_kind(target, renamed);
            }
        }
        "Endpoints" | "EndpointSlice" => {}
        _ => walk(object, &|draft| {
            for (kind, path) in REFERENCES {
                let Some((last, above)) = path.split_last() else { continue };
                let Some(holder) = draft.at_mut(above) else { continue };
                let new = holder.get(last).and_then(Draft::as_str).and_then(|old| new_name(kind, old));
                if let Some(new) = new {
                    holder.set(last, Draft::text(new.clone()));
                }
            }
        }),
    }
}

fn rename_by_kind(reference: &mut Draft, renamed: &FxHashMap<(String, String), String>) {
    let text = |key: &str| reference.get(key).and_then(Draft::as_str).unwrap_or_default().to_owned();
    if let Some(new) = renamed.get(&(text("kind"), text("name"))) {
        reference.set("name", Draft::text(new.clone()));
    }
}

/// Every mapping of an object.
fn walk(draft: &mut Draft, visit: &impl Fn(&mut Draft)) {
    match &mut draft.value {
        DraftValue::Mapping(entries) => {
            for entry in entries {
                walk(&mut entry.value, visit);
            }
            visit(draft);
        }
        DraftValue::Sequence(items) => items.iter_mut().for_each(|item| walk(item, visit)),
        _ => {}
    }
}

/// Whether a kind is Kubernetes' own, as far as kustomize treats it in a special way.
pub(super) fn is_own(kind: GroupKind<'_>) -> bool {
    !kind.group.contains('.') || kind.group.ends_with(".k8s.io")
}

fn set_namespace(
    objects: &mut [&mut Draft],
    namespace: &str,
    is_cluster_scoped: impl Fn(GroupKind<'_>) -> bool,
) {
    let accounts: Vec<String> = objects
        .iter()
        .filter(|object| kind_of(object) == GroupKind::SERVICE_ACCOUNT)
        .map(|object| name_of(object).to_owned())
        .collect();
    for object in objects {
        let kind = kind_of(object);
        let is_namespace = kind == GroupKind::NAMESPACE;
        let is_binding = matches!(kind.kind, "RoleBinding" | "ClusterRoleBinding");
        let is_cluster_scoped = is_cluster_scoped(kind);
        if is_namespace {
            if let Some(metadata) = object.mapping_at(&["metadata"]) {
                metadata.set("name", Draft::text(namespace));
            }
        } else if !is_cluster_scoped && let Some(metadata) = object.mapping_at(&["metadata"]) {
            metadata.set("namespace", Draft::text(namespace));
        }
        if is_binding {
            let subjects = object.get_mut("subjects").and_then(Draft::items_mut);
            for subject in subjects.into_iter().flatten() {
                let text = |key: &str| subject.get(key).and_then(Draft::as_str).unwrap_or_default();
                let name = text("name");
                let is_ours = name == "default" || accounts.iter().any(|account| account == name);
                if text("kind") == "ServiceAccount" && is_ours {
                    subject.set("namespace", Draft::text(namespace));
                }
            }
        }
    }
}

fn put(object: &mut Draft, path: &[&str], pairs: &[(String, String)]) {
    if let Some(map) = object.mapping_at(path) {
        for (key, value) in pairs {
            map.set(key, Draft::text(value.clone()));
        }
    }
}

fn put_labels(object: &mut Draft, labels: &Labels) {
    let pairs = &labels.pairs;
    put(object, &["metadata", "labels"], pairs);
    if labels.in_templates || labels.in_selectors {
        let kind = kind_of(object).kind.to_owned();
        let templates: &[&[&str]] = match kind.as_str() {
            "Deployment" | "DaemonSet" | "ReplicaSet" | "StatefulSet" | "ReplicationController" | "Job" => {
                &[&["spec", "template", "metadata", "labels"]]
            }
            "CronJob" => &[
                &["spec", "jobTemplate", "metadata", "labels"],
                &["spec", "jobTemplate", "spec", "template", "metadata", "labels"],
            ],
            _ => &[],
        };
        for path in templates {
            put(object, path, pairs);
        }
    }
    if labels.in_selectors {
        put_into_selectors(object, pairs);
    }
}

/// Selectors of Kubernetes' own kinds; some are made where there are none, others only completed.
fn put_into_selectors(object: &mut Draft, pairs: &[(String, String)]) {
    let complete = |object: &mut Draft, path: &[&str]| {
        if object.at(path).is_some() {
            put(object, path, pairs);
        }
    };
    match (kind_of(object).group, kind_of(object).kind) {
        ("", "Service" | "ReplicationController") => put(object, &["spec", "selector"], pairs),
        ("apps", "Deployment" | "DaemonSet" | "ReplicaSet" | "StatefulSet") => {
            put(object, &["spec", "selector", "matchLabels"], pairs);
        }
        ("batch", "CronJob") => complete(object, &["spec", "jobTemplate", "spec", "selector", "matchLabels"]),
        ("batch", "Job") | ("policy", "PodDisruptionBudget") => {
            complete(object, &["spec", "selector", "matchLabels"]);
        }
        ("networking.k8s.io", "NetworkPolicy") => {
            complete(object, &["spec", "podSelector", "matchLabels"]);
            for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
                let rules = object.at_mut(&["spec", direction]).and_then(Draft::items_mut);
                for rule in rules.into_iter().flatten() {
                    let peers = rule.get_mut(peers).and_then(Draft::items_mut);
                    peers
                        .into_iter()
                        .flatten()
                        .for_each(|peer| complete(peer, &["podSelector", "matchLabels"]));
                }
            }
        }
        _ => {}
    }
}
