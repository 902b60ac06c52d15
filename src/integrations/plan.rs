//! What an integration wants to exist.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::Resource;
use serde::Serialize;
use serde_json::Value;

use super::solve::Labels;
use crate::diagnostic::Diagnostic;

/// Objects to make, and what there is to say about them.
#[derive(Debug, Clone, Default)]
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
        self.findings.extend(other.findings);
    }
}
