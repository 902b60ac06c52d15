//! Edits of a text that leave everything else as it is: comments, order, style.

use super::emit;
use super::tree::Node;
use crate::diagnostic::{Edit, Place, Span};

/// Puts a string in place of a scalar, quoted where it has to be. None where the node is no scalar that stands verbatim in one
/// line, is an alias, or must not be shown.
pub fn replace(node: Node<'_>, text: &str) -> Option<Edit> {
    let place = node.place();
    let written = place.file.text().get(place.span.range())?;
    let is_scalar = !node.is_mapping() && !node.is_sequence();
    if !is_scalar
        || written.is_empty()
        || written.contains('\n')
        || is_shared(node)
        || place.file.is_hidden(place.span)
    {
        return None;
    }
    Some(Edit { place, replacement: scalar(text) })
}

/// Gives an entry of a mapping another key. None where the key is absent or stands somewhere else.
pub fn rename(mapping: Node<'_>, key: &str, new: &str) -> Option<Edit> {
    let entry = mapping.entries().find(|entry| entry.key == key)?;
    let mapped = mapping.span();
    let is_own = mapped.start <= entry.key_span.start && entry.key_span.end <= mapped.end;
    if !is_own || is_shared(mapping) {
        return None;
    }
    let place = Place::new(mapping.document().file().clone(), entry.key_span);
    Some(Edit { place, replacement: scalar(new) })
}

/// Adds an entry to a mapping, after its last one. None where the mapping is empty, shared by aliases, or written in a way in
/// which no place for it is certain.
pub fn add_entry(mapping: Node<'_>, key: &str, value: &str) -> Option<Edit> {
    if is_shared(mapping) {
        return None;
    }
    let last = mapping.entries().last()?;
    let file = mapping.document().file();
    let text = file.text();
    let entry = format!("{}: {}", scalar(key), scalar(value));
    let span = mapping.span();
    if text.get(span.range())?.starts_with('{') {
        let end = last.value.span().end.max(last.key_span.end);
        return Some(Edit {
            place: Place::new(file.clone(), Span::new(end, end)),
            replacement: format!(", {entry}"),
        });
    }
    let start = last.key_span.start as usize;
    let line = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let indent = &text[line..start];
    if !indent.bytes().all(|byte| byte == b' ') || last.value.is_mapping() || last.value.is_sequence() {
        return None;
    }
    let value = last.value.span();
    let end = value.end.max(last.key_span.end) as usize;
    if text[start..end].contains('\n') {
        return None;
    }
    // After a comment at the end of the line.
    let end = text[end..].find('\n').map_or(text.len(), |newline| end + newline);
    let at = u32::try_from(end).ok()?;
    let place = Place::new(file.clone(), Span::new(at, at));
    Some(Edit { place, replacement: format!("\n{indent}{entry}") })
}

/// Adds an entry to a mapping, before its first one. None where no place for it is certain.
pub fn add_first_entry(mapping: Node<'_>, key: &str, value: &str) -> Option<Edit> {
    if is_shared(mapping) {
        return None;
    }
    let first = mapping.entries().next()?;
    let file = mapping.document().file();
    let text = file.text();
    let at = first.key_span.start;
    let place = Place::new(file.clone(), Span::new(at, at));
    let entry = format!("{}: {}", scalar(key), scalar(value));
    if text.get(mapping.span().range())?.starts_with('{') {
        return Some(Edit { place, replacement: format!("{entry}, ") });
    }
    let line = text[..at as usize].rfind('\n').map_or(0, |newline| newline + 1);
    // What stands before the first key is blanks, or the dashes of lists.
    let before = &text[line..at as usize];
    if !before.bytes().all(|byte| matches!(byte, b' ' | b'-')) {
        return None;
    }
    Some(Edit { place, replacement: format!("{entry}\n{}", " ".repeat(before.len())) })
}

/// A text with edits applied, which do not overlap.
pub fn apply(text: &str, edits: &[&Edit]) -> String {
    let mut sorted: Vec<&&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| edit.place.span);
    let mut result = String::with_capacity(text.len() + 64);
    let mut done = 0;
    for edit in sorted {
        let range = edit.place.span.range();
        if range.start < done || range.end > text.len() {
            continue;
        }
        result.push_str(&text[done..range.start]);
        result.push_str(&edit.replacement);
        done = range.end;
    }
    result.push_str(&text[done..]);
    result
}

/// A string as YAML reads it back.
fn scalar(text: &str) -> String {
    emit(&serde_json::Value::String(text.to_owned())).trim_end().to_owned()
}

/// Whether what the node stands for is written elsewhere: changing it would change other places too.
fn is_shared(node: Node<'_>) -> bool {
    node.span() != node.target_span()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::TextFile;
    use crate::source::read;

    fn edited(text: &str, edit: impl Fn(Node<'_>) -> Option<Edit>) -> Option<String> {
        let reading = read(Arc::new(TextFile::new("a.yaml", text)));
        edit(reading.documents[0].root()).map(|edit| apply(text, &[&edit]))
    }

    #[test]
    fn scalars_are_replaced_and_quoted() {
        let set = |text, value: &str| edited(text, |root| replace(root.get("a")?, value));
        assert_eq!(set("a: web # why\nb: 1\n", "api").as_deref(), Some("a: api # why\nb: 1\n"));
        assert_eq!(set("{a: \"web\"}", "8080").as_deref(), Some("{a: \"8080\"}"));
        assert_eq!(set("a: |\n  x\n", "y"), None);
        assert_eq!(set("b: &x web\na: *x\n", "y"), None);
    }

    #[test]
    fn entries_are_added_in_the_style_of_the_others() {
        let add = |text| edited(text, |root| add_entry(root.get("m")?, "k", "v"));
        assert_eq!(add("m:\n  a: 1 # one\nn: 2\n").as_deref(), Some("m:\n  a: 1 # one\n  k: v\nn: 2\n"));
        assert_eq!(add("m: {a: 1 }\n").as_deref(), Some("m: {a: 1, k: v }\n"));
        assert_eq!(add("m:\n  a: 1").as_deref(), Some("m:\n  a: 1\n  k: v"));
        let first = |text| edited(text, |root| add_first_entry(root.get("m")?.items().next()?, "k", "v"));
        assert_eq!(first("m:\n- a: 1\n").as_deref(), Some("m:\n- k: v\n  a: 1\n"));
        assert_eq!(first("m: [{a: 1}]\n").as_deref(), Some("m: [{k: v, a: 1}]\n"));
        assert_eq!(add("m: {}\n"), None);
        assert_eq!(add("m:\n  a:\n    b: 1\n"), None);
    }
}
