//! What would change, as a diff of YAML without what is secret.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Map, Value};
use similar::TextDiff;

use crate::cluster::apply::{Action, Plan, Step};
use crate::diagnostic::TextFile;
use crate::report::visible::visible;
use crate::source;

/// What stands in the place of what is secret.
const HIDDEN: &str = "***";

/// A unified diff of every object that would change.
pub(in crate::cli) fn difference(plan: &Plan) -> String {
    let mut text = String::new();
    for step in plan.steps.iter().filter(|step| step.action.writes()) {
        let (before, after) = sides(step);
        let diff = TextDiff::from_lines(&before, &after);
        let name = step.reference.to_string();
        let unified = diff
            .unified_diff()
            .context_radius(3)
            .header(&format!("live {name}"), &format!("wanted {name}"))
            .to_string();
        if unified.is_empty() {
            // Who owns a field is no part of it, and what is hidden may differ too.
            let _ = writeln!(
                text,
                "--- live {name}\n+++ wanted {name}\n (only who owns its fields, or what is not shown)"
            );
        }
        text.push_str(&unified);
    }
    visible(&text).into_owned()
}

/// An object before and after, as text.
fn sides(step: &Step) -> (String, String) {
    let after = match step.action {
        Action::Delete => None,
        _ => step.after.as_ref().or(step.wanted.as_ref()),
    };
    let (mut before, mut after) = (step.before.as_ref().map(plain), after.map(plain));
    if step.reference.kind == "Secret" {
        mask(&mut before, &mut after);
        let text = |object: Option<Value>| object.map_or_else(String::new, |object| source::emit(&object));
        return (text(before), text(after));
    }
    (
        before.map_or_else(String::new, |object| shown(&object)),
        after.map_or_else(String::new, |object| shown(&object)),
    )
}

/// An object without what the server keeps about it.
fn plain(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
        if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
            for key in
                ["managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink"]
            {
                metadata.remove(key);
            }
            if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
                // It says again what stands below, and in plain text.
                annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
                if annotations.is_empty() {
                    metadata.remove("annotations");
                }
            }
        }
    }
    object
}

/// Hides what two sides of a Secret hold, and says where they differ.
fn mask(before: &mut Option<Value>, after: &mut Option<Value>) {
    for field in ["data", "stringData"] {
        let entries = |object: &Option<Value>| {
            let entries = object.as_ref().and_then(|object| object[field].as_object());
            entries.cloned().unwrap_or_default()
        };
        let (old, new) = (entries(before), entries(after));
        hide(before, field, &new, "before");
        hide(after, field, &old, "after");
    }
}

/// Hides the entries of one side; those that are others on the other side carry a word.
fn hide(object: &mut Option<Value>, field: &str, other: &Map<String, Value>, word: &str) {
    let entries = object.as_mut().and_then(|object| object.get_mut(field)).and_then(Value::as_object_mut);
    for (key, value) in entries.into_iter().flatten() {
        let is_other = other.get(key).is_some_and(|other| other != value);
        *value = if is_other { format!("{HIDDEN} ({word})") } else { HIDDEN.to_owned() }.into();
    }
}

/// An object as text, without the secrets that other kinds hold: passwords in URLs, tokens in the environment of containers.
fn shown(object: &Value) -> String {
    let text = source::emit(object);
    let file = Arc::new(TextFile::new("object", text));
    let reading = source::read(Arc::clone(&file));
    drop(reading);
    let mut shown = String::with_capacity(file.text().len());
    let mut from = 0;
    for span in file.hidden() {
        let range = span.range();
        shown.push_str(&file.text()[from..range.start]);
        shown.push_str(HIDDEN);
        from = range.end;
    }
    shown.push_str(&file.text()[from..]);
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_secrets_hold_is_hidden_and_what_differs_is_said() {
        let mut before =
            Some(json!({"kind": "Secret", "data": {"same": "YQ==", "other": "Yg==", "gone": "Yw=="}}));
        let mut after = Some(json!({"kind": "Secret", "data": {"same": "YQ==", "other": "ZA=="}}));
        mask(&mut before, &mut after);
        assert_eq!(
            before,
            Some(json!({"kind": "Secret", "data": {"same": "***", "other": "*** (before)", "gone": "***"}}))
        );
        assert_eq!(after, Some(json!({"kind": "Secret", "data": {"same": "***", "other": "*** (after)"}})));
    }

    #[test]
    fn passwords_elsewhere_are_hidden_too() {
        let text = shown(
            &json!({"kind": "Prometheus", "spec": {"remoteWrite": [{"url": "https://user:canary@host/"}], "password": "canary"}}),
        );
        assert!(!text.contains("canary") && text.contains("host"), "{text}");
    }
}
