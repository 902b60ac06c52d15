//! Monitor → Service, → Pod, → Ingress: what the selectors of `ServiceMonitors`, `PodMonitors` and Probes find.

use rustc_hash::{FxHashMap, FxHashSet};

use super::namespaces::TargetNamespaces;
use super::near::{Candidates, Demanded, Miss, NearMiss, Search, Sought};
use super::runtime;
use super::selection::Selected;
use super::setting::Setting;
use super::workloads::Workloads;
use crate::diagnostic::Verdict;
use crate::model::kind::GroupKind;
use crate::model::label_index::{LabelIndex, Namespaces};
use crate::model::object::{Object, ObjectId};
use crate::model::selector::Selector;
use crate::operator::MonitorKind;
use crate::source::Node;

/// What the selector of a `ServiceMonitor`, `PodMonitor` or Probe finds.
#[derive(Debug)]
pub struct Targets<'w> {
    /// The monitor.
    pub monitor: Object<'w>,
    /// Its kind: of these three.
    pub kind: MonitorKind,
    /// The selector; none when it is invalid, which the schema tells.
    pub selector: Option<Selector>,
    /// Where it looks.
    pub namespaces: TargetNamespaces<'w>,
    /// A Prometheus that selects the monitor and makes it look into its own namespace only, whatever it says.
    pub confined_by: Option<Object<'w>>,
    /// What it finds: Services, workloads, or Ingresses.
    pub found: Vec<Object<'w>>,
    /// What it nearly finds, where it finds nothing.
    pub nearest: Option<NearMiss<'w>>,
    /// What it looks for may stand in a text that could not be read.
    pub may_be_hidden: bool,
}

impl Targets<'_> {
    /// Whether it finds something.
    pub fn verdict(&self, setting: &Setting<'_>) -> Verdict {
        if !self.found.is_empty() || self.selector.is_none() {
            return Verdict::Holds;
        }
        let shows_all = |namespace: Option<&str>| match self.kind {
            MonitorKind::Service => setting.completeness.shows_all("Service", namespace),
            MonitorKind::Probe => setting.completeness.shows_all("Ingress", namespace),
            _ => ["Pod", "Deployment", "DaemonSet", "StatefulSet"]
                .iter()
                .all(|kind| setting.completeness.shows_all(kind, namespace)),
        };
        let complete = match &self.namespaces {
            TargetNamespaces::All => match self.kind {
                MonitorKind::Service => setting.completeness.shows_all_of("Service"),
                MonitorKind::Probe => setting.completeness.shows_all_of("Ingress"),
                _ => {
                    setting.completeness.shows_all_of("Pod")
                        && setting.completeness.shows_all_of("Deployment")
                }
            },
            TargetNamespaces::Only(names) => names.iter().all(|name| shows_all(*name)),
        };
        if complete { Verdict::Broken } else { Verdict::Unknown }
    }
}

/// Where the selectors of a monitor stand.
pub const fn base(kind: MonitorKind) -> &'static [&'static str] {
    match kind {
        MonitorKind::Probe => &["spec", "targets", "ingress"],
        _ => &["spec"],
    }
}

/// Whether a monitor finds its targets by a selector. A Probe with static targets ignores its Ingresses (operator 0.93).
fn selects(selected: &Selected<'_>) -> bool {
    let is_there = |path: &[&str]| selected.monitor.at(path).is_some_and(|node| !node.is_null());
    match selected.kind {
        MonitorKind::Service | MonitorKind::Pod => true,
        MonitorKind::Probe => {
            is_there(base(MonitorKind::Probe)) && !is_there(&["spec", "targets", "staticConfig"])
        }
        MonitorKind::ScrapeConfig => false,
    }
}

/// The objects of a kind as candidates: Services, or Ingresses.
struct Objects<'w> {
    index: &'w LabelIndex,
    objects: Vec<Object<'w>>,
}

impl<'w> Candidates<'w> for Objects<'w> {
    fn index(&self) -> &LabelIndex {
        self.index
    }

    fn object(&self, item: u32) -> Object<'w> {
        self.objects[item as usize]
    }

    fn label(&self, item: u32, key: &str) -> Option<&str> {
        self.objects[item as usize].labels().get(key)
    }
}

impl<'w> Candidates<'w> for Workloads<'w> {
    fn index(&self) -> &LabelIndex {
        Workloads::index(self)
    }

    fn object(&self, item: u32) -> Object<'w> {
        self.get(item).object
    }

    fn label(&self, item: u32, key: &str) -> Option<&str> {
        self.get(item).labels.get(key).map(String::as_str)
    }
}

/// What every `ServiceMonitor`, `PodMonitor` and Probe finds, in the order of the selections.
pub fn trace<'w>(
    setting: &Setting<'w>,
    selections: &[Selected<'w>],
    workloads: &Workloads<'w>,
) -> Vec<Targets<'w>> {
    let mut traced: Vec<Targets<'w>> = selections
        .iter()
        .filter(|selected| selects(selected))
        .map(|selected| find(setting, selected, workloads))
        .collect();
    for kind in [MonitorKind::Service, MonitorKind::Pod, MonitorKind::Probe] {
        let mut demanded = Demanded::default();
        for targets in traced.iter().filter(|targets| targets.kind == kind && !targets.found.is_empty()) {
            targets.selector.iter().for_each(|selector| demanded.add(selector));
        }
        let taken: FxHashSet<ObjectId> =
            traced.iter().flat_map(|targets| &targets.found).map(|object| object.id()).collect();
        let misses = traced.iter_mut().filter(|targets| targets.kind == kind && targets.found.is_empty());
        let misses: Vec<&mut Targets<'w>> = misses.collect();
        if misses.is_empty() {
            continue;
        }
        match kind {
            MonitorKind::Service => {
                let Some(index) = setting.inventory.label_index(GroupKind::SERVICE) else { continue };
                let objects = setting.inventory.of_kind(GroupKind::SERVICE).collect();
                let services = Objects { index, objects };
                let circumstances = Circumstances::new(setting, &taken);
                near(misses, &services, &demanded, |targets| circumstances.nearest(targets));
            }
            MonitorKind::Probe => {
                let Some(index) = setting.inventory.label_index(GroupKind::INGRESS) else { continue };
                let objects = setting.inventory.of_kind(GroupKind::INGRESS).collect();
                near(misses, &Objects { index, objects }, &demanded, |_| None);
            }
            _ => near(misses, workloads, &demanded, |_| None),
        }
    }
    traced
}

fn find<'w>(setting: &Setting<'w>, selected: &Selected<'w>, workloads: &Workloads<'w>) -> Targets<'w> {
    let monitor = selected.monitor;
    let ignores = |prometheus: &&Object<'w>| {
        prometheus.at(&["spec", "ignoreNamespaceSelectors"]).and_then(Node::as_bool) == Some(true)
    };
    let confined_by = selected.by.iter().find(ignores).copied();
    let confined = confined_by.is_some() && selected.by.iter().all(|prometheus| ignores(&prometheus));
    let settings = monitor.at(base(selected.kind));
    let namespaces =
        TargetNamespaces::of(monitor, settings.and_then(|node| node.get("namespaceSelector")), confined);
    let selector = settings
        .and_then(|node| node.get("selector"))
        .filter(|node| !node.is_null())
        .and_then(|node| Selector::read(node).into_result().ok());
    let found = match &selector {
        None => Vec::new(),
        Some(selector) if selected.kind != MonitorKind::Pod => {
            let kind =
                if selected.kind == MonitorKind::Probe { GroupKind::INGRESS } else { GroupKind::SERVICE };
            let ids = setting.inventory.select(kind, selector, namespaces.as_namespaces());
            ids.into_iter().map(|id| setting.object(id)).collect()
        }
        Some(selector) => {
            let items = workloads.select(selector, namespaces.as_namespaces());
            items.into_iter().map(|item| workloads.get(item).object).collect()
        }
    };
    let may_be_hidden = found.is_empty()
        && selector.as_ref().is_some_and(|selector| {
            let words = selector.requirements().iter().flat_map(|requirement| {
                requirement.values().first().map_or(requirement.key(), String::as_str).split_whitespace()
            });
            setting.completeness.may_hide(words)
        });
    Targets {
        monitor,
        kind: selected.kind,
        selector,
        namespaces,
        confined_by: confined_by.filter(|_| confined),
        found,
        nearest: None,
        may_be_hidden,
    }
}

fn near<'w, C: Candidates<'w>>(
    misses: Vec<&mut Targets<'w>>,
    candidates: &C,
    demanded: &Demanded,
    circumstances: impl Fn(&Targets<'w>) -> Option<NearMiss<'w>>,
) {
    let search = Search::new(candidates, demanded);
    for targets in misses.into_iter().filter(|targets| !targets.may_be_hidden) {
        let Some(selector) = &targets.selector else { continue };
        let sought = Sought { selector, namespaces: &targets.namespaces };
        targets.nearest = search.nearest(sought).or_else(|| circumstances(targets));
    }
}

/// Services that a selector is about, by other things than their labels.
struct Circumstances<'t, 'w> {
    /// What some monitor finds.
    taken: &'t FxHashSet<ObjectId>,
    /// An index over what Services select their pods by.
    by_pods: LabelIndex,
    services: Vec<Object<'w>>,
    by_name: FxHashMap<&'w str, Vec<Object<'w>>>,
    by_file: FxHashMap<&'w str, Vec<Object<'w>>>,
}

/// What people put before or after the name of a Service to call a monitor.
const AFFIXES: &[&str] = &[
    "-monitor",
    "-servicemonitor",
    "-service-monitor",
    "-metrics",
    "-sm",
    "-smon",
    "monitor-",
    "mon-",
    "sm-",
];

impl<'t, 'w> Circumstances<'t, 'w> {
    fn new(setting: &Setting<'w>, taken: &'t FxHashSet<ObjectId>) -> Self {
        let services: Vec<Object<'w>> = setting
            .inventory
            .of_kind(GroupKind::SERVICE)
            .filter(|service| !runtime::is_made(*service))
            .collect();
        let pairs = |service: &Object<'w>| -> Vec<(&'w str, &'w str)> {
            let selector = service.at(&["spec", "selector"]).into_iter().flat_map(Node::entries);
            selector.filter_map(|entry| Some((entry.key, entry.value.as_str()?))).collect()
        };
        let by_pods = LabelIndex::build(services.iter().map(|service| (service.namespace(), pairs(service))));
        let mut by_name: FxHashMap<&'w str, Vec<Object<'w>>> = FxHashMap::default();
        let mut by_file: FxHashMap<&'w str, Vec<Object<'w>>> = FxHashMap::default();
        for service in &services {
            by_name.entry(service.name()).or_default().push(*service);
            by_file.entry(service.document().file().name()).or_default().push(*service);
        }
        Self { taken, by_pods, services, by_name, by_file }
    }

    /// A Service that no monitor finds: the selector fits its pods, or names it.
    fn nearest(&self, targets: &Targets<'w>) -> Option<NearMiss<'w>> {
        let selector = targets.selector.as_ref()?;
        let namespaces = targets.namespaces.as_namespaces();
        let is_free = |service: &Object<'w>| !self.taken.contains(&service.id());
        if selector.requirements().iter().any(|requirement| !requirement.values().is_empty()) {
            let items = self.by_pods.select(selector, namespaces);
            let mut services = items.into_iter().map(|item| self.services[item as usize]);
            if let Some(object) = services.find(is_free) {
                return Some(NearMiss { object, why: Miss::PodLabels });
            }
        }
        for requirement in selector.requirements() {
            for value in requirement.values() {
                let named = self.by_name.get(value.as_str()).into_iter().flatten();
                let mut named = named.filter(|service| namespaces.contains(service.namespace()));
                if let Some(object) = named.find(|service| is_free(service)) {
                    let requirement = requirement.clone();
                    return Some(NearMiss { object: *object, why: Miss::Name { requirement } });
                }
            }
        }
        self.same_name(targets, namespaces, is_free)
    }

    /// A Service that no monitor finds and that is called like the monitor, or is the only one in the text of the monitor.
    fn same_name(
        &self,
        targets: &Targets<'w>,
        namespaces: Namespaces<'_>,
        is_free: impl Fn(&Object<'w>) -> bool,
    ) -> Option<NearMiss<'w>> {
        let is_seen = |service: &&Object<'w>| namespaces.contains(service.namespace()) && is_free(service);
        let name = targets.monitor.name();
        let names = std::iter::once(name).chain(
            AFFIXES.iter().flat_map(|affix| [name.strip_suffix(affix), name.strip_prefix(affix)]).flatten(),
        );
        let called =
            names.filter_map(|name| self.by_name.get(name.trim_matches('-'))).flatten().find(is_seen);
        let beside = || {
            let mut beside = self.by_file.get(targets.monitor.document().file().name())?.iter();
            let only = beside.next().filter(is_seen)?;
            beside.next().is_none().then_some(only)
        };
        let object = *called.or_else(beside)?;
        let labels = object.labels();
        let unmet = targets.selector.as_ref()?.unmet(&labels).next()?;
        let found = unmet.found.map(str::to_owned);
        Some(NearMiss { object, why: Miss::OneShort { requirement: unmet.requirement.clone(), found } })
    }
}
