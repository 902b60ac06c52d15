//! The operator's own check of relabel rules (v0.93, `pkg/prometheus/validation`), which is not Prometheus'.

use std::sync::LazyLock;

use regex::Regex;

use crate::kubernetes::label_selector::quote;
use crate::operator::fields::Fields;
use crate::operator::refusal::{Check, Context, refuse};
use crate::prom::label_name::Scheme;
use crate::prom::regex as pattern;
use crate::prom::version::Version;

/// What a legacy label name with `$` templates looks like.
static TEMPLATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:(?:[a-zA-Z_]|\$(?:\{[0-9A-Za-z_]+\}|[0-9A-Za-z_]+))+[0-9A-Za-z_]*)+$")
        .expect("the pattern is valid")
});

/// Checks a list of rules.
pub(in crate::operator) fn check_all(version: &Version, owner: Fields<'_>, field: &str) -> Check {
    for (index, rule) in owner.items(field).enumerate() {
        check(version, rule).under(format_args!("[{index}]: ")).within(format!("{field}.{index}"))?;
    }
    Ok(())
}

fn check(version: &Version, rule: Fields<'_>) -> Check {
    let said = match rule.str("action") {
        "" => "replace",
        action => action,
    };
    let action = said.to_lowercase();
    let is = |actions: &[&str]| actions.contains(&action.as_str());
    let scheme = Scheme::of(version);
    let (target, expression) = (rule.str("targetLabel"), rule.str("regex"));
    let modulus = rule.int("modulus").unwrap_or(0);
    let differs = |field: &str, default: &str| rule.opt_str(field).is_some_and(|value| value != default);
    if is(&["lowercase", "uppercase"]) && !version.is_at_least(2, 36, 0) {
        return refuse(format!("{said} relabel action is only supported from Prometheus version 2.36.0"));
    }
    if is(&["keepequal", "dropequal"]) && !version.is_at_least(2, 41, 0) {
        return refuse(format!("{said} relabel action is only supported from Prometheus version 2.41.0"));
    }
    pattern::check(expression)
        .under(format_args!("invalid regex {expression} for relabel configuration: "))
        .within("regex")?;
    if modulus == 0 && is(&["hashmod"]) {
        return refuse("relabel configuration for hashmod requires non-zero modulus");
    }
    let sets_target = ["replace", "hashmod", "lowercase", "uppercase", "keepequal", "dropequal"];
    if is(&sets_target) && target.is_empty() {
        return refuse(format!("relabel configuration for {said} action needs targetLabel value"));
    }
    let invalid_target = || {
        refuse(format!("{} is invalid 'target_label' for {said} action", quote(target))).within("targetLabel")
    };
    if is(&["replace", "lowercase", "uppercase", "keepequal", "dropequal"]) && !scheme.allows(target) {
        return invalid_target();
    }
    if is(&["lowercase", "uppercase", "keepequal", "dropequal"]) && differs("replacement", "$1") {
        return refuse(format!("'replacement' can not be set for {said} action"));
    }
    if is(&["labelmap"])
        && let Some(replacement) = rule.opt_str("replacement")
    {
        let allowed = match scheme {
            Scheme::Utf8 => scheme.allows(replacement),
            Scheme::Legacy => TEMPLATE.is_match(replacement),
        };
        if !allowed {
            return refuse(format!("{} is invalid 'replacement' for {said} action", quote(replacement)));
        }
    }
    if is(&["hashmod"]) && !scheme.allows(target) {
        return invalid_target();
    }
    let says_more = modulus != 0 || differs("separator", ";") || differs("replacement", "$1");
    if is(&["keepequal", "dropequal"]) && (says_more || !matches!(expression, "" | "(.*)")) {
        return refuse(format!(
            "{said} action requires only 'source_labels' and `target_label`, and no other fields"
        ));
    }
    if is(&["labeldrop", "labelkeep"])
        && (says_more || !rule.list("sourceLabels").is_empty() || !target.is_empty())
    {
        return refuse(format!("{said} action requires only 'regex', and no other fields"));
    }
    Ok(())
}
