//! Relabel rules of monitors and scrape classes, judged by [`crate::prom::relabel::admit`].

use crate::operator::fields::Fields;
use crate::operator::refusal::{Check, Context};
use crate::prom::label_name::Scheme;
use crate::prom::relabel::{Config, Dialect, admit};
use crate::prom::version::Version;

/// Which names a version takes, as the operator (v0.93) sees it: `nameValidationScheme` does not matter.
pub(in crate::operator) fn scheme(version: &Version) -> Scheme {
    if version.is_at_least(3, 0, 0) { Scheme::Utf8 } else { Scheme::Legacy }
}

/// What the operator makes of a version: a pre-release is below its release.
fn dialect(version: &Version) -> Dialect {
    Dialect {
        scheme: scheme(version),
        case_actions: version.is_at_least(2, 36, 0),
        equal_actions: version.is_at_least(2, 41, 0),
        ..Dialect::of_release(version.major, version.minor)
    }
}

/// Checks a list of rules.
pub(in crate::operator) fn check_all(version: &Version, owner: Fields<'_>, field: &str) -> Check {
    for (index, rule) in owner.items(field).enumerate() {
        admit(&config(rule), dialect(version))
            .under(format_args!("[{index}]: "))
            .within(format!("{field}.{index}"))?;
    }
    Ok(())
}

/// A rule of a resource as one of Prometheus.
fn config(rule: Fields<'_>) -> Config {
    let text = |field: &str| rule.opt_str(field).map(str::to_owned);
    let sources = rule.list("sourceLabels");
    Config {
        source_labels: (!sources.is_empty())
            .then(|| rule.strings("sourceLabels").map(str::to_owned).collect()),
        separator: text("separator"),
        regex: text("regex"),
        // The schema takes no negative number.
        modulus: rule.int("modulus").unwrap_or(0).unsigned_abs(),
        target_label: text("targetLabel"),
        replacement: text("replacement"),
        action: text("action"),
    }
}
