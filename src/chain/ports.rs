//! Monitor → port: which ports of what a monitor finds its endpoints mean.

use std::borrow::Cow;

use super::alike;
use super::runtime;
use super::services::{Backing, Backings};
use super::targets::Targets;
use super::workloads::Workloads;
use crate::diagnostic::Verdict;
use crate::model::object::Object;
use crate::model::workload::PodTemplate;
use crate::operator::MonitorKind;
use crate::prom::regex::{self, Anchoring};
use crate::source::{Node, Value};

/// What an endpoint of a monitor asks for, and what it finds.
#[derive(Debug)]
pub struct Port<'w> {
    /// The monitor.
    pub monitor: Object<'w>,
    /// Its kind.
    pub kind: MonitorKind,
    /// The number of the endpoint.
    pub endpoint: usize,
    /// What it asks for.
    pub asked: Asked<'w>,
    /// What the monitor finds, each with what the endpoint finds there.
    pub at: Vec<At<'w>>,
}

/// How an endpoint names a port.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Asked<'w> {
    /// `port`: the name of a port of the Service, or of the container for a `PodMonitor`. It is a regular expression.
    Name(&'w str),
    /// `targetPort`, or `port` of a `PodMonitor`'s container, by name.
    Container(&'w str),
    /// `targetPort` or `portNumber`: the number of a port that a container declares.
    Number(i64),
    /// Nothing: every port is a target.
    Any,
}

/// A Service or workload, and whether it has the port.
#[derive(Debug)]
pub struct At<'w> {
    /// The Service, or the workload of a `PodMonitor`.
    pub object: Object<'w>,
    /// Whether it has the port.
    pub verdict: Verdict,
    /// Why not, or why nobody knows.
    pub why: Lack<'w>,
}

/// Why an endpoint finds no port somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack<'w> {
    /// It does not lack one.
    Nothing,
    /// No port has the name: the one that may be meant is this.
    Name(Option<Meant<'w>>),
    /// No container of these pods declares the port.
    Undeclared,
    /// There are no pods behind the Service, only addresses, and a port of a container is asked for.
    NoPods,
    /// A Service of this kind has no endpoints.
    ExternalName,
    /// The pods, or the addresses, are not in the input.
    Unseen,
}

/// The port that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant<'w> {
    /// A port whose name differs by a slip of the pen.
    Slip(&'w str),
    /// A port that has no name: the one with the number asked for, with a container's port of the name asked for, or the only one.
    Unnamed(u32),
    /// A port that is asked for by its number.
    Number(&'w str),
    /// A port that leads to a container's port of the name asked for.
    Target(&'w str),
    /// The only port there is.
    Only(&'w str),
}

/// A port of a Service, as its endpoints have it.
#[derive(Debug, Clone, Copy)]
pub struct ServicePort<'w> {
    /// Its name; empty for none.
    pub name: &'w str,
    /// Its number.
    pub number: i64,
    /// The name of the container's port it leads to.
    pub target_name: Option<&'w str>,
    /// The number it leads to.
    pub target_number: Option<i64>,
    /// Where it stands.
    pub node: Node<'w>,
}

/// The ports of `spec.ports`.
pub fn of_service(service: Object<'_>) -> Vec<ServicePort<'_>> {
    let ports = service.at(&["spec", "ports"]).into_iter().flat_map(Node::items);
    ports
        .map(|port| {
            let target = port.get("targetPort").filter(|target| !target.is_null());
            let number = port.get("port").and_then(Node::as_i64).unwrap_or_default();
            ServicePort {
                name: port.get("name").and_then(Node::as_str).unwrap_or_default(),
                number,
                target_name: target.and_then(Node::as_str),
                target_number: target.map_or(Some(number), Node::as_i64),
                node: port,
            }
        })
        .collect()
}

impl Port<'_> {
    /// Whether the endpoint finds a port anywhere.
    pub fn verdict(&self) -> Verdict {
        let any = |verdict| self.at.iter().any(|at| at.verdict == verdict);
        if self.at.is_empty() || any(Verdict::Holds) {
            Verdict::Holds
        } else if any(Verdict::Unknown) {
            Verdict::Unknown
        } else {
            Verdict::Broken
        }
    }
}

/// The endpoints of a monitor.
pub fn endpoints(monitor: Object<'_>, kind: MonitorKind) -> impl Iterator<Item = Node<'_>> {
    let field = if kind == MonitorKind::Service { "endpoints" } else { "podMetricsEndpoints" };
    monitor.at(&["spec", field]).into_iter().flat_map(Node::items)
}

fn asked(endpoint: Node<'_>, kind: MonitorKind) -> Asked<'_> {
    let field = |name| endpoint.get(name).filter(|value| !value.is_null());
    if let Some(name) = field("port").and_then(Node::as_str).filter(|name| !name.is_empty()) {
        return if kind == MonitorKind::Service { Asked::Name(name) } else { Asked::Container(name) };
    }
    if let Some(number) = field("portNumber").and_then(Node::as_i64) {
        return Asked::Number(number);
    }
    match field("targetPort").map(Node::value) {
        Some(Value::String(name)) if !name.is_empty() => Asked::Container(name),
        Some(Value::Int(number)) if number != 0 => Asked::Number(number),
        _ => Asked::Any,
    }
}

/// What every endpoint finds, in the order of the monitors.
pub fn trace<'w>(
    targets: &[Targets<'w>],
    backings: &Backings<'w>,
    workloads: &Workloads<'w>,
) -> Vec<Port<'w>> {
    let of_pods = targets.iter().filter(|targets| targets.kind != MonitorKind::Probe);
    of_pods
        .flat_map(|targets| {
            endpoints(targets.monitor, targets.kind).enumerate().map(|(endpoint, node)| {
                let asked = asked(node, targets.kind);
                let at = targets.found.iter().map(|object| match targets.kind {
                    MonitorKind::Service => in_service(*object, asked, backings.get(*object), workloads),
                    _ => in_workload(*object, asked),
                });
                Port { monitor: targets.monitor, kind: targets.kind, endpoint, asked, at: at.collect() }
            })
        })
        .collect()
}

fn holds(object: Object<'_>) -> At<'_> {
    At { object, verdict: Verdict::Holds, why: Lack::Nothing }
}

fn in_service<'w>(
    service: Object<'w>,
    asked: Asked<'w>,
    backing: Option<&Backing<'w>>,
    workloads: &Workloads<'w>,
) -> At<'w> {
    let at = |verdict, why| At { object: service, verdict, why };
    let Some(backing) = backing else { return at(Verdict::Unknown, Lack::Unseen) };
    if backing.is_external_name() {
        return at(Verdict::Broken, Lack::ExternalName);
    }
    match asked {
        Asked::Any => holds(service),
        Asked::Name(name) => {
            let names = backing.port_names();
            if names.iter().any(|port| matches(name, port)) {
                return holds(service);
            }
            let why = Lack::Name(meant(name, &backing.ports, workloads, backing));
            // What the cluster or the operator makes may differ; addresses of others may have ports of other names.
            let certain = !runtime::is_made(service) && (backing.has_selector() || backing.has_addresses());
            at(if certain { Verdict::Broken } else { Verdict::Unknown }, why)
        }
        Asked::Container(_) | Asked::Number(_) => {
            if !backing.has_selector() {
                let verdict = if backing.points_to_pods() { Verdict::Unknown } else { Verdict::Broken };
                return at(verdict, Lack::NoPods);
            }
            let mut pods = backing.workloads.iter().map(|item| workloads.get(*item));
            if pods.len() == 0 {
                return at(Verdict::Unknown, Lack::Unseen);
            }
            if pods.any(|workload| declares(workload.template, asked)) {
                holds(service)
            } else {
                let made = backing.workloads.iter().all(|item| runtime::is_made(workloads.get(*item).object));
                at(if made { Verdict::Unknown } else { Verdict::Broken }, Lack::Undeclared)
            }
        }
    }
}

fn in_workload<'w>(workload: Object<'w>, asked: Asked<'w>) -> At<'w> {
    let Some(template) = PodTemplate::of(workload) else { return holds(workload) };
    if asked == Asked::Any || declares(template, asked) {
        return holds(workload);
    }
    let names: Vec<&str> = template.ports().into_iter().filter_map(|port| port.name).collect();
    let why = match asked {
        Asked::Container(name) => {
            let number = template.ports().into_iter().find(|port| port.number.to_string() == name);
            let unnamed =
                || template.ports().into_iter().find(|port| port.name.is_none()).map(|port| port.number);
            let meant = alike::closest(name, names.iter().copied()).map(Meant::Slip);
            let meant = meant.or_else(|| {
                number.map(|port| port.name.map_or(Meant::Unnamed(port.number.into()), Meant::Number))
            });
            let only = || match names.as_slice() {
                [only] => Some(Meant::Only(only)),
                [] => unnamed().map(|number| Meant::Unnamed(number.into())),
                _ => None,
            };
            Lack::Name(meant.or_else(only))
        }
        _ => Lack::Undeclared,
    };
    let verdict = if runtime::is_made(workload) { Verdict::Unknown } else { Verdict::Broken };
    At { object: workload, verdict, why }
}

/// Whether a container declares the port that is asked for.
pub fn declares(template: PodTemplate<'_>, asked: Asked<'_>) -> bool {
    template.ports().into_iter().any(|port| match asked {
        Asked::Name(name) | Asked::Container(name) => port.name.is_some_and(|port| matches(name, port)),
        Asked::Number(number) => i64::from(port.number) == number,
        Asked::Any => true,
    })
}

/// Whether the name of a port meets what is asked for, which Prometheus reads as a regular expression.
pub fn matches(asked: &str, name: &str) -> bool {
    if asked == name {
        return true;
    }
    let is_plain = asked.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    !is_plain && regex::compile_anchored(asked, Anchoring::Text).is_ok_and(|compiled| compiled.is_match(name))
}

fn meant<'w>(
    asked: &str,
    ports: &[ServicePort<'w>],
    workloads: &Workloads<'w>,
    backing: &Backing<'w>,
) -> Option<Meant<'w>> {
    let by = |port: &ServicePort<'w>, named: fn(&'w str) -> Meant<'w>| {
        if port.name.is_empty() {
            Meant::Unnamed(u32::try_from(port.number).unwrap_or_default())
        } else {
            named(port.name)
        }
    };
    let slip = alike::closest(asked, ports.iter().map(|port| port.name)).map(Meant::Slip);
    let number = || {
        let number = asked.parse::<i64>().ok()?;
        let leads_there =
            |port: &&ServicePort<'_>| port.number == number || port.target_number == Some(number);
        ports.iter().find(leads_there).map(|port| by(port, Meant::Number))
    };
    let target = || {
        let leads_there = |port: &&ServicePort<'w>| {
            port.target_name == Some(asked) || {
                let mut behind = backing.workloads.iter().map(|item| workloads.get(*item).template);
                behind.any(|template| {
                    template.ports().into_iter().any(|declared| {
                        declared.name == Some(asked) && Some(i64::from(declared.number)) == port.target_number
                    })
                })
            }
        };
        ports.iter().find(leads_there).map(|port| by(port, Meant::Target))
    };
    let only = || match ports {
        [only] => Some(by(only, Meant::Only)),
        _ => None,
    };
    slip.or_else(number).or_else(target).or_else(only)
}

/// What is asked for, in a sentence.
impl Asked<'_> {
    /// What it is, with its name or number.
    pub fn describe(&self) -> Cow<'static, str> {
        match self {
            Self::Name(name) => format!("port `{name}`").into(),
            Self::Container(name) => format!("container port `{name}`").into(),
            Self::Number(number) => format!("container port {number}").into(),
            Self::Any => "any port".into(),
        }
    }
}
