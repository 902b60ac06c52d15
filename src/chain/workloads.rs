//! Everything that makes pods, found by the labels its pods have.

use std::collections::BTreeMap;

use super::containers::Container;
use super::{added_labels, runtime};
use crate::model::inventory::Inventory;
use crate::model::label_index::{LabelIndex, Namespaces};
use crate::model::object::Object;
use crate::model::selector::{Requirement, Selector};
use crate::model::workload::{self, PodTemplate};
use crate::source::Node;

/// The workloads of an inventory, with an index over the labels of their pods.
#[derive(Debug)]
pub struct Workloads<'w> {
    items: Vec<Workload<'w>>,
    index: LabelIndex,
    containers: Vec<Container<'w>>,
}

/// Something that makes pods, or a Pod.
#[derive(Debug)]
pub struct Workload<'w> {
    /// The object.
    pub object: Object<'w>,
    /// What its pods are made from.
    pub template: PodTemplate<'w>,
    /// The labels of its pods.
    pub labels: BTreeMap<String, String>,
}

impl<'w> Workloads<'w> {
    /// Those of an inventory. What another one makes is left out: a `ReplicaSet` beside its Deployment is the same pods.
    pub fn of(inventory: &'w Inventory) -> Self {
        // The node owns its static pods, and an operator what it makes: those are nobody else's pods.
        let makes_pods = |owner: Node<'_>| {
            let kind = owner.get("kind").and_then(Node::as_str);
            workload::kinds().any(|known| Some(known.kind) == kind)
        };
        let is_made = |object: &Object<'_>| {
            object.at(&["metadata", "ownerReferences"]).is_some_and(|owners| owners.items().any(makes_pods))
        };
        let items: Vec<Workload<'w>> = workload::all(inventory)
            .filter(|(object, _)| !is_made(object))
            .map(|(object, template)| Workload { object, template, labels: template.labels() })
            .collect();
        let index = LabelIndex::build(items.iter().map(|item| (item.object.namespace(), &item.labels)));
        let containers = items.iter().filter(|item| is_whole(item.object));
        let containers = containers.flat_map(|item| Container::of(item.object, item.template)).collect();
        Self { items, index, containers }
    }

    /// The containers of those that somebody wrote.
    pub fn containers(&self) -> &[Container<'w>] {
        &self.containers
    }

    /// Those in these namespaces whose pods meet a selector, by their numbers.
    pub fn select(&self, selector: &Selector, namespaces: Namespaces<'_>) -> Vec<u32> {
        let (added, written): (Vec<Requirement>, Vec<Requirement>) =
            selector.requirements().iter().cloned().partition(added_labels::is_about);
        if added.is_empty() {
            return self.index.select(selector, namespaces);
        }
        let mut selected = self.index.select(&Selector::new(written), namespaces);
        selected.retain(|item| {
            added.iter().all(|requirement| added_labels::is_met_by_some_pod(self.get(*item), requirement))
        });
        selected
    }

    /// The one with this number.
    pub fn get(&self, item: u32) -> &Workload<'w> {
        &self.items[item as usize]
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Workload<'w>> {
        self.items.iter()
    }

    /// The index over the labels of their pods; its items are these numbers.
    pub fn index(&self) -> &LabelIndex {
        &self.index
    }
}

/// Whether all there is to say of an object is said by it: not of what others make, and not of a part of one.
fn is_whole(object: Object<'_>) -> bool {
    !runtime::is_made(object) && !runtime::is_of_the_operator(object) && !runtime::is_abridged(object)
}
