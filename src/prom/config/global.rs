//! The section `global`: its fields, what it checks of itself, and what jobs inherit.

use super::decode::{Fault, Field, Release, STRING, Struct, Table, Type};
use super::job::{SHARED, UINT, check_accepted};
use crate::prom::label_name::Scheme;
use crate::prom::quote::quote;

pub(super) static GLOBAL: Struct = Struct {
    go: "config.plain",
    fields: &[
        &[
            Field::new("evaluation_interval", Type::Duration),
            Field::new("rule_query_offset", Type::Duration).since(2, 53),
            Field::new("query_log_file", STRING).since(2, 16),
            Field::new("external_labels", Type::Map("map[string]string", None, &STRING)),
            Field::new("body_size_limit", Type::Size).since(2, 45),
            Field::new("sample_limit", UINT).since(2, 45),
            Field::new("target_limit", UINT).since(2, 45),
            Field::new("label_limit", UINT).since(2, 45),
            Field::new("label_name_length_limit", UINT).since(2, 45),
            Field::new("label_value_length_limit", UINT).since(2, 45),
            Field::new("keep_dropped_targets", UINT).since(2, 47),
            Field::new("convert_classic_histograms_to_nhcb", Type::Bool).since(3, 4),
            Field::new("always_scrape_classic_histograms", Type::Bool).since(3, 5),
        ],
        SHARED,
    ],
    check: Some(check),
};

const SECOND: i64 = 1_000_000_000;
const DEFAULT_INTERVAL: i64 = 60 * SECOND;
const DEFAULT_TIMEOUT: i64 = 10 * SECOND;

/// `GlobalConfig.UnmarshalYAML`.
fn check(table: &Table<'_>, release: Release) -> Result<(), Fault> {
    let scheme = scheme(table, release);
    for (name, _) in super::sd::labels(table, "external_labels") {
        if !scheme.accepts(&name) {
            let message = format!("{} is not a valid label name", quote(&name));
            return Err(table.fault("external_labels", message));
        }
    }
    let interval = table.duration("scrape_interval").unwrap_or(DEFAULT_INTERVAL);
    if table.duration("scrape_timeout").is_some_and(|timeout| timeout > interval) {
        let message = "global scrape timeout greater than scrape interval";
        return Err(table.fault("scrape_timeout", message));
    }
    check_accepted(table, release)
        .map_err(|message| table.fault("scrape_protocols", format!("{message} for global config")))
}

/// A name validation scheme (`model.ValidationScheme`).
pub(super) fn name_scheme(text: &str, _: Release) -> Result<(), String> {
    if matches!(text, "" | "legacy" | "utf8") {
        Ok(())
    } else {
        Err(format!("unrecognized ValidationScheme: {}", quote(text)))
    }
}

fn scheme(table: &Table<'_>, release: Release) -> Scheme {
    match table.text("metric_name_validation_scheme") {
        "legacy" => Scheme::Legacy,
        _ if release.is_at_least(3, 0) => Scheme::Utf8,
        _ => Scheme::Legacy,
    }
}

/// What jobs inherit.
pub(super) struct Defaults<'t> {
    pub(super) table: &'t Table<'t>,
    /// Nanoseconds.
    pub(super) interval: i64,
    /// Nanoseconds.
    pub(super) timeout: i64,
    pub(super) scheme: Scheme,
    pub(super) native_histograms: bool,
    pub(super) classic_histograms: bool,
    pub(super) convert_histograms: bool,
}

impl<'t> Defaults<'t> {
    /// What a section says; one that is not there is an empty one.
    pub(super) fn of(table: &'t Table<'t>, release: Release) -> Self {
        let interval = table.duration("scrape_interval").unwrap_or(DEFAULT_INTERVAL);
        let flag = |field| table.given_bool(field) == Some(true);
        Self {
            table,
            interval,
            timeout: table.duration("scrape_timeout").unwrap_or(DEFAULT_TIMEOUT.min(interval)),
            scheme: scheme(table, release),
            native_histograms: flag("scrape_native_histograms"),
            classic_histograms: flag("always_scrape_classic_histograms"),
            convert_histograms: flag("convert_classic_histograms_to_nhcb"),
        }
    }
}
