//! Objects that are changed after reading, and still know where they came from.

use std::sync::Arc;

use super::scalar::Scalar;
use super::tree::{Document, Kind, Node, NodeId, Pair, Slot, Text, Tree, Value};
use crate::diagnostic::Span;

/// A value that can be changed. What is put into it later stands where it was put.
#[derive(Clone, PartialEq)]
pub struct Draft {
    /// What it holds.
    pub value: DraftValue,
    span: Span,
}

/// What a [`Draft`] holds.
#[derive(Clone, PartialEq)]
pub enum DraftValue {
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number above [`i64::MAX`].
    Uint(u64),
    /// Any other number.
    Float(f64),
    /// A string.
    String(String),
    /// Items.
    Sequence(Vec<Draft>),
    /// Entries, in their order.
    Mapping(Vec<DraftEntry>),
}

/// An entry of a mapping.
#[derive(Clone, PartialEq)]
pub struct DraftEntry {
    /// The key.
    pub key: String,
    key_span: Span,
    /// The value.
    pub value: Draft,
}

impl Draft {
    /// A node and all below it; aliases become what they stand for.
    pub fn of(node: Node<'_>) -> Self {
        let value = match node.value() {
            Value::Null => DraftValue::Null,
            Value::Bool(value) => DraftValue::Bool(value),
            Value::Int(value) => DraftValue::Int(value),
            Value::Uint(value) => DraftValue::Uint(value),
            Value::Float(value) => DraftValue::Float(value),
            Value::String(text) => DraftValue::String(text.to_owned()),
            Value::Sequence(items) => DraftValue::Sequence(items.map(Self::of).collect()),
            Value::Mapping(entries) => DraftValue::Mapping(
                entries
                    .map(|entry| DraftEntry {
                        key: entry.key.to_owned(),
                        key_span: entry.key_span,
                        value: Self::of(entry.value),
                    })
                    .collect(),
            ),
        };
        Self { value, span: node.span() }
    }

    /// A string that stands nowhere yet.
    pub fn text(text: impl Into<String>) -> Self {
        Self { value: DraftValue::String(text.into()), span: Span::default() }
    }

    /// A null that stands nowhere yet.
    pub fn null() -> Self {
        Self { value: DraftValue::Null, span: Span::default() }
    }

    /// A whole number that stands nowhere yet.
    pub fn number(number: i64) -> Self {
        Self { value: DraftValue::Int(number), span: Span::default() }
    }

    /// Items that stand nowhere yet.
    pub fn sequence(items: Vec<Self>) -> Self {
        Self { value: DraftValue::Sequence(items), span: Span::default() }
    }

    /// A mapping without entries.
    pub fn mapping() -> Self {
        Self { value: DraftValue::Mapping(Vec::new()), span: Span::default() }
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            DraftValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a sequence.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            DraftValue::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The items of a sequence, to change.
    pub fn items_mut(&mut self) -> Option<&mut Vec<Self>> {
        match &mut self.value {
            DraftValue::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a mapping.
    pub fn entries(&self) -> &[DraftEntry] {
        match &self.value {
            DraftValue::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The value of a key, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        match &mut self.value {
            DraftValue::Mapping(entries) => {
                entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.value)
            }
            _ => None,
        }
    }

    /// The value below these keys.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |draft, key| draft.get(key))
    }

    /// The value below these keys, to change.
    pub fn at_mut(&mut self, path: &[&str]) -> Option<&mut Self> {
        path.iter().try_fold(self, |draft, key| draft.get_mut(key))
    }

    /// The mapping below these keys; what is not there, or is null, is made. None where something else is in the way.
    pub fn mapping_at(&mut self, path: &[&str]) -> Option<&mut Self> {
        let Some((first, rest)) = path.split_first() else {
            return matches!(self.value, DraftValue::Mapping(_)).then_some(self);
        };
        if self.get(first).is_none_or(|value| value.value == DraftValue::Null) {
            self.set(first, Self::mapping());
        }
        self.get_mut(first)?.mapping_at(rest)
    }

    /// Sets the value of a key. It stands where the value before stood, or where the mapping begins.
    pub fn set(&mut self, key: &str, value: Self) {
        let span = self.span;
        let DraftValue::Mapping(entries) = &mut self.value else { return };
        if let Some(entry) = entries.iter_mut().find(|entry| entry.key == key) {
            let span = entry.value.span;
            entry.value = value.moved(span);
        } else {
            let here = Span::new(span.start, span.start);
            entries.push(DraftEntry { key: key.to_owned(), key_span: here, value: value.moved(here) });
        }
    }

    /// Removes a key.
    pub fn remove(&mut self, key: &str) {
        if let DraftValue::Mapping(entries) = &mut self.value {
            entries.retain(|entry| entry.key != key);
        }
    }

    /// Adds an item, which stands where the sequence begins.
    pub fn insert(&mut self, index: usize, item: Self) {
        let here = Span::new(self.span.start, self.span.start);
        if let Some(items) = self.items_mut().filter(|items| index <= items.len()) {
            items.insert(index, item.moved(here));
        }
    }

    /// Puts another value in place of this one.
    pub fn replace(&mut self, value: Self) {
        let span = self.span;
        *self = value.moved(span);
    }

    /// The value with all of its places at one stretch: what comes from elsewhere has none in this text.
    fn moved(mut self, span: Span) -> Self {
        self.span = span;
        match &mut self.value {
            DraftValue::Sequence(items) => {
                for item in items {
                    *item = std::mem::replace(item, Self::mapping()).moved(span);
                }
            }
            DraftValue::Mapping(entries) => {
                for entry in entries {
                    entry.key_span = span;
                    entry.value = std::mem::replace(&mut entry.value, Self::mapping()).moved(span);
                }
            }
            _ => {}
        }
        self
    }

    /// As a document of the same text as another.
    pub fn into_document(self, like: &Document) -> Document {
        let mut tree = Tree::default();
        tree.root = self.add(&mut tree);
        Document {
            file: Arc::clone(&like.file),
            index: like.index,
            step: like.step,
            span: like.span,
            is_beneath: like.is_beneath,
            tree,
            comments: Vec::new(),
        }
    }

    fn add(self, tree: &mut Tree) -> NodeId {
        let span = self.span;
        let slot = match self.value {
            DraftValue::Null => Scalar::Null.slot(span),
            DraftValue::Bool(value) => Scalar::Bool(value).slot(span),
            DraftValue::Int(value) => Scalar::Int(value).slot(span),
            DraftValue::Uint(value) => Scalar::Uint(value).slot(span),
            DraftValue::Float(value) => Scalar::Float(value).slot(span),
            DraftValue::String(text) => {
                let text = store(tree, &text);
                Slot { kind: Kind::Stored, span, a: text.start, b: text.end }
            }
            DraftValue::Sequence(items) => {
                let items: Vec<NodeId> = items.into_iter().map(|item| item.add(tree)).collect();
                let from = offset(tree.links.len());
                tree.links.extend(items);
                Slot { kind: Kind::Sequence, span, a: from, b: offset(tree.links.len()) }
            }
            DraftValue::Mapping(entries) => {
                let pairs: Vec<Pair> = entries
                    .into_iter()
                    .map(|entry| Pair {
                        key: store(tree, &entry.key),
                        key_span: entry.key_span,
                        value: entry.value.add(tree),
                        unsupported: false,
                    })
                    .collect();
                let from = offset(tree.pairs.len());
                tree.pairs.extend(pairs);
                Slot { kind: Kind::Mapping, span, a: from, b: offset(tree.pairs.len()) }
            }
        };
        tree.nodes.push(slot);
        NodeId(offset(tree.nodes.len() - 1))
    }
}

fn store(tree: &mut Tree, text: &str) -> Text {
    let start = offset(tree.strings.len());
    tree.strings.push_str(text);
    Text { start, end: offset(tree.strings.len()), stored: true }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::TextFile;

    #[test]
    fn what_is_changed_keeps_its_places() {
        let text = "metadata:\n  name: web\n  labels: {app: web}\nitems: [a, b]\n";
        let reading = crate::source::read(Arc::new(TextFile::new("a.yaml", text)));
        let document = &reading.documents[0];
        let mut draft = Draft::of(document.root());
        draft.mapping_at(&["metadata"]).expect("it is there").set("name", Draft::text("prod-web"));
        draft.mapping_at(&["metadata", "labels"]).expect("it is there").set("env", Draft::text("prod"));
        draft.get_mut("items").expect("it is there").insert(0, Draft::text("z"));
        let changed = draft.into_document(document);
        assert_eq!(
            changed.root().to_json().to_string(),
            r#"{"items":["z","a","b"],"metadata":{"labels":{"app":"web","env":"prod"},"name":"prod-web"}}"#
        );
        let place = |path: &[&str]| changed.root().at(path).expect("it is there").place().to_string();
        assert_eq!(place(&["metadata", "name"]), "a.yaml:2:9");
        assert_eq!(place(&["metadata", "labels", "app"]), "a.yaml:3:17");
        assert_eq!(place(&["metadata", "labels", "env"]), "a.yaml:3:11");
    }
}
