//! Containers of workloads, as far as rules about systems look at them.

use crate::chain::Chain;
use crate::chain::runtime;
use crate::chain::services::Backing;
use crate::model::object::Object;
use crate::model::workload::PodTemplate;
use crate::operator::MonitorKind;
use crate::source::Node;

/// A container of something that makes pods.
#[derive(Clone, Copy)]
pub(super) struct Container<'w> {
    /// What makes the pods.
    pub(super) object: Object<'w>,
    /// Their template.
    pub(super) template: PodTemplate<'w>,
    /// The container.
    pub(super) node: Node<'w>,
}

/// Every container of the input.
pub(super) fn containers<'w>(chain: &Chain<'w>) -> impl Iterator<Item = Container<'w>> {
    chain
        .workloads
        .all()
        .filter(|workload| is_whole(workload.object))
        .flat_map(|workload| of(workload.object, workload.template))
}

/// Whether all there is to say of an object is said by it: not of what others make, and not of a part of one.
fn is_whole(object: Object<'_>) -> bool {
    !runtime::is_made(object) && !runtime::is_of_the_operator(object) && !runtime::is_abridged(object)
}

/// The containers of a workload.
pub(super) fn of<'w>(object: Object<'w>, template: PodTemplate<'w>) -> impl Iterator<Item = Container<'w>> {
    template.containers().map(move |node| Container { object, template, node })
}

impl<'w> Container<'w> {
    /// The last part of the name of its image, without tag: `node-exporter`.
    pub(super) fn program(self) -> &'w str {
        let image = self.node.get("image").and_then(Node::as_str).unwrap_or_default();
        let last = image.rsplit('/').next().unwrap_or_default();
        last.split(['@', ':']).next().unwrap_or_default()
    }

    /// Whether it is this program, by its image or by what it runs.
    pub(super) fn is(self, program: &str) -> bool {
        let runs = || {
            let first = self.node.get("command").and_then(|command| command.items().next());
            first.and_then(Node::as_str).and_then(|path| path.rsplit('/').next()) == Some(program)
        };
        self.program() == program || runs()
    }

    /// Whether it is a node-exporter.
    pub(super) fn is_node_exporter(self) -> bool {
        self.is("node-exporter") || self.is("node_exporter")
    }

    /// Whether it is one of the programs that monitoring is made of.
    pub(super) fn is_of_monitoring(self) -> bool {
        const PROGRAMS: [&str; 9] = [
            "alertmanager",
            "grafana",
            "influxdb",
            "kube-state-metrics",
            "node-exporter",
            "node_exporter",
            "prometheus",
            "prometheus-pushgateway",
            "pushgateway",
        ];
        let program = self.program();
        PROGRAMS.contains(&program) || program.starts_with("heapster")
    }

    /// Its arguments.
    pub(super) fn arguments(self) -> impl Iterator<Item = Node<'w>> {
        ["command", "args"].into_iter().filter_map(move |field| self.node.get(field)).flat_map(Node::items)
    }

    /// The value of a flag that is written `--NAME=VALUE`, and where.
    pub(super) fn flag(self, name: &str) -> Option<(&'w str, Node<'w>)> {
        self.arguments().find_map(|argument| {
            let value = argument.as_str()?.trim_start_matches('-').strip_prefix(name)?.strip_prefix('=')?;
            Some((value, argument))
        })
    }

    /// The value of a variable of its environment.
    pub(super) fn variable(self, name: &str) -> Option<&'w str> {
        let mut variables = self.node.get("env").into_iter().flat_map(Node::items);
        let found = variables.find(|variable| variable.get("name").and_then(Node::as_str) == Some(name))?;
        found.get("value")?.as_str()
    }
}

/// A port of a Service that a monitor scrapes.
pub(super) struct Scraped<'c, 'w> {
    /// The monitor.
    pub(super) monitor: Object<'w>,
    /// The endpoint of it.
    pub(super) endpoint: Node<'w>,
    /// The Service, and what is behind it.
    pub(super) backing: &'c Backing<'w>,
    /// The number of the port where the targets listen.
    pub(super) number: i64,
}

/// The ports of Services that `ServiceMonitors` name, as far as their numbers are known.
pub(super) fn scraped<'c, 'w>(chain: &'c Chain<'w>) -> Vec<Scraped<'c, 'w>> {
    let mut found = Vec::new();
    for targets in chain.targets.iter().filter(|targets| targets.kind == MonitorKind::Service) {
        let endpoints = targets.monitor.at(&["spec", "endpoints"]).into_iter().flat_map(Node::items);
        for endpoint in endpoints {
            let Some(name) = endpoint.get("port").and_then(Node::as_str) else { continue };
            let backings = targets.found.iter().filter_map(|service| chain.backings.get(*service));
            for backing in backings {
                let port = backing.ports.iter().find(|port| port.name == name);
                let number = port.and_then(|port| {
                    port.target_number.or_else(|| {
                        let mut templates =
                            backing.workloads.iter().map(|item| chain.workloads.get(*item).template);
                        templates.find_map(|template| {
                            let ports = template.ports();
                            let named = ports.iter().find(|declared| declared.name == port.target_name);
                            named.map(|declared| i64::from(declared.number))
                        })
                    })
                });
                if let Some(number) = number {
                    found.push(Scraped { monitor: targets.monitor, endpoint, backing, number });
                }
            }
        }
    }
    found
}

/// Whether an address is of the loopback: `127.0.0.1:2381`, `[::1]:2381`, `localhost`.
pub(super) fn is_loopback(address: &str) -> bool {
    let address = address.split("//").last().unwrap_or_default();
    ["127.", "localhost", "[::1]", "::1"].iter().any(|start| address.starts_with(start))
}
