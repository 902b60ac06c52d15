//! Edits of a text that leave everything else as it is: comments, order, style.

use serde_json::Value;

use super::emit;
use super::tree::{Entry, Node};
use crate::diagnostic::{Edit, Place, Span};

/// Puts a string in place of a scalar, in the quotes of the old one or quoted where it has to be. None where the node is no scalar
/// that stands verbatim in one line, is an alias, or must not be shown.
pub fn replace(node: Node<'_>, text: &str) -> Option<Edit> {
    let place = own_scalar(node)?;
    let written = &place.file.text()[place.span.range()];
    let replacement = scalar(text, written);
    Some(Edit { place, replacement })
}

/// Puts a scalar that is no string into quotes, so that it is one. None where [`replace`] has none, and for what has quotes.
pub fn quote(node: Node<'_>) -> Option<Edit> {
    let place = own_scalar(node)?;
    let written = &place.file.text()[place.span.range()];
    let is_plain =
        written.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+' | b'_'));
    let replacement = is_plain.then(|| format!("\"{written}\""))?;
    Some(Edit { place, replacement })
}

/// The place of a scalar that stands verbatim in one line, and is written for this node alone.
fn own_scalar(node: Node<'_>) -> Option<Place> {
    let place = node.place();
    let written = place.file.text().get(place.span.range())?;
    let is_scalar = !node.is_mapping() && !node.is_sequence();
    // A tag or an anchor before it is no part of the span.
    let before = place.file.text()[..place.span.start as usize].trim_end_matches([' ', '\t']);
    let word = before.rsplit([' ', '\t', '\n', '[', '{', ',']).next();
    let is_scalar = is_scalar && !word.is_some_and(|word| word.starts_with(['!', '&']));
    let is_own = is_scalar && !written.is_empty() && !written.contains('\n') && !is_shared(node);
    (is_own && !place.file.is_hidden(place.span)).then_some(place)
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
    let replacement = scalar(new, place.file.text().get(place.span.range())?);
    Some(Edit { place, replacement })
}

/// Adds an entry to a mapping, after its last one. None where the mapping is empty, shared by aliases, or written in a way in
/// which no place for it is certain.
pub fn add_entry(mapping: Node<'_>, key: &str, value: &str) -> Option<Edit> {
    let last = mapping.entries().last()?;
    add_after(mapping, &last, key, &Value::String(value.to_owned()))
}

/// Adds an entry with any value behind the one with this key. None where there is none, or no place for it is certain.
pub fn add_behind(mapping: Node<'_>, behind: &str, key: &str, value: &Value) -> Option<Edit> {
    let entry = mapping.entries().find(|entry| entry.key == behind)?;
    add_after(mapping, &entry, key, value)
}

fn add_after(mapping: Node<'_>, last: &Entry<'_>, key: &str, value: &Value) -> Option<Edit> {
    let layout = Layout::of(mapping, last)?;
    let file = mapping.document().file();
    let text = file.text();
    let value_span = last.value.span();
    let end = value_span.end.max(last.key_span.end) as usize;
    let own = mapping.span();
    if !(own.start as usize..=own.end as usize).contains(&end) {
        return None;
    }
    let (at, replacement) = match layout {
        Layout::Flow { separator, is_json } => {
            (end, format!(",{separator}{}", flow_entry(key, value, is_json)))
        }
        Layout::Block { indent } => {
            if last.value.is_mapping() || last.value.is_sequence() {
                return None;
            }
            if text[last.key_span.start as usize..end].contains('\n') {
                return None;
            }
            // After a comment at the end of the line.
            let line_end = text[end..].find('\n').map_or(text.len(), |newline| end + newline);
            let (at, feed) = match text[..line_end].strip_suffix('\r') {
                Some(before) if line_end < text.len() => (before.len(), "\r\n"),
                _ => (line_end, feed(text, end)),
            };
            (at, format!("{feed}{indent}{}", block_entry(key, value, &indent, feed)))
        }
    };
    let at = u32::try_from(at).ok()?;
    Some(Edit { place: Place::new(file.clone(), Span::new(at, at)), replacement })
}

/// Adds an entry to a mapping, before its first one. None where no place for it is certain.
pub fn add_first_entry(mapping: Node<'_>, key: &str, value: &Value) -> Option<Edit> {
    let first = mapping.entries().next()?;
    let layout = Layout::of(mapping, &first)?;
    let file = mapping.document().file();
    let at = first.key_span.start;
    let place = Place::new(file.clone(), Span::new(at, at));
    let replacement = match layout {
        Layout::Flow { separator, is_json } => format!("{},{separator}", flow_entry(key, value, is_json)),
        Layout::Block { indent } => {
            let feed = feed(file.text(), at as usize);
            format!("{}{feed}{indent}", block_entry(key, value, &indent, feed))
        }
    };
    Some(Edit { place, replacement })
}

/// How a mapping is written around one of its entries.
enum Layout {
    /// In braces: what stands between entries, and whether they are JSON.
    Flow { separator: String, is_json: bool },
    /// In lines: the blanks before its keys.
    Block { indent: String },
}

impl Layout {
    fn of(mapping: Node<'_>, entry: &Entry<'_>) -> Option<Self> {
        if is_shared(mapping) {
            return None;
        }
        let text = mapping.document().file().text();
        let start = entry.key_span.start as usize;
        if !mapping.span().range().contains(&start) {
            return None;
        }
        let line = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let before = &text[line..start];
        if text.get(mapping.span().range())?.starts_with('{') {
            let is_json = text[start..].starts_with('"');
            let is_own_line = before.bytes().all(|byte| matches!(byte, b' ' | b'\t'));
            let separator =
                if is_own_line { format!("{}{before}", feed(text, start)) } else { " ".to_owned() };
            return Some(Self::Flow { separator, is_json });
        }
        if !before.bytes().all(|byte| matches!(byte, b' ' | b'-')) {
            return None;
        }
        Some(Self::Block { indent: " ".repeat(before.len()) })
    }
}

/// The line break of the line a byte is on, or of the line before where that is the last.
fn feed(text: &str, at: usize) -> &'static str {
    let next = text[at..].find('\n').map(|newline| at + newline).or_else(|| text[..at].rfind('\n'));
    if next.is_some_and(|newline| text[..newline].ends_with('\r')) { "\r\n" } else { "\n" }
}

fn block_entry(key: &str, value: &Value, indent: &str, feed: &str) -> String {
    let emitted = emit(&serde_json::json!({key: value}));
    emitted.trim_end().replace('\n', &format!("{feed}{indent}"))
}

fn flow_entry(key: &str, value: &Value, is_json: bool) -> String {
    let like = if is_json { "\"" } else { "" };
    format!("{}: {}", scalar(key, like), flow(value, like))
}

/// A value in one line.
fn flow(value: &Value, like: &str) -> String {
    match value {
        Value::Object(entries) => {
            let entries =
                entries.iter().map(|(key, value)| format!("{}: {}", scalar(key, like), flow(value, like)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(|item| flow(item, like)).collect::<Vec<_>>().join(", "))
        }
        Value::String(text) => scalar(text, like),
        other => other.to_string(),
    }
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

/// A string as YAML reads it back, in the quotes of another text.
fn scalar(text: &str, like: &str) -> String {
    let string = Value::String(text.to_owned());
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._/ ".contains(&byte));
    match like.as_bytes().first() {
        // JSON's quotes and escapes are YAML's, too.
        Some(b'"') => string.to_string(),
        Some(b'\'') if is_plain => format!("'{text}'"),
        _ => emit(&string).trim_end().to_owned(),
    }
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
        assert_eq!(set("a: web\n", "8080").as_deref(), Some("a: \"8080\"\n"));
        assert_eq!(set("{a: \"web\"}", "api").as_deref(), Some("{a: \"api\"}"), "JSON stays JSON");
        assert_eq!(set("a: 'web'\n", "api").as_deref(), Some("a: 'api'\n"));
        assert_eq!(set("a: |\n  x\n", "y"), None);
        assert_eq!(set("b: &x web\na: *x\n", "y"), None);
        let quoted = |text| edited(text, |root| quote(root.get("a")?));
        assert_eq!(quoted("a: yes # so\n").as_deref(), Some("a: \"yes\" # so\n"));
        assert_eq!(quoted("a: !!bool yes\n"), None);
    }

    #[test]
    fn entries_are_added_in_the_style_of_the_others() {
        let add = |text| edited(text, |root| add_entry(root.get("m")?, "k", "v"));
        assert_eq!(add("m:\n  a: 1 # one\nn: 2\n").as_deref(), Some("m:\n  a: 1 # one\n  k: v\nn: 2\n"));
        assert_eq!(add("m:\r\n  a: 1 # one\r\n").as_deref(), Some("m:\r\n  a: 1 # one\r\n  k: v\r\n"));
        assert_eq!(add("m:\r\n  a: 1").as_deref(), Some("m:\r\n  a: 1\r\n  k: v"));
        assert_eq!(add("m: {a: 1 }\n").as_deref(), Some("m: {a: 1, k: v }\n"));
        assert_eq!(add("{\"m\": {\"a\": 1}}").as_deref(), Some("{\"m\": {\"a\": 1, \"k\": \"v\"}}"));
        assert_eq!(
            add("{\"m\": {\n  \"a\": 1\n}}").as_deref(),
            Some("{\"m\": {\n  \"a\": 1,\n  \"k\": \"v\"\n}}")
        );
        assert_eq!(add("m:\n  a: 1").as_deref(), Some("m:\n  a: 1\n  k: v"));
        assert_eq!(add("m: {}\n"), None);
        assert_eq!(add("m:\n  a:\n    b: 1\n"), None);
    }

    #[test]
    fn entries_with_any_value_are_added_before_or_behind_others() {
        let value = serde_json::json!({"x": ["y"]});
        let first = |text| edited(text, |root| add_first_entry(root.get("m")?.items().next()?, "k", &value));
        assert_eq!(first("m:\n- a: 1\n").as_deref(), Some("m:\n- k:\n    x:\n    - \"y\"\n  a: 1\n"));
        assert_eq!(first("m: [{a: 1}]\n").as_deref(), Some("m: [{k: {x: [\"y\"]}, a: 1}]\n"));
        let behind = |text| edited(text, |root| add_behind(root.get("m")?, "a", "k", &value));
        assert_eq!(
            behind("m:\r\n  a: 1 # one\r\n  b:\r\n    c: 2\r\n").as_deref(),
            Some("m:\r\n  a: 1 # one\r\n  k:\r\n    x:\r\n    - \"y\"\r\n  b:\r\n    c: 2\r\n")
        );
        assert_eq!(behind("m: {a: 1, b: 2}").as_deref(), Some("m: {a: 1, k: {x: [\"y\"]}, b: 2}"));
        assert_eq!(behind("m:\n  b: 1\n"), None);
    }
}
