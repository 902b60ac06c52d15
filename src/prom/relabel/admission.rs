//! What prometheus-operator refuses of a rule, in its words (0.93). It checks less than Prometheus in places, and more in
//! others; a monitor with one refused rule is rejected as a whole.

use super::check::template_is_valid;
use super::config::{Action, Config, DEFAULT_REGEX, DEFAULT_REPLACEMENT, Dialect};
use crate::prom::quote::quote;
use crate::prom::regex::{Anchoring, Pattern};

/// Checks the rules of one list as the operator does when it selects a monitor.
///
/// # Errors
/// The operator's message for the first rule it refuses, with its place in the list in front: `[0]: …`.
pub fn admit_all(configs: &[Config], dialect: Dialect) -> Result<(), String> {
    for (index, config) in configs.iter().enumerate() {
        admit(config, dialect).map_err(|message| format!("[{index}]: {message}"))?;
    }
    Ok(())
}

/// Checks one rule as the operator does. Of the dialect it looks at `scheme`, `case_actions` and `equal_actions`, each of
/// which it takes from the version alone: `nameValidationScheme` of a resource does not reach it, and a pre-release is below
/// its release.
///
/// # Errors
/// The operator's message.
pub fn admit(config: &Config, dialect: Dialect) -> Result<(), String> {
    // The message has the action as it was written.
    let spelled = config.action.as_deref().filter(|action| !action.is_empty()).unwrap_or("replace");
    // An unknown action is left to the schema of the resource.
    let action = Action::from_spelling(spelled);
    let is = |one: Action| action == Some(one);
    let (compares, changes_case) =
        (action.is_some_and(Action::compares), action.is_some_and(Action::changes_case));
    if changes_case && !dialect.case_actions {
        return Err(format!("{spelled} relabel action is only supported from Prometheus version 2.36.0"));
    }
    if compares && !dialect.equal_actions {
        return Err(format!("{spelled} relabel action is only supported from Prometheus version 2.41.0"));
    }
    // Whatever the version, the regex is tried as Prometheus 3 anchors it; what is empty counts as absent, which is valid too.
    let regex = config.regex.as_deref().unwrap_or_default();
    if let Err(error) = Pattern::parse(&Anchoring::Text.around(regex)) {
        return Err(format!("invalid regex {regex} for relabel configuration: {error}"));
    }
    if is(Action::HashMod) && config.modulus == 0 {
        return Err("relabel configuration for hashmod requires non-zero modulus".to_owned());
    }
    let target = config.target_label();
    if action.is_some_and(Action::needs_target) && target.is_empty() {
        return Err(format!("relabel configuration for {spelled} action needs targetLabel value"));
    }
    // No exception for templates: on Prometheus 2 they are refused although it would take them.
    let refused_target = || Err(format!("{} is invalid 'target_label' for {spelled} action", quote(target)));
    let target_is_valid = dialect.scheme.accepts(target);
    if (is(Action::Replace) || compares || changes_case) && !target_is_valid {
        return refused_target();
    }
    let other_replacement = config.replacement() != DEFAULT_REPLACEMENT;
    if (compares || changes_case) && other_replacement {
        return Err(format!("'replacement' can not be set for {spelled} action"));
    }
    if is(Action::LabelMap)
        && let Some(replacement) = &config.replacement
        && !template_is_valid(dialect.scheme, replacement)
    {
        return Err(format!("{} is invalid 'replacement' for {spelled} action", quote(replacement)));
    }
    if is(Action::HashMod) && !target_is_valid {
        return refused_target();
    }
    let other_texts = config.has_other_than_default_texts();
    if compares && (!regex.is_empty() && regex != DEFAULT_REGEX || other_texts) {
        return Err(format!(
            "{spelled} action requires only 'source_labels' and `target_label`, and no other fields"
        ));
    }
    let has_sources = config.source_labels.iter().flatten().next().is_some();
    if action.is_some_and(Action::works_on_names) && (has_sources || !target.is_empty() || other_texts) {
        return Err(format!("{spelled} action requires only 'regex', and no other fields"));
    }
    Ok(())
}
