//! The parts of monitors that rules look at: their endpoints, and the relabel rules in these.

use crate::chain::Chain;
use crate::chain::selection::Selected;
use crate::model::object::Object;
use crate::operator::MonitorKind;
use crate::prom::regex::{self, Anchoring};
use crate::source::Node;

/// An endpoint of a `ServiceMonitor` or `PodMonitor`, or the `spec` of a Probe or `ScrapeConfig`.
#[derive(Clone, Copy)]
pub(super) struct Part<'c, 'w> {
    /// The monitor, and who selects it.
    pub(super) selected: &'c Selected<'w>,
    /// The part.
    pub(super) node: Node<'w>,
}

/// Every part of every monitor.
pub(super) fn parts<'c, 'w>(chain: &'c Chain<'w>) -> impl Iterator<Item = Part<'c, 'w>> {
    chain.selections.iter().flat_map(|selected| {
        let nodes = selected.requests.iter().filter(|node| node.is_mapping());
        nodes.map(move |node| Part { selected, node: *node })
    })
}

/// A relabel rule.
#[derive(Clone, Copy)]
pub(super) struct Rule<'c, 'w> {
    /// The part it stands in.
    pub(super) part: Part<'c, 'w>,
    /// The rule.
    pub(super) node: Node<'w>,
    /// Whether it is for samples instead of targets.
    pub(super) of_samples: bool,
}

/// Every relabel rule of every monitor.
pub(super) fn relabelings<'c, 'w>(chain: &'c Chain<'w>) -> impl Iterator<Item = Rule<'c, 'w>> {
    parts(chain).flat_map(Part::relabelings)
}

impl<'c, 'w> Part<'c, 'w> {
    /// The monitor.
    pub(super) fn monitor(self) -> Object<'w> {
        self.selected.monitor
    }

    /// The relabel rules in it, in the order they are written in.
    pub(super) fn relabelings(self) -> impl Iterator<Item = Rule<'c, 'w>> {
        let lists: &[(&[&str], bool)] = match self.selected.kind {
            MonitorKind::Probe => &[
                (&["targets", "staticConfig", "relabelingConfigs"], false),
                (&["targets", "ingress", "relabelingConfigs"], false),
                (&["metricRelabelings"], true),
            ],
            _ => &[(&["relabelings"], false), (&["metricRelabelings"], true)],
        };
        lists.iter().flat_map(move |(path, of_samples)| {
            let list = self.node.at(path).into_iter().flat_map(Node::items);
            list.map(move |node| Rule { part: self, node, of_samples: *of_samples })
        })
    }

    /// Whether a rule for targets sets one of these labels.
    pub(super) fn sets(self, labels: &[&str]) -> bool {
        self.relabelings().any(|rule| !rule.of_samples && labels.contains(&text(rule.node, "targetLabel")))
    }
}

impl<'w> Rule<'_, 'w> {
    /// What it does, in lower case.
    pub(super) fn action(self) -> String {
        let action = text(self.node, "action").to_ascii_lowercase();
        if action.is_empty() { "replace".to_owned() } else { action }
    }

    /// The labels it reads.
    pub(super) fn sources(self) -> impl Iterator<Item = &'w str> {
        self.node.get("sourceLabels").into_iter().flat_map(Node::items).filter_map(Node::as_str)
    }

    /// Whether its regex matches a text; none where it is no regex.
    pub(super) fn matches(self, value: &str) -> Option<bool> {
        let pattern = match self.node.get("regex").and_then(Node::as_str) {
            None | Some("") => return Some(true),
            Some(pattern) => pattern,
        };
        regex::compile_anchored(pattern, Anchoring::Text).ok().map(|compiled| compiled.is_match(value))
    }
}

/// A field that is a text; empty where it is none.
pub(super) fn text<'w>(node: Node<'w>, field: &str) -> &'w str {
    node.get(field).and_then(Node::as_str).unwrap_or_default()
}

/// Whether a field is there and true.
pub(super) fn is_true(node: Node<'_>, field: &str) -> bool {
    node.get(field).and_then(Node::as_bool) == Some(true)
}

/// A field that is there, not null, and not empty.
pub(super) fn filled<'w>(node: Node<'w>, field: &str) -> Option<Node<'w>> {
    node.get(field).filter(|value| {
        !value.is_null() && value.as_str() != Some("") && !(value.is_mapping() && value.entries().len() == 0)
    })
}
