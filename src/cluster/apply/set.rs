//! The inventory: which objects promwire made, as an `ApplySet` of Kubernetes (KEP-3659, as kubectl 1.36 reads and writes it).
//!
//! The parent is a `ConfigMap`. Every member carries its identifier as a label, so that they are found with one list for each kind;
//! the kinds and namespaces to look in stand in annotations of the parent, and are written before the first member is made and
//! narrowed after the last is gone. What is somebody else's and only got some fields of ours is no member: it is noted in the
//! data of the parent.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

use super::reference::Reference;

/// The label of members.
pub(super) const PART_OF: &str = "applyset.kubernetes.io/part-of";
const ID: &str = "applyset.kubernetes.io/id";
const TOOLING: &str = "applyset.kubernetes.io/tooling";
const KINDS: &str = "applyset.kubernetes.io/contains-group-kinds";
const NAMESPACES: &str = "applyset.kubernetes.io/additional-namespaces";
/// The key of the parent's data that notes settings.
const SETTINGS: &str = "settings";

/// Which inventory: the parent's name and namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetName {
    /// The name of the `ConfigMap`.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
}

impl SetName {
    /// What members are labelled with.
    pub(super) fn id(&self) -> String {
        let named = format!("{}.{}.ConfigMap.", self.name, self.namespace);
        format!("applyset-{}-v1", URL_SAFE_NO_PAD.encode(digest(&SHA256, named.as_bytes())))
    }

    pub(super) fn reference(&self) -> Reference {
        Reference {
            group: String::new(),
            kind: "ConfigMap".to_owned(),
            namespace: Some(self.namespace.clone()),
            name: self.name.clone(),
        }
    }

    /// Who applies fields of what others own: two stacks may set different ones of one object.
    pub(super) fn setting_manager(&self) -> String {
        if self.name == super::super::FIELD_MANAGER {
            self.name.clone()
        } else {
            format!("{}-{}", super::super::FIELD_MANAGER, self.name)
        }
    }
}

/// What the parent says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Contents {
    /// Groups and kinds of the members.
    pub(super) kinds: BTreeSet<String>,
    /// Namespaces of members, the parent's own left out.
    pub(super) namespaces: BTreeSet<String>,
    /// The settings of others.
    pub(super) settings: BTreeSet<Setting>,
}

/// An object of somebody else with fields of ours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Setting {
    pub(super) api_version: String,
    pub(super) kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) namespace: Option<String>,
    pub(super) name: String,
    /// Whether it was not there before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) created: bool,
}

impl Setting {
    pub(super) fn of(object: &Value, created: bool) -> Self {
        let Reference { kind, namespace, name, .. } = Reference::of(object);
        let api_version = object["apiVersion"].as_str().unwrap_or_default().to_owned();
        Self { api_version, kind, namespace, name, created }
    }

    /// What is applied to have none of its fields any more.
    pub(super) fn nothing(&self) -> Value {
        let mut metadata = json!({"name": self.name});
        if let Some(namespace) = &self.namespace {
            metadata["namespace"] = namespace.as_str().into();
        }
        json!({"apiVersion": self.api_version, "kind": self.kind, "metadata": metadata})
    }

    pub(super) fn is(&self, reference: &Reference) -> bool {
        let own = Reference::of(&self.nothing());
        own == *reference
    }
}

impl Contents {
    /// Reads a parent. What somebody else wrote into it is passed over.
    pub(super) fn read(parent: &Value) -> Self {
        let words = |key: &str| {
            let text = parent["metadata"]["annotations"][key].as_str().unwrap_or_default();
            text.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        let settings = parent["data"][SETTINGS].as_str().unwrap_or("[]");
        Self {
            kinds: words(KINDS),
            namespaces: words(NAMESPACES),
            settings: serde_json::from_str(settings).unwrap_or_default(),
        }
    }

    /// Everything of both.
    pub(super) fn with(&self, other: &Self) -> Self {
        let mut settings = other.settings.clone();
        // What is known to have been made by us stays so.
        settings.retain(|setting| {
            let twin = Setting { created: !setting.created, ..setting.clone() };
            !self.settings.contains(&twin)
        });
        settings.extend(self.settings.iter().cloned());
        Self {
            kinds: self.kinds.union(&other.kinds).cloned().collect(),
            namespaces: self.namespaces.union(&other.namespaces).cloned().collect(),
            settings,
        }
    }

    /// The parent that says it.
    pub(super) fn parent(&self, set: &SetName) -> Value {
        let list = |words: &BTreeSet<String>| words.iter().cloned().collect::<Vec<_>>().join(",");
        let settings = serde_json::to_string(&self.settings).unwrap_or_default();
        let mut parent = json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": set.name,
                "namespace": set.namespace,
                "labels": {ID: set.id(), "app.kubernetes.io/managed-by": "promwire"},
                "annotations": {
                    TOOLING: concat!("promwire/", env!("CARGO_PKG_VERSION")),
                    KINDS: list(&self.kinds),
                    NAMESPACES: list(&self.namespaces),
                },
            },
        });
        if !self.settings.is_empty() {
            parent["data"] = json!({SETTINGS: settings});
        }
        parent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> SetName {
        SetName { name: "promwire".to_owned(), namespace: "monitoring".to_owned() }
    }

    #[test]
    fn the_identifier_is_that_of_kubectl() {
        // printf 'promwire.monitoring.ConfigMap.' | sha256sum | xxd -r -p | basenc --base64url
        assert_eq!(name().id(), "applyset-zojiGk3GkAX7FTspLJvQl1ypizpUG0qW9xqaRydETkU-v1");
    }

    #[test]
    fn a_parent_says_what_was_written() {
        let setting = Setting::of(
            &json!({"apiVersion": "crd.projectcalico.org/v1", "kind": "FelixConfiguration", "metadata": {"name": "default"}}),
            true,
        );
        let contents = Contents {
            kinds: ["Service".to_owned(), "ServiceMonitor.monitoring.coreos.com".to_owned()].into(),
            namespaces: ["kube-system".to_owned()].into(),
            settings: [setting.clone()].into(),
        };
        assert_eq!(Contents::read(&contents.parent(&name())), contents);
        let again = Contents {
            settings: [Setting { created: false, ..setting.clone() }].into(),
            ..Contents::default()
        };
        assert_eq!(contents.with(&again).settings, [setting].into(), "it was made by us, and stays so");
    }
}
