//! What the operator makes of every Prometheus of the input, and what Prometheus makes of that.
//!
//! What resources refer to and the input does not show is presumed to be there: whether it is, is a link of its own. Monitors that
//! no Prometheus of the input selects are judged for one that says nothing but its selectors.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::selection::{PROMETHEUS_KINDS, Selected};
use super::setting::Setting;
use crate::diagnostic::TextFile;
use crate::kubernetes::selector_text;
use crate::model::kind::GroupKind;
use crate::model::object::{Object, ObjectId};
use crate::operator::{MonitorKind, Outcome, Rejection, Verdict, presume, suppose};
use crate::prom::config::{Loader, Refused, Selectors};
use crate::prom::version::Version;
use crate::source::{Mapping, Node, Ordered};

/// What becomes of the Prometheuses and monitors of an input.
#[derive(Debug)]
pub struct Operated<'w> {
    /// Every Prometheus and agent with what the operator makes of it.
    pub all: Vec<(Object<'w>, Outcome)>,
    /// Monitors that are rejected, each once and with the Prometheus it is rejected for, where one selects it.
    pub rejected: Vec<(Option<Object<'w>>, Rejection)>,
    /// What Prometheus refuses of the configurations.
    pub refused: Vec<RefusedPart<'w>>,
}

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

/// Makes every Prometheus of the input.
pub fn trace<'w>(setting: &Setting<'w>, selections: &[Selected<'w>]) -> Operated<'w> {
    let (inventory, schemas, reality) = (setting.inventory, setting.schemas, setting.reality);
    let prometheuses = PROMETHEUS_KINDS.into_iter().flat_map(|kind| inventory.of_kind(kind));
    let all: Vec<(Object<'w>, Outcome)> =
        prometheuses.map(|object| (object, presume(inventory, schemas, reality, object))).collect();
    let mut operated = Operated { all, rejected: Vec::new(), refused: Vec::new() };
    let mut told: FxHashSet<(ObjectId, String)> = FxHashSet::default();
    for (object, outcome) in &operated.all {
        let fresh = outcome
            .rejected
            .iter()
            .filter(|rejection| told.insert((rejection.object, rejection.refusal.message.clone())));
        operated.rejected.extend(fresh.cloned().map(|rejection| (Some(*object), rejection)));
        if let Verdict::Configuration(config) = &outcome.verdict {
            let written = object.at(&["spec", "version"]).and_then(Node::as_str).unwrap_or_default();
            let version = Version::parse_tolerant(reality.prometheus_version(written));
            let is_agent = object.group_kind() == GroupKind::PROMETHEUS_AGENT;
            if let Ok(version) = version {
                let refused = refused(setting, &loader(version, is_agent), Some(*object), config);
                operated.refused.extend(refused);
            }
        }
    }
    let selected = |outcome: &Outcome| {
        let out: FxHashSet<ObjectId> = outcome.not_selected.iter().map(|other| other.object).collect();
        let judged =
            !matches!(outcome.verdict, Verdict::Unhandled(_) | Verdict::Failed(_) | Verdict::Crashed(_));
        (judged, out)
    };
    let outs: Vec<(bool, FxHashSet<ObjectId>)> =
        operated.all.iter().map(|(_, outcome)| selected(outcome)).collect();
    let alone = selections.iter().filter(|monitor| {
        let id = monitor.monitor.id();
        outs.iter().all(|(judged, out)| !judged || out.contains(&id))
    });
    let (rejected, config) =
        suppose(inventory, schemas, reality, alone.map(|selected| (selected.kind, selected.monitor.id())));
    operated.rejected.extend(rejected.into_iter().map(|rejection| (None, rejection)));
    if let (Some(config), Ok(version)) = (config, Version::parse_tolerant(reality.prometheus_version(""))) {
        operated.refused.extend(refused(setting, &loader(version, false), None, &config));
    }
    operated
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
) -> Vec<RefusedPart<'w>> {
    let Err(first) = load(loader, config) else { return Vec::new() };
    let empty = Mapping::new();
    let config = config.as_map().unwrap_or(&empty);
    let jobs = config.get("scrape_configs").and_then(Ordered::as_list).unwrap_or_default();
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
