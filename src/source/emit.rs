//! Values to YAML: deterministic, in kubectl's layout, and safe for Go's YAML 1.1 reader.
//!
//! What may stand plain is what [`super::scalar`] and [`super::scan`] would read back as the same string; everything
//! else is quoted or a block scalar. `tests/go_oracle.rs` has Go read it all back.

use std::fmt::Write;

use serde_json::Value;

use super::scalar::{self, Scalar};

/// One YAML document, with a line feed at its end. Keys are in the map's order (sorted), lists stand as deep as their
/// key, strings of several lines are block scalars, and entries that are null are left out: for Kubernetes they are
/// not there.
pub fn emit(value: &Value) -> String {
    document(value)
}

/// Documents separated by `---`, as one stream; `""` for none.
pub fn emit_stream(values: &[Value]) -> String {
    values.iter().map(emit).collect::<Vec<_>>().join("---\n")
}

/// Something that can be written as YAML.
pub(super) trait Emitted: Sized {
    /// What it is.
    fn shape(&self) -> Shape<'_, Self>;
}

/// What a value to be written is. Entries that are not to be written are not among the entries.
pub(super) enum Shape<'v, V> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    String(&'v str),
    /// `!!binary` with this base64.
    Binary(&'v str),
    List(&'v [V]),
    Map(Vec<(&'v str, &'v V)>),
}

impl Emitted for Value {
    fn shape(&self) -> Shape<'_, Self> {
        match self {
            Self::Null => Shape::Null,
            Self::Bool(value) => Shape::Bool(*value),
            Self::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(value), ..) => Shape::Int(value),
                (None, Some(value), _) => Shape::Uint(value),
                (None, None, value) => Shape::Float(value.unwrap_or_default()),
            },
            Self::String(text) => Shape::String(text),
            Self::Array(items) => Shape::List(items),
            Self::Object(entries) => Shape::Map(
                entries
                    .iter()
                    .filter(|(_, value)| !value.is_null())
                    .map(|(key, value)| (key.as_str(), value))
                    .collect(),
            ),
        }
    }
}

/// One document, with a line feed at its end.
pub(super) fn document<V: Emitted>(value: &V) -> String {
    let mut text = String::new();
    match value.shape() {
        Shape::Map(entries) if !entries.is_empty() => mapping(&mut text, &entries, 0, false),
        Shape::List(items) if !items.is_empty() => sequence(&mut text, items, 0, false),
        other => {
            inline(&mut text, &other, 0);
            text.push('\n');
        }
    }
    text
}

fn indent(text: &mut String, depth: usize) {
    text.extend(std::iter::repeat_n(' ', depth));
}

/// Entries at column `depth`; the first is already indented when it follows a `- `.
fn mapping<V: Emitted>(text: &mut String, entries: &[(&str, &V)], depth: usize, mut indented: bool) {
    for (name, value) in entries {
        if !indented {
            indent(text, depth);
        }
        indented = false;
        let start = text.len();
        string(text, name, true, depth);
        // A key without `?` ends within 1024 characters, for Go counts from its quote to the colon.
        if text.len() - start > 1000 {
            text.insert_str(start, "? ");
            text.push('\n');
            indent(text, depth);
        }
        text.push(':');
        match value.shape() {
            Shape::Map(inner) if !inner.is_empty() => {
                text.push('\n');
                mapping(text, &inner, depth + 2, false);
            }
            Shape::List(items) if !items.is_empty() => {
                text.push('\n');
                sequence(text, items, depth, false);
            }
            other => {
                text.push(' ');
                inline(text, &other, depth);
                text.push('\n');
            }
        }
    }
}

/// Items with their `-` at column `depth`.
fn sequence<V: Emitted>(text: &mut String, items: &[V], depth: usize, mut indented: bool) {
    for item in items {
        if !indented {
            indent(text, depth);
        }
        indented = false;
        text.push_str("- ");
        match item.shape() {
            Shape::Map(entries) if !entries.is_empty() => mapping(text, &entries, depth + 2, true),
            Shape::List(items) if !items.is_empty() => sequence(text, items, depth + 2, true),
            other => {
                inline(text, &other, depth);
                text.push('\n');
            }
        }
    }
}

/// A value that begins on the line of its key, without a line feed at its end.
fn inline<V>(text: &mut String, value: &Shape<'_, V>, depth: usize) {
    match value {
        Shape::Null => text.push_str("null"),
        Shape::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Shape::Int(value) => push(text, format_args!("{value}")),
        Shape::Uint(value) => push(text, format_args!("{value}")),
        Shape::Float(value) => match scalar::as_json_number(*value) {
            Scalar::Int(whole) => push(text, format_args!("{whole}")),
            Scalar::Uint(whole) => push(text, format_args!("{whole}")),
            _ => match serde_json::Number::from_f64(*value) {
                Some(number) => push(text, format_args!("{number}")),
                None if value.is_nan() => text.push_str(".nan"),
                None => text.push_str(if *value > 0.0 { ".inf" } else { "-.inf" }),
            },
        },
        Shape::String(value) => string(text, value, false, depth),
        Shape::Binary(base64) => push(text, format_args!("!!binary \"{base64}\"")),
        Shape::List(_) => text.push_str("[]"),
        Shape::Map(_) => text.push_str("{}"),
    }
}

fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = text.write_fmt(arguments);
}

fn string(text: &mut String, value: &str, key: bool, depth: usize) {
    if value.chars().all(is_printable) {
        if can_be_plain(value) {
            // What would be read as something else is in double quotes, as kubectl has it.
            let is_string = scalar::plain(value) == Scalar::String && !scalar::is_ambiguous(value);
            if is_string && !(key && value == "<<") {
                text.push_str(value);
            } else {
                push(text, format_args!("\"{value}\""));
            }
            return;
        }
        if !value.is_empty() {
            push(text, format_args!("'{}'", value.replace('\'', "''")));
            return;
        }
    }
    if !key && can_be_literal(value) {
        literal(text, value, depth + 2);
    } else {
        double_quoted(text, value);
    }
}

/// Whether a character stands for itself on a line, for every YAML reader.
fn is_printable(character: char) -> bool {
    match character {
        ' '..='~'
        | '\u{a0}'..='\u{2027}'
        | '\u{202a}'..='\u{d7ff}'
        | '\u{e000}'..='\u{fefe}'
        | '\u{ff00}'..='\u{fffd}' => true,
        _ => character >= '\u{10000}',
    }
}

/// Whether a printable string needs no quotes for its characters; what it would mean is another question.
fn can_be_plain(value: &str) -> bool {
    let bytes = value.as_bytes();
    let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else { return false };
    let starts = match first {
        b'-' => bytes.len() > 1 && bytes[1] != b' ' && !value.starts_with("---"),
        b'.' => !value.starts_with("..."),
        _ => !b" ?:,[]{}#&*!|>'\"%@`".contains(&first),
    };
    starts
        && last != b':'
        // Blanks of other scripts count where kubectl looks for JSON.
        && value.trim() == value
        && !memchr::memchr2_iter(b':', b'#', bytes).any(|at| match bytes[at] {
            b':' => bytes.get(at + 1) == Some(&b' '),
            _ => at > 0 && bytes[at - 1] == b' ',
        })
}

/// Whether a string can be a block scalar: several lines, and nothing an escape is needed for.
fn can_be_literal(value: &str) -> bool {
    value.trim_end_matches('\n').contains(|character| character != '\n')
        && value.contains('\n')
        && value.chars().all(|character| is_printable(character) || matches!(character, '\n' | '\t'))
}

/// A block scalar with its lines at column `depth`.
fn literal(text: &mut String, value: &str, depth: usize) {
    text.push('|');
    // Where the text begins with a blank, its indentation cannot be guessed.
    if value.trim_start_matches('\n').starts_with([' ', '\t']) {
        text.push('2');
    }
    let body = value.trim_end_matches('\n');
    match value.len() - body.len() {
        0 => text.push('-'),
        1 => {}
        _ => text.push('+'),
    }
    for line in body.split('\n') {
        text.push('\n');
        if !line.is_empty() {
            indent(text, depth);
            text.push_str(line);
        }
    }
    text.extend(std::iter::repeat_n('\n', (value.len() - body.len()).saturating_sub(1)));
}

fn double_quoted(text: &mut String, value: &str) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            '\0' => text.push_str("\\0"),
            printable if is_printable(printable) => text.push(printable),
            other if u32::from(other) < 0x100 => push(text, format_args!("\\x{:02X}", u32::from(other))),
            other => push(text, format_args!("\\u{:04X}", u32::from(other))),
        }
    }
    text.push('"');
}
