//! Labels that controllers add to the pods they make, and no template has (kube-controller-manager 1.36).

use super::workloads::Workload;
use crate::model::selector::{Operator, Requirement};
use crate::model::workload::is_added_by_controllers;
use crate::source::Node;

/// What a controller writes under a key on the pods of a workload.
enum Added {
    /// It does not.
    Nothing,
    /// A value that only a cluster knows.
    Anything,
    /// The name of the workload.
    Name,
    /// The name of the pod, which ends with its number.
    PodName,
    /// The number of the pod.
    Number,
}

/// Whether a requirement is about such a label.
pub(super) fn is_about(requirement: &Requirement) -> bool {
    is_added_by_controllers(requirement.key())
}

/// Whether some pod of a workload meets a requirement about such a label. How many pods there are changes as a workload is scaled, so
/// a `StatefulSet` may have one of any number.
pub(super) fn is_met_by_some_pod(workload: &Workload<'_>, requirement: &Requirement) -> bool {
    if let Some(written) = workload.labels.get(requirement.key()) {
        return requirement.is_met_by_value(Some(written));
    }
    let added = added(workload.object.kind(), requirement.key());
    match (&added, requirement.operator()) {
        (Added::Nothing, _) => requirement.is_met_by_value(None),
        (_, Operator::Exists | Operator::NotIn) => true,
        (_, Operator::DoesNotExist) => false,
        (_, Operator::Equals | Operator::In) => {
            requirement.values().iter().any(|value| may_be(&added, workload, value))
        }
    }
}

fn added(kind: &str, key: &str) -> Added {
    match (kind, key) {
        ("StatefulSet", "statefulset.kubernetes.io/pod-name") => Added::PodName,
        ("StatefulSet", "apps.kubernetes.io/pod-index")
        | ("Job" | "CronJob", "batch.kubernetes.io/job-completion-index") => Added::Number,
        ("Job", "job-name" | "batch.kubernetes.io/job-name") => Added::Name,
        ("StatefulSet" | "DaemonSet", "controller-revision-hash")
        | ("DaemonSet", "pod-template-generation")
        | ("Deployment" | "ReplicaSet", "pod-template-hash")
        | ("Job" | "CronJob", "controller-uid" | "batch.kubernetes.io/controller-uid")
        | ("CronJob", "job-name" | "batch.kubernetes.io/job-name") => Added::Anything,
        _ => Added::Nothing,
    }
}

fn may_be(added: &Added, workload: &Workload<'_>, value: &str) -> bool {
    let is_number = |text: &str| text.parse::<u32>().is_ok_and(|number| number.to_string() == text);
    match added {
        Added::Nothing => false,
        Added::Anything => true,
        Added::Name => value == workload.object.name(),
        Added::Number => is_number(value) && is_counted(workload, value),
        Added::PodName => value
            .strip_prefix(workload.object.name())
            .and_then(|rest| rest.strip_prefix('-'))
            .is_some_and(|number| is_number(number) && is_counted(workload, number)),
    }
}

/// Whether a `StatefulSet` counts its pods from this number, or from a lower one.
fn is_counted(workload: &Workload<'_>, number: &str) -> bool {
    let start = workload.object.at(&["spec", "ordinals", "start"]).and_then(Node::as_i64).unwrap_or_default();
    number.parse::<i64>().is_ok_and(|number| number >= start)
}
