//! Monitor → configuration: what the operator makes of each Prometheus, and which monitors it rejects.

use super::selection::{PROMETHEUS_KINDS, Selected};
use super::setting::Setting;
use crate::model::object::{Object, ObjectId};
use crate::operator::{self, Judged, Outcome, Reality};
use crate::source::Node;

/// A Prometheus or `PrometheusAgent` of the input.
#[derive(Debug)]
pub struct Prometheus<'w> {
    /// The object.
    pub object: Object<'w>,
    /// What the operator makes of it.
    pub outcome: Outcome,
}

/// What the operator makes of every Prometheus of the input. Secrets and storage classes that the input does not show are taken
/// to be there, unless it is said to show them all: whether they are is another link.
pub fn trace<'w>(setting: &Setting<'w>) -> Vec<Prometheus<'w>> {
    let reality = reality(setting);
    let all = PROMETHEUS_KINDS.into_iter().flat_map(|kind| setting.inventory.of_kind(kind));
    all.map(|object| Prometheus {
        object,
        outcome: operator::reconcile(setting.inventory, setting.schemas, &reality, object),
    })
    .collect()
}

fn reality(setting: &Setting<'_>) -> Reality {
    let shows = |kind: &str| setting.completeness.shows_all_of(kind);
    Reality {
        takes_secrets_for_granted: !(shows("Secret") && shows("ConfigMap")),
        reads_storage_classes: setting.reality.reads_storage_classes && shows("StorageClass"),
        ..setting.reality.clone()
    }
}

/// What the operator makes of the monitors that none of the input selects, for a Prometheus that says nothing but what it has to. Monitors
/// that nothing can be wrong with are left out, and those that depend on fields of the Prometheus.
pub fn by_any(setting: &Setting<'_>, selections: &[Selected<'_>]) -> Judged {
    let open = selections.iter().filter(|selected| selected.by.is_empty());
    let monitors = open
        .filter(|selected| !operator::is_plain_monitor(selected.kind, selected.monitor))
        .filter(|selected| !depends_on_the_prometheus(selected.monitor));
    operator::judge(
        setting.inventory,
        setting.schemas,
        &reality(setting),
        monitors.map(|selected| (selected.kind, selected.monitor)),
    )
}

/// Whether a monitor names a scrape class, or a timeout without the interval it has to be within.
fn depends_on_the_prometheus(monitor: Object<'_>) -> bool {
    let has = |node: Node<'_>, field: &str| node.get(field).is_some_and(|value| !value.is_null());
    let Some(spec) = monitor.at(&["spec"]) else { return true };
    let lists = ["endpoints", "podMetricsEndpoints"].into_iter().filter_map(|field| spec.get(field));
    let mut timed = lists.flat_map(Node::items).chain([spec]);
    has(spec, "scrapeClass")
        || timed
            .any(|node| has(node, "scrapeTimeout") && !(has(node, "interval") || has(node, "scrapeInterval")))
}

/// The monitors a Prometheus selects and the operator takes.
pub fn accepted<'p>(
    prometheus: &'p Prometheus<'_>,
    selections: &'p [Selected<'_>],
) -> impl Iterator<Item = ObjectId> + 'p {
    let rejected = |id: ObjectId| prometheus.outcome.rejected.iter().any(|rejection| rejection.object == id);
    let is_it = |object: &Object<'_>| object.id() == prometheus.object.id();
    let selected = selections.iter().filter(move |selected| selected.by.iter().any(is_it));
    selected.map(|selected| selected.monitor.id()).filter(move |id| !rejected(*id))
}
