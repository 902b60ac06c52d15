//! What must hold for every input: called by the fuzz targets in `fuzz/` and by `tests/fuzz_replay.rs`.
//!
//! Each function takes any bytes and panics where a promise of this room is broken.

use serde_json::Value;

use super::{Node, Reading, emit, read_bytes};
use crate::diagnostic::Span;

/// Reads the bytes and checks what was read: places are in the text and at characters, collections contain what is in
/// them, and what is emitted of a document reads back the same.
pub fn read(bytes: &[u8]) {
    let Reading { documents, findings } = read_bytes("fuzz", bytes.to_vec());
    for finding in &findings {
        for annotation in finding.place.iter().chain(&finding.related) {
            check_span(annotation.place.file.text(), annotation.place.span);
        }
    }
    for document in &documents {
        let text = document.file().text();
        check_span(text, document.span());
        for comment in document.comments() {
            check_span(text, comment.span);
            assert!(text[comment.span.range()].starts_with('#'), "a comment begins with #");
        }
        for hidden in document.file().hidden() {
            check_span(text, *hidden);
        }
        // Aliases and merges show what stands elsewhere.
        let own = &text[document.span().range()];
        check_node(text, document.root(), own.contains('*') || own.contains("<<"));
        let value = document.root().to_json();
        check_emitted(&value);
    }
}

/// Reads the bytes as Markdown: every place is in the text, and what is read is one object a document.
pub fn markdown(bytes: &[u8]) {
    let Reading { documents, findings } = read_bytes("fuzz.md", bytes.to_vec());
    for finding in &findings {
        for annotation in finding.place.iter().chain(&finding.related) {
            check_span(annotation.place.file.text(), annotation.place.span);
        }
    }
    let mut step = 1;
    for (index, document) in documents.iter().enumerate() {
        let text = document.file().text();
        check_span(text, document.span());
        for comment in document.comments() {
            check_span(text, comment.span);
        }
        for hidden in document.file().hidden() {
            check_span(text, *hidden);
        }
        assert_eq!(document.index(), index, "documents are counted");
        assert!((step..=step + 1).contains(&document.step()), "steps are counted");
        step = document.step();
        // What the shell changed stands elsewhere.
        check_node(text, document.root(), true);
        check_emitted(&document.root().to_json());
    }
}

/// Takes the bytes for JSON and emits it; what is read back must be the same.
pub fn emit_json(bytes: &[u8]) {
    if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
        check_emitted(&value);
    }
}

fn check_emitted(value: &Value) {
    let expected = as_kubernetes_has_it(value);
    let text = emit(&expected);
    let Reading { documents, findings } = read_bytes("emitted", text.clone().into_bytes());
    assert!(findings.is_empty(), "emitted text has findings: {findings:?}\n{text:?}");
    match documents.as_slice() {
        [] => assert!(expected.is_null(), "nothing was read back of {text:?}"),
        [document] => assert_eq!(document.root().to_json(), expected, "{text:?}"),
        _ => panic!("several documents were read back of {text:?}"),
    }
}

/// The value without null entries, and with whole numbers as such.
fn as_kubernetes_has_it(value: &Value) -> Value {
    match value {
        Value::Object(entries) => entries
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), as_kubernetes_has_it(value)))
            .collect(),
        Value::Array(items) => items.iter().map(as_kubernetes_has_it).collect(),
        Value::Number(number) if number.is_f64() => {
            match super::scalar::as_json_number(number.as_f64().unwrap_or_default()) {
                super::scalar::Scalar::Int(whole) => Value::from(whole),
                super::scalar::Scalar::Uint(whole) => Value::from(whole),
                _ => value.clone(),
            }
        }
        other => other.clone(),
    }
}

fn check_span(text: &str, span: Span) {
    assert!(
        text.get(span.range()).is_some(),
        "{span:?} is no stretch of characters in a text of {} bytes",
        text.len()
    );
}

fn check_node(text: &str, node: Node<'_>, shared: bool) {
    let span = node.span();
    check_span(text, span);
    let inside = |inner: Span| shared || span.start <= inner.start && inner.end <= span.end;
    for entry in node.entries() {
        check_span(text, entry.key_span);
        assert!(inside(entry.key_span), "a key at {:?} is outside of {span:?}", entry.key_span);
        assert!(inside(entry.value.span()), "a value at {:?} is outside of {span:?}", entry.value.span());
        assert!(
            node.get(entry.key).is_some_and(|found| found.id() == entry.value.id()),
            "a key is there twice"
        );
        check_node(text, entry.value, shared);
    }
    let mut before = span.start;
    for item in node.items() {
        assert!(inside(item.span()), "an item at {:?} is outside of {span:?}", item.span());
        assert!(shared || before <= item.span().start, "items stand in the order of the text");
        before = item.span().start;
        check_node(text, item, shared);
    }
}
