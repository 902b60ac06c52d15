//! What Prometheus refuses of a rule, in its words (`relabel.Config`, Prometheus 3.13; older ones by [`Dialect`]).

use std::sync::LazyLock;

use super::config::{Action, Config, Dialect};
use crate::prom::label_name::Scheme;
use crate::prom::quote::quote;
use crate::prom::regex::{Anchoring, Pattern, Regex, compile};

/// Where letters, digits, `_` and references make a name in the legacy scheme.
static LEGACY_TEMPLATE: LazyLock<Regex> = LazyLock::new(|| {
    compile(r"^(?:(?:[a-zA-Z_]|\$(?:\{\w+\}|\w+))+\w*)+$").expect("the pattern is Prometheus' own")
});

/// Whether a name that may hold references is valid.
pub(super) fn template_is_valid(scheme: Scheme, template: &str) -> bool {
    match scheme {
        Scheme::Legacy => LEGACY_TEMPLATE.is_match(template),
        Scheme::Utf8 => scheme.accepts(template),
    }
}

/// Checks the names of a rule's source labels, as Prometheus does when it reads them (`model.LabelName`). Rules that were read
/// may still hold an empty one: a null in the list, which Go decodes without asking (`yaml.v2`), and no label has that name.
pub(super) fn check_sources(config: &Config, dialect: Dialect) -> Result<(), String> {
    let refused = config.source_labels.iter().flatten().find(|name| !dialect.source_scheme.accepts(name));
    refused.map_or(Ok(()), |name| Err(format!("{} is not a valid label name", quote(name))))
}

/// Checks a rule whose fields are valid one by one, as Prometheus does once all rules are read (`relabel.Config.Validate`).
///
/// # Errors
/// What Prometheus says.
pub fn check_combination(config: &Config, dialect: Dialect) -> Result<(), String> {
    let action = match config.action.as_deref() {
        None => Action::Replace,
        Some(spelled) => Action::from_spelling(spelled).ok_or("relabel action cannot be empty")?,
    };
    check_fields(config, action, dialect)
}

/// Whether Prometheus and the operator take a rule whatever their version: it is one that Prometheus 2.0 knows already, with names
/// of the legacy scheme. Nothing is said of its regex ([`regex_is_sound`]).
pub fn is_sound(config: &Config) -> bool {
    [Dialect::of_release(2, 0), Dialect::of_release(3, u64::MAX)].into_iter().all(|dialect| {
        let without_regex = Config { regex: None, ..config.clone() };
        check_sources(config, dialect).is_ok()
            && checked(&without_regex, dialect).is_ok()
            && super::admit(&without_regex, dialect).is_ok()
    })
}

/// Whether Prometheus takes a regex whatever its version.
pub fn regex_is_sound(regex: &str) -> bool {
    [Anchoring::Lines, Anchoring::Text]
        .into_iter()
        .all(|anchoring| Pattern::parse(&anchoring.around(regex)).is_ok())
}

/// The same, with the action and the pattern that were read.
pub(super) fn checked(config: &Config, dialect: Dialect) -> Result<(Action, Pattern), String> {
    let pattern = Pattern::parse(&dialect.anchoring.around(config.regex())).map_err(|error| error.message)?;
    let action = match &config.action {
        None => Action::Replace,
        Some(spelled) => Action::from_spelling(spelled)
            .filter(|action| dialect.case_actions || !action.changes_case())
            .filter(|action| dialect.equal_actions || !action.compares())
            .ok_or_else(|| format!("unknown relabel action {}", quote(spelled)))?,
    };
    check_fields(config, action, dialect)?;
    Ok((action, pattern))
}

fn check_fields(config: &Config, action: Action, dialect: Dialect) -> Result<(), String> {
    let (target, spelled) = (config.target_label(), action.spelling());
    if action == Action::HashMod && config.modulus == 0 {
        return Err("relabel configuration for hashmod requires non-zero modulus".to_owned());
    }
    if action.needs_target() && target.is_empty() {
        return Err(format!("relabel configuration for {spelled} action requires 'target_label' value"));
    }
    let invalid_target = || Err(format!("{} is invalid 'target_label' for {spelled} action", quote(target)));
    if action == Action::Replace {
        let valid = if target.contains('$') {
            template_is_valid(dialect.template_scheme, target)
        } else {
            dialect.scheme.accepts(target)
        };
        if !valid {
            return invalid_target();
        }
    }
    if action.compares_or_cases() {
        if !dialect.scheme.accepts(target) {
            return invalid_target();
        }
        if config.replacement() != super::DEFAULT_REPLACEMENT {
            return Err(format!("'replacement' can not be set for {spelled} action"));
        }
    }
    if action == Action::LabelMap && !template_is_valid(dialect.template_scheme, config.replacement()) {
        let replacement = quote(config.replacement());
        return Err(format!("{replacement} is invalid 'replacement' for {spelled} action"));
    }
    if action == Action::HashMod && !dialect.scheme.accepts(target) {
        return invalid_target();
    }
    // A regex that is written out is refused also where it is the default.
    if action.compares() && (config.regex.is_some() || config.has_other_than_default_texts()) {
        return Err(format!(
            "{spelled} action requires only 'source_labels' and `target_label`, and no other fields"
        ));
    }
    if action.works_on_names()
        && (config.source_labels.is_some() || !target.is_empty() || config.has_other_than_default_texts())
    {
        return Err(format!("{spelled} action requires only 'regex', and no other fields"));
    }
    Ok(())
}
