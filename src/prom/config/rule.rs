//! Relabel rules, which are most of a configuration, straight into their own type.

use super::decode::{Decoder, Fault, Value, merged};
use crate::prom::quote::quote;
use crate::prom::regex::Pattern;
use crate::prom::relabel::{Action, Config};
use crate::source::{Entry, Node};

const GO: &str = "relabel.plain";

/// Decodes a rule, with what Prometheus checks of each field on the way (`relabel.Config`, `model.LabelName`, `relabel.Regexp`,
/// `relabel.Action`).
pub(super) fn decode<'d>(decoder: &mut Decoder, node: Node<'d>) -> Result<Option<Value<'d>>, Fault> {
    let before = decoder.misfits.len();
    if !node.is_mapping() {
        decoder.wrong_kind(node, GO);
        return Ok(None);
    }
    let mut config = Config::default();
    fields(decoder, node, &mut config)?;
    if decoder.misfits.len() > before {
        return Ok(None);
    }
    Ok(Some(Value::Rule(Box::new(config), node.span())))
}

fn fields(decoder: &mut Decoder, node: Node<'_>, config: &mut Config) -> Result<(), Fault> {
    let mut done: Vec<&str> = Vec::with_capacity(node.entries().len());
    for entry in node.entries() {
        if entry.is_merge() {
            for merged in merged(&entry)? {
                fields(decoder, merged, config)?;
            }
            continue;
        }
        let key = entry.written_key();
        if done.contains(&key) && FIELDS.contains(&key) {
            decoder.note(entry.key_span, node, &format!("field {key} already set in type {GO}"));
            continue;
        }
        done.push(key);
        field(decoder, node, &entry, config)?;
    }
    Ok(())
}

const FIELDS: [&str; 7] =
    ["source_labels", "separator", "regex", "modulus", "target_label", "replacement", "action"];

fn field(decoder: &mut Decoder, node: Node<'_>, entry: &Entry<'_>, config: &mut Config) -> Result<(), Fault> {
    let value = entry.value;
    let stop = |message| Fault { message, span: value.span() };
    // Null is an empty text.
    let text = |decoder: &mut Decoder| {
        if value.is_null() { Some("") } else { decoder.text(value, "string") }.map(str::to_owned)
    };
    match entry.written_key() {
        "source_labels" => config.source_labels = sources(decoder, value)?,
        "separator" => config.separator = text(decoder),
        "target_label" => config.target_label = text(decoder),
        "replacement" => config.replacement = text(decoder),
        "regex" => {
            if let Some(regex) = text(decoder) {
                if !decoder.valid_regexes.contains(&regex) {
                    Pattern::parse(&decoder.dialect.anchoring.around(&regex))
                        .map_err(|error| stop(error.message))?;
                    decoder.valid_regexes.insert(regex.clone());
                }
                config.regex = Some(regex);
            }
        }
        "modulus" => {
            let uint = super::decode::Type::Uint("uint64");
            if let Some(Value::Uint(modulus)) = decoder.value(value, uint)? {
                config.modulus = modulus;
            }
        }
        "action" => {
            if let Some(action) = text(decoder) {
                let dialect = decoder.dialect;
                let is_known = |action: Action| {
                    (dialect.case_actions || !action.changes_case())
                        && (dialect.equal_actions || !action.compares())
                };
                // Only null is empty without being refused here.
                if !value.is_null() && !Action::from_spelling(&action).is_some_and(is_known) {
                    return Err(stop(format!("unknown relabel action {}", quote(&action))));
                }
                config.action = Some(action);
            }
        }
        key => decoder.note(entry.key_span, node, &format!("field {key} not found in type {GO}")),
    }
    Ok(())
}

fn sources(decoder: &mut Decoder, value: Node<'_>) -> Result<Option<Vec<String>>, Fault> {
    if value.is_null() {
        return Ok(None);
    }
    if !value.is_sequence() {
        decoder.wrong_kind(value, "model.LabelNames");
        return Ok(None);
    }
    let mut names = Vec::with_capacity(value.items().len());
    for item in value.items() {
        if item.is_null() {
            names.push(String::new());
            continue;
        }
        let Some(name) = decoder.text(item, "string") else { continue };
        if !decoder.dialect.source_scheme.accepts(name) {
            let message = format!("{} is not a valid label name", quote(name));
            return Err(Fault { message, span: item.span() });
        }
        names.push(name.to_owned());
    }
    Ok(Some(names))
}
