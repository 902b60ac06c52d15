//! Configuration → Prometheus: what Prometheus refuses of the configurations that the operator writes, and which part of the input
//! that comes from.

use std::sync::Arc;

use super::prometheus::Prometheus;
use super::setting::Setting;
use crate::diagnostic::TextFile;
use crate::kubernetes::selector_text;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::operator::{self, Judged, MonitorKind, Verdict};
use crate::prom::config::{Loader, Refused, Selectors};
use crate::prom::version::Version;
use crate::source::{Mapping, Node, Ordered};

/// A part of a configuration which Prometheus refuses, and with it the whole file.
#[derive(Debug)]
pub struct RefusedPart<'w> {
    /// The Prometheus; none where no Prometheus of the input selects the monitor.
    pub prometheus: Option<Object<'w>>,
    /// What of the input became that part.
    pub origin: Origin<'w>,
    /// Prometheus' words.
    pub message: String,
    /// The value they are about, where it is short.
    pub value: Option<String>,
}

/// What a part of a configuration is made of.
#[derive(Debug, Clone, Copy)]
pub enum Origin<'w> {
    /// An endpoint of a monitor, by its number; 0 for what has no endpoints.
    Monitor(MonitorKind, Object<'w>, usize),
    /// `additionalScrapeConfigs`.
    Additional,
    /// The Prometheus itself.
    Prometheus,
}

/// Loads every configuration as the Prometheus of its version does.
pub fn trace<'w>(
    setting: &Setting<'w>,
    prometheuses: &[Prometheus<'w>],
    unselected: &Judged,
) -> Vec<RefusedPart<'w>> {
    let mut parts = Vec::new();
    for prometheus in prometheuses {
        let (object, verdict) = (prometheus.object, &prometheus.outcome.verdict);
        let Verdict::Configuration(configuration) = verdict else { continue };
        let written = object.at(&["spec", "version"]).and_then(Node::as_str).unwrap_or_default();
        let is_agent = object.group_kind() == GroupKind::PROMETHEUS_AGENT;
        if let Some(loader) = loader(setting, written, is_agent) {
            parts.extend(refused(setting, &loader, Some(object), configuration));
        }
    }
    if let (Some(configuration), Some(loader)) = (&unselected.configuration, loader(setting, "", false)) {
        parts.extend(refused(setting, &loader, None, configuration));
    }
    parts
}

fn loader(setting: &Setting<'_>, written: &str, is_agent: bool) -> Option<Loader> {
    let version = Version::parse_tolerant(setting.reality.prometheus_version(written)).ok()?;
    let selectors = Selectors { label: selector_text::check_labels, field: selector_text::check_fields };
    Some(Loader { version, is_agent, selectors })
}

/// What Prometheus refuses: of each job on its own, and of the rest.
fn refused<'w>(
    setting: &Setting<'w>,
    loader: &Loader,
    prometheus: Option<Object<'w>>,
    config: &Ordered,
) -> Vec<RefusedPart<'w>> {
    let empty = Mapping::new();
    let config = config.as_map().unwrap_or(&empty);
    // Most of the work is to write and load jobs, and most jobs can have nothing that is refused.
    let adds_nothing = prometheus.is_none_or(operator::is_plain_prometheus);
    let is_plain = |job: &Ordered| match origin(setting, job) {
        Origin::Monitor(kind, monitor, _) => adds_nothing && operator::is_plain_monitor(kind, monitor),
        Origin::Additional | Origin::Prometheus => false,
    };
    let jobs = config.get("scrape_configs").and_then(Ordered::as_list).unwrap_or_default();
    let jobs: Vec<Ordered> = jobs.iter().filter(|job| !is_plain(job)).cloned().collect();
    let rest: Mapping = config
        .entries()
        .filter(|(key, _)| *key != "scrape_configs")
        .map(|(key, value)| (key.to_owned(), value.clone()))
        .collect();
    let mut whole = rest.clone();
    whole.push("scrape_configs", jobs.clone());
    let Err(first) = load(loader, &whole.into()) else { return Vec::new() };
    let mut parts = Vec::new();
    if let Err(refused) = load(loader, &Ordered::from(rest)) {
        parts.push(part(prometheus, Origin::Prometheus, refused));
        return parts;
    }
    let global = config.get("global");
    for job in &jobs {
        let mut alone = Mapping::new();
        alone.push_some("global", global.cloned());
        alone.push("scrape_configs", vec![job.clone()]);
        if let Err(refused) = load(loader, &alone.into()) {
            parts.push(part(prometheus, origin(setting, job), refused));
        }
    }
    if parts.is_empty() {
        // Only together they are refused.
        parts.push(part(prometheus, Origin::Prometheus, first));
    }
    parts
}

fn load(loader: &Loader, config: &Ordered) -> Result<(), Refused> {
    let file = Arc::new(TextFile::new("prometheus.yaml", config.to_yaml()));
    loader.load(&file).map(drop)
}

fn part<'w>(prometheus: Option<Object<'w>>, origin: Origin<'w>, refused: Refused) -> RefusedPart<'w> {
    let value = refused.places.first().and_then(|place| {
        let text = place.file.text().get(place.span.range())?.trim();
        let is_short = !text.contains('\n') && !place.file.is_hidden(place.span);
        is_short.then(|| text.trim_matches(['"', '\'']).to_owned())
    });
    RefusedPart { prometheus, origin, message: refused.message, value }
}

/// What a job is made of, as its name says: `serviceMonitor/NAMESPACE/NAME/ENDPOINT`.
fn origin<'w>(setting: &Setting<'w>, job: &Ordered) -> Origin<'w> {
    let name = job.as_map().and_then(|job| job.get("job_name")).and_then(Ordered::as_str).unwrap_or_default();
    let mut parts = name.split('/');
    let kind = match parts.next() {
        Some("serviceMonitor") => MonitorKind::Service,
        Some("podMonitor") => MonitorKind::Pod,
        Some("probe") => MonitorKind::Probe,
        Some("scrapeConfig") => MonitorKind::ScrapeConfig,
        _ => return Origin::Additional,
    };
    let (Some(namespace), Some(name)) = (parts.next(), parts.next()) else { return Origin::Additional };
    let endpoint = parts.next().and_then(|number| number.parse().ok()).unwrap_or_default();
    let namespace = Some(namespace).filter(|namespace| !namespace.is_empty());
    match setting.inventory.get(kind.group_kind(), namespace, name) {
        Some(object) => Origin::Monitor(kind, object, endpoint),
        None => Origin::Additional,
    }
}
