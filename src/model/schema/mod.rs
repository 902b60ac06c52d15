//! Structural validation: what the API server refuses or drops before anything looks at the meaning.
//!
//! The schemas are tables compacted from the CRDs of prometheus-operator, from Kubernetes 1.36, and from a few CRDs of Calico that
//! are written by hand, see `generated-crds`.
//! Definitions among the objects override the embedded ones, all versions of a kind at once: they are what the cluster has.
//! A kind without a schema is not judged, except for its `metadata`, which all objects share.
//!
//! Mistakes in `metadata.name`, `namespace`, `generateName` and `labels` are not repeated here: the
//! [inventory](super::inventory) tells them, as it has to do without what is wrong.
//!
//! `walk` goes through an object beside its schema; `scalar`, `list`, `selectors` and `rules` check values; `suggest` finds what an
//! unknown field was meant to be, `template` whether a workload selects its own pods, `kinds` what an unknown `apiVersion` or `kind` was.

mod date_time;
mod kinds;
mod list;
mod pattern;
mod rules;
mod scalar;
mod selectors;
mod suggest;
mod template;
mod types;
mod walk;

use std::borrow::Cow;

use generated_crds::schema::{Kind, NodeId, Table};
use rayon::prelude::*;

use self::pattern::Patterns;
use super::inventory::Inventory;
use super::kind::GroupKind;
use super::object::Object;
use crate::diagnostic::{Code, Diagnostic};

/// The schemas objects are validated against.
#[derive(Debug)]
pub struct SchemaSet {
    /// The definitions found in the input.
    found: Option<Source>,
    monitoring: Source,
    calico: Source,
    kubernetes: Source,
}

/// A table, and how the API server treats its kinds.
#[derive(Debug)]
struct Source {
    table: Cow<'static, Table>,
    patterns: Patterns,
    treatment: Treatment,
}

/// Custom resources are checked against their schema to the letter. Built-in kinds are decoded into Go structs, where
/// null is the zero value, and items of a list may repeat where only server-side apply minds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Treatment {
    Custom,
    BuiltIn,
}

impl Source {
    fn new(table: Cow<'static, Table>, treatment: Treatment) -> Self {
        Self { patterns: Patterns::new(table.nodes.len()), table, treatment }
    }

    fn knows(&self, kind: GroupKind<'_>) -> bool {
        self.table.kinds.iter().any(|known| known.kind == kind.kind && known.group == kind.group)
    }
}

impl Default for SchemaSet {
    fn default() -> Self {
        Self {
            found: None,
            monitoring: Source::new(Cow::Borrowed(Table::monitoring()), Treatment::Custom),
            calico: Source::new(Cow::Borrowed(Table::calico()), Treatment::Custom),
            kubernetes: Source::new(Cow::Borrowed(Table::kubernetes()), Treatment::BuiltIn),
        }
    }
}

impl SchemaSet {
    /// The embedded schemas, overridden by the `CustomResourceDefinition`s of an inventory. A definition that cannot be read
    /// as one is a finding and overrides nothing.
    pub fn new(inventory: &Inventory) -> (Self, Vec<Diagnostic>) {
        let mut findings = Vec::new();
        let mut definitions = Vec::new();
        for object in inventory.of_kind(GroupKind::CUSTOM_RESOURCE_DEFINITION) {
            let definition = object.node().to_json();
            match Table::from_crds([&definition]) {
                Ok(_) => definitions.push(definition),
                Err(error) => findings
                    .push(Diagnostic::new(Code::MISSING_FIELD, error.to_string()).at(object.place(), "")),
            }
        }
        let found = (!definitions.is_empty())
            .then(|| Table::from_crds(&definitions).ok())
            .flatten()
            .map(|table| Source::new(Cow::Owned(table), Treatment::Custom));
        (Self { found, ..Self::default() }, findings)
    }

    /// Everything in an inventory that does not fit its schema, by file and place.
    pub fn validate_all(&self, inventory: &Inventory) -> Vec<Diagnostic> {
        let objects: Vec<_> = inventory.objects().collect();
        let mut findings: Vec<_> =
            objects.into_par_iter().flat_map_iter(|object| self.validate(object)).collect();
        findings.sort_by(by_place);
        findings
    }

    /// What does not fit the schema of an object, by place.
    pub fn validate(&self, object: Object<'_>) -> Vec<Diagnostic> {
        let mut findings = if let Some((source, kind)) = self.find(object.group_kind(), object.version()) {
            let mut findings = walk::object(source, kind.schema, object);
            findings.extend(template::unselected(object));
            findings
        } else {
            let metadata = self.metadata().map(|schema| walk::metadata(&self.kubernetes, schema, object));
            [kinds::unknown(self, object), metadata.unwrap_or_default()].concat()
        };
        findings.sort_by(by_place);
        findings
    }

    /// The table and the schema of a version of a kind.
    pub fn kind(&self, kind: GroupKind<'_>, version: &str) -> Option<(&Table, &Kind)> {
        self.find(kind, version).map(|(source, kind)| (&*source.table, kind))
    }

    fn find(&self, kind: GroupKind<'_>, version: &str) -> Option<(&Source, &Kind)> {
        let source = self.sources().find(|source| source.knows(kind))?;
        source.table.kind(kind.group, version, kind.kind).map(|kind| (source, kind))
    }

    /// The sources, the overriding one first.
    fn sources(&self) -> impl Iterator<Item = &Source> + Clone {
        self.found.iter().chain([&self.monitoring, &self.calico, &self.kubernetes])
    }

    /// The schema of `metadata`, in the table of Kubernetes.
    fn metadata(&self) -> Option<NodeId> {
        let table = &self.kubernetes.table;
        table.kinds.first().and_then(|kind| table.property(kind.schema, "metadata"))
    }
}

/// Stable sorting keeps findings at one place in the order of their checks.
fn by_place(a: &Diagnostic, b: &Diagnostic) -> std::cmp::Ordering {
    let key = |finding: &Diagnostic| finding.place.as_ref().map(|at| at.place.span);
    let name = |finding: &Diagnostic| finding.place.as_ref().map(|at| at.place.file.name().to_owned());
    name(a).cmp(&name(b)).then_with(|| key(a).cmp(&key(b)))
}

#[cfg(test)]
mod tests;
