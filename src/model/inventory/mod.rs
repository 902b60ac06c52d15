//! Every object once, found by identity, by kind and namespace, or by label selector.
//!
//! Objects are kept sorted by group, kind, namespace and name. So a kind is one stretch of them, a namespace of a
//! kind a stretch of that, an identity is found by bisection, and everything that walks the inventory walks it in one
//! order however the input was ordered. Labels, names and namespaces are interned; the label index of a kind is built
//! when the first selector asks for it.
//!
//! ```
//! use std::sync::Arc;
//! use promwire::diagnostic::TextFile;
//! use promwire::model::{inventory::Inventory, kind::GroupKind, label_index::Namespaces, selector::Selector};
//!
//! let text = "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop, labels: {app: web}}}";
//! let reading = promwire::source::read(Arc::new(TextFile::new("web.yaml", text)));
//! let (inventory, findings) = Inventory::builder().documents(reading.documents).build();
//! assert!(findings.is_empty());
//!
//! let selector = Selector::from_map(&[("app".to_owned(), "web".to_owned())].into()).unwrap();
//! let selected = inventory.select(GroupKind::SERVICE, &selector, Namespaces::Only(&[Some("shop")]));
//! assert_eq!(inventory.object(selected[0]).identity().to_string(), "Service shop/web");
//! ```

mod build;
mod extract;

use std::ops::Range;
use std::sync::{Arc, OnceLock};

pub use build::InventoryBuilder;

use super::intern::{Interner, Symbol};
use super::kind::GroupKind;
use super::label_index::{LabelIndex, Namespaces};
use super::object::{Identity, Object, ObjectId, Record};
use super::selector::Selector;

/// The objects of one world. See the module for how it is laid out.
#[derive(Debug)]
pub struct Inventory {
    pub(super) interner: Arc<Interner>,
    /// Ascending by identity.
    pub(super) records: Vec<Record>,
    /// Ascending by group and kind.
    kinds: Vec<Stretch>,
}

/// The objects of one kind.
#[derive(Debug)]
struct Stretch {
    group: Symbol,
    kind: Symbol,
    objects: Range<u32>,
    index: OnceLock<LabelIndex>,
}

impl Inventory {
    /// Collects documents: `Inventory::builder().documents(..).build()`.
    pub fn builder() -> InventoryBuilder {
        InventoryBuilder::default()
    }

    /// Collects documents to what is here already: what it takes to read objects is not spent again.
    pub fn extended(&self) -> InventoryBuilder {
        InventoryBuilder::of(self)
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The object with this number, which must come from this inventory.
    pub fn object(&self, id: ObjectId) -> Object<'_> {
        Object { inventory: self, id }
    }

    /// All objects, ascending by identity.
    pub fn objects(&self) -> impl ExactSizeIterator<Item = Object<'_>> + DoubleEndedIterator {
        self.stretch(0..u32::try_from(self.records.len()).expect("the builder counts objects in u32"))
    }

    /// The kinds that have objects, ascending.
    pub fn kinds(&self) -> impl ExactSizeIterator<Item = GroupKind<'_>> {
        self.kinds.iter().map(|kind| self.group_kind(kind))
    }

    /// The objects of a kind, ascending by namespace and name.
    pub fn of_kind(
        &self,
        kind: GroupKind<'_>,
    ) -> impl ExactSizeIterator<Item = Object<'_>> + DoubleEndedIterator {
        self.stretch(self.find_kind(kind).map_or(0..0, |stretch| stretch.objects.clone()))
    }

    /// The objects of a kind in a namespace, ascending by name. `None` finds those that name no namespace.
    pub fn in_namespace(
        &self,
        kind: GroupKind<'_>,
        namespace: Option<&str>,
    ) -> impl ExactSizeIterator<Item = Object<'_>> + DoubleEndedIterator {
        let all = self.find_kind(kind).map_or(0..0, |stretch| stretch.objects.clone());
        let before = self.bisect(all.clone(), |found| found.namespace < namespace);
        let through = self.bisect(before..all.end, |found| found.namespace <= namespace);
        self.stretch(before..through)
    }

    /// The object with this identity. Of several that lack a name or only begin one, the first.
    pub fn get(&self, kind: GroupKind<'_>, namespace: Option<&str>, name: &str) -> Option<Object<'_>> {
        let all = self.find_kind(kind)?.objects.clone();
        let wanted = (namespace, name);
        let at = self.bisect(all.clone(), |found| (found.namespace, found.name) < wanted);
        let object = self.stretch(at..all.end).next()?;
        ((object.namespace(), object.name()) == wanted).then_some(object)
    }

    /// The objects of a kind in these namespaces whose labels meet the selector, ascending by namespace and name.
    pub fn select(
        &self,
        kind: GroupKind<'_>,
        selector: &Selector,
        namespaces: Namespaces<'_>,
    ) -> Vec<ObjectId> {
        let Some(stretch) = self.find_kind(kind) else {
            return Vec::new();
        };
        let selected = self.index_of(stretch).select(selector, namespaces);
        selected.into_iter().map(|item| ObjectId(stretch.objects.start + item)).collect()
    }

    /// The label index of a kind; its items are the objects of [`Self::of_kind`] in that order.
    pub fn label_index(&self, kind: GroupKind<'_>) -> Option<&LabelIndex> {
        self.find_kind(kind).map(|stretch| self.index_of(stretch))
    }

    fn index_of<'i>(&'i self, stretch: &'i Stretch) -> &'i LabelIndex {
        stretch.index.get_or_init(|| {
            let range = stretch.objects.start as usize..stretch.objects.end as usize;
            let labels = self.records[range].iter().map(|record| (record.namespace, &*record.labels));
            LabelIndex::from_symbols(Arc::clone(&self.interner), labels)
        })
    }

    fn group_kind(&self, stretch: &Stretch) -> GroupKind<'_> {
        GroupKind::new(self.interner.text(stretch.group), self.interner.text(stretch.kind))
    }

    fn find_kind(&self, kind: GroupKind<'_>) -> Option<&Stretch> {
        let at = self.kinds.binary_search_by(|stretch| self.group_kind(stretch).cmp(&kind)).ok()?;
        Some(&self.kinds[at])
    }

    fn stretch(&self, ids: Range<u32>) -> impl ExactSizeIterator<Item = Object<'_>> + DoubleEndedIterator {
        ids.map(|id| self.object(ObjectId(id)))
    }

    /// The first object of the range that is not before what is looked for.
    fn bisect(&self, range: Range<u32>, before: impl Fn(Identity<'_>) -> bool) -> u32 {
        let records = &self.records[range.start as usize..range.end as usize];
        let below = records.partition_point(|record| before(record.identity(&self.interner)));
        range.start + u32::try_from(below).expect("below the end of a u32 range")
    }
}

#[cfg(test)]
mod tests;
