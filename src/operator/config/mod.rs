//! The configuration the operator (v0.93, `pkg/prometheus/promcfg.go`) writes for Prometheus, with its entries in its order.
//!
//! What a version of Prometheus does not know is left out without a word; [`Generator::since`] is where that is decided.
//!
//! `global`, `storage`, `alerting`, `remote`, `otlp`, `tracing` are the sections; `service_monitor`, `pod_monitor`, `probe`
//! and `scrape_config` make one job each, `additional` takes jobs from a Secret. `http`, `kubernetes_sd`, `discovery`,
//! `relabel`, `selector`, `sharding`, `limits` and `scrape_class` are what these are made of.

mod additional;
mod alerting;
mod discovery;
mod enforcement;
mod global;
mod http;
mod kubernetes_sd;
mod limits;
mod natural;
mod otlp;
mod pod_monitor;
mod probe;
mod quantity;
mod relabel;
mod remote;
mod scrape_class;
mod scrape_config;
mod selector;
mod service_monitor;
mod sharding;
mod storage;
mod tracing;

use std::cell::Cell;

use serde_json::Value;

use super::assets::Assets;
use super::fields::Fields;
use super::monitor::{Monitor, MonitorKind};
use super::reality::Switches;
use super::refusal::{Check, Context as _, Refusal};
use crate::prom::version::Version;
use crate::source::{Mapping, Ordered};

/// The Prometheus or `PrometheusAgent` a configuration is for.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Whether it is a `PrometheusAgent`.
    pub is_agent: bool,
    /// Its namespace.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its `spec`, completed.
    pub spec: &'a Value,
}

/// What a configuration is made of besides the Prometheus.
#[derive(Debug, Clone, Copy, Default)]
pub struct Parts<'a> {
    /// Accepted monitors, those of each kind in the order of their keys.
    pub monitors: &'a [Monitor],
    /// The text of `additionalScrapeConfigs`.
    pub additional_scrape_configs: Option<&'a str>,
    /// The text of `additionalAlertRelabelConfigs`.
    pub additional_alert_relabel_configs: Option<&'a str>,
    /// The text of `additionalAlertManagerConfigs`.
    pub additional_alertmanager_configs: Option<&'a str>,
    /// The names of the `ConfigMaps` with rules.
    pub rule_config_maps: &'a [String],
}

/// Takes jobs as they are written: the section `global` beside which they stand, and the job.
pub type Taken<'t> = &'t mut dyn FnMut(&Ordered, Ordered);

/// Why there is no configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The operator gives up, with these words.
    Failed(Refusal),
    /// The operator's process dies, with these words.
    Crashed(String),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Failed(refusal)
    }
}

/// What the operator's process says when it dies (v0.93.1, with `spec.version` below 2.26 and an `authorization`).
const CRASH: &str = "panic: runtime error: index out of range [0] with length 0";

/// Makes configurations for one Prometheus.
pub struct Generator<'a> {
    subject: Subject<'a>,
    version: Version,
    prometheus: Fields<'a>,
    switches: Switches,
    assets: &'a Assets<'a>,
    /// The number of shards, at least one.
    shards: i64,
    default_class: &'a str,
    crashed: Cell<bool>,
}

impl<'a> Generator<'a> {
    /// A generator for a Prometheus of a version, which is written so.
    ///
    /// # Errors
    /// The operator's words for a version it does not support, or for scrape classes it does not take.
    pub fn new(
        subject: Subject<'a>,
        written_version: &str,
        switches: Switches,
        assets: &'a Assets<'a>,
    ) -> Check<Self> {
        let version =
            Version::parse_tolerant(written_version).under("failed to parse Prometheus version: ")?;
        if !matches!(version.major, 2 | 3) {
            return Err(Refusal::from(format!("unsupported Prometheus version {written_version:?}")))
                .within("spec.version");
        }
        let prometheus = Fields::of(subject.spec);
        let default_class = scrape_class::check(&version, prometheus)
            .under("failed to parse scrape classes: ")
            .within("spec")?;
        let shards = prometheus.int("shards").unwrap_or(1).max(1);
        Ok(Self {
            subject,
            version,
            prometheus,
            switches,
            assets,
            shards,
            default_class,
            crashed: Cell::new(false),
        })
    }

    /// The version of Prometheus.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// The whole configuration.
    ///
    /// # Errors
    /// What the operator says, or dies with.
    pub fn generate(&self, parts: Parts<'_>) -> Result<Ordered, Stop> {
        let mut jobs = Vec::new();
        let mut config = self.generate_into(parts, &mut |_, job| jobs.push(job))?;
        if let Ordered::Map(config) = &mut config
            && let Some(place) = config.get_mut("scrape_configs")
        {
            *place = jobs.into();
        }
        Ok(config)
    }

    /// The whole configuration but its jobs, which are given away one by one as they are written: all of them together take far
    /// more memory than what they are made of.
    ///
    /// # Errors
    /// What the operator says, or dies with.
    pub fn generate_into(&self, parts: Parts<'_>, take: Taken<'_>) -> Result<Ordered, Stop> {
        let made = self.document(parts, take);
        // What kills the process does so before a later error is noticed.
        if self.crashed.get() {
            return Err(Stop::Crashed(CRASH.to_owned()));
        }
        Ok(made?)
    }

    fn document(&self, parts: Parts<'_>, take: Taken<'_>) -> Check<Ordered> {
        let timeout = self.prometheus.str("scrapeTimeout");
        if !timeout.is_empty() {
            super::admit::compare_timeout(timeout, self.prometheus.str("scrapeInterval"))
                .within("spec.scrapeTimeout")?;
        }
        let mut config = Mapping::new();
        let global = Ordered::from(self.global());
        let take: &mut dyn FnMut(Ordered) = &mut |job| take(&global, job);
        config.push("global", global.clone());
        self.runtime(&mut config);
        if self.subject.is_agent {
            self.agent_jobs(parts, take)?;
            config.push("scrape_configs", Ordered::List(Vec::new()));
            self.agent_storage(&mut config)?;
            self.remote_write(&mut config);
        } else {
            self.rule_files(&mut config, parts.rule_config_maps);
            self.server_jobs(parts, take)?;
            config.push("scrape_configs", Ordered::List(Vec::new()));
            self.storage(&mut config).under("generating storage_settings configuration failed: ")?;
            self.alerting(&mut config, parts).under("generating alerting configuration failed: ")?;
            self.remote_write(&mut config);
            self.remote_read(&mut config);
        }
        self.otlp(&mut config).under("failed to generate OTLP configuration: ")?;
        self.tracing(&mut config).under("failed to generate tracing configuration: ")?;
        Ok(config.into())
    }

    fn server_jobs(&self, parts: Parts<'_>, take: &mut dyn FnMut(Ordered)) -> Check {
        for kind in [MonitorKind::Service, MonitorKind::Pod, MonitorKind::Probe, MonitorKind::ScrapeConfig] {
            self.jobs(kind, parts, take)?;
        }
        self.additional_jobs(parts.additional_scrape_configs, take)
            .under("generate additional scrape configs: ")
    }

    fn agent_jobs(&self, parts: Parts<'_>, take: &mut dyn FnMut(Ordered)) -> Check {
        self.jobs(MonitorKind::Pod, parts, take)?;
        self.additional_jobs(parts.additional_scrape_configs, take)
            .under("generate additional scrape configs: ")?;
        if !self.switches.daemon_set {
            for kind in [MonitorKind::Service, MonitorKind::Probe, MonitorKind::ScrapeConfig] {
                self.jobs(kind, parts, take)?;
            }
        }
        Ok(())
    }

    /// The jobs of the monitors of a kind.
    fn jobs(&self, kind: MonitorKind, parts: Parts<'_>, take: &mut dyn FnMut(Ordered)) -> Check {
        for monitor in parts.monitors.iter().filter(|monitor| monitor.kind == kind) {
            match kind {
                MonitorKind::Service => {
                    for (index, endpoint) in monitor.fields().items("endpoints").enumerate() {
                        take(self.service_monitor(monitor, endpoint, index).into());
                    }
                }
                MonitorKind::Pod => {
                    for (index, endpoint) in monitor.fields().items("podMetricsEndpoints").enumerate() {
                        take(self.pod_monitor(monitor, endpoint, index).into());
                    }
                }
                MonitorKind::Probe => take(self.probe(monitor).into()),
                MonitorKind::ScrapeConfig => {
                    take(self.scrape_config(monitor).under("generate scrape configs: ")?.into());
                }
            }
        }
        Ok(())
    }

    /// Whether the Prometheus is of this version or above.
    fn since(&self, major: u64, minor: u64, patch: u64) -> bool {
        self.version.is_at_least(major, minor, patch)
    }
}

/// Copies fields that are there, under other names.
fn copy(from: Fields<'_>, to: &mut Mapping, fields: &[(&str, &'static str)]) {
    for (field, key) in fields {
        to.push_some(*key, from.value(field).map(Ordered::from));
    }
}
