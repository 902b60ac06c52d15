//! Collects documents into an inventory.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::extract::{self, Extracted};
use super::{Inventory, Stretch};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::intern::Interner;
use crate::model::kind::GroupKind;
use crate::model::object::{Record, naming_node};
use crate::source::{Document, Node};

/// Collects documents; [`Inventory::builder`] makes one.
///
/// Where one identity stands twice with the same content it is kept once without a word. Where the contents differ the
/// **last** one counts, as when the documents are applied in their order, and a finding shows both places, unless a later
/// [step](Document::step) changes what an earlier one made. What lies [beneath](Document::beneath) counts last, without a word.
#[derive(Debug, Default)]
pub struct InventoryBuilder {
    interner: Interner,
    records: Vec<Record>,
    findings: Vec<Diagnostic>,
    default_namespace: Option<String>,
}

impl InventoryBuilder {
    pub(super) fn of(inventory: &Inventory) -> Self {
        Self {
            interner: (*inventory.interner).clone(),
            records: inventory.records.clone(),
            ..Self::default()
        }
    }

    /// The namespace of objects that name none (`-n`). Without it they are in no namespace, which is not `default`.
    pub fn default_namespace(mut self, namespace: Option<&str>) -> Self {
        self.default_namespace = namespace.map(str::to_owned);
        self
    }

    /// Adds the objects of documents, in their order.
    pub fn documents(mut self, documents: impl IntoIterator<Item = Document>) -> Self {
        for document in documents {
            self.add(&Arc::new(document));
        }
        self
    }

    /// Adds the objects of a document: itself, or the items of a list.
    pub fn add(&mut self, document: &Arc<Document>) {
        for extracted in extract::objects(document.root(), &mut self.findings) {
            let record = self.record(document, extracted);
            self.records.push(record);
        }
    }

    fn record(&mut self, document: &Arc<Document>, mut extracted: Extracted<'_>) -> Record {
        extracted.labels.sort_unstable();
        let interner = &mut self.interner;
        Record {
            group: interner.intern(extracted.kind.group),
            version: interner.intern(extracted.version),
            kind: interner.intern(extracted.kind.kind),
            namespace: extracted.namespace.map(|namespace| interner.intern(namespace)),
            name: interner.intern(&extracted.name),
            labels: extracted
                .labels
                .iter()
                .map(|(key, value)| (interner.intern(key), interner.intern(value)))
                .collect(),
            document: Arc::clone(document),
            node: extracted.node.id(),
        }
    }

    /// The inventory, and what was noticed, in the order of the documents; duplicates come last.
    pub fn build(mut self) -> (Inventory, Vec<Diagnostic>) {
        self.settle_namespaces();
        let Self { interner, mut records, mut findings, .. } = self;
        // Stable, so that of equal identities the later document comes later.
        records.sort_by(|a, b| a.identity(&interner).cmp(&b.identity(&interner)));
        let records = drop_duplicates(records, &interner, &mut findings);
        let kinds = stretches(&records);
        (Inventory { interner: Arc::new(interner), records, kinds }, findings)
    }

    /// Takes the namespace from cluster-scoped objects and gives the default one to others. Only now are all the definitions known.
    fn settle_namespaces(&mut self) {
        let defined = self.defined_scopes();
        let default = self.default_namespace.take().map(|namespace| self.interner.intern(&namespace));
        let mut cluster_scoped = FxHashMap::default();
        for record in &mut self.records {
            let is_cluster_scoped = *cluster_scoped.entry((record.group, record.kind)).or_insert_with(|| {
                let kind = GroupKind::new(self.interner.text(record.group), self.interner.text(record.kind));
                let defined = defined.get(&(kind.group.to_owned(), kind.kind.to_owned()));
                defined.map_or_else(|| kind.is_known_cluster_scoped(), |namespaced| !namespaced)
            });
            record.namespace = if is_cluster_scoped { None } else { record.namespace.or(default) };
        }
    }

    /// Whether kinds have namespaces, by the `CustomResourceDefinition`s among the objects.
    fn defined_scopes(&self) -> FxHashMap<(String, String), bool> {
        let text = |node: Node<'_>, path: &[&str]| node.at(path)?.as_str().map(str::to_owned);
        self.records
            .iter()
            .filter(|record| record.identity(&self.interner).kind == GroupKind::CUSTOM_RESOURCE_DEFINITION)
            .filter_map(|record| {
                let node = record.document.node(record.node);
                let kind = (text(node, &["spec", "group"])?, text(node, &["spec", "names", "kind"])?);
                Some((kind, text(node, &["spec", "scope"])? == "Namespaced"))
            })
            .collect()
    }
}

fn drop_duplicates(records: Vec<Record>, interner: &Interner, findings: &mut Vec<Diagnostic>) -> Vec<Record> {
    let mut kept: Vec<Record> = Vec::with_capacity(records.len());
    for record in records {
        let identity = record.identity(interner);
        // Without a name, or with only the beginning of one, nothing says that two objects are the same.
        let is_named = !identity.name.is_empty() && !identity.name.ends_with('*');
        match kept.last_mut() {
            Some(last) if is_named && last.identity(interner) == identity => {
                let (first, second) = (last.document.node(last.node), record.document.node(record.node));
                // A later step of a text changes what an earlier one made, and what is applied what a cluster has.
                let is_change = last.document.step() != record.document.step() || last.document.is_beneath();
                if record.document.is_beneath() && !last.document.is_beneath() {
                    continue;
                }
                if !is_change && first.to_json() != second.to_json() {
                    findings.push(
                        Diagnostic::new(
                            Code::DUPLICATE_OBJECT,
                            format!("`{identity}` is defined twice with different content"),
                        )
                        .at(naming_node(second).place(), "this one counts")
                        .with(naming_node(first).place(), "also defined here")
                        .note("the last definition counts, as when the documents are applied in this order"),
                    );
                }
                *last = record;
            }
            _ => kept.push(record),
        }
    }
    kept
}

fn stretches(records: &[Record]) -> Vec<Stretch> {
    let mut kinds: Vec<Stretch> = Vec::new();
    for (at, record) in (0..).zip(records) {
        match kinds.last_mut() {
            Some(last) if (last.group, last.kind) == (record.group, record.kind) => last.objects.end = at + 1,
            _ => kinds.push(Stretch {
                group: record.group,
                kind: record.kind,
                objects: at..at + 1,
                index: OnceLock::new(),
            }),
        }
    }
    kinds
}
