//! A job: its fields, what it checks of itself, and what it becomes beside `global`.

use super::decode::{Fault, Field, Release, STRING, Struct, Table, Type, Value};
use super::discovery::OtherSd;
use super::egress::{RULES, no_null};
use super::global::{Defaults, name_scheme};
use super::scrape::{Limits, ScrapeConfig};
use super::{http, mechanisms, sd};
use crate::prom::label_name::Scheme;
use crate::prom::quote::quote;
use crate::prom::relabel;

pub(super) const UINT: Type = Type::Uint("uint");
/// `scrape_protocols`.
pub(super) const PROTOCOLS: Type =
    Type::List("[]config.ScrapeProtocol", &Type::Text("config.ScrapeProtocol"));

/// What `global` has too.
pub(super) const SHARED: &[Field] = &[
    Field::new("scrape_interval", Type::Duration),
    Field::new("scrape_timeout", Type::Duration),
    Field::new("scrape_protocols", PROTOCOLS).since(2, 49),
    Field::new("scrape_native_histograms", Type::Bool).since(3, 8),
    Field::new("metric_name_validation_scheme", Type::Word(name_scheme)).since(2, 55),
    Field::new("metric_name_escaping_scheme", STRING).since(3, 4),
    Field::new("scrape_failure_log_file", STRING).since(2, 55),
    Field::new("extra_scrape_metrics", Type::Bool).since(3, 10),
];

static LIMITS: [&str; 5] =
    ["sample_limit", "target_limit", "label_limit", "label_name_length_limit", "label_value_length_limit"];

pub(super) static SCRAPE: Struct = Struct {
    go: "config.ScrapeConfig",
    fields: &[
        &[
            Field::new("job_name", STRING),
            Field::new("honor_labels", Type::Bool),
            Field::new("honor_timestamps", Type::Bool).since(2, 9),
            Field::new("track_timestamps_staleness", Type::Bool).since(2, 48),
            Field::new("params", Type::Map("url.Values", None, &super::decode::STRINGS)),
            Field::new("fallback_scrape_protocol", Type::Text("config.ScrapeProtocol")).since(3, 0),
            Field::new("scrape_classic_histograms", Type::Bool).since(2, 45).until(3, 0),
            Field::new("always_scrape_classic_histograms", Type::Bool).since(3, 0),
            Field::new("convert_classic_histograms_to_nhcb", Type::Bool).since(3, 0),
            Field::new("metrics_path", STRING),
            Field::new("scheme", STRING),
            Field::new("enable_compression", Type::Bool).since(2, 49),
            Field::new("body_size_limit", Type::Size).since(2, 28),
            Field::new("sample_limit", UINT),
            Field::new("target_limit", UINT).since(2, 21),
            Field::new("label_limit", UINT).since(2, 27),
            Field::new("label_name_length_limit", UINT).since(2, 27),
            Field::new("label_value_length_limit", UINT).since(2, 27),
            Field::new("keep_dropped_targets", UINT).since(2, 47),
            Field::new("native_histogram_bucket_limit", UINT).since(2, 45),
            Field::new("native_histogram_min_bucket_factor", Type::Float).since(2, 50),
            Field::new("relabel_configs", RULES),
            Field::new("metric_relabel_configs", RULES),
        ],
        SHARED,
        http::FIELDS,
        sd::FIELDS,
        mechanisms::FIELDS,
    ],
    check: Some(check),
};

/// `ScrapeConfig.UnmarshalYAML`.
fn check(table: &Table<'_>, release: Release) -> Result<(), Fault> {
    check_discoveries(table)?;
    if table.text("job_name").is_empty() {
        return Err(table.fault("job_name", "job_name is empty"));
    }
    http::check(table, release)?;
    check_static_targets(table)?;
    no_null(table, "relabel_configs", "empty or null target relabeling rule in scrape config")?;
    no_null(table, "metric_relabel_configs", "empty or null metric relabeling rule in scrape config")
}

/// Discoveries that are null, in the order of their fields.
pub(super) fn check_discoveries(table: &Table<'_>) -> Result<(), Fault> {
    let mut fields: Vec<&str> = sd::FIELDS.iter().chain(mechanisms::FIELDS).map(|field| field.name).collect();
    fields.sort_unstable();
    for field in fields {
        no_null(table, field, &format!("empty or null section in {field}"))?;
    }
    Ok(())
}

/// URLs where addresses should be. They are looked for only where no rule could make addresses of them.
pub(super) fn check_static_targets(table: &Table<'_>) -> Result<(), Fault> {
    if !table.list("relabel_configs").is_empty() {
        return Ok(());
    }
    for group in table.list("static_configs") {
        let Value::Table(group) = group else { continue };
        if let Some(address) = group.texts("targets").find(|address| address.contains('/')) {
            return Err(group.fault("targets", format!("{} is not a valid hostname", quote(address))));
        }
    }
    Ok(())
}

/// Checks a job beside `global`, and makes it what it is in effect (`ScrapeConfig.Validate`).
pub(super) fn build(
    mut table: Table<'_>,
    global: &Defaults<'_>,
    release: Release,
    dialect: relabel::Dialect,
) -> Result<ScrapeConfig, Fault> {
    let job_name = table.text("job_name").to_owned();
    let interval = table.duration("scrape_interval").unwrap_or(global.interval);
    let timeout = table.duration("scrape_timeout");
    if timeout.is_some_and(|timeout| timeout > interval) {
        let message = format!(
            "scrape timeout greater than scrape interval for scrape config with job name {}",
            quote(&job_name)
        );
        return Err(table.fault("scrape_timeout", message));
    }
    let timeout = timeout.unwrap_or_else(|| global.timeout.min(interval));
    check_protocols(&table, release, &job_name)?;
    let scheme = check_names(&table, global, release)?;
    // The scheme of the configuration reaches relabel rules since 3.5; before, that of the release decides.
    let dialect = if release.is_at_least(3, 5) && scheme == Scheme::Legacy {
        dialect.with_scheme(Scheme::Legacy)
    } else {
        dialect
    };
    let relabel_configs = rules(&mut table, "relabel_configs", dialect)?;
    let metric_relabel_configs = rules(&mut table, "metric_relabel_configs", dialect)?;
    let flag = |field, inherited| table.given_bool(field).unwrap_or(inherited);
    let classic = if release.is_at_least(3, 0) {
        "always_scrape_classic_histograms"
    } else {
        "scrape_classic_histograms"
    };
    Ok(ScrapeConfig {
        honor_labels: flag("honor_labels", false),
        honor_timestamps: flag("honor_timestamps", true),
        scrape_interval: sd::nanoseconds(interval),
        scrape_timeout: sd::nanoseconds(timeout),
        metrics_path: table.given_text("metrics_path").unwrap_or("/metrics").to_owned(),
        scheme: table.given_text("scheme").unwrap_or("http").to_owned(),
        params: params(&table),
        scrape_native_histograms: inherited_flag(
            &table,
            "scrape_native_histograms",
            global.native_histograms,
        ),
        always_scrape_classic_histograms: inherited_flag(&table, classic, global.classic_histograms),
        convert_classic_histograms_to_nhcb: inherited_flag(
            &table,
            "convert_classic_histograms_to_nhcb",
            global.convert_histograms,
        ),
        dialect,
        relabel_configs,
        metric_relabel_configs,
        limits: limits(&table, global),
        static_configs: sd::static_configs(&table),
        kubernetes_sd_configs: sd::kubernetes(&table),
        http_sd_configs: sd::http_sds(&table),
        file_sd_configs: sd::file_sds(&table),
        other_sd_configs: others(&table),
        tls: http::tls(&table),
        job_name,
    })
}

/// A flag whose null is not given.
fn inherited_flag(table: &Table<'_>, field: &str, inherited: bool) -> bool {
    if table.is_set(field) { table.given_bool(field) == Some(true) } else { inherited }
}

fn params(table: &Table<'_>) -> std::collections::BTreeMap<String, Vec<String>> {
    let entries = table.map("params").iter().map(|(name, values)| {
        let values = match values {
            Value::List(values) => values.iter().map(|value| match value {
                Value::Text(text) => (*text).to_owned(),
                _ => String::new(),
            }),
            _ => return ((*name).to_owned(), Vec::new()),
        };
        ((*name).to_owned(), values.collect())
    });
    entries.collect()
}

fn limits(table: &Table<'_>, global: &Defaults<'_>) -> Limits {
    let number = |field: &str| match table.uint(field) {
        0 => global.table.uint(field),
        own => own,
    };
    let [sample, target, label, label_name_length, label_value_length] = LIMITS.map(number);
    let body_size = match table.int("body_size_limit") {
        0 => global.table.int("body_size_limit"),
        own => own,
    };
    Limits {
        // A size may be negative, which limits nothing.
        body_size: u64::try_from(body_size).unwrap_or(0),
        sample,
        target,
        label,
        label_name_length,
        label_value_length,
        keep_dropped_targets: number("keep_dropped_targets"),
    }
}

fn others(table: &Table<'_>) -> Vec<OtherSd> {
    let made = mechanisms::FIELDS.iter().flat_map(|field| {
        let mechanism = field.name.trim_end_matches("_sd_configs");
        table.list(field.name).iter().filter_map(move |item| match item {
            Value::Table(table) => Some(OtherSd { mechanism, tls: http::tls(table) }),
            _ => None,
        })
    });
    made.collect()
}

/// The rules of a list, each checked in the job's own dialect.
pub(super) fn rules(
    table: &mut Table<'_>,
    field: &str,
    dialect: relabel::Dialect,
) -> Result<Vec<relabel::Config>, Fault> {
    let Some(Value::List(items)) = table.take(field) else { return Ok(Vec::new()) };
    let mut rules = Vec::with_capacity(items.len());
    for item in items {
        let Value::Rule(rule, span) = item else { continue };
        relabel::check_combination(&rule, dialect).map_err(|message| Fault { message, span })?;
        rules.push(*rule);
    }
    Ok(rules)
}

const KNOWN_PROTOCOLS: [&str; 5] = [
    "OpenMetricsText0.0.1",
    "OpenMetricsText1.0.0",
    "PrometheusProto",
    "PrometheusText0.0.4",
    "PrometheusText1.0.0",
];

fn unknown_protocol(protocol: &str, release: Release) -> Option<String> {
    // `PrometheusText1.0.0` came with 3.0.
    let known = if release.is_at_least(3, 0) { &KNOWN_PROTOCOLS[..] } else { &KNOWN_PROTOCOLS[..4] };
    if known.contains(&protocol) {
        return None;
    }
    Some(format!("unknown scrape protocol {protocol}, supported: [{}]", known.join(" ")))
}

/// `validateAcceptScrapeProtocols`; of null the defaults are taken.
pub(super) fn check_accepted(table: &Table<'_>, release: Release) -> Result<(), String> {
    if !table.is_set("scrape_protocols") {
        return Ok(());
    }
    let protocols: Vec<&str> = table.texts("scrape_protocols").collect();
    if protocols.is_empty() {
        return Err("scrape_protocols cannot be empty".to_owned());
    }
    let mut seen: Vec<String> = Vec::new();
    for protocol in &protocols {
        let lower = protocol.to_lowercase();
        if seen.contains(&lower) {
            return Err(format!("duplicated protocol in scrape_protocols, got [{}]", protocols.join(" ")));
        }
        if let Some(message) = unknown_protocol(protocol, release) {
            return Err(format!("scrape_protocols: {message}"));
        }
        seen.push(lower);
    }
    Ok(())
}

fn check_protocols(table: &Table<'_>, release: Release, job: &str) -> Result<(), Fault> {
    let job = quote(job);
    check_accepted(table, release).map_err(|message| {
        table.fault("scrape_protocols", format!("{message} for scrape config with job name {job}"))
    })?;
    let fallback = table.text("fallback_scrape_protocol");
    match unknown_protocol(fallback, release).filter(|_| !fallback.is_empty()) {
        Some(message) => {
            let message =
                format!("invalid fallback_scrape_protocol for scrape config with job name {job}: {message}");
            Err(table.fault("fallback_scrape_protocol", message))
        }
        None => Ok(()),
    }
}

const ESCAPINGS: [&str; 4] = ["allow-utf-8", "underscores", "dots", "values"];

/// The validation scheme in effect, if it goes with the escaping scheme (Prometheus 3.13).
fn check_names(table: &Table<'_>, global: &Defaults<'_>, release: Release) -> Result<Scheme, Fault> {
    let own = match table.text("metric_name_validation_scheme") {
        "legacy" => Some(Scheme::Legacy),
        "utf8" => Some(Scheme::Utf8),
        _ => None,
    };
    let scheme = own.unwrap_or(global.scheme);
    if !release.is_at_least(3, 4) {
        return Ok(scheme);
    }
    let of_scheme = |scheme| if scheme == Scheme::Legacy { "underscores" } else { "allow-utf-8" };
    let unknown = |of: &str, got: &str| {
        let [utf8, underscores, dots, values] = ESCAPINGS;
        format!(
            "unknown {of} name escaping method specified, must be one of '{utf8}', '{underscores}', '{dots}', or \
             '{values}', got {}",
            quote(got)
        )
    };
    let global_escaping = match global.table.text("metric_name_escaping_scheme") {
        "" => of_scheme(global.scheme),
        known if ESCAPINGS.contains(&known) => known,
        other => {
            return Err(global.table.fault("metric_name_escaping_scheme", unknown("global", other)));
        }
    };
    let escaping = match (table.text("metric_name_escaping_scheme"), own) {
        ("", None) => global_escaping,
        ("", Some(own)) => of_scheme(own),
        (given, _) => given,
    };
    if !ESCAPINGS.contains(&escaping) {
        return Err(table.fault("metric_name_escaping_scheme", unknown("scrape config", escaping)));
    }
    if escaping == "allow-utf-8" && scheme != Scheme::Utf8 {
        let message = "utf8 metric names requested but validation scheme is not set to UTF8";
        return Err(table.fault("metric_name_validation_scheme", message));
    }
    Ok(scheme)
}
