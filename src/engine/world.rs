//! The objects of an input, and what was noticed on the way to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, TextFile};
use crate::model::inventory::Inventory;
use crate::source::{self, Document, Reading};

/// One world: all objects that are thought to live together.
#[derive(Debug)]
pub struct World {
    documents: Vec<Arc<Document>>,
    inventory: Inventory,
    findings: Vec<Diagnostic>,
    namespace: Option<String>,
}

impl World {
    /// Reads one text under a name.
    pub fn of_text(name: &str, text: &str, namespace: Option<&str>) -> Self {
        Self::of(source::read(Arc::new(TextFile::new(name, text))), namespace)
    }

    /// What was read.
    pub fn of(reading: Reading, namespace: Option<&str>) -> Self {
        let documents = reading.documents.into_iter().map(Arc::new).collect();
        Self::build(documents, reading.findings, namespace.map(str::to_owned))
    }

    pub(super) fn build(
        documents: Vec<Arc<Document>>,
        mut findings: Vec<Diagnostic>,
        namespace: Option<String>,
    ) -> Self {
        let mut builder = Inventory::builder().default_namespace(namespace.as_deref());
        for document in &documents {
            builder.add(document);
        }
        let (inventory, noticed) = builder.build();
        findings.extend(noticed);
        Self { documents, inventory, findings, namespace }
    }

    /// The same world with more documents in it, as if they had been applied after the others. Its findings are about those.
    pub fn with(&self, documents: Vec<Document>) -> Self {
        let mut builder = self.inventory.extended().default_namespace(self.namespace.as_deref());
        let documents: Vec<Arc<Document>> = documents.into_iter().map(Arc::new).collect();
        for document in &documents {
            builder.add(document);
        }
        let (inventory, findings) = builder.build();
        let documents = self.documents.iter().cloned().chain(documents).collect();
        Self { documents, inventory, findings, namespace: self.namespace.clone() }
    }

    /// The same world with more objects in it, as if they had been applied after the others; `name` is where findings about them
    /// say they are.
    pub fn with_objects(&self, name: &str, objects: &[serde_json::Value]) -> Self {
        self.with(source::read(Arc::new(TextFile::new(name, source::emit_stream(objects)))).documents)
    }

    /// The same world, laid over what a cluster has (documents [beneath](Document::beneath) it). Its findings stay.
    pub fn over(&self, beneath: &[Arc<Document>]) -> Self {
        let mut builder = self.inventory.extended();
        for document in beneath {
            builder.add(document);
        }
        // Nobody wrote these: there is nothing to notice.
        let (inventory, _) = builder.build();
        let documents = beneath.iter().chain(&self.documents).cloned().collect();
        Self { documents, inventory, findings: self.findings.clone(), namespace: self.namespace.clone() }
    }

    /// The documents, in the order of the input.
    pub fn documents(&self) -> impl Iterator<Item = &Document> {
        self.documents.iter().map(|document| &**document)
    }

    /// The namespace of objects that name none.
    pub fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or("default")
    }

    /// The same world after some of its texts were changed, by their names. None where a document of such a text is not in the
    /// world as it is written, but as a kustomization made it: then nobody knows what the change would come to.
    pub(super) fn with_texts(&self, texts: BTreeMap<&str, (&str, String)>) -> Option<Self> {
        // Before and after; what is taken is gone.
        type Changed = (Vec<Document>, Vec<Option<Arc<Document>>>);
        let read = |name: &str, text: &str| source::read_bytes(name, text.as_bytes().to_vec()).documents;
        let mut changed: BTreeMap<&str, Changed> = BTreeMap::new();
        for (name, (before, after)) in texts {
            let after = read(name, &after).into_iter().map(|document| Some(Arc::new(document))).collect();
            changed.insert(name, (read(name, before), after));
        }
        let mut documents = Vec::with_capacity(self.documents.len());
        for document in &self.documents {
            let Some((before, after)) = changed.get_mut(document.file().name()) else {
                documents.push(Arc::clone(document));
                continue;
            };
            let place = (document.step(), document.index());
            let is_it = |other: &Document| (other.step(), other.index()) == place;
            let written = before.iter().find(|written| is_it(written))?;
            if written.root().to_json() != document.root().to_json() {
                return None;
            }
            let new = after.iter_mut().find(|new| new.as_ref().is_some_and(|new| is_it(new)))?;
            documents.extend(new.take());
        }
        Some(Self::build(documents, self.findings.clone(), self.namespace.clone()))
    }

    /// The objects.
    pub fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// What was noticed while reading.
    pub fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }
}
