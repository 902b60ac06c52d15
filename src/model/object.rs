//! Objects of an inventory: identity, labels, and where each was read.

use std::fmt;
use std::sync::Arc;

use super::intern::{Interner, Symbol};
use super::inventory::Inventory;
use super::kind::GroupKind;
use super::label::LabelSet;
use crate::diagnostic::{Place, Subject};
use crate::source::{Document, Node, NodeId};

/// An object's number in its [`Inventory`]. Numbers ascend by group, kind, namespace and name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub(super) u32);

impl ObjectId {
    /// For tables with one entry per object.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What makes an object the same object: two with one identity cannot be in one cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity<'a> {
    /// Group and kind.
    pub kind: GroupKind<'a>,
    /// Namespace; None when the kind has none, or the object names none and no default is known.
    pub namespace: Option<&'a str>,
    /// Name; empty when the object has none, `prefix*` when the API server will complete it.
    pub name: &'a str,
}

/// `Service kube-system/etcd`; the group is left out, as people do.
impl fmt::Display for Identity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.kind.kind)?;
        if let Some(namespace) = self.namespace {
            write!(f, "{namespace}/")?;
        }
        f.write_str(self.name)
    }
}

/// What the inventory keeps of an object.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) group: Symbol,
    pub(super) version: Symbol,
    pub(super) kind: Symbol,
    pub(super) namespace: Option<Symbol>,
    pub(super) name: Symbol,
    /// Ascending by the text of the key.
    pub(super) labels: Box<[(Symbol, Symbol)]>,
    pub(super) document: Arc<Document>,
    pub(super) node: NodeId,
}

impl Record {
    pub(super) fn identity<'i>(&self, interner: &'i Interner) -> Identity<'i> {
        Identity {
            kind: GroupKind::new(interner.text(self.group), interner.text(self.kind)),
            namespace: self.namespace.map(|namespace| interner.text(namespace)),
            name: interner.text(self.name),
        }
    }
}

/// An object of an inventory. A handle: copy it freely.
#[derive(Clone, Copy)]
pub struct Object<'i> {
    pub(super) inventory: &'i Inventory,
    pub(super) id: ObjectId,
}

impl<'i> Object<'i> {
    fn record(self) -> &'i Record {
        &self.inventory.records[self.id.index()]
    }

    fn text(self, symbol: Symbol) -> &'i str {
        self.inventory.interner.text(symbol)
    }

    /// Its number.
    pub fn id(self) -> ObjectId {
        self.id
    }

    /// What makes it the same object.
    pub fn identity(self) -> Identity<'i> {
        self.record().identity(&self.inventory.interner)
    }

    /// API group, empty for the core group.
    pub fn group(self) -> &'i str {
        self.text(self.record().group)
    }

    /// API version without the group: `v1`.
    pub fn version(self) -> &'i str {
        self.text(self.record().version)
    }

    /// Kind: `Service`.
    pub fn kind(self) -> &'i str {
        self.text(self.record().kind)
    }

    /// Group and kind.
    pub fn group_kind(self) -> GroupKind<'i> {
        GroupKind::new(self.group(), self.kind())
    }

    /// Namespace; None when the kind has none, or the object names none and no default is known.
    pub fn namespace(self) -> Option<&'i str> {
        self.record().namespace.map(|namespace| self.text(namespace))
    }

    /// Name; empty when the object has none, `prefix*` when the API server will complete a `generateName`.
    pub fn name(self) -> &'i str {
        self.text(self.record().name)
    }

    /// `metadata.labels`, without entries whose value is no string.
    pub fn labels(self) -> Labels<'i> {
        Labels { interner: &self.inventory.interner, pairs: &self.record().labels }
    }

    /// The value of an annotation.
    pub fn annotation(self, key: &str) -> Option<&'i str> {
        self.at(&["metadata", "annotations"])?.get(key)?.as_str()
    }

    /// The document it was read from, which may hold other objects too.
    pub fn document(self) -> &'i Arc<Document> {
        &self.record().document
    }

    /// Its mapping in that document: the root, or an item of a list.
    pub fn node(self) -> Node<'i> {
        let record = self.record();
        record.document.node(record.node)
    }

    /// The node below these keys.
    pub fn at(self, path: &[&str]) -> Option<Node<'i>> {
        self.node().at(path)
    }

    /// Where a field stands: the key of the deepest part of the path that is there, or the object as a whole.
    pub fn place_at(self, path: &[&str]) -> Place {
        let mut node = self.node();
        let mut found = self.place();
        for step in path {
            let Some(next) = node.at(&[step]) else { break };
            found = node.key_place(step).unwrap_or_else(|| next.place());
            node = next;
        }
        found
    }

    /// The object as findings name it.
    pub fn subject(self) -> Subject {
        let group = self.group();
        let slash = if group.is_empty() { "" } else { "/" };
        Subject {
            api_version: format!("{group}{slash}{}", self.version()),
            kind: self.kind().to_owned(),
            namespace: self.namespace().map(str::to_owned),
            name: self.name().to_owned(),
        }
    }

    /// Where to point when the object as a whole is meant: its name, or else its kind.
    pub fn place(self) -> Place {
        naming_node(self.node()).place()
    }
}

/// The node a person knows an object by.
pub(super) fn naming_node(object: Node<'_>) -> Node<'_> {
    object
        .at(&["metadata", "name"])
        .or_else(|| object.at(&["metadata", "generateName"]))
        .or_else(|| object.get("kind"))
        .unwrap_or(object)
}

/// Identity and place only: the content may be secret.
impl fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({} at {})", self.identity(), self.place())
    }
}

/// The labels of an object, ascending by key.
#[derive(Clone, Copy)]
pub struct Labels<'i> {
    interner: &'i Interner,
    pairs: &'i [(Symbol, Symbol)],
}

impl<'i> Labels<'i> {
    /// The value of a key.
    pub fn get(self, key: &str) -> Option<&'i str> {
        let key = self.interner.get(key)?;
        self.pairs.iter().find(|(k, _)| *k == key).map(|(_, value)| self.interner.text(*value))
    }

    /// Keys and values, ascending by key.
    pub fn iter(self) -> impl ExactSizeIterator<Item = (&'i str, &'i str)> {
        self.pairs.iter().map(|&(key, value)| (self.interner.text(key), self.interner.text(value)))
    }
}

impl LabelSet for Labels<'_> {
    fn label(&self, key: &str) -> Option<&str> {
        self.get(key)
    }
}

impl fmt::Debug for Labels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
