//! The JSON Schema of a Stack, from the same flags that read it.

use clap::{Args, Command};
use serde_json::{Map, Value, json};

use super::check::CheckArgs;
use super::option::{self, FileOption, Shape};
use super::reality::RealityArgs;
use super::section::AddFlags;
use super::stack::{API_VERSION, KIND};
use super::wiring::WiringArgs;
use crate::integrations::{self, Integration};

/// The JSON Schema of a Stack (draft 2020-12).
pub fn json_schema() -> Value {
    let integrations: Map<String, Value> = integrations::ALL
        .iter()
        .map(|integration| (integration.name.to_owned(), integration_schema(integration)))
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "promwire Stack",
        "description": "What `promwire generate` makes, how `promwire check` judges, and the reality that is assumed: promwire.yaml. \
                        Flags replace what it says.",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "additionalProperties": false,
        "properties": {
            "apiVersion": {"const": API_VERSION},
            "kind": {"const": KIND},
            "metadata": {"type": "object"},
            "input": {
                "description": "Manifests to read: files and folders, from the folder of this file",
                "type": "array",
                "items": {"type": "string", "minLength": 1},
            },
            "namespace": {
                "description": "The namespace to work in: of objects that name none, and where new ones are made",
                "type": "string",
                "minLength": 1,
            },
            "check": section(CheckArgs::augment_args, "How `promwire check` judges"),
            "wiring": section(WiringArgs::augment_args, "How monitors reach a Prometheus"),
            "reality": section(RealityArgs::augment_args, "The reality assumed: versions, and the operator's flags"),
            "integrations": {
                "description": "What to generate, each with its options",
                "type": ["object", "null"],
                "additionalProperties": false,
                "properties": integrations,
            },
        },
    })
}

fn integration_schema(integration: &Integration) -> Value {
    let one = section(integration.options, integration.about);
    if integration.may_repeat() { json!({"anyOf": [one, {"type": "array", "items": one}]}) } else { one }
}

/// A section; nothing at all is one without options.
fn section(add_flags: AddFlags, about: &str) -> Value {
    let command = add_flags(Command::new("section"));
    let properties: Map<String, Value> =
        option::options(&command).map(|option| (option.name.to_owned(), property(option))).collect();
    json!({
        "description": about,
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": properties,
    })
}

fn property(option: FileOption<'_>) -> Value {
    let scalar = match (option.shape(), option.choices()) {
        (Shape::Switch | Shape::Boolean, _) => json!({"type": "boolean"}),
        (Shape::Pairs, _) if option.has_boolean_values() => json!({"type": "boolean"}),
        // YAML 1.1 reads `off` as false.
        (Shape::Pairs, _) if option.has_levels() => {
            json!({"enum": ["error", "warning", "info", "off", false]})
        }
        (Shape::Pairs, _) if option.has_lists() => {
            json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
        }
        (Shape::Number, _) => json!({"type": "integer", "minimum": 0, "maximum": u16::MAX}),
        (_, choices) if !choices.is_empty() => {
            let words = if option.has_switch_words() { vec![json!(true), json!(false)] } else { Vec::new() };
            json!({"enum": choices.into_iter().map(Value::String).chain(words).collect::<Vec<_>>()})
        }
        _ => json!({"type": ["string", "integer"]}),
    };
    let mut schema = match (option.shape(), option.is_list()) {
        (Shape::Pairs, _) => json!({"anyOf": [
            {"type": "array", "items": {"type": "string"}},
            {"type": "object", "additionalProperties": scalar},
        ]}),
        (_, true) => json!({"type": "array", "items": scalar}),
        _ => scalar,
    };
    schema["description"] = Value::String(option.help());
    if let Some(default) = option.default() {
        schema["default"] = match option.shape() {
            Shape::Number => default.parse::<u16>().map_or(Value::Null, Value::from),
            Shape::Boolean => Value::Bool(default == "true"),
            _ => Value::String(default),
        };
    }
    schema
}
