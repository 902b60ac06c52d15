//! What of a text is secret and must never be quoted.

use super::tree::{Document, Kind, Node, NodeId};
use crate::diagnostic::Span;

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Adds the secret stretches of a document: `data`, `stringData` and the last-applied annotation of every mapping
/// that says `kind: Secret`. Where text was `lost` on the way to the tree, a document with a Secret is hidden whole.
pub(super) fn hide(document: &Document, lost: bool, hidden: &mut Vec<Span>) {
    if memchr::memmem::find(document.file.text()[document.span.range()].as_bytes(), b"Secret").is_none() {
        // An escaped or folded spelling stands among the stored strings.
        if !document.tree.strings.contains("Secret") {
            return;
        }
    }
    let mut found = false;
    for id in 0..document.tree.nodes.len() {
        if document.tree.nodes[id].kind != Kind::Mapping {
            continue;
        }
        let node = document.node(NodeId(u32::try_from(id).unwrap_or(0)));
        if node.get("kind").and_then(Node::as_str) != Some("Secret") {
            continue;
        }
        found = true;
        for key in ["data", "stringData"] {
            if let Some(value) = node.get(key) {
                hide_node(value, hidden);
            }
        }
        if let Some(value) = node.at(&["metadata", "annotations", LAST_APPLIED]) {
            hide_node(value, hidden);
        }
    }
    if found && lost {
        hidden.push(document.span);
    }
}

/// Hides a node, and what the aliases and merges in it stand for.
fn hide_node(node: Node<'_>, hidden: &mut Vec<Span>) {
    hidden.push(node.span());
    if node.slot().span != node.span() {
        hidden.push(node.slot().span);
    }
    for entry in node.entries() {
        // Only values from elsewhere: the others are inside.
        let value = entry.value.slot().span;
        if !contains(node.span(), value) {
            hidden.push(value);
        }
    }
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Hides a document that could not be read, if it may hold a Secret.
pub(super) fn hide_unreadable(text: &str, span: Span, hidden: &mut Vec<Span>) {
    if memchr::memmem::find(text[span.range()].as_bytes(), b"Secret").is_some() {
        hidden.push(span);
    }
}
