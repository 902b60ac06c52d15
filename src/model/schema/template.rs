//! Workloads that do not select the pods they make, which the API server refuses (`selector` does not match template `labels`).

use crate::diagnostic::{Code, Diagnostic};
use crate::model::object::Object;
use crate::model::selector::Selector;
use crate::model::workload::PodTemplate;

/// Tells a workload whose selector does not fit the labels of its own template. Other mistakes in either are told elsewhere.
pub(super) fn unselected(object: Object<'_>) -> Option<Diagnostic> {
    let written = object.at(&["spec", "selector"]).filter(|selector| selector.is_mapping())?;
    let read = match (object.group(), object.kind()) {
        ("apps", "Deployment" | "DaemonSet" | "ReplicaSet" | "StatefulSet") => Selector::read(written),
        ("", "ReplicationController") => Selector::read_map(written),
        _ => return None,
    };
    let template = PodTemplate::of(object)?;
    let selector = read.into_result().ok()?;
    let labels = template.labels();
    if selector.matches(&labels) {
        return None;
    }
    let message = format!("`spec.selector` of `{}` does not select the pods it makes", object.identity());
    let place = template.label_node().map_or_else(|| object.place(), crate::source::Node::place);
    let finding = Diagnostic::new(Code::INVALID_VALUE, message)
        .at(place, "the labels of its pods")
        .with(written.place(), "what it selects")
        .note("the API server refuses this");
    Some(finding.help("give the template the labels that are selected"))
}
