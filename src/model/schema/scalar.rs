//! Enumerations, patterns, bounds and formats.

use generated_crds::schema::{Node as Schema, NodeId};
use serde_json::Value as Json;

use super::walk::Walk;
use super::{Treatment, date_time, suggest};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Node, Value};

/// Checks a scalar whose type fits.
pub(super) fn check(walk: &mut Walk<'_, '_>, id: NodeId, node: Node<'_>) {
    let schema = walk.schema(id);
    if !schema.enumeration.is_empty() && !schema.enumeration.contains(&node.to_json()) {
        return enumeration(walk, schema, node);
    }
    match node.value() {
        Value::String(text) => {
            pattern(walk, id, schema, node, text);
            if let Some(rule) = length(schema, text) {
                report(walk, node, &rule);
            }
            // Custom resources take any text there.
            let is_own = walk.source.treatment == Treatment::BuiltIn;
            if is_own && schema.format.as_deref() == Some("date-time") && !date_time::is_valid(text) {
                let finding = invalid(walk, node, "has to be a moment as RFC 3339 writes it");
                walk.report(finding.help("write it like `2026-01-31T12:00:00Z`"));
            }
            if schema.format.as_deref() == Some("byte") && !is_base64(text) {
                let finding = invalid(walk, node, "has to be base64");
                walk.report(finding.help("plain text goes under `stringData`, which the API server encodes"));
            }
        }
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => {
            // Go's own type for both has 32 bits.
            let is_short = schema.int_or_string
                && walk.source.treatment == Treatment::BuiltIn
                && schema.format.as_deref() != Some("quantity");
            if is_short && node.as_i64().is_none_or(|value| i32::try_from(value).is_err()) {
                report(walk, node, "has to fit into 32 bits");
            } else if let Some(rule) = number(schema, node) {
                report(walk, node, &rule);
            }
        }
        _ => {}
    }
}

/// `` `path` has to be …, found …``.
fn invalid(walk: &Walk<'_, '_>, node: Node<'_>, rule: &str) -> Diagnostic {
    let message = format!("`{}` {rule}, found {}", walk.path(), walk.shown(node));
    Diagnostic::new(Code::INVALID_VALUE, message).at(walk.place_of(node), "")
}

fn report(walk: &mut Walk<'_, '_>, node: Node<'_>, rule: &str) {
    let finding = invalid(walk, node, rule);
    walk.report(finding);
}

fn enumeration(walk: &mut Walk<'_, '_>, schema: &Schema, node: Node<'_>) {
    let allowed: Vec<_> = schema
        .enumeration
        .iter()
        .map(|value| match value {
            Json::String(text) if !text.is_empty() => format!("`{text}`"),
            other => format!("`{other}`"),
        })
        .collect();
    let finding = invalid(walk, node, &format!("has to be one of {}", allowed.join(", ")));
    let closest = node
        .as_str()
        .and_then(|found| suggest::closest(found, schema.enumeration.iter().filter_map(Json::as_str)));
    walk.report(match closest {
        Some(closest) => finding.help(format!("did you mean `{closest}`?")),
        None => finding,
    });
}

fn pattern(walk: &mut Walk<'_, '_>, id: NodeId, schema: &Schema, node: Node<'_>, text: &str) {
    let Some(pattern) = &schema.pattern else { return };
    if walk.source.patterns.matches(id, pattern, text) {
        return;
    }
    let finding = if pattern.contains("(([0-9]+)ms)?") {
        invalid(walk, node, "has to be a duration")
            .help("write whole numbers with units, the largest first: `30s`, `1m30s`, `500ms`")
    } else {
        invalid(walk, node, "does not match its pattern")
    };
    walk.report(finding.note(format!("the pattern is `{pattern}`")));
}

fn length(schema: &Schema, text: &str) -> Option<String> {
    let length = text.chars().count() as u64;
    match (schema.min_length, schema.max_length) {
        (Some(1), _) if length == 0 => Some("must not be empty".to_owned()),
        (Some(least), _) if length < least => Some(format!("has to have at least {least} characters")),
        (_, Some(most)) if length > most => Some(format!("has to have at most {most} characters")),
        _ => None,
    }
}

fn number(schema: &Schema, node: Node<'_>) -> Option<String> {
    let number = node.as_f64()?;
    let fits_format = match schema.format.as_deref() {
        Some("int32") => node.as_i64().is_some_and(|value| i32::try_from(value).is_ok()),
        Some("int64") => node.as_i64().is_some(),
        _ => true,
    };
    let least =
        schema.minimum.filter(|&least| number < least || (schema.exclusive_minimum && number <= least));
    let most = schema.maximum.filter(|&most| number > most || (schema.exclusive_maximum && number >= most));
    if let Some(least) = least {
        Some(format!("has to be {} {least}", if schema.exclusive_minimum { "above" } else { "at least" }))
    } else if let Some(most) = most {
        Some(format!("has to be {} {most}", if schema.exclusive_maximum { "below" } else { "at most" }))
    } else if !fits_format {
        let bits = if schema.format.as_deref() == Some("int32") { 32 } else { 64 };
        Some(format!("has to fit into {bits} bits"))
    } else {
        let factor = schema.multiple_of.filter(|&factor| number % factor != 0.0)?;
        Some(format!("has to be a multiple of {factor}"))
    }
}

/// As Go's standard encoding reads it: with padding, line breaks ignored.
fn is_base64(text: &str) -> bool {
    let bytes: Vec<u8> = text.bytes().filter(|byte| !b"\r\n".contains(byte)).collect();
    let content = bytes.iter().rposition(|&byte| byte != b'=').map_or(0, |last| last + 1);
    bytes.len().is_multiple_of(4)
        && bytes.len() - content <= 2
        && bytes[..content].iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_needs_its_alphabet_and_padding() {
        for text in ["", "YQ==", "YWI=", "YWJj", "YWJj\nYQ=="] {
            assert!(is_base64(text), "{text}");
        }
        for text in ["YQ", "YQ=", "a b=", "====", "Y===", "pa-d"] {
            assert!(!is_base64(text), "{text}");
        }
    }
}
