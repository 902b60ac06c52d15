//! JSON values to trees, for objects that have no text.

use std::sync::Arc;

use serde_json::Value;

use super::scalar::{Scalar, as_json_number};
use super::tree::{Document, Kind, NodeId, Pair, Slot, Text, Tree};
use crate::diagnostic::{Span, TextFile};

/// A document of a value that stands in no text, such as an object of a cluster. All its places are the empty text of
/// this name.
pub fn document_from_json(name: impl Into<String>, value: &Value) -> Document {
    let file = Arc::new(TextFile::new(name, ""));
    let mut tree = Tree::default();
    tree.root = add(&mut tree, value);
    Document { file, index: 0, step: 0, span: Span::default(), is_beneath: false, tree, comments: Vec::new() }
}

fn add(tree: &mut Tree, value: &Value) -> NodeId {
    let span = Span::default();
    let slot = match value {
        Value::Null => Scalar::Null.slot(span),
        Value::Bool(value) => Scalar::Bool(*value).slot(span),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(value), ..) => Scalar::Int(value),
            (None, Some(value), _) => Scalar::Uint(value),
            (None, None, value) => as_json_number(value.unwrap_or_default()),
        }
        .slot(span),
        Value::String(text) => {
            let text = store(tree, text);
            Slot { kind: Kind::Stored, span, a: text.start, b: text.end }
        }
        Value::Array(items) => {
            let items: Vec<NodeId> = items.iter().map(|item| add(tree, item)).collect();
            let from = offset(tree.links.len());
            tree.links.extend(items);
            Slot { kind: Kind::Sequence, span, a: from, b: offset(tree.links.len()) }
        }
        Value::Object(entries) => {
            let pairs: Vec<Pair> = entries
                .iter()
                .map(|(key, value)| {
                    let key = store(tree, key);
                    Pair { key, key_span: Span::default(), value: add(tree, value), unsupported: false }
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

fn store(tree: &mut Tree, text: &str) -> Text {
    let start = offset(tree.strings.len());
    tree.strings.push_str(text);
    Text { start, end: offset(tree.strings.len()), stored: true }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
