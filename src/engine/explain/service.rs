//! A Service: which monitors find it, and what is behind it.

use super::{Branch, View};
use crate::chain::runtime;
use crate::chain::scraped::replicas;
use crate::diagnostic::Verdict;
use crate::kubernetes::network_policy::Direction;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::operator::MonitorKind;

impl<'w> View<'_, 'w> {
    pub(super) fn service(&mut self, service: Object<'w>) -> Vec<Branch> {
        let mut branches = self.finders(service, MonitorKind::Service);
        if branches.is_empty() {
            let near = self.chain.targets.iter().filter(|targets| {
                targets.nearest.as_ref().is_some_and(|near| near.object.id() == service.id())
            });
            let near: Vec<Branch> = near
                .map(|targets| {
                    self.concerned.insert(targets.monitor.id());
                    Branch::of(Verdict::Broken, targets.monitor, "comes near")
                })
                .collect();
            let verdict = if near.is_empty() { Verdict::Unknown } else { Verdict::Broken };
            branches.push(Branch::new(verdict, "no monitor of the input selects it").with(near));
        }
        branches.extend(self.behind(service));
        branches
    }

    /// The monitors of a kind that find something, each with who selects it.
    pub(super) fn finders(&mut self, object: Object<'w>, kind: MonitorKind) -> Vec<Branch> {
        let chain = self.chain;
        let finding = chain.targets.iter().filter(|targets| {
            targets.kind == kind && targets.found.iter().any(|found| found.id() == object.id())
        });
        let mut branches = Vec::new();
        for targets in finding {
            self.concerned.insert(targets.monitor.id());
            let ports = chain.ports.iter().filter(|port| port.monitor.id() == targets.monitor.id());
            let at = ports.flat_map(|port| {
                let at = port.at.iter().filter(|at| at.object.id() == object.id());
                at.map(|at| Branch::new(at.verdict, port.asked.describe().into_owned()))
            });
            let ports: Vec<Branch> = at.collect();
            let selection = self.selection(targets.monitor);
            branches.push(
                Branch::of(Verdict::Holds, targets.monitor, "selects it").with(ports).with([selection]),
            );
        }
        branches
    }

    /// What is behind a Service.
    pub(super) fn behind(&mut self, service: Object<'w>) -> Vec<Branch> {
        let chain = self.chain;
        let Some(backing) = chain.backings.get(service) else { return Vec::new() };
        if backing.is_external_name() {
            return vec![Branch::new(Verdict::Broken, "an ExternalName Service has no endpoints")];
        }
        if !backing.has_selector() {
            let addresses = backing.addresses();
            let written = backing.endpoints.into_iter().chain(backing.slices.iter().copied());
            let written: Vec<Branch> = written
                .map(|object| Branch::of(Verdict::Holds, object, &format!("has {addresses} addresses")))
                .collect();
            if written.is_empty() {
                return vec![Branch::new(
                    backing.verdict(&chain.setting),
                    "no selector, and no addresses in the input",
                )];
            }
            return written;
        }
        if backing.workloads.is_empty() {
            let near =
                backing.nearest.iter().map(|near| Branch::of(Verdict::Broken, near.object, "is the nearest"));
            let title = format!(
                "no workload of the input has `{}`",
                backing.selector.as_ref().map(ToString::to_string).unwrap_or_default()
            );
            let verdict = match backing.verdict(&chain.setting) {
                Verdict::Unknown if backing.nearest.is_some() => Verdict::Broken,
                verdict => verdict,
            };
            return vec![Branch::new(verdict, title).with(near)];
        }
        let mut branches = Vec::new();
        for item in &backing.workloads {
            let object = chain.workloads.get(*item).object;
            if !runtime::is_made(object) {
                self.concerned.insert(object.id());
            }
            let words = match object.group_kind() {
                GroupKind::DAEMON_SET => "runs on each node".to_owned(),
                GroupKind::POD => "is behind it".to_owned(),
                _ => match replicas(object) {
                    1 => "makes 1 pod".to_owned(),
                    count => format!("makes {count} pods"),
                },
            };
            branches.push(Branch::of(Verdict::Holds, object, &words).with(self.policies(object)));
        }
        branches
    }

    /// The policies that keep a Prometheus from a workload.
    pub(super) fn policies(&self, workload: Object<'w>) -> Vec<Branch> {
        let connections =
            self.chain.connections.iter().filter(|connection| connection.workload.id() == workload.id());
        connections
            .map(|connection| {
                let way = match connection.direction {
                    Direction::Ingress => "no policy lets it in",
                    Direction::Egress => "no policy lets it out",
                };
                let title =
                    format!("{} to port {}: {way}", connection.prometheus.identity(), connection.port);
                let why = connection.why.iter().map(|why| Branch::plain(why.clone()));
                Branch::new(connection.verdict, title).with(why)
            })
            .collect()
    }
}
