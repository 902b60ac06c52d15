//! Configuration → Prometheus: what Prometheus refuses of the configurations that the operator writes.
//!
//! Monitors that no Prometheus of the input selects are looked at for one that says nothing but its selectors.

use std::sync::Arc;

use super::plain;
use super::prometheus::{self, Prometheus};
use super::selection::Selected;
use super::setting::Setting;
use crate::diagnostic::TextFile;
use crate::kubernetes::selector_text;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::operator::{MonitorKind, Verdict, suppose};
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

/// What every Prometheus of the input refuses.
pub fn trace<'w>(
    setting: &Setting<'w>,
    prometheuses: &[Prometheus<'w>],
    selections: &[Selected<'w>],
) -> Vec<RefusedPart<'w>> {
    let mut found = Vec::new();
    for prometheus in prometheuses {
        let object = prometheus.object;
        let Verdict::Configuration(config) = &prometheus.outcome.verdict else { continue };
        let written = object.at(&["spec", "version"]).and_then(Node::as_str).unwrap_or_default();
        let Ok(version) = Version::parse_tolerant(setting.reality.prometheus_version(written)) else {
            continue;
        };
        let is_agent = object.group_kind() == GroupKind::PROMETHEUS_AGENT;
        let plain = plain::is_plain_prometheus(object);
        found.extend(refused(setting, &loader(version, is_agent), Some(object), config, plain));
    }
    let written = setting.reality.prometheus_version("");
    let open = selections.iter().filter(|selected| {
        selected.by.is_empty() && !plain::is_plain_monitor(selected.kind, selected.monitor)
    });
    let monitors: Vec<_> = open.map(|selected| (selected.kind, selected.monitor)).collect();
    if monitors.is_empty() {
        return found;
    }
    let (inventory, schemas) = (setting.inventory, setting.schemas);
    let reality = prometheus::reality(setting);
    let config = suppose(inventory, schemas, &reality, written, monitors.into_iter());
    if let (Some(config), Ok(version)) = (config, Version::parse_tolerant(written)) {
        found.extend(refused(setting, &loader(version, false), None, &config, false));
    }
    found
}

fn loader(version: Version, is_agent: bool) -> Loader {
    let selectors = Selectors { label: selector_text::check_labels, field: selector_text::check_fields };
    Loader { version, is_agent, selectors }
}

/// What Prometheus refuses: of each job on its own, and of the rest.
fn refused<'w>(
    setting: &Setting<'w>,
    loader: &Loader,
    prometheus: Option<Object<'w>>,
    config: &Ordered,
    leaves_out_plain: bool,
) -> Vec<RefusedPart<'w>> {
    let empty = Mapping::new();
    let config = config.as_map().unwrap_or(&empty);
    let jobs = config.get("scrape_configs").and_then(Ordered::as_list).unwrap_or_default();
    let is_plain = |job: &&Ordered| match origin(setting, job) {
        Origin::Monitor(kind, monitor, _) => leaves_out_plain && plain::is_plain_monitor(kind, monitor),
        Origin::Additional | Origin::Prometheus => false,
    };
    let jobs: Vec<&Ordered> = jobs.iter().filter(|job| !is_plain(job)).collect();
    let mut whole: Mapping = config
        .entries()
        .filter(|(key, _)| *key != "scrape_configs")
        .map(|(key, value)| (key.to_owned(), value.clone()))
        .collect();
    whole.push("scrape_configs", jobs.iter().map(|job| (*job).clone()).collect::<Vec<Ordered>>());
    let Err(first) = load(loader, &whole.into()) else { return Vec::new() };
    let mut parts = Vec::new();
    let rest: Mapping = config
        .entries()
        .filter(|(key, _)| *key != "scrape_configs")
        .map(|(key, value)| (key.to_owned(), value.clone()))
        .collect();
    if let Err(refused) = load(loader, &Ordered::from(rest)) {
        parts.push(part(prometheus, Origin::Prometheus, refused));
        return parts;
    }
    let global = config.get("global");
    for job in jobs {
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
