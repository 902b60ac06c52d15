//! Words that findings of this room share.

use crate::diagnostic::{Code, Diagnostic, Fix, Place, Span};
use crate::source::{Node, Value, edit};

/// `` `what` has to be a string, found …``: with the value as it is written, and how to write it instead.
///
/// A value that must not be quoted is only said to be of its type.
pub(super) fn wrong_type(what: &str, expected: &str, found: Node<'_>) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::WRONG_TYPE,
        format!("{what} has to be {expected}, found {}", found_value(found)),
    )
    .at(found.place(), format!("expected {expected}"));
    if expected == "a string" && is_plain_scalar(found) && !is_hidden(found) {
        diagnostic.help(format!("quote it: `\"{}\"`", as_written(found))).fix(quoted(found))
    } else {
        diagnostic
    }
}

/// Puts the quotes around a boolean that it lacks to be the string it has to be: what is written is kept.
pub(super) fn quoted(node: Node<'_>) -> Option<Fix> {
    let edit = edit::quote(node).filter(|_| matches!(node.value(), Value::Bool(_)))?;
    Some(Fix { description: format!("write `{}`", edit.replacement), edits: vec![edit] })
}

/// `the boolean true`, `the number 8080`, `a list`.
pub(super) fn found_value(node: Node<'_>) -> String {
    if is_hidden(node) {
        return node.kind_name().to_owned();
    }
    match node.value() {
        Value::Bool(value) if as_written(node) == if value { "true" } else { "false" } => {
            format!("the boolean `{value}`")
        }
        Value::Bool(value) => format!("the boolean {value} (written `{}`)", as_written(node)),
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => format!("the number `{}`", as_written(node)),
        Value::String(text) if text.chars().count() <= 40 => format!("the string {text:?}"),
        _ => node.kind_name().to_owned(),
    }
}

/// Whether anything of a node must not be quoted.
pub(super) fn is_hidden(node: Node<'_>) -> bool {
    node.document().file().is_hidden(node.span()) || node.document().file().is_hidden(node.target_span())
}

/// A boolean or number: something that quotes would turn into a string.
pub(super) fn is_plain_scalar(node: Node<'_>) -> bool {
    matches!(node.value(), Value::Bool(_) | Value::Int(_) | Value::Uint(_) | Value::Float(_))
}

/// The bytes a node stands at.
pub(super) fn as_written(node: Node<'_>) -> &str {
    node.document().file().text().get(node.span().range()).unwrap_or("")
}

/// The first line of a node: where to point when something is missing from it.
pub(super) fn head(node: Node<'_>) -> Place {
    let mut place = node.place();
    let text = place.file.text().get(place.span.range()).unwrap_or("");
    let line = text.lines().next().unwrap_or("").len();
    let end = place.span.start + u32::try_from(line).expect("a line of a text below 4 GiB");
    place.span = Span::new(place.span.start, end);
    place
}
