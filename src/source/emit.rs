//! Values to YAML: deterministic, in kubectl's layout, and safe for Go's YAML 1.1 reader.

use serde_json::Value;

/// One YAML document, with a line feed at its end. Keys are sorted, lists stand as deep as their key, strings of
/// several lines are block scalars, and entries that are null are left out: for Kubernetes they are not there.
pub fn emit(value: &Value) -> String {
    let options = serde_saphyr::ser_options! {
        compact_list_indent: true,
        folded_wrap_chars: usize::MAX,
    };
    let mut text = String::new();
    // Writing to a string fails on no JSON value.
    let _ = serde_saphyr::to_fmt_writer_with_options(&mut text, &without_nulls(value), options);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// Documents separated by `---`, as one stream; `""` for none.
pub fn emit_stream(values: &[Value]) -> String {
    values.iter().map(emit).collect::<Vec<_>>().join("---\n")
}

/// The value without entries that are null; a null in a list keeps its place.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(entries) => Value::Object(
            entries
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key.clone(), without_nulls(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(without_nulls).collect()),
        other => other.clone(),
    }
}
