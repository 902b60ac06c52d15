//! What in an input was made by something else in it.

use rustc_hash::FxHashSet;

use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::source::Node;

/// Namespace, kind and name.
type Key<'i> = (Option<&'i str>, &'i str, &'i str);

/// The workloads that have Pods in an input.
pub(super) struct Made<'i> {
    inventory: &'i Inventory,
    makers: FxHashSet<Key<'i>>,
}

/// The kinds that are made by others, and by which.
const BETWEEN: [(&str, GroupKind<'static>, &str); 2] =
    [("ReplicaSet", GroupKind::REPLICA_SET, "Deployment"), ("Job", GroupKind::JOB, "CronJob")];

impl<'i> Made<'i> {
    pub(super) fn of(inventory: &'i Inventory) -> Self {
        let mut makers = FxHashSet::default();
        for pod in inventory.of_kind(GroupKind::POD) {
            let namespace = pod.namespace();
            for (kind, name) in owners(pod) {
                makers.insert((namespace, kind, name));
                let Some((_, group_kind, maker)) = BETWEEN.iter().find(|(between, ..)| *between == kind)
                else {
                    continue;
                };
                match inventory.get(*group_kind, namespace, name) {
                    Some(between) => {
                        makers.extend(owners(between).map(|(kind, name)| (namespace, kind, name)));
                    }
                    // Its name is that of its maker, a dash, and a suffix without one.
                    None => {
                        makers.extend(name.rsplit_once('-').map(|(name, _)| (namespace, *maker, name)));
                    }
                }
            }
        }
        Self { inventory, makers }
    }

    /// Whether the input has Pods of a workload.
    pub(super) fn has_pods(&self, workload: Object<'_>) -> bool {
        self.makers.contains(&(workload.namespace(), workload.kind(), workload.name()))
    }

    /// Whether a workload is one of another in the input, whose Pods are counted there.
    pub(super) fn has_maker(&self, workload: Object<'_>) -> bool {
        let Some((.., maker)) = BETWEEN.iter().find(|(kind, ..)| *kind == workload.kind()) else {
            return false;
        };
        let group = if *maker == "Deployment" { GroupKind::DEPLOYMENT } else { GroupKind::CRON_JOB };
        owners(workload).any(|(kind, name)| {
            kind == *maker && self.inventory.get(group, workload.namespace(), name).is_some()
        })
    }
}

/// Kind and name of what made an object.
fn owners(object: Object<'_>) -> impl Iterator<Item = (&str, &str)> {
    let references = object.at(&["metadata", "ownerReferences"]).into_iter().flat_map(Node::items);
    references.filter_map(|owner| Some((owner.get("kind")?.as_str()?, owner.get("name")?.as_str()?)))
}
