//! Containers of workloads, as far as rules about systems look at them.

use crate::model::object::Object;
use crate::model::workload::PodTemplate;
use crate::source::Node;

/// A container of something that makes pods. What many rules ask of every container is looked up once.
#[derive(Debug, Clone, Copy)]
pub struct Container<'w> {
    /// What makes the pods.
    pub object: Object<'w>,
    /// Their template.
    pub template: PodTemplate<'w>,
    /// The container.
    pub node: Node<'w>,
    /// The last part of the name of its image, without tag: `node-exporter`.
    pub program: &'w str,
    /// The last part of the path of the command it runs; empty where that is the image's.
    pub runs: &'w str,
}

impl<'w> Container<'w> {
    /// The containers of a workload.
    pub fn of(object: Object<'w>, template: PodTemplate<'w>) -> impl Iterator<Item = Self> {
        template.containers().map(move |node| {
            let image = node.get("image").and_then(Node::as_str).unwrap_or_default();
            let last = image.rsplit('/').next().unwrap_or_default();
            let first = node.get("command").and_then(|command| command.items().next());
            let path = first.and_then(Node::as_str).unwrap_or_default();
            Self {
                object,
                template,
                node,
                program: last.split(['@', ':']).next().unwrap_or_default(),
                runs: path.rsplit('/').next().unwrap_or_default(),
            }
        })
    }

    /// Whether it is this program, by its image or by what it runs.
    pub fn is(self, program: &str) -> bool {
        self.program == program || self.runs == program
    }

    /// Whether it is a node-exporter.
    pub fn is_node_exporter(self) -> bool {
        self.is("node-exporter") || self.is("node_exporter")
    }

    /// Whether it is one of the programs that monitoring is made of.
    pub fn is_of_monitoring(self) -> bool {
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
        let program = self.program;
        PROGRAMS.contains(&program) || program.starts_with("heapster")
    }

    /// Its arguments.
    pub fn arguments(self) -> impl Iterator<Item = Node<'w>> {
        ["command", "args"].into_iter().filter_map(move |field| self.node.get(field)).flat_map(Node::items)
    }

    /// The value of a flag that is written `--NAME=VALUE`, and where.
    pub fn flag(self, name: &str) -> Option<(&'w str, Node<'w>)> {
        self.arguments().find_map(|argument| {
            let value = argument.as_str()?.trim_start_matches('-').strip_prefix(name)?.strip_prefix('=')?;
            Some((value, argument))
        })
    }

    /// The value of a variable of its environment.
    pub fn variable(self, name: &str) -> Option<&'w str> {
        let mut variables = self.node.get("env").into_iter().flat_map(Node::items);
        let found = variables.find(|variable| variable.get("name").and_then(Node::as_str) == Some(name))?;
        found.get("value")?.as_str()
    }
}
