//! What an integration wants to exist.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use k8s_openapi::Resource;
use serde::Serialize;
use serde_json::Value;

use super::solve::Labels;
use crate::diagnostic::Diagnostic;

/// Objects to make, and what there is to say about them.
#[derive(Clone, Default)]
pub struct Plan {
    /// The objects, as JSON.
    pub objects: Vec<Value>,
    /// Objects that state some fields of somebody else's object, and none of the others.
    pub settings: Vec<Value>,
    /// Objects that somebody else makes and that the others rely on. Where the input shows them, that counts; they are
    /// never written.
    pub relied_upon: Vec<Value>,
    /// Namespaces that have to exist, with the labels they need. Several integrations may ask for the same one.
    pub namespaces: BTreeMap<String, Labels>,
    /// Namespaces in which Prometheus has to discover targets.
    pub scraped: BTreeSet<String>,
    /// Secrets that monitors expect as files in Prometheus: its `spec.secrets` has to name them.
    pub mounted: BTreeSet<String>,
    /// Pods that somebody outside of the input makes, as namespace and labels: generated Services may lead to them.
    pub pods_of_others: Vec<(String, Labels)>,
    /// What the user should know: choices made, things left to do.
    pub findings: Vec<Diagnostic>,
}

impl Plan {
    /// Adds an object.
    pub fn add<K: Resource + Serialize>(&mut self, object: &K) {
        // Kubernetes types are plain structs of strings, numbers, lists and string-keyed maps.
        let value = serde_json::to_value(object).expect("a Kubernetes object can be written as JSON");
        self.objects.push(value);
    }

    /// Adds an object that states some fields of somebody else's.
    pub fn add_setting(&mut self, object: Value) {
        self.settings.push(object);
    }

    /// Adds an object that somebody else makes.
    pub fn rely_on(&mut self, object: Value) {
        self.relied_upon.push(object);
    }

    /// Asks for a namespace with certain labels.
    pub fn need_namespace(&mut self, name: &str, labels: Labels) {
        self.namespaces.entry(name.to_owned()).or_default().extend(labels);
    }

    /// Adds what another integration wants.
    pub fn merge(&mut self, other: Self) {
        self.objects.extend(other.objects);
        self.settings.extend(other.settings);
        self.relied_upon.extend(other.relied_upon);
        for (name, labels) in other.namespaces {
            self.need_namespace(&name, labels);
        }
        self.scraped.extend(other.scraped);
        self.mounted.extend(other.mounted);
        self.pods_of_others.extend(other.pods_of_others);
        self.findings.extend(other.findings);
    }
}

/// Which objects there are, and nothing of what is in them: one may be a Secret.
impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names =
            self.objects.iter().map(|object| format!("{} {}", object["kind"], object["metadata"]["name"]));
        f.debug_struct("Plan")
            .field("objects", &names.collect::<Vec<_>>())
            .field("findings", &self.findings)
            .finish_non_exhaustive()
    }
}
