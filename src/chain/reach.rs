//! Prometheus → pod: whether `NetworkPolicies` let it in, and the Prometheus out.

use std::collections::{BTreeMap, BTreeSet};

use super::ports::{Asked, Port};
use super::prometheus::{self, Prometheus};
use super::runtime;
use super::selection::Selected;
use super::services::Backings;
use super::setting::Setting;
use super::workloads::{Workload, Workloads};
use crate::diagnostic::Verdict;
use crate::kubernetes::network_policy::{self, Direction, NamedPort, Party, Policies};
use crate::model::kind::GroupKind;
use crate::model::object::{Object, ObjectId};
use crate::model::workload::PodTemplate;
use crate::operator::MonitorKind;

/// A connection of a Prometheus to pods of a workload, and whether the policies of one end allow it.
#[derive(Debug)]
pub struct Connection<'w> {
    /// The Prometheus.
    pub prometheus: Object<'w>,
    /// The monitor that asks for it.
    pub monitor: Object<'w>,
    /// Where it leads.
    pub workload: Object<'w>,
    /// The port there.
    pub port: u16,
    /// Which end does not allow it, or is not known to.
    pub direction: Direction,
    /// What is not known; broken where policies select the pods and none allows it.
    pub verdict: Verdict,
    /// The policies that decide.
    pub policies: Vec<Object<'w>>,
    /// What they ask for, in words.
    pub why: Vec<String>,
}

impl Connection<'_> {
    /// Whether the connection is allowed. A policy that is not in the input may allow it too.
    pub fn verdict(&self, setting: &Setting<'_>) -> Verdict {
        match self.verdict {
            Verdict::Broken if !setting.completeness.shows_all_of("NetworkPolicy") => Verdict::Unknown,
            verdict => verdict,
        }
    }
}

/// The connections that policies of the input do not allow, or may not.
pub fn trace<'w>(
    setting: &Setting<'w>,
    (prometheuses, selections): (&[Prometheus<'w>], &[Selected<'w>]),
    ports: &[Port<'w>],
    (backings, workloads): (&Backings<'w>, &Workloads<'w>),
) -> Vec<Connection<'w>> {
    if setting.inventory.of_kind(GroupKind::NETWORK_POLICY).len() == 0 {
        return Vec::new();
    }
    let policies = Policies::of(setting.inventory);
    let mut by_monitor: BTreeMap<ObjectId, Vec<&Port<'w>>> = BTreeMap::new();
    for port in ports {
        by_monitor.entry(port.monitor.id()).or_default().push(port);
    }
    let by_object: BTreeMap<ObjectId, &Workload<'w>> =
        workloads.all().map(|workload| (workload.object.id(), workload)).collect();
    let mut connections = Vec::new();
    for prometheus in prometheuses {
        let Some(own) = own_pods(prometheus.object, workloads) else { continue };
        let mut seen = BTreeSet::new();
        for id in prometheus::accepted(prometheus, selections) {
            for port in by_monitor.get(&id).into_iter().flatten() {
                for (workload, number) in pods_of(port, backings, workloads, &by_object) {
                    if runtime::is_made(workload.object) || !seen.insert((workload.object.id(), number)) {
                        continue;
                    }
                    for direction in [Direction::Ingress, Direction::Egress] {
                        let judged = judge(&policies, direction, own, workload, number);
                        connections.extend(judged.map(|(verdict, policies, why)| Connection {
                            prometheus: prometheus.object,
                            monitor: port.monitor,
                            workload: workload.object,
                            port: number,
                            direction,
                            verdict,
                            policies,
                            why,
                        }));
                    }
                }
            }
        }
    }
    connections
}

/// The pods the operator makes for a Prometheus.
fn own_pods<'p, 'w>(prometheus: Object<'w>, workloads: &'p Workloads<'w>) -> Option<&'p Workload<'w>> {
    let prefix = if prometheus.group_kind() == GroupKind::PROMETHEUS { "prometheus" } else { "prom-agent" };
    let name = format!("{prefix}-{}", prometheus.name());
    workloads.all().find(|workload| {
        workload.object.group_kind() == GroupKind::STATEFUL_SET
            && workload.object.namespace() == prometheus.namespace()
            && workload.object.name() == name
    })
}

/// The workloads an endpoint leads to, each with the number of the port.
fn pods_of<'p, 'w>(
    port: &Port<'w>,
    backings: &'p Backings<'w>,
    workloads: &'p Workloads<'w>,
    by_object: &BTreeMap<ObjectId, &'p Workload<'w>>,
) -> Vec<(&'p Workload<'w>, u16)> {
    let holding = port.at.iter().filter(|at| at.verdict == Verdict::Holds);
    let mut found = Vec::new();
    for at in holding {
        if port.kind == MonitorKind::Pod {
            let Some(workload) = by_object.get(&at.object.id()) else { continue };
            found.extend(number(workload.template, port.asked).map(|number| (*workload, number)));
            continue;
        }
        let Some(backing) = backings.get(at.object) else { continue };
        for item in &backing.workloads {
            let workload = workloads.get(*item);
            let named = |name: &str| backing.ports.iter().find(|port| super::ports::matches(name, port.name));
            let number = match port.asked {
                Asked::Name(name) => named(name).and_then(|port| match port.target_name {
                    Some(name) => number(workload.template, Asked::Container(name)),
                    None => port.target_number.and_then(|number| u16::try_from(number).ok()),
                }),
                asked => number(workload.template, asked),
            };
            found.extend(number.map(|number| (workload, number)));
        }
    }
    found
}

fn number(template: PodTemplate<'_>, asked: Asked<'_>) -> Option<u16> {
    match asked {
        Asked::Number(number) => u16::try_from(number).ok(),
        Asked::Container(name) => {
            let mut ports = template.ports().into_iter();
            ports
                .find(|port| port.name.is_some_and(|port| super::ports::matches(name, port)))
                .map(|port| port.number)
        }
        Asked::Name(_) | Asked::Any => None,
    }
}

type Judged<'w> = (Verdict, Vec<Object<'w>>, Vec<String>);

fn judge<'w>(
    policies: &Policies<'w>,
    direction: Direction,
    from: &Workload<'w>,
    to: &Workload<'w>,
    number: u16,
) -> Option<Judged<'w>> {
    let (from_ports, to_ports) = (named_ports(from.template), named_ports(to.template));
    let (from, to) = (party(from, &from_ports), party(to, &to_ports));
    let port = network_policy::Port { number, protocol: "TCP" };
    let verdict = match direction {
        Direction::Ingress => policies.ingress(&from, &to, port),
        Direction::Egress => policies.egress(&from, &to, port),
    };
    match verdict {
        network_policy::Verdict::Allowed(_) => None,
        network_policy::Verdict::Denied(refusals) => {
            let why = refusals.iter().map(ToString::to_string).collect();
            Some((Verdict::Broken, refusals.iter().map(|refusal| refusal.policy).collect(), why))
        }
        network_policy::Verdict::Unknown(open) => {
            let why = open.iter().map(ToString::to_string).collect();
            Some((Verdict::Unknown, open.iter().map(|open| open.policy).collect(), why))
        }
    }
}

fn named_ports(template: PodTemplate<'_>) -> Vec<NamedPort<'_>> {
    let ports = template.ports().into_iter();
    ports
        .filter_map(|port| Some(NamedPort { name: port.name?, number: port.number, protocol: "TCP" }))
        .collect()
}

fn party<'a>(workload: &'a Workload<'_>, ports: &'a [NamedPort<'a>]) -> Party<'a> {
    Party {
        namespace: workload.object.namespace(),
        name: None,
        labels: &workload.labels,
        addresses: &[],
        host_network: workload.template.host_network(),
        ports,
    }
}
