//! Relabel rules in a few words.

use crate::prom::relabel::{Action, Config};

/// What a rule does: `keep where __meta_kubernetes_endpoint_port_name is "web"`.
pub(super) fn words(rule: &Config) -> String {
    let action = rule.action.as_deref().and_then(Action::from_spelling).unwrap_or(Action::Replace);
    let sources = rule.source_labels.as_deref().unwrap_or_default().join(rule.separator());
    let regex = rule.regex();
    let target = rule.target_label();
    let matching =
        || if rule.regex.is_some() { format!(" where it matches `{regex}`") } else { String::new() };
    match action {
        Action::Keep | Action::Drop => format!("{} if `{sources}` matches `{regex}`", action.spelling()),
        Action::KeepEqual | Action::DropEqual => {
            format!("{} if `{sources}` is what `{target}` is", action.spelling().trim_end_matches("equal"))
        }
        Action::Replace if sources.is_empty() => format!("set `{target}` to `{}`", rule.replacement()),
        Action::Replace if rule.replacement.is_none() => {
            format!("set `{target}` to `{sources}`{}", matching())
        }
        Action::Replace => {
            format!("set `{target}` to `{}` of `{sources}`{}", rule.replacement(), matching())
        }
        Action::HashMod => format!("set `{target}` to the hash of `{sources}` modulo {}", rule.modulus),
        Action::Lowercase => format!("set `{target}` to `{sources}` in small letters"),
        Action::Uppercase => format!("set `{target}` to `{sources}` in capital letters"),
        Action::LabelMap => format!("copy labels that match `{regex}` to `{}`", rule.replacement()),
        Action::LabelDrop => format!("remove labels that match `{regex}`"),
        Action::LabelKeep => format!("remove labels that do not match `{regex}`"),
    }
}
