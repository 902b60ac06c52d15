//! Configuration → Prometheus: what Prometheus refuses of the configurations that the operator writes, and which part of the input
//! that comes from.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::setting::Setting;
use crate::diagnostic::TextFile;
use crate::kubernetes::selector_text;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::operator::MonitorKind;
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

/// Jobs that are loaded at once: what is loaded takes far more memory than what it is made of.
const AT_ONCE: usize = 256;

/// Jobs of them that are loaded together, and one by one where something of them is refused.
const TOGETHER: usize = 16;

/// Loads a configuration while it is written, as the Prometheus of its version does: job by job, and the rest in the end.
pub(super) struct Loading<'w> {
    setting: Setting<'w>,
    prometheus: Option<Object<'w>>,
    loader: Option<Loader>,
    waiting: Vec<Ordered>,
    refused: Vec<RefusedPart<'w>>,
    names: FxHashSet<String>,
    /// The first name that two jobs have.
    twice: Option<String>,
}

impl<'w> Loading<'w> {
    /// Of the configuration for a Prometheus, or for one that is not there.
    pub(super) fn new(setting: &Setting<'w>, prometheus: Option<Object<'w>>) -> Self {
        let written = prometheus.and_then(|object| object.at(&["spec", "version"])).and_then(Node::as_str);
        let version =
            Version::parse_tolerant(setting.reality.prometheus_version(written.unwrap_or_default()));
        let is_agent = prometheus.is_some_and(|object| object.group_kind() == GroupKind::PROMETHEUS_AGENT);
        let selectors = Selectors { label: selector_text::check_labels, field: selector_text::check_fields };
        Self {
            setting: *setting,
            prometheus,
            loader: version.ok().map(|version| Loader { version, is_agent, selectors }),
            waiting: Vec::new(),
            refused: Vec::new(),
            names: FxHashSet::default(),
            twice: None,
        }
    }

    /// Takes a job, and the section `global` beside which it stands.
    pub(super) fn take(&mut self, global: &Ordered, job: Ordered) {
        if self.loader.is_none() {
            return;
        }
        let name = job.as_map().and_then(|job| job.get("job_name")).and_then(Ordered::as_str);
        if let Some(name) = name
            && !self.names.insert(name.to_owned())
            && self.twice.is_none()
        {
            self.twice = Some(name.to_owned());
        }
        self.waiting.push(job);
        if self.waiting.len() == AT_ONCE {
            self.load_waiting(global);
        }
    }

    fn load_waiting(&mut self, global: &Ordered) {
        let Some(loader) = &self.loader else { return };
        let load = |jobs: &[Ordered]| {
            let config = Mapping::new().with("global", global.clone()).with("scrape_configs", jobs.to_vec());
            load(loader, &config.into())
        };
        let parts = self.waiting.par_chunks(TOGETHER).flat_map_iter(|jobs| {
            let alone = if load(jobs).is_err() { jobs } else { &[] };
            alone.iter().filter_map(|job| {
                let refused = load(std::slice::from_ref(job)).err()?;
                Some(part(self.prometheus, origin(&self.setting, job), refused))
            })
        });
        let parts: Vec<_> = parts.collect();
        self.refused.extend(parts);
        self.waiting.clear();
    }

    /// What Prometheus refuses, given what is written besides the jobs.
    pub(super) fn finish(mut self, rest: &Ordered) -> Vec<RefusedPart<'w>> {
        let empty = Mapping::new();
        let rest = rest.as_map().unwrap_or(&empty);
        if let Some(global) = rest.get("global") {
            self.load_waiting(global);
        }
        let Some(loader) = &self.loader else { return Vec::new() };
        if let Err(refused) = load(loader, &rest.clone().into()) {
            return vec![part(self.prometheus, Origin::Prometheus, refused)];
        }
        if self.refused.is_empty()
            && let Some(name) = self.twice
        {
            // Only together they are refused.
            let job = || Mapping::new().with("job_name", name.clone());
            let both = Mapping::new().with("scrape_configs", vec![job(), job()]);
            let refused = load(loader, &both.into()).err();
            return refused
                .map(|refused| part(self.prometheus, Origin::Prometheus, refused))
                .into_iter()
                .collect();
        }
        self.refused
    }
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
