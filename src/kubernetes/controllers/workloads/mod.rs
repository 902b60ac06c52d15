//! Pods that stand for those of workloads: as many as a workload will have, with all its template says and what its controller adds.
//!
//! Their addresses and, but for those of a StatefulSet, their names are not known; they are taken to run and to be ready.

mod made;
mod nodes;
mod scale;

use std::sync::Arc;

use self::made::Made;
use self::nodes::Place;
use crate::kubernetes::snapshot::{Owner, Plain, Pod, Snapshot, Standing, Templates, Text, Workload};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::model::workload::{self, PodTemplate};
use crate::source::Node;

/// No workload has more Pods; one that asks for more is a slip of the pen.
const MOST: usize = 10_000;
/// When there are so many Pods, each further workload has one.
const MOST_OF_ALL: usize = 1_000_000;

/// Adds Pods for every workload that has none in the input, and gives authored Pods what they will have.
pub(super) fn add_pods(inventory: &Inventory, snapshot: &mut Snapshot) {
    complete_authored(inventory, snapshot);
    let made = Made::of(inventory);
    let pods_are_listed = super::is_listed(inventory, GroupKind::POD);
    let mut templates = Templates::default();
    let mut pods = Vec::new();
    for (object, template) in workload::all(inventory) {
        let is_named = !object.name().is_empty() && !object.name().ends_with('*');
        if object.kind() == "Pod" || !is_named || made.has_maker(object) || made.has_pods(object) {
            continue;
        }
        // It has none, then.
        if pods_are_listed && super::is_read_back(object) {
            continue;
        }
        let workload = Arc::new(Workload {
            kind: object.kind().into(),
            namespace: object.namespace().unwrap_or_default().into(),
            name: object.name().into(),
            origin: Some(object.id()),
        });
        let mut pod = templates.pod(template, object.namespace().unwrap_or_default());
        pod.standing = Standing::Of(Arc::clone(&workload));
        pod.controller = Some(Arc::new(owner(object, &workload, snapshot)));
        run(&mut pod);
        let room = MOST_OF_ALL.saturating_sub(pods.len()).max(1);
        let places = places(inventory, snapshot, object, template);
        for (number, place) in places.into_iter().take(room).enumerate() {
            pods.push(numbered(&pod, &workload, object, number, place));
        }
    }
    snapshot.pods.append(&mut pods);
}

/// A Pod that somebody wrote and no cluster has said anything about will run, at an address that is not known.
fn complete_authored(inventory: &Inventory, snapshot: &mut Snapshot) {
    for pod in &mut snapshot.pods {
        let Some(origin) = pod.meta.origin else { continue };
        let status = inventory.object(origin).at(&["status"]);
        let has_status = status.is_some_and(|status| status.entries().len() > 0);
        if has_status || !pod.meta.uid.is_empty() || pod.deleting {
            continue;
        }
        let workload = Arc::new(Workload {
            kind: "Pod".into(),
            namespace: pod.meta.namespace.clone(),
            name: pod.meta.name.clone(),
            origin: Some(origin),
        });
        pod.ip = workload.address(0);
        pod.standing = Standing::Of(workload);
        run(pod);
    }
}

fn run(pod: &mut Pod) {
    pod.phase = "Running".into();
    pod.ready = Some("True".into());
}

/// The controller of a workload's Pods. Between a Deployment and them stands a ReplicaSet, between a `CronJob` and them a Job, whose
/// name ends as the controller likes.
fn owner(object: Object<'_>, workload: &Workload, snapshot: &mut Snapshot) -> Owner {
    let maker = Owner { kind: workload.kind.clone(), name: workload.name.clone() };
    let (kind, list) = match object.kind() {
        "Deployment" => ("ReplicaSet", &mut snapshot.replica_sets),
        "CronJob" => ("Job", &mut snapshot.jobs),
        _ => return maker,
    };
    let name = super::generated_name(&workload.name, 0);
    let meta = crate::kubernetes::snapshot::Meta::named(workload.namespace.clone(), name.clone());
    list.push(Plain { meta, controller: Some(maker) });
    Owner { kind: kind.into(), name }
}

/// Where the Pods of a workload will be: as many as it will have.
fn places(
    inventory: &Inventory,
    snapshot: &Snapshot,
    object: Object<'_>,
    template: PodTemplate<'_>,
) -> Vec<Place> {
    if object.kind() == "DaemonSet" {
        return nodes::of_daemon_set(inventory, snapshot, template);
    }
    let count = scale::pods(inventory, object).min(MOST);
    (0..count).map(|_| Place::default()).collect()
}

fn numbered(pod: &Pod, workload: &Workload, object: Object<'_>, number: usize, place: Place) -> Pod {
    let mut pod = pod.clone();
    pod.ip = place.address.unwrap_or_else(|| workload.address(number));
    if let Some(node) = place.node {
        pod.node_name = node;
    }
    pod.meta.name = workload.address(number);
    let mut labels: Vec<(Text, Text)> = Vec::new();
    match object.kind() {
        "StatefulSet" => {
            let start = object.at(&["spec", "ordinals", "start"]).and_then(Node::as_i64).unwrap_or_default();
            let ordinal = start.max(0).saturating_add(i64::try_from(number).unwrap_or(i64::MAX));
            pod.meta.name = format!("{}-{ordinal}", workload.name).into();
            pod.hostname = pod.meta.name.clone();
            pod.subdomain =
                object.at(&["spec", "serviceName"]).and_then(Node::as_str).unwrap_or_default().into();
            labels.push(("statefulset.kubernetes.io/pod-name".into(), pod.meta.name.clone()));
            labels.push(("apps.kubernetes.io/pod-index".into(), ordinal.to_string().into()));
        }
        "Job" => {
            labels.push(("job-name".into(), workload.name.clone()));
            labels.push(("batch.kubernetes.io/job-name".into(), workload.name.clone()));
            if object.at(&["spec", "completionMode"]).and_then(Node::as_str) == Some("Indexed") {
                let index = number.to_string().into();
                labels.push(("batch.kubernetes.io/job-completion-index".into(), index));
            }
        }
        _ => {}
    }
    if !labels.is_empty() {
        let own = pod.meta.labels.iter().map(|(key, value)| (key.clone(), value.clone()));
        pod.meta.labels = own.chain(labels).collect();
    }
    pod
}
