//! The types of schemas: which values fit, their names, and how to write a value that does not fit.

use generated_crds::schema::{Node as Schema, Type};

use super::walk::{Step, Via, Walk};
use crate::model::wording;
use crate::source::{Node, Value};

const QUANTITY: Option<&str> = Some("quantity");

/// Whether a value is of the schema's type.
pub(super) fn fits(schema: &Schema, node: Node<'_>) -> bool {
    let value = node.value();
    if schema.int_or_string {
        return match value {
            Value::Int(_) | Value::Uint(_) | Value::String(_) => true,
            Value::Float(_) => schema.format.as_deref() == QUANTITY,
            _ => false,
        };
    }
    match schema.r#type {
        None => true,
        Some(Type::Object) => matches!(value, Value::Mapping(_)),
        Some(Type::Array) => matches!(value, Value::Sequence(_)),
        Some(Type::String) => matches!(value, Value::String(_)),
        Some(Type::Boolean) => matches!(value, Value::Bool(_)),
        Some(Type::Integer) => matches!(value, Value::Int(_) | Value::Uint(_)),
        Some(Type::Number) => matches!(value, Value::Int(_) | Value::Uint(_) | Value::Float(_)),
    }
}

/// The schema's type in words.
pub(super) fn expected(schema: &Schema) -> &'static str {
    match schema.r#type {
        _ if schema.int_or_string && schema.format.as_deref() == QUANTITY => "a quantity",
        _ if schema.int_or_string => "a whole number or a string",
        Some(Type::Object) => "a mapping",
        Some(Type::Array) => "a list",
        Some(Type::String) => "a string",
        Some(Type::Boolean) => "a boolean",
        Some(Type::Integer) => "a whole number",
        Some(Type::Number) => "a number",
        None => "something else",
    }
}

/// How to write a value of the wrong type instead.
pub(super) fn remedy(walk: &Walk<'_, '_>, schema: &Schema, node: Node<'_>) -> Option<String> {
    let written = wording::as_written(node);
    if let [.., parent, Step { via: Via::Key("port", _), .. }] = walk.steps[..]
        && matches!(node.value(), Value::Int(_))
    {
        let siblings = &walk.schema(parent.schema).properties;
        // A monitor's `port` is the name of a port: quotes would only move the mistake to where nothing tells it.
        let number = ["portNumber", "targetPort"].into_iter().find(|name| siblings.contains_key(*name));
        if let Some(number) = number {
            return Some(format!("`port` takes the name of a port; a number goes to `{number}: {written}`"));
        }
    }
    match (schema.r#type?, node.value()) {
        (Type::String, _) if wording::is_plain_scalar(node) => Some(format!("quote it: `\"{written}\"`")),
        (Type::Boolean, Value::String(text)) if matches!(text, "true" | "false") => {
            Some(format!("remove the quotes: `{text}`"))
        }
        (Type::Integer | Type::Number, Value::String(text)) if text.parse::<i64>().is_ok() => {
            Some(format!("remove the quotes: `{text}`"))
        }
        (Type::Array, _) => Some("make it a list: `- ` begins an item".to_owned()),
        _ => None,
    }
}
