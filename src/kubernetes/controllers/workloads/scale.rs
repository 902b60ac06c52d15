//! How many Pods a workload will have.

use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::source::Node;

/// The number of Pods, not counting by Node.
pub(super) fn pods(inventory: &Inventory, workload: Object<'_>) -> usize {
    let count = match workload.kind() {
        "Job" => of_job(workload.at(&["spec"])),
        "CronJob" if is_true(workload.at(&["spec", "suspend"])) => 0,
        "CronJob" => of_job(workload.at(&["spec", "jobTemplate", "spec"])),
        _ => of_replicas(inventory, workload),
    };
    usize::try_from(count).unwrap_or_default()
}

/// Pods of a Job that run at once: its parallelism, and no more than it needs.
fn of_job(spec: Option<Node<'_>>) -> i64 {
    let number = |field| spec.and_then(|spec| spec.get(field)).and_then(Node::as_i64);
    if is_true(spec.and_then(|spec| spec.get("suspend"))) {
        return 0;
    }
    let parallelism = number("parallelism").unwrap_or(1);
    number("completions").map_or(parallelism, |completions| parallelism.min(completions))
}

/// The replicas of a workload, kept by a `HorizontalPodAutoscaler` between what it allows; one of no replicas is left alone
/// (autoscaling/v2).
fn of_replicas(inventory: &Inventory, workload: Object<'_>) -> i64 {
    let replicas = workload.at(&["spec", "replicas"]).and_then(Node::as_i64).unwrap_or(1);
    let autoscaler = inventory
        .in_namespace(GroupKind::HORIZONTAL_POD_AUTOSCALER, workload.namespace())
        .find(|autoscaler| scales(*autoscaler, workload));
    let Some(autoscaler) = autoscaler.filter(|_| replicas != 0) else { return replicas };
    let number = |field| autoscaler.at(&["spec", field]).and_then(Node::as_i64);
    let most = number("maxReplicas").unwrap_or(i64::MAX);
    replicas.min(most).max(number("minReplicas").unwrap_or(1))
}

fn scales(autoscaler: Object<'_>, workload: Object<'_>) -> bool {
    let text = |field| autoscaler.at(&["spec", "scaleTargetRef", field]).and_then(Node::as_str);
    let group = text("apiVersion").map(|version| version.rsplit_once('/').map_or("", |(group, _)| group));
    text("kind") == Some(workload.kind())
        && text("name") == Some(workload.name())
        && group.is_none_or(|group| group == workload.group())
}

fn is_true(node: Option<Node<'_>>) -> bool {
    node.and_then(Node::as_bool).unwrap_or_default()
}
