//! The file that `init` writes, the examples and the JSON Schema agree with what is read.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use clap::{Args, Command};
use serde_json::Value;

use super::option::{self, Shape};
use super::*;
use crate::diagnostic::{Diagnostic, TextFile};
use crate::integrations;
use crate::source;

const HEAD: &str = "apiVersion: promwire.dev/v1alpha1\nkind: Stack\n";

fn read(text: &str) -> Result<Stack, Vec<Diagnostic>> {
    let reading = source::read(Arc::new(TextFile::new("promwire.yaml", text)));
    assert!(reading.findings.is_empty(), "{:?}", reading.findings);
    Stack::find(&reading.documents).map(|stack| stack.expect("it is a Stack"))
}

fn json(text: &str) -> Value {
    let reading = source::read(Arc::new(TextFile::new("promwire.yaml", text)));
    reading.documents.first().expect("a document").root().to_json()
}

/// Everything in which a value differs from a schema, as far as the schema of a Stack says anything.
fn violations(schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    let kinds = match &schema["type"] {
        Value::String(kind) => vec![kind.as_str()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{path}: a type this test does not know: {other}"),
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| is(kind)) {
        found.push(format!("{path} is not {kinds:?}"));
    }
    if schema.get("const").is_some_and(|constant| constant != value) {
        found.push(format!("{path} is not {}", schema["const"]));
    }
    if let Some(choices) = schema["enum"].as_array().filter(|choices| !choices.contains(value)) {
        found.push(format!("{path} is none of {choices:?}"));
    }
    if let Some(schemas) = schema["anyOf"].as_array()
        && schemas.iter().all(|one| !violations(one, value, path).is_empty())
    {
        found.push(format!("{path} is like none of the alternatives"));
    }
    let bound = |name: &str| schema[name].as_i64();
    if let Some(number) = value.as_i64()
        && (bound("minimum").is_some_and(|least| number < least)
            || bound("maximum").is_some_and(|most| number > most))
    {
        found.push(format!("{path} is out of bounds"));
    }
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(required).is_none() {
            found.push(format!("{path} lacks {required}"));
        }
    }
    for (key, entry) in value.as_object().into_iter().flatten() {
        let below = format!("{path}.{key}");
        match (&schema["properties"][key], &schema["additionalProperties"]) {
            (Value::Null, Value::Bool(false)) => found.push(format!("{below} is not known")),
            (Value::Null, others @ Value::Object(_)) => found.extend(violations(others, entry, &below)),
            (Value::Null, _) => {}
            (property, _) => found.extend(violations(property, entry, &below)),
        }
    }
    if schema["minProperties"] == 1 && value.as_object().is_some_and(serde_json::Map::is_empty) {
        found.push(format!("{path} is empty"));
    }
    for item in value.as_array().into_iter().flatten().filter(|_| schema.get("items").is_some()) {
        found.extend(violations(&schema["items"], item, &format!("{path}[]")));
    }
    found
}

fn conforms(text: &str) -> bool {
    violations(&json_schema(), &json(text), "").is_empty()
}

/// Editors read this file; `PROMWIRE_UPDATE=1` writes it.
#[test]
fn the_published_schema_is_that_of_the_flags() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/promwire.schema.json");
    let text = serde_json::to_string_pretty(&json_schema()).expect("it is JSON") + "\n";
    if std::env::var_os("PROMWIRE_UPDATE").is_some() {
        fs::write(&path, &text).expect("the schema can be written");
    }
    assert_eq!(
        fs::read_to_string(path).unwrap_or_default(),
        text,
        "PROMWIRE_UPDATE=1 cargo test --lib config"
    );
}

#[test]
fn the_file_that_init_writes_is_a_stack_and_conforms() {
    let text = template();
    let stack = read(&text).expect("it is read");
    let names: Vec<_> = stack.integrations.iter().map(|(integration, _)| integration.name).collect();
    assert_eq!(names, ["prometheus", "node-exporter"]);
    assert_eq!(violations(&json_schema(), &json(&text), ""), Vec::<String>::new());
    for integration in integrations::ALL {
        assert!(text.contains(&format!("{}:\n", integration.name)), "{} has no place", integration.name);
    }
}

/// Every section a Stack may have: its name, the text before its options, their flags.
fn sections() -> Vec<(&'static str, String, super::section::AddFlags)> {
    let integrations = integrations::ALL.iter().map(|integration| {
        let head = format!("integrations:\n  {}:\n    ", integration.name);
        (integration.name, head, integration.options)
    });
    let others: [(_, super::section::AddFlags); 2] =
        [("wiring", WiringArgs::augment_args), ("reality", RealityArgs::augment_args)];
    let others = others.map(|(name, add_flags)| (name, format!("{name}:\n  "), add_flags));
    integrations.chain(others).collect()
}

/// What stands behind a `#` as a default is one: taken out of its comment, alone, it is read and conforms.
#[test]
fn every_default_in_that_file_can_be_uncommented() {
    let mut seen = 0;
    for (name, head, add_flags) in sections() {
        let command = add_flags(Command::new("options"));
        for option in option::options(&command).filter(|option| option.default().is_some()) {
            let template = template();
            let start = template.find(&format!("{name}:\n")).expect("it has a place");
            let line = template[start..].lines().find(|line| {
                line.trim_start()
                    .strip_prefix('#')
                    .is_some_and(|rest| rest.starts_with(&format!("{}: ", option.name)))
            });
            let line = line.expect("the option has a line").trim_start().trim_start_matches('#');
            let text = format!("{HEAD}{head}{line}\n");
            assert!(read(&text).is_ok(), "{text}");
            assert!(conforms(&text), "{text}");
            seen += 1;
        }
    }
    assert!(seen > 10, "only {seen} defaults");
}

#[test]
fn every_stack_among_the_examples_is_read_and_conforms() {
    let mut seen = 0;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for entry in fs::read_dir(root).expect("there are examples") {
        let path = entry.expect("it can be read").path().join(FILE_NAME);
        let Ok(text) = fs::read_to_string(&path) else { continue };
        seen += 1;
        assert!(read(&text).is_ok(), "{}", path.display());
        assert_eq!(violations(&json_schema(), &json(&text), ""), Vec::<String>::new(), "{}", path.display());
    }
    assert!(seen >= 2, "only {seen} Stacks among the examples");
}

/// Values of every type for every option: what the schema refuses is not read. (The parsers of the flags know more: what
/// a duration is, say.)
#[test]
fn what_the_schema_refuses_refuse() {
    let values =
        ["true", "1", "-1", "70000", "1.5", "x", "'1'", "[x]", "[1]", "[]", "{a: b}", "{}", "null", "[[x]]"];
    let mut both = [0; 2];
    for (_, head, add_flags) in sections() {
        let command = add_flags(Command::new("options"));
        for option in option::options(&command) {
            for value in values {
                let text = format!("{HEAD}{head}{}: {value}\n", option.name);
                let accepted = read(&text).is_ok();
                assert!(!accepted || conforms(&text), "read, and refused by the schema:\n{text}");
                both[usize::from(accepted)] += 1;
                if matches!(option.shape(), Shape::Switch | Shape::Boolean) {
                    assert_eq!(accepted, conforms(&text), "{text}");
                }
            }
        }
    }
    assert!(both.iter().all(|count| *count > 50), "{both:?}");
}

#[test]
fn flags_replace_the_file_and_the_file_the_defaults() {
    let text = format!("{HEAD}integrations:\n  node-exporter: {{port: 9110, interval: 1m}}\n");
    let stack = read(&text).expect("it is read");
    let (integration, section) = &stack.integrations[0];
    let command = (integration.options)(Command::new("options").no_binary_name(true));
    let flags = command.try_get_matches_from(["--port=9120"]).expect("it is a flag");
    let matches =
        layer(integration.options, "integrations.node-exporter", Some(&flags), section).expect("they fit");
    let raw = |id: &str| {
        matches.get_raw(id).and_then(|mut values| values.next()).map(std::ffi::OsStr::to_os_string)
    };
    assert_eq!(raw("port"), Some("9120".into()), "the flag");
    assert_eq!(raw("interval"), Some("1m".into()), "the file");
    assert_eq!(raw("version"), Some("1.12.1".into()), "the default");
}
