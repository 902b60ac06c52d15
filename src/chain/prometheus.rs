//! Monitor → configuration: what the operator makes of each Prometheus, and which monitors it rejects.

use rustc_hash::FxHashSet;

use super::refusals::{Loading, RefusedPart};
use super::selection::{PROMETHEUS_KINDS, Selected};
use super::setting::Setting;
use crate::model::object::{Object, ObjectId};
use crate::operator::{self, Outcome, Plain, Reality, Rejection, Verdict};
use crate::source::{Node, Ordered};

/// A Prometheus or `PrometheusAgent` of the input.
#[derive(Debug)]
pub struct Prometheus<'w> {
    /// The object.
    pub object: Object<'w>,
    /// What the operator makes of it. Of its configuration only what is not a job is kept.
    pub outcome: Outcome,
    /// What Prometheus refuses of that.
    pub refused: Vec<RefusedPart<'w>>,
}

/// What any Prometheus would make of monitors.
#[derive(Debug, Default)]
pub struct Unselected<'w> {
    /// Those the operator rejects.
    pub rejected: Vec<Rejection>,
    /// What Prometheus refuses of the others.
    pub refused: Vec<RefusedPart<'w>>,
}

/// What the operator makes of every Prometheus of the input. Secrets and storage classes that the input does not show are taken
/// to be there, unless it is said to show them all: whether they are is another link.
pub fn trace<'w>(setting: &Setting<'w>) -> Vec<Prometheus<'w>> {
    let reality = reality(setting);
    let all = PROMETHEUS_KINDS.into_iter().flat_map(|kind| setting.inventory.of_kind(kind));
    let mut plain = Plain::default();
    all.map(|object| {
        let mut loading = Loading::new(setting, Some(object));
        let mut take = |global: &Ordered, job| loading.take(global, job);
        let (inventory, schemas) = (setting.inventory, setting.schemas);
        let outcome = operator::look_through(inventory, schemas, &reality, object, &mut plain, &mut take);
        let refused = match &outcome.verdict {
            Verdict::Configuration(rest) => loading.finish(rest),
            _ => Vec::new(),
        };
        Prometheus { object, outcome, refused }
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
pub fn by_any<'w>(setting: &Setting<'w>, selections: &[Selected<'w>]) -> Unselected<'w> {
    let mut plain = Plain::default();
    let open = selections.iter().filter(|selected| selected.by.is_empty());
    let monitors = open
        .filter(|selected| !plain.is_monitor(selected.kind, selected.monitor))
        .filter(|selected| !depends_on_the_prometheus(selected.monitor))
        .map(|selected| (selected.kind, selected.monitor));
    let mut loading = Loading::new(setting, None);
    let mut take = |global: &Ordered, job| loading.take(global, job);
    let (inventory, schemas) = (setting.inventory, setting.schemas);
    let (rejected, rest) = operator::judge(inventory, schemas, &reality(setting), monitors, &mut take);
    Unselected { rejected, refused: rest.map(|rest| loading.finish(&rest)).unwrap_or_default() }
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
    let rejected: FxHashSet<ObjectId> =
        prometheus.outcome.rejected.iter().map(|rejection| rejection.object).collect();
    let is_it = |object: &Object<'_>| object.id() == prometheus.object.id();
    let selected = selections.iter().filter(move |selected| selected.by.iter().any(is_it));
    selected.map(|selected| selected.monitor.id()).filter(move |id| !rejected.contains(id))
}
