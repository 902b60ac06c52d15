//! A monitor: who selects it, what the operator says, what it finds, and what it refers to.

use super::{Branch, View};
use crate::chain::ports::{At, Lack, Meant, Port};
use crate::chain::references::Reached;
use crate::chain::selection::{Cause, Unmet, Unselected};
use crate::chain::targets::Targets;
use crate::diagnostic::Verdict;
use crate::model::object::Object;
use crate::operator::MonitorKind;

impl<'w> View<'_, 'w> {
    pub(super) fn monitor(&mut self, monitor: Object<'w>, kind: MonitorKind) -> Vec<Branch> {
        let mut branches = vec![self.selection(monitor), self.admission(monitor)];
        branches.extend(self.found(monitor, kind));
        branches.extend(self.references(monitor));
        branches.extend(self.files(monitor));
        branches
    }

    /// Towards the Prometheus.
    pub(super) fn selection(&mut self, monitor: Object<'w>) -> Branch {
        let chain = self.chain;
        let Some(selected) = chain.selections.iter().find(|selected| selected.monitor.id() == monitor.id())
        else {
            return Branch::plain("no monitor");
        };
        let verdict = match selected.verdict(&chain.setting) {
            // What is known of those that are there is shown as it is.
            Verdict::Unknown if selected.perhaps.is_empty() && !selected.not_by.is_empty() => Verdict::Broken,
            verdict => verdict,
        };
        let title = match (selected.by.len(), chain.prometheuses.len()) {
            (0, 0) => "no Prometheus is in the input".to_owned(),
            (0, _) => "selected by no Prometheus of the input".to_owned(),
            _ => "selected".to_owned(),
        };
        let by = selected.by.iter().map(|prometheus| {
            let branch = Branch::of(Verdict::Holds, *prometheus, "");
            branch.with(self.rights_of(*prometheus, monitor))
        });
        let by: Vec<Branch> = by.collect();
        let perhaps = selected.perhaps.iter().map(|(prometheus, what)| {
            Branch::of(Verdict::Unknown, *prometheus, &format!("depends on {what}"))
        });
        let not_by = selected.not_by.iter().map(|unselected| unselected_branch(unselected, monitor));
        Branch::new(verdict, title).with(by).with(perhaps).with(not_by)
    }

    fn rights_of(&self, prometheus: Object<'w>, monitor: Object<'w>) -> Vec<Branch> {
        let setting = &self.chain.setting;
        let discoveries = self.chain.discoveries.iter().filter(|discovery| {
            discovery.prometheus.id() == prometheus.id()
                && discovery.monitors.iter().any(|needing| needing.id() == monitor.id())
        });
        discoveries.map(|discovery| super::prometheus::discovery(setting, discovery)).collect()
    }

    fn admission(&self, monitor: Object<'w>) -> Branch {
        let of_prometheus =
            self.chain.prometheuses.iter().flat_map(|prometheus| &prometheus.outcome.rejected);
        let mut rejections = of_prometheus.chain(&self.chain.unselected.rejected);
        match rejections.find(|rejection| rejection.object == monitor.id()) {
            Some(rejection) => {
                let path: Vec<&str> = rejection.refusal.path.iter().map(String::as_str).collect();
                let title = format!("rejected by the operator: {}", rejection.refusal.message);
                Branch::new(Verdict::Broken, title).at(Some(monitor.place_at(&path)))
            }
            None => Branch::new(Verdict::Holds, "accepted by the operator"),
        }
    }

    /// Towards the targets.
    fn found(&mut self, monitor: Object<'w>, kind: MonitorKind) -> Vec<Branch> {
        let chain = self.chain;
        let Some(targets) = chain.targets.iter().find(|targets| targets.monitor.id() == monitor.id()) else {
            return Vec::new();
        };
        if targets.found.is_empty() {
            return vec![nothing(targets, chain)];
        }
        let mut branches = Vec::new();
        for object in &targets.found {
            self.concerned.insert(object.id());
            let mut branch = Branch::of(Verdict::Holds, *object, "is selected");
            let ports = chain.ports.iter().filter(|port| port.monitor.id() == monitor.id());
            for port in ports {
                let at = port.at.iter().find(|at| at.object.id() == object.id());
                branch.branches.extend(at.map(|at| self::port(port, at)));
            }
            if kind == MonitorKind::Service {
                branch.branches.extend(self.behind(*object));
            } else if kind == MonitorKind::Pod {
                branch.branches.extend(self.policies(*object));
            }
            branches.push(branch);
        }
        branches
    }

    fn references(&self, monitor: Object<'w>) -> Vec<Branch> {
        let setting = &self.chain.setting;
        let own = self.chain.references.iter().filter(|reference| reference.monitor.id() == monitor.id());
        own.map(|reference| {
            let kind = if reference.is_secret { "Secret" } else { "ConfigMap" };
            let what = format!("{kind} `{}`, key `{}`", reference.name, reference.key);
            let title = match &reference.to {
                Reached::Key(_) => what,
                Reached::Hidden(_) => format!("{what}: its content is not shown"),
                Reached::Made(maker) => format!("{what}: made by {}", maker.identity()),
                Reached::NoKey(..) => format!("{what}: there is no such key"),
                Reached::Absent(Some(near)) => {
                    format!("{what}: not in this namespace; there is {}", near.identity())
                }
                Reached::Absent(None) => format!("{what}: not in the input"),
            };
            Branch::new(reference.verdict(setting), title).at(Some(reference.node.place()))
        })
        .collect()
    }

    fn files(&self, monitor: Object<'w>) -> Vec<Branch> {
        let own = self.chain.files.iter().filter(|file| file.monitor.id() == monitor.id());
        own.map(|file| {
            let whose =
                file.prometheus.map_or_else(|| "a Prometheus".to_owned(), |one| one.identity().to_string());
            let title = format!("file `{}` in {whose}", file.path);
            Branch::new(file.verdict(), title).at(Some(file.node.place()))
        })
        .collect()
    }
}

fn unselected_branch(unselected: &Unselected<'_>, monitor: Object<'_>) -> Branch {
    Branch::of(Verdict::Broken, unselected.prometheus, &self::unselected(unselected, monitor))
}

/// Why a Prometheus does not select a monitor.
pub(in crate::engine) fn unselected(unselected: &Unselected<'_>, monitor: Object<'_>) -> String {
    let list = |unmet: &[Unmet]| {
        let words = unmet.iter().map(|unmet| match &unmet.found {
            Some(found) => format!("`{}` (it has `{found}`)", unmet.requirement),
            None => format!("`{}`", unmet.requirement),
        });
        words.collect::<Vec<_>>().join(" and ")
    };
    match &unselected.cause {
        Cause::NoSelector => "has no selector for the kind".to_owned(),
        Cause::OtherNamespace => {
            format!(
                "looks into its own namespace only, not into `{}`",
                monitor.namespace().unwrap_or_default()
            )
        }
        Cause::NamespaceLabels(unmet) => format!("asks the namespace for {}", list(unmet)),
        Cause::Labels(unmet) => format!("asks for {}", list(unmet)),
    }
}

/// What a monitor finds that finds nothing.
pub(in crate::engine) fn nothing(targets: &Targets<'_>, chain: &crate::chain::Chain<'_>) -> Branch {
    let what = match targets.kind {
        MonitorKind::Service => "Service",
        MonitorKind::Probe => "Ingress",
        _ => "workload",
    };
    let selector = targets.selector.as_ref().map(ToString::to_string).unwrap_or_default();
    let title = format!("no {what} in {} has `{selector}`", targets.namespaces.describe());
    let verdict = match targets.verdict(&chain.setting) {
        Verdict::Unknown if targets.nearest.is_some() => Verdict::Broken,
        verdict => verdict,
    };
    let near = targets.nearest.iter().map(|near| Branch::of(Verdict::Broken, near.object, "is the nearest"));
    Branch::new(verdict, title).with(near)
}

/// What becomes of an endpoint at what its monitor finds.
pub(in crate::engine) fn port(port: &Port<'_>, at: &At<'_>) -> Branch {
    let asked = port.asked.describe();
    let title = match &at.why {
        Lack::Nothing => asked.into_owned(),
        Lack::Name(None) => format!("{asked}: there is none of that name"),
        Lack::Name(Some(Meant::Unnamed(number))) => format!("{asked}: the port {number} has no name"),
        Lack::Name(Some(
            Meant::Slip(name) | Meant::Number(name) | Meant::Target(name) | Meant::Only(name),
        )) => {
            format!("{asked}: there is `{name}`")
        }
        Lack::Undeclared => format!("{asked}: no container declares it"),
        Lack::NoPods => format!("{asked}: there are no pods, only addresses"),
        Lack::ExternalName => "an ExternalName Service has no endpoints".to_owned(),
        Lack::Unseen => format!("{asked}: the pods are not in the input"),
    };
    Branch::new(at.verdict, title)
}
