//! Targets that one Prometheus scrapes twice: through two Services of one monitor, or through two monitors.

use std::collections::{BTreeMap, BTreeSet};

use super::ports::{self, Port, ServicePort};
use super::prometheus::{self, Prometheus};
use super::runtime;
use super::selection::Selected;
use super::services::{Backing, Backings};
use super::setting::Setting;
use crate::diagnostic::Verdict;
use crate::model::object::{Object, ObjectId};
use crate::operator::MonitorKind;
use crate::source::Node;

/// The same targets, scraped twice.
#[derive(Debug)]
pub enum Duplicate<'w> {
    /// A monitor finds two Services with the same pods behind the port.
    Services {
        /// The monitor.
        monitor: Object<'w>,
        /// The Services.
        services: [Object<'w>; 2],
    },
    /// Two monitors that one Prometheus selects scrape the same port and path.
    Monitors {
        /// The Prometheus.
        prometheus: Object<'w>,
        /// The monitors.
        monitors: [Object<'w>; 2],
        /// What both scrape.
        target: Object<'w>,
    },
}

/// What makes two scrapes the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Scrape {
    /// The workloads behind the port; where none is known, what selects the pods, or else the Service.
    targets: Targets,
    /// The number, or the name of a container's port.
    port: String,
    path: String,
    params: String,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Targets {
    Objects(Vec<ObjectId>),
    Pods { namespace: Option<String>, selector: String },
}

/// Everything that is scraped twice.
pub fn trace<'w>(
    setting: &Setting<'w>,
    prometheuses: &[Prometheus<'w>],
    selections: &[Selected<'w>],
    ports: &[Port<'w>],
    backings: &Backings<'w>,
    workloads: &super::Workloads<'w>,
) -> Vec<Duplicate<'w>> {
    let mut found = Vec::new();
    let mut by_monitor: BTreeMap<ObjectId, Vec<(Scrape, Object<'w>)>> = BTreeMap::new();
    for port in ports {
        let scrapes = scrapes(port, backings, workloads);
        let mut first: BTreeMap<&Scrape, Object<'w>> = BTreeMap::new();
        for (scrape, object) in &scrapes {
            match first.get(scrape) {
                Some(known) if known.id() != object.id() && port.kind == MonitorKind::Service => {
                    found.push(Duplicate::Services { monitor: port.monitor, services: [*known, *object] });
                }
                Some(_) => {}
                None => {
                    first.insert(scrape, *object);
                }
            }
        }
        by_monitor.entry(port.monitor.id()).or_default().extend(scrapes);
    }
    for prometheus in prometheuses {
        let mut first: BTreeMap<&Scrape, (ObjectId, Object<'w>)> = BTreeMap::new();
        let mut told: BTreeSet<[ObjectId; 2]> = BTreeSet::new();
        for id in prometheus::accepted(prometheus, selections) {
            for (scrape, object) in by_monitor.get(&id).into_iter().flatten() {
                let (known, target) = *first.entry(scrape).or_insert((id, *object));
                if known != id && told.insert([known, id]) {
                    let monitors = [setting.object(known), setting.object(id)];
                    found.push(Duplicate::Monitors { prometheus: prometheus.object, monitors, target });
                }
            }
        }
    }
    found
}

/// What an endpoint scrapes, and through which object. One that keeps or drops targets by relabelling may tell them apart.
fn scrapes<'w>(
    port: &Port<'w>,
    backings: &Backings<'w>,
    workloads: &super::Workloads<'w>,
) -> Vec<(Scrape, Object<'w>)> {
    let Some(endpoint) = ports::endpoints(port.monitor, port.kind).nth(port.endpoint) else {
        return Vec::new();
    };
    if filters(endpoint) {
        return Vec::new();
    }
    let path = endpoint.get("path").and_then(Node::as_str).unwrap_or("/metrics").to_owned();
    let params = endpoint.get("params").map(|params| params.to_json().to_string()).unwrap_or_default();
    let scrape = |targets, port| Scrape { targets, port, path: path.clone(), params: params.clone() };
    let holding = port.at.iter().filter(|at| at.verdict == Verdict::Holds);
    let mut found = Vec::new();
    for at in holding {
        if port.kind == MonitorKind::Pod {
            found.push((
                scrape(Targets::Objects(vec![at.object.id()]), port.asked.describe().into_owned()),
                at.object,
            ));
            continue;
        }
        let Some(backing) = backings.get(at.object) else { continue };
        let ports::Asked::Name(name) = port.asked else { continue };
        for port in backing.ports.iter().filter(|port| ports::matches(name, port.name)) {
            if let Some((targets, number)) = behind(backing, port, workloads) {
                found.push((scrape(targets, number), at.object));
            }
        }
    }
    found
}

fn behind(
    backing: &Backing<'_>,
    port: &ServicePort<'_>,
    workloads: &super::Workloads<'_>,
) -> Option<(Targets, String)> {
    if runtime::is_made(backing.service) {
        return None;
    }
    let mut targets: Vec<ObjectId> =
        backing.workloads.iter().map(|item| workloads.get(*item).object.id()).collect();
    targets.sort_unstable();
    if targets.is_empty() {
        let targets = match &backing.selector {
            Some(selector) => Targets::Pods {
                namespace: backing.service.namespace().map(str::to_owned),
                selector: selector.to_string(),
            },
            None => Targets::Objects(vec![backing.service.id()]),
        };
        let number = port
            .target_name
            .map(str::to_owned)
            .or_else(|| port.target_number.map(|number| number.to_string()))?;
        return Some((targets, number));
    }
    let of_name = |name: &str| {
        let mut declared = backing.workloads.iter().flat_map(|item| workloads.get(*item).template.ports());
        declared.find(|declared| declared.name == Some(name)).map(|declared| declared.number.to_string())
    };
    let number = match (port.target_name, port.target_number) {
        (Some(name), _) => of_name(name)?,
        (None, number) => number?.to_string(),
    };
    Some((Targets::Objects(targets), number))
}

/// Whether relabelling may drop some of the targets.
pub fn filters(endpoint: Node<'_>) -> bool {
    endpoint.get("relabelings").into_iter().flat_map(Node::items).any(|rule| {
        let action = rule.get("action").and_then(Node::as_str).unwrap_or("replace").to_ascii_lowercase();
        let target = rule.get("targetLabel").and_then(Node::as_str).unwrap_or_default();
        matches!(action.as_str(), "keep" | "drop" | "keepequal" | "dropequal" | "labelmap")
            || target.starts_with("__")
    })
}
