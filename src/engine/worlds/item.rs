//! An object on its way through kustomizations, and what it was called on the way.

use std::sync::Arc;

use super::kustomization::Target;
use super::transform::{kind_of, name_of};
use crate::kubernetes::selector_text::LabelSelector;
use crate::prom::regex::{Anchoring, compile_anchored};
use crate::source::{Document, Draft};

/// An object that is being changed.
pub(super) struct Item {
    pub(super) draft: Draft,
    /// The document it came from.
    pub(super) from: Arc<Document>,
    /// What it was called before kustomizations gave it other names, the first name first: patches may still mean it by them.
    pub(super) earlier: Vec<Id>,
}

/// A name and a namespace: `default` where none is said, empty for what is in none.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Id {
    pub(super) name: String,
    pub(super) namespace: String,
}

impl Id {
    pub(super) fn of(draft: &Draft) -> Self {
        let namespace = if kind_of(draft).is_known_cluster_scoped() {
            ""
        } else {
            draft.at(&["metadata", "namespace"]).and_then(Draft::as_str).unwrap_or("default")
        };
        Self { name: name_of(draft).to_owned(), namespace: namespace.to_owned() }
    }
}

impl Item {
    pub(super) fn new(draft: Draft, from: &Arc<Document>) -> Self {
        Self { draft, from: Arc::clone(from), earlier: Vec::new() }
    }

    pub(super) fn has_replicas(&self) -> bool {
        const KINDS: [&str; 4] = ["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"];
        KINDS.contains(&kind_of(&self.draft).kind)
    }

    /// Whether it has, or first had, a name.
    pub(super) fn is_called(&self, name: &str) -> bool {
        name_of(&self.draft) == name || self.earlier.first().is_some_and(|id| id.name == name)
    }

    /// Whether a patch without a target means it: same version and kind, and a name and namespace it has or had.
    pub(super) fn is_meant_by(&self, patch: &Draft) -> bool {
        let version = |draft: &Draft| draft.get("apiVersion").and_then(Draft::as_str).map(str::to_owned);
        let wanted = Id::of(patch);
        version(&self.draft) == version(patch)
            && kind_of(&self.draft).kind == kind_of(patch).kind
            && (Id::of(&self.draft) == wanted || self.earlier.contains(&wanted))
    }

    /// Whether a target means it, by its name and namespace of now or the first ones.
    pub(super) fn fits(&self, target: &Target) -> bool {
        // kustomize anchors a pattern at both ends.
        let is = |wanted: &Option<String>, value: &str| {
            wanted.as_deref().is_none_or(|wanted| {
                wanted == value
                    || compile_anchored(wanted, Anchoring::Lines).is_ok_and(|pattern| pattern.is_match(value))
            })
        };
        let object = &self.draft;
        let kind = kind_of(object);
        let version = object.get("apiVersion").and_then(Draft::as_str).unwrap_or_default();
        let version = version.rsplit_once('/').map_or(version, |(_, version)| version);
        let now = Id::of(object);
        let first = self.earlier.first().unwrap_or(&now);
        is(&target.group, kind.group)
            && is(&target.version, version)
            && is(&target.kind, kind.kind)
            && (is(&target.name, &now.name) || is(&target.name, &first.name))
            && (is(&target.namespace, &now.namespace) || is(&target.namespace, &first.namespace))
            && meets(object, "labels", target.label_selector.as_deref())
            && meets(object, "annotations", target.annotation_selector.as_deref())
    }
}

/// Whether the labels or annotations of an object meet a selector, written as `kubectl get --selector` has it.
fn meets(object: &Draft, field: &str, selector: Option<&str>) -> bool {
    let Some(selector) = selector else { return true };
    let entries = object.at(&["metadata", field]).map(Draft::entries).unwrap_or_default();
    let labels: Vec<(&str, &str)> =
        entries.iter().filter_map(|entry| Some((entry.key.as_str(), entry.value.as_str()?))).collect();
    LabelSelector::parse(selector).is_ok_and(|selector| selector.matches(&labels[..]))
}
