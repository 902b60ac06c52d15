//! What a kustomization does to every object: namespace, prefix and suffix of names, labels and annotations, as kustomize v5
//! does by its default configuration.

use crate::model::kind::GroupKind;
use crate::source::Draft;

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

    /// Puts the objects into its namespace.
    pub(super) fn set_namespace(
        &self,
        objects: &mut [&mut Draft],
        is_cluster_scoped: impl Fn(GroupKind<'_>) -> bool,
    ) {
        if let Some(namespace) = &self.namespace {
            set_namespace(objects, namespace, is_cluster_scoped);
        }
    }

    /// Puts its prefix before names; references follow when all objects are there.
    pub(super) fn put_prefix(&self, objects: &mut [&mut Draft]) {
        rename(objects, &self.prefix, "");
    }

    /// Puts its suffix behind names.
    pub(super) fn put_suffix(&self, objects: &mut [&mut Draft]) {
        rename(objects, "", &self.suffix);
    }

    /// Puts its labels and annotations on objects.
    pub(super) fn mark(&self, objects: &mut [&mut Draft]) {
        for object in objects {
            for labels in &self.labels {
                put_labels(object, labels);
            }
            if !self.annotations.is_empty() {
                put_all(object, "annotations", &self.annotations, true);
            }
        }
    }
}

fn rename(objects: &mut [&mut Draft], prefix: &str, suffix: &str) {
    if prefix.is_empty() && suffix.is_empty() {
        return;
    }
    for object in objects.iter_mut() {
        if matches!(kind_of(object).kind, "Namespace" | "CustomResourceDefinition" | "APIService") {
            continue;
        }
        let old = name_of(object).to_owned();
        if !old.is_empty()
            && let Some(metadata) = object.get_mut("metadata")
        {
            metadata.set("name", Draft::text(format!("{prefix}{old}{suffix}")));
        }
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
            // Subjects that are among the objects follow them.
            let subjects = object.get_mut("subjects").and_then(Draft::items_mut);
            for subject in subjects.into_iter().flatten() {
                let text = |key: &str| subject.get(key).and_then(Draft::as_str).unwrap_or_default();
                if text("kind") == "ServiceAccount" && text("name") == "default" {
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
    put_all(object, "labels", &labels.pairs, labels.in_templates || labels.in_selectors);
    if labels.in_selectors {
        put_into_selectors(object, &labels.pairs);
    }
}

/// Puts labels or annotations on an object, and on what it is a template for.
fn put_all(object: &mut Draft, field: &str, pairs: &[(String, String)], in_templates: bool) {
    put(object, &["metadata", field], pairs);
    let templates: &[&[&str]] = match kind_of(object).kind {
        _ if !in_templates => &[],
        "Deployment" | "DaemonSet" | "ReplicaSet" | "StatefulSet" | "ReplicationController" | "Job" => {
            &[&["spec", "template", "metadata"]]
        }
        "CronJob" => {
            &[&["spec", "jobTemplate", "metadata"], &["spec", "jobTemplate", "spec", "template", "metadata"]]
        }
        _ => &[],
    };
    for path in templates {
        put(object, &[path, &[field][..]].concat(), pairs);
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
