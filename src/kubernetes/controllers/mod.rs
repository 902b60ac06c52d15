//! What the controllers of a cluster make of its objects (kube-controller-manager 1.36): pods of workloads, Endpoints and
//! `EndpointSlices` of Services.
//!
//! [`settle`] turns a snapshot of what was authored into one of what a cluster would hold. What was read back from a cluster is
//! taken as it is: a workload whose pods are in the input gets no other ones, nor one that was read back with all pods; and Endpoints and slices a controller has written stay.
//! What only a cluster decides (addresses, generated names) is not known, and shown as such.

mod endpoints;
mod families;
#[doc(hidden)]
pub mod fuzz;
mod mirror;
mod ports;
mod selection;
mod slices;
mod workloads;

use super::snapshot::{Meta, Snapshot, Text};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::label_index::LabelIndex;
use crate::model::object::Object;
use crate::source::Node;

/// The most endpoints a slice has (`--max-endpoints-per-slice`), and the most of one subset that are mirrored.
const MOST_PER_SLICE: usize = 100;
const MOST_MIRRORED: usize = 1000;

/// The label that names the Service of a slice.
const SERVICE_NAME: &str = "kubernetes.io/service-name";
/// Who writes a slice.
const SLICE_MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
/// What a Service without an address of its own puts on its endpoints.
const HEADLESS: &str = "service.kubernetes.io/headless";

/// Adds what the controllers make of the objects of an inventory, which the snapshot was read from.
pub fn settle(inventory: &Inventory, mut snapshot: Snapshot) -> Snapshot {
    for service in &mut snapshot.services {
        families::fill(service);
    }
    workloads::add_pods(inventory, &mut snapshot);
    snapshot.add_topology_labels();
    snapshot.sort();
    let selected = selection::Selected::of(&snapshot);
    let endpoints = endpoints::of_services(&snapshot, &selected);
    let slices = slices::of_services(&snapshot, &selected);
    // What a controller writes takes the place of what was authored under its name.
    snapshot.endpoints.splice(0..0, endpoints);
    snapshot.endpoint_slices.extend(slices);
    let mirrored = mirror::of_endpoints(&snapshot);
    snapshot.endpoint_slices.extend(mirrored);
    snapshot.sort();
    snapshot
}

/// Whether an object was read back from a cluster: the API server gave it a UID.
pub fn is_read_back(object: Object<'_>) -> bool {
    object.at(&["metadata", "uid"]).and_then(Node::as_str).is_some_and(|uid| !uid.is_empty())
}

/// Whether objects of a kind were read back from a cluster, so that those that are not there do not exist.
pub fn is_listed(inventory: &Inventory, kind: GroupKind<'_>) -> bool {
    inventory.of_kind(kind).any(is_read_back)
}

/// The name of the nth object a controller makes of another one, which the API server completes.
fn generated_name(of: &str, number: usize) -> Text {
    if number == 0 { format!("{of}-*").into() } else { format!("{of}-*{}", number + 1).into() }
}

/// An index over the labels of objects of a snapshot; its items are numbered as they are listed.
fn label_index<'s>(metas: impl Iterator<Item = &'s Meta>) -> LabelIndex {
    LabelIndex::build(metas.map(|meta| {
        let labels = meta.labels.iter().map(|(key, value)| (&**key, &**value));
        (Some(&*meta.namespace), labels)
    }))
}

#[cfg(test)]
mod tests;
