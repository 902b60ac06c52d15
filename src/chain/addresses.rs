//! Monitor → Service, by its name: the prober of a Probe, and the static targets of a `ScrapeConfig`.
//!
//! A name is looked up as the DNS of a cluster does it: `NAME` in the namespace of the Prometheus, `NAME.NAMESPACE`, and with `svc`
//! and the domain of the cluster behind it. What else is an address leads out of the cluster, and nobody can say whether it is there.

use std::collections::BTreeSet;
use std::net::IpAddr;

use rustc_hash::FxHashMap;

use super::alike;
use super::ports::{self, ServicePort};
use super::prometheus::{self, Prometheus};
use super::selection::Selected;
use super::setting::Setting;
use crate::diagnostic::Verdict;
use crate::model::kind::GroupKind;
use crate::model::object::{Object, ObjectId};
use crate::operator::MonitorKind;
use crate::source::Node;

/// An address by which a monitor names a Service.
#[derive(Debug)]
pub struct Address<'w> {
    /// The monitor.
    pub monitor: Object<'w>,
    /// The address, where it is written.
    pub node: Node<'w>,
    /// What is at it.
    pub role: Role,
    /// The name of the Service.
    pub name: &'w str,
    /// Its namespace.
    pub namespace: Option<&'w str>,
    /// The port, which may be that of the scheme.
    pub port: u16,
    /// What it leads to.
    pub to: Reached<'w>,
}

/// What is at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The prober of a Probe.
    Prober,
    /// A target.
    Target,
}

/// What an address leads to.
#[derive(Debug)]
pub enum Reached<'w> {
    /// A Service with the port.
    Port(Object<'w>),
    /// A Service without the port.
    NoPort(Object<'w>),
    /// No Service of the input; one of the name in another namespace, or of a similar name in this one.
    Absent(Option<Object<'w>>),
}

impl Address<'_> {
    /// Whether the Service is there, and has the port.
    pub fn verdict(&self, setting: &Setting<'_>) -> Verdict {
        match self.to {
            Reached::Port(_) => Verdict::Holds,
            Reached::NoPort(_) => Verdict::Broken,
            Reached::Absent(_) if setting.completeness.shows_all("Service", self.namespace) => {
                Verdict::Broken
            }
            Reached::Absent(_) => Verdict::Unknown,
        }
    }
}

/// The addresses of every Probe and `ScrapeConfig` that some Prometheus takes, each once, in the order of the Prometheuses.
pub fn trace<'w>(
    setting: &Setting<'w>,
    prometheuses: &[Prometheus<'w>],
    selections: &[Selected<'w>],
) -> Vec<Address<'w>> {
    let kinds = [(MonitorKind::Probe, Role::Prober), (MonitorKind::ScrapeConfig, Role::Target)];
    if kinds.iter().all(|(kind, _)| setting.inventory.of_kind(kind.group_kind()).len() == 0) {
        return Vec::new();
    }
    let mut lookup = Lookup::new(setting);
    let mut seen: BTreeSet<(ObjectId, &str, Option<&str>)> = BTreeSet::new();
    let mut addresses = Vec::new();
    for prometheus in prometheuses {
        for id in prometheus::accepted(prometheus, selections) {
            let monitor = setting.object(id);
            let Some((_, role)) = kinds.iter().find(|(kind, _)| monitor.group_kind() == kind.group_kind())
            else {
                continue;
            };
            for (node, scheme) in written(monitor, *role) {
                let Some(text) = node.as_str() else { continue };
                let Some((name, namespace, port)) = lookup.service(text, scheme, prometheus.object) else {
                    continue;
                };
                if seen.insert((id, text, namespace)) {
                    let to = lookup.reach(name, namespace, port);
                    addresses.push(Address { monitor, node, role: *role, name, namespace, port, to });
                }
            }
        }
    }
    addresses
}

/// Where a monitor writes addresses, with the scheme that says which port is meant where none is named. Targets that rules give
/// another address are not asked at theirs.
fn written(monitor: Object<'_>, role: Role) -> Vec<(Node<'_>, &str)> {
    let scheme = |path: &[&str]| monitor.at(path).and_then(Node::as_str).unwrap_or_default();
    if role == Role::Prober {
        let url = monitor.at(&["spec", "prober", "url"]);
        return url.map(|url| (url, scheme(&["spec", "prober", "scheme"]))).into_iter().collect();
    }
    let mut rules = monitor.at(&["spec", "relabelings"]).into_iter().flat_map(Node::items);
    let moves = |rule: Node<'_>| {
        let text = |field: &str| rule.get(field).and_then(Node::as_str).unwrap_or_default();
        text("targetLabel") == "__address__" || text("action").eq_ignore_ascii_case("labelmap")
    };
    if rules.any(moves) {
        return Vec::new();
    }
    let configs = monitor.at(&["spec", "staticConfigs"]).into_iter().flat_map(Node::items);
    let targets = configs.filter_map(|config| config.get("targets")).flat_map(Node::items);
    targets.map(|target| (target, scheme(&["spec", "scheme"]))).collect()
}

/// Looks for Services by what the DNS of a cluster calls them.
struct Lookup<'w> {
    setting: Setting<'w>,
    /// Made when the first name is not found.
    by_name: Option<FxHashMap<&'w str, Object<'w>>>,
}

impl<'w> Lookup<'w> {
    fn new(setting: &Setting<'w>) -> Self {
        Self { setting: *setting, by_name: None }
    }

    /// Name and namespace of the Service that an address means, and the port; none where it is none of a Service, or nobody knows.
    fn service(
        &self,
        address: &'w str,
        scheme: &str,
        prometheus: Object<'w>,
    ) -> Option<(&'w str, Option<&'w str>, u16)> {
        let (host, port) = match address.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().ok()?),
            None => (address, if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 }),
        };
        let is_name = |part: &str| crate::model::name::label(part).is_ok();
        if host.parse::<IpAddr>().is_ok() {
            return None;
        }
        let parts: Vec<&str> = host.trim_end_matches('.').split('.').collect();
        let (name, namespace) = match parts[..] {
            [name] if name != "localhost" => (name, prometheus.namespace()),
            [name, namespace] if self.shows(namespace) => (name, Some(namespace)),
            // A pod of a headless Service has its name before that of the Service.
            [name, namespace, "svc", ..] | [_, name, namespace, "svc", ..] => (name, Some(namespace)),
            _ => return None,
        };
        (is_name(name) && namespace.is_none_or(is_name)).then_some((name, namespace, port))
    }

    /// Whether a word is a namespace of the input, and not the end of a name on the Internet.
    fn shows(&self, namespace: &str) -> bool {
        let inventory = self.setting.inventory;
        inventory.get(GroupKind::NAMESPACE, None, namespace).is_some()
            || inventory.in_namespace(GroupKind::SERVICE, Some(namespace)).len() > 0
    }

    fn reach(&mut self, name: &'w str, namespace: Option<&'w str>, port: u16) -> Reached<'w> {
        match self.setting.inventory.get(GroupKind::SERVICE, namespace, name) {
            Some(service) if has(service, port) => Reached::Port(service),
            Some(service) => Reached::NoPort(service),
            None => Reached::Absent(self.near(name, namespace)),
        }
    }

    fn near(&mut self, name: &str, namespace: Option<&str>) -> Option<Object<'w>> {
        let inventory = self.setting.inventory;
        let by_name = self.by_name.get_or_insert_with(|| {
            inventory.of_kind(GroupKind::SERVICE).map(|service| (service.name(), service)).collect()
        });
        by_name.get(name).copied().or_else(|| {
            let mut here = inventory.in_namespace(GroupKind::SERVICE, namespace);
            here.find(|service| alike::is_slip(name, service.name()))
        })
    }
}

/// Whether somebody listens at a port of a Service. The name of a headless one is that of its pods, which listen where they like.
fn has(service: Object<'_>, port: u16) -> bool {
    let text = |field: &str| service.at(&["spec", field]).and_then(Node::as_str);
    let is_free = text("type") == Some("ExternalName") || text("clusterIP") == Some("None");
    let is_it = |one: &ServicePort<'_>| one.number == i64::from(port);
    let ports = ports::of_service(service);
    is_free || ports.is_empty() || ports.iter().any(is_it)
}
