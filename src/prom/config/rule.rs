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
                if !value.is_null() && slips_through(&regex) {
                    decoder.default_regex = Some((regex, value.span()));
                    config.regex = None;
                    return Ok(());
                }
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

/// Whether a regex in quotes changes the one that all rules have that name none. Go's YAML (v2) takes these texts for null even in
/// quotes, does not ask `relabel.Regexp` for its own way to read them, and finds one further inside: that of the `regexp.Regexp` it
/// shares with all others, which becomes this text without anchors (seen with Prometheus 3.13.5).
fn slips_through(regex: &str) -> bool {
    matches!(regex, "null" | "~")
}

/// Makes a rule without a regex do what it does after the shared one has become a text without anchors.
pub(super) fn with_default(config: &mut Config, text: &str) {
    if config.regex.is_some() {
        return;
    }
    let holds = format!("[\\s\\S]*{text}[\\s\\S]*");
    match config.action.as_deref().map_or(Some(Action::Replace), Action::from_spelling) {
        // Nothing becomes what is set without asking the regex, which is compared by its place only.
        Some(Action::Replace)
            if !config.target_label().contains('$') && !config.replacement().contains('$') =>
        {
            config.regex = Some(format!("|{holds}"));
        }
        Some(
            Action::Replace
            | Action::Keep
            | Action::Drop
            | Action::LabelMap
            | Action::LabelDrop
            | Action::LabelKeep,
        ) => config.regex = Some(holds),
        _ => {}
    }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::diagnostic::TextFile;
    use crate::prom::config::{Loader, Selectors};
    use crate::prom::version::Version;

    /// Every rule as a real Prometheus (3.13.5) was seen to run it: `first` sets nothing, `second` sets what holds `null`, `third`
    /// keeps what holds it, `fourth` sets without asking.
    #[test]
    fn null_in_quotes_is_the_regex_of_all() {
        let text = r#"
scrape_configs:
- job_name: a
  relabel_configs:
  - {source_labels: [__address__], target_label: first}
  - {source_labels: [__address__], regex: "null", target_label: second, replacement: x}
  - {source_labels: [__address__], action: keep}
  - {target_label: fourth, replacement: x}
  - {source_labels: [__address__], regex: "(null)", target_label: fifth}
  - {source_labels: [__address__], regex: null, target_label: sixth}
"#;
        let loader = Loader {
            version: Version::new(3, 13, 5),
            is_agent: false,
            selectors: Selectors { label: |_| Ok(()), field: |_| Ok(()) },
        };
        let config = loader.load(&Arc::new(TextFile::new("prometheus.yml", text))).expect("it is loaded");
        let rules = &config.scrape_configs[0].relabel_configs;
        let regexes: Vec<Option<&str>> = rules.iter().map(|rule| rule.regex.as_deref()).collect();
        let holds = r"[\s\S]*null[\s\S]*";
        let (holds, nothing_or_holds) = (Some(holds), format!("|{holds}"));
        let nothing_or_holds = Some(nothing_or_holds.as_str());
        let expected = [holds, nothing_or_holds, holds, nothing_or_holds, Some("(null)"), Some("")];
        assert_eq!(regexes, expected);
        assert_eq!(config.default_regex.map(|(text, _)| text).as_deref(), Some("null"));
    }
}
