//! What findings of this family have in common.

use crate::chain::Chain;
use crate::chain::reach::Connection;
use crate::chain::selection::{Selected, Unselected};
use crate::chain::targets;
use crate::diagnostic::{Diagnostic, Level, Place, Verdict};
use crate::kubernetes::network_policy::Direction;
use crate::model::object::Object;
use crate::model::selector::Requirement;
use crate::model::workload::PodTemplate;
use crate::operator::MonitorKind;

/// Other Prometheuses that are named besides the nearest.
const MOST_OTHERS: usize = 3;

/// The Prometheus that is nearest to selecting a monitor, where none selects it and none may.
pub(super) fn nearest_of_none<'s, 'w>(selected: &'s Selected<'w>) -> Option<&'s Unselected<'w>> {
    let open = selected.by.is_empty() && selected.perhaps.is_empty();
    selected.nearest().filter(|_| open)
}

/// A finding about a monitor that nothing selects: certain where every Prometheus is known.
pub(super) fn of_selection(chain: &Chain<'_>, selected: &Selected<'_>, finding: Diagnostic) -> Diagnostic {
    let finding = finding.about(selected.monitor.subject());
    match selected.verdict(&chain.setting) {
        Verdict::Broken => finding.level(Level::Error),
        Verdict::Holds | Verdict::Unknown => finding.unknown(),
    }
}

/// Names the other Prometheuses of the input.
pub(super) fn others(finding: Diagnostic, selected: &Selected<'_>, nearest: &Unselected<'_>) -> Diagnostic {
    let others = selected.not_by.iter().filter(|other| other.prometheus.id() != nearest.prometheus.id());
    let names: Vec<String> = others.map(|other| format!("`{}`", other.prometheus.identity())).collect();
    match names.len() {
        0 => finding,
        count if count <= MOST_OTHERS => finding.note(format!("nor does {} select it", names.join(" or "))),
        count => finding.note(format!("nor does any of {count} others select it")),
    }
}

/// A finding about a link whose other end is missing: certain where the input shows all there is.
pub(super) fn of_end(verdict: Verdict, object: Object<'_>, finding: Diagnostic) -> Diagnostic {
    let finding = finding.about(object.subject());
    match verdict {
        Verdict::Broken => finding.level(Level::Error),
        Verdict::Holds | Verdict::Unknown => finding.level(Level::Warning).unknown(),
    }
}

/// What a monitor of a kind finds.
pub(in crate::rules) const fn what(kind: MonitorKind) -> &'static str {
    match kind {
        MonitorKind::Service => "Service",
        MonitorKind::Probe => "Ingress",
        _ => "workload",
    }
}

/// Where a requirement of an object's selector stands.
pub(super) fn place_of(object: Object<'_>, requirement: &Requirement) -> Place {
    let node = requirement.node().map(|node| object.document().node(node).place());
    let is_probe = object.group_kind() == MonitorKind::Probe.group_kind();
    let base = targets::base(if is_probe { MonitorKind::Probe } else { MonitorKind::Service });
    node.unwrap_or_else(|| object.place_at(&[base, &["selector"]].concat()))
}

/// Where the labels of an object stand, or those of its pods.
pub(super) fn labels_of(object: Object<'_>) -> Place {
    match PodTemplate::of(object).and_then(PodTemplate::label_node) {
        Some(labels) => first_line(labels.place()),
        None => object
            .at(&["metadata", "labels"])
            .map_or_else(|| object.place(), |labels| first_line(labels.place())),
    }
}

/// The first line of a place: a block is not marked as a whole.
pub(in crate::rules) fn first_line(mut place: Place) -> Place {
    let text = place.file.text().get(place.span.range()).unwrap_or_default();
    let line = text.lines().next().map_or(0, str::len);
    place.span.end = place.span.start + u32::try_from(line).unwrap_or_default();
    place
}

/// The field with the endpoints of a monitor.
pub(super) const fn endpoints_field(kind: MonitorKind) -> &'static str {
    match kind {
        MonitorKind::Service => "endpoints",
        _ => "podMetricsEndpoints",
    }
}

/// Where the ports of a Service stand, or the first that a container of a workload declares.
pub(super) fn ports_of(object: Object<'_>) -> Place {
    let ports = match PodTemplate::of(object) {
        Some(template) => template.ports().first().map(|port| port.node),
        None => object.at(&["spec", "ports", "0"]),
    };
    ports.map_or_else(|| object.place(), |port| first_line(port.place()))
}

/// Where the content of a Secret or `ConfigMap` stands: its first field, of which no content is shown.
pub(super) fn data_of(object: Object<'_>) -> Place {
    let field = ["data", "stringData"].into_iter().find(|field| object.at(&[field]).is_some());
    object.place_at(&[field.unwrap_or("data")])
}

/// Findings about connections that policies of one end do not allow.
pub(super) fn refused_connections<'w>(
    chain: &Chain<'w>,
    direction: Direction,
    finding: impl Fn(&Connection<'w>) -> Diagnostic,
) -> Vec<Diagnostic> {
    let refused = chain
        .connections
        .iter()
        .filter(|connection| connection.direction == direction && connection.verdict == Verdict::Broken);
    refused
        .map(|connection| {
            let finding = finding(connection).at(connection.monitor.place(), "this monitor asks for it");
            let finding = connection
                .policies
                .iter()
                .fold(finding, |finding, policy| finding.with(policy.place(), "selects the pods"));
            connection.why.iter().fold(finding, |finding, why| finding.note(why.clone()))
        })
        .collect()
}
