//! A text to a configuration, as Prometheus loads a file: what it refuses, and what it makes of the rest.

use std::collections::HashSet;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::decode::{Decoder, Fault, Field, Misfit, Release, STRINGS, Selectors, Struct, Table, Type, Value};
use super::egress::{
    ALERTING, OTLP, REMOTE_READ, REMOTE_WRITE, STORAGE, TRACING, check_translation, no_null,
};
use super::global::{Defaults, GLOBAL};
use super::job::{SCRAPE, build, rules};
use super::rule::with_default;
use super::scrape::ScrapeConfig;
use super::{Config, Global, sd};
use crate::diagnostic::{Place, Span, TextFile};
use crate::prom::label_name::Scheme;
use crate::prom::quote::quote;
use crate::prom::relabel::Dialect;
use crate::prom::version::Version;
use crate::source::{self, Document, Node};

/// What a file is loaded by.
#[derive(Debug, Clone)]
pub struct Loader {
    /// The version of Prometheus. A pre-release loads what its release does.
    pub version: Version,
    /// Whether Prometheus runs as an agent.
    pub is_agent: bool,
    /// How selectors of the Kubernetes API are checked.
    pub selectors: Selectors,
}

/// Why Prometheus refuses a file. The whole file: everything it ran before goes on as it was.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Prometheus' words.
    pub message: String,
    /// What it says so about.
    pub places: Vec<Place>,
    /// The job the first of these is in.
    pub job: Option<String>,
}

static CONFIG: Struct = Struct {
    go: "config.plain",
    fields: &[&[
        Field::new("global", Type::Struct(&GLOBAL)),
        Field::new("runtime", Type::Struct(&RUNTIME)).since(2, 53),
        Field::new("alerting", Type::Struct(&ALERTING)),
        Field::new("rule_files", STRINGS),
        Field::new("scrape_config_files", STRINGS).since(2, 43),
        Field::new("scrape_configs", Type::Structs("[]*config.ScrapeConfig", &SCRAPE)),
        Field::new("storage", Type::Struct(&STORAGE)).since(2, 29),
        Field::new("tracing", Type::Struct(&TRACING)).since(2, 32),
        Field::new("remote_write", Type::Structs("[]*config.RemoteWriteConfig", &REMOTE_WRITE)),
        Field::new("remote_read", Type::Structs("[]*config.RemoteReadConfig", &REMOTE_READ)),
        Field::new("otlp", Type::Struct(&OTLP)).since(2, 55),
    ]],
    check: None,
};

static RUNTIME: Struct =
    Struct { go: "config.RuntimeConfig", fields: &[&[Field::new("gogc", Type::Int)]], check: None };

impl Loader {
    /// Loads a text. Its secrets are declared (see [`TextFile::hide`]).
    ///
    /// # Errors
    /// Why Prometheus refuses it.
    pub fn load(&self, file: &Arc<TextFile>) -> Result<Config, Refused> {
        let refused = |message, spans: Vec<Span>| {
            let places = spans.into_iter().map(|span| Place::new(Arc::clone(file), span));
            Refused { message, places: places.collect(), job: None }
        };
        let document = source::read_unmerged(file).map_err(|message| refused(message, Vec::new()))?;
        let in_job = |mut refused: Refused| {
            let root = document.as_ref().map(Document::root);
            refused.job = root.zip(refused.places.first()).and_then(|(root, place)| job_at(root, place.span));
            refused
        };
        let number = (self.version.major, self.version.minor);
        let release = Release { number, selectors: self.selectors };
        let mut decoder = Decoder {
            release,
            dialect: Dialect::of_release(number.0, number.1),
            misfits: Vec::new(),
            hidden: Vec::new(),
            valid_regexes: FxHashSet::default(),
            default_regex: None,
        };
        let loaded = match &document {
            None => Ok(Some(Value::Null)),
            Some(document) => decoder.value(document.root(), Type::Struct(&CONFIG)),
        };
        file.hide(std::mem::take(&mut decoder.hidden));
        let fault = |fault: Fault| in_job(refused(fault.message, vec![fault.span]));
        let loaded = loaded.map_err(fault)?;
        if !decoder.misfits.is_empty() {
            let messages: Vec<&str> =
                decoder.misfits.iter().map(|misfit: &Misfit| misfit.message.as_str()).collect();
            let message = format!("yaml: unmarshal errors:\n  {}", messages.join("\n  "));
            let spans = decoder.misfits.iter().map(|misfit| misfit.span).collect();
            return Err(in_job(refused(message, spans)));
        }
        let table = match loaded {
            Some(Value::Table(table)) => table,
            // A document that is null takes the defaults away.
            _ if document.is_some() => return Ok(Config::nothing()),
            _ => Table::empty(Span::new(0, 0)),
        };
        let mut config = self.build(table, release, decoder.dialect).map_err(fault)?;
        if let Some((text, span)) = decoder.default_regex {
            for job in &mut config.scrape_configs {
                for rule in job.relabel_configs.iter_mut().chain(&mut job.metric_relabel_configs) {
                    with_default(rule, &text);
                }
            }
            config.default_regex = Some((text, span));
        }
        Ok(config)
    }

    /// `Config.UnmarshalYAML`, then what `Load` and `LoadFile` check.
    fn build(&self, mut table: Table<'_>, release: Release, dialect: Dialect) -> Result<Config, Fault> {
        let nothing = Table::empty(table.span);
        let global = table.take("global");
        let global = if let Some(Value::Table(global)) = &global { global } else { &nothing };
        let defaults = Defaults::of(global, release);
        for (field, what) in [("rule_files", "rule"), ("scrape_config_files", "scrape config")] {
            if let Some(path) = table.texts(field).find(|path| !is_pattern(path)) {
                return Err(table.fault(field, format!("invalid {what} file path {}", quote(path))));
            }
        }
        let (scrape_configs, spans) = jobs(&mut table, &defaults, release, dialect)?;
        let dialect = if release.is_at_least(3, 5) && defaults.scheme == Scheme::Legacy {
            dialect.with_scheme(Scheme::Legacy)
        } else {
            dialect
        };
        let refused_by_agent = self.is_agent.then(|| check_agent(&table)).transpose();
        check_alerting(&mut table, dialect)?;
        check_remotes(&mut table, dialect)?;
        check_translation(table.table("otlp"), defaults.scheme == Scheme::Legacy)?;
        refused_by_agent?;
        Ok(Config {
            global: Global {
                scrape_interval: sd::nanoseconds(defaults.interval),
                scrape_timeout: sd::nanoseconds(defaults.timeout),
                external_labels: sd::labels(global, "external_labels").into_iter().collect(),
            },
            scrape_configs,
            spans,
            scrape_config_files: table.texts("scrape_config_files").map(str::to_owned).collect(),
            default_regex: None,
        })
    }
}

/// What an agent does not do.
fn check_agent(table: &Table<'_>) -> Result<(), Fault> {
    let alerting = table.table("alerting");
    let has = |field| alerting.is_some_and(|alerting| !alerting.list(field).is_empty());
    let field = if has("alertmanagers") || has("alert_relabel_configs") {
        "alerting"
    } else if !table.list("rule_files").is_empty() {
        "rule_files"
    } else if !table.list("remote_read").is_empty() {
        "remote_read"
    } else {
        return Ok(());
    };
    Err(table.fault(field, format!("field {field} is not allowed in agent mode")))
}

/// The name of the job a stretch is in.
fn job_at(root: Node<'_>, span: Span) -> Option<String> {
    let jobs = root.entries().find(|entry| entry.key == "scrape_configs")?.value;
    let job = jobs.items().find(|job| job.span().start <= span.start && span.start < job.span().end)?;
    job.entries().find(|entry| entry.key == "job_name")?.value.written().map(str::to_owned)
}

/// `^[^*]*(\*[^/]*)?$`
fn is_pattern(path: &str) -> bool {
    path.split_once('*').is_none_or(|(_, after)| !after.contains('/'))
}

fn jobs(
    table: &mut Table<'_>,
    defaults: &Defaults<'_>,
    release: Release,
    dialect: Dialect,
) -> Result<(Vec<ScrapeConfig>, Vec<Span>), Fault> {
    let span = table.span_of("scrape_configs");
    let Some(Value::List(items)) = table.take("scrape_configs") else { return Ok(Default::default()) };
    let (mut jobs, mut spans) = (Vec::with_capacity(items.len()), Vec::with_capacity(items.len()));
    let mut names: HashSet<String> = HashSet::with_capacity(items.len());
    for item in items {
        let Value::Table(job) = item else {
            return Err(Fault { message: "empty or null scrape config section".to_owned(), span });
        };
        let span = job.span_of("job_name");
        spans.push(span);
        let job = build(job, defaults, release, dialect)?;
        if !names.insert(job.job_name.clone()) {
            let message = format!("found multiple scrape configs with job name {}", quote(&job.job_name));
            return Err(Fault { message, span });
        }
        jobs.push(job);
    }
    Ok((jobs, spans))
}

fn check_alerting(table: &mut Table<'_>, dialect: Dialect) -> Result<(), Fault> {
    let Some(alerting) = table.table_mut("alerting") else { return Ok(()) };
    // Prometheus follows a pointer that leads nowhere, and dies.
    let crash = "panic: runtime error: invalid memory address or nil pointer dereference";
    no_null(alerting, "alertmanagers", crash)?;
    rules(alerting, "alert_relabel_configs", dialect)?;
    for alertmanager in alerting.tables_mut("alertmanagers") {
        rules(alertmanager, "alert_relabel_configs", dialect)?;
        rules(alertmanager, "relabel_configs", dialect)?;
    }
    Ok(())
}

fn check_remotes(table: &mut Table<'_>, dialect: Dialect) -> Result<(), Fault> {
    for (field, what) in [("remote_write", "remote write"), ("remote_read", "remote read")] {
        let span = table.span_of(field);
        let mut names: Vec<&str> = Vec::new();
        for item in table.list(field) {
            let Value::Table(remote) = item else {
                let message = format!("empty or null {what} config section");
                return Err(Fault { message, span });
            };
            let name = remote.text("name");
            if !name.is_empty() && names.contains(&name) {
                let message = format!("found multiple {what} configs with job name {}", quote(name));
                return Err(remote.fault("name", message));
            }
            names.push(name);
        }
        for remote in table.tables_mut(field) {
            rules(remote, "write_relabel_configs", dialect)?;
        }
    }
    Ok(())
}
