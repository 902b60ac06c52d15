//! The objects of a snapshot by the labels that rules and selectors ask for, so that a job need not look at each of them.
//!
//! Thousands of jobs look at the same objects, and most keep the few whose labels have certain values. A table has, for each
//! label (as Prometheus sees its name) and value, the objects a role would find. What it answers may be too much, never too
//! little: who asks looks at each object again.

use std::ops::Range;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::label::Set;
use super::release::Release;
use super::roles;
use super::view::{Scope, View};
use crate::kubernetes::snapshot::{HasMeta, Pairs, Snapshot, Text, find};
use crate::prom::config::Role;
use crate::prom::label_name::sanitise;

/// The objects of a role, by their place in its list, ascending.
type Places = Vec<u32>;

/// Places by value.
type Values = FxHashMap<Text, Places>;

/// Places by label and value.
#[derive(Debug, Default)]
struct Table {
    labels: FxHashMap<String, Values>,
}

/// How many targets there are in the objects before each place of a role's list.
type Sums = Vec<u64>;

/// Tables and sums, each made when somebody asks for it first.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By role, of the object's own labels and of its Service's.
    own: [OnceLock<Table>; 6],
    service: [OnceLock<Table>; 6],
    /// By role; where each namespace is looked into on its own, and where all are in one go; then the same where Nodes are asked
    /// for.
    sums: [[OnceLock<Sums>; 4]; 6],
}

/// What an object has to have to be found.
#[derive(Debug)]
pub(super) struct Wish<'w> {
    /// Whose labels are meant.
    pub(super) set: Set,
    /// The label, as its name is sanitised.
    pub(super) key: &'w str,
    /// Which values will do.
    pub(super) values: Wished<'w>,
}

/// Which values of a label will do.
pub(super) enum Wished<'w> {
    /// These.
    Some(Vec<&'w str>),
    /// Those for which this is so.
    Any(Box<dyn Fn(&str) -> bool + 'w>),
}

impl std::fmt::Debug for Wished<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Some(values) => f.debug_tuple("Some").field(values).finish(),
            Self::Any(_) => f.write_str("Any"),
        }
    }
}

/// How many objects a role finds at most.
fn len(snapshot: &Snapshot, role: Role) -> usize {
    match role {
        Role::Node => snapshot.nodes.len(),
        Role::Pod => snapshot.pods.len(),
        Role::Service => snapshot.services.len(),
        Role::Endpoints => snapshot.endpoints.len(),
        Role::EndpointSlice => snapshot.endpoint_slices.len(),
        Role::Ingress => snapshot.ingresses.len(),
    }
}

/// The stretches of a role's list that are in scope.
pub(super) fn stretches(view: &View<'_>) -> Vec<Range<usize>> {
    fn of<T: HasMeta>(scope: &Scope, list: &[T]) -> Vec<Range<usize>> {
        match scope {
            Scope::All => Vec::from([Range { start: 0, end: list.len() }]),
            Scope::Only(names) => {
                let stretch = |name: &String| {
                    let from = list.partition_point(|item| *item.meta().namespace < **name);
                    from..list.partition_point(|item| *item.meta().namespace <= **name)
                };
                names.iter().map(stretch).collect()
            }
        }
    }
    let snapshot = view.snapshot;
    match view.role {
        // Nodes have no namespace.
        Role::Node => of(&Scope::All, &snapshot.nodes),
        Role::Pod => of(&view.scope, &snapshot.pods),
        Role::Service => of(&view.scope, &snapshot.services),
        Role::Endpoints => of(&view.scope, &snapshot.endpoints),
        Role::EndpointSlice => of(&view.scope, &snapshot.endpoint_slices),
        Role::Ingress => of(&view.scope, &snapshot.ingresses),
    }
}

impl Index {
    /// The places in scope of objects that may meet a wish, or none where looking at all of them is no more work.
    pub(super) fn places(
        &self,
        view: &View<'_>,
        stretches: &[Range<usize>],
        wishes: &[Wish<'_>],
    ) -> Option<Vec<u32>> {
        let all: usize = stretches.iter().map(ExactSizeIterator::len).sum();
        let mut best: Option<(usize, Vec<&[u32]>)> = None;
        for wish in wishes {
            let Some(table) = self.table(view, wish.set) else { continue };
            let Some(values) = table.labels.get(wish.key) else { return Some(Vec::new()) };
            let limit = best.as_ref().map_or(all, |(count, _)| *count);
            let found: Vec<&Places> = match &wish.values {
                Wished::Some(wanted) => wanted.iter().filter_map(|value| values.get(*value)).collect(),
                // To try each value is worth it only if they are fewer than the objects.
                Wished::Any(_) if values.len() >= limit => continue,
                Wished::Any(meets) => {
                    values.iter().filter(|(value, _)| meets(value)).map(|(_, places)| places).collect()
                }
            };
            let parts: Vec<&[u32]> = found
                .iter()
                .flat_map(|places| {
                    stretches.iter().map(|stretch| {
                        let from = places.partition_point(|place| (*place as usize) < stretch.start);
                        let to = places.partition_point(|place| (*place as usize) < stretch.end);
                        &places[from..to]
                    })
                })
                .collect();
            let count = parts.iter().map(|part| part.len()).sum();
            if count < limit {
                best = Some((count, parts));
            }
        }
        best.map(|(_, parts)| {
            let mut places = parts.concat();
            places.sort_unstable();
            places.dedup();
            places
        })
    }

    fn table(&self, view: &View<'_>, set: Set) -> Option<&Table> {
        let (snapshot, role) = (view.snapshot, view.role);
        let tables = match (set, role) {
            (Set::ServiceLabels, Role::Endpoints | Role::EndpointSlice) => &self.service,
            (Set::EndpointsLabels, Role::Endpoints)
            | (Set::SliceLabels, Role::EndpointSlice)
            | (Set::PodLabels, Role::Pod)
            | (Set::ServiceLabels, Role::Service)
            | (Set::NodeLabels, Role::Node)
            | (Set::IngressLabels, Role::Ingress) => &self.own,
            _ => return None,
        };
        Some(tables[role as usize].get_or_init(|| Table::of(snapshot, set, role)))
    }

    /// How many targets the objects in these stretches have, where no selector filters.
    pub(super) fn count(&self, view: &View<'_>, release: &Release, stretches: &[Range<usize>]) -> u64 {
        let kind = usize::from(view.scope == Scope::All) + 2 * usize::from(view.attach.node);
        let sums = self.sums[view.role as usize][kind].get_or_init(|| {
            let mut sums = Vec::with_capacity(len(view.snapshot, view.role) + 1);
            sums.push(0);
            let mut sum = 0;
            for place in 0..len(view.snapshot, view.role) {
                sum += roles::at(view, place).map_or(0, |group| roles::count(view, release, group));
                sums.push(sum);
            }
            sums
        });
        stretches.iter().map(|stretch| sums[stretch.end] - sums[stretch.start]).sum()
    }
}

impl Table {
    fn of(snapshot: &Snapshot, set: Set, role: Role) -> Self {
        let mut table = Self::default();
        let labels = |place: usize| -> Option<&Pairs> {
            match (set, role) {
                (Set::ServiceLabels, Role::Endpoints) => {
                    let (namespace, name) = snapshot.endpoints[place].meta.identity();
                    find(&snapshot.services, namespace, name).map(|service| &service.meta.labels)
                }
                (Set::ServiceLabels, Role::EndpointSlice) => {
                    let meta = &snapshot.endpoint_slices[place].meta;
                    let name = meta.labels.get(roles::SERVICE_NAME)?;
                    find(&snapshot.services, &meta.namespace, name).map(|service| &service.meta.labels)
                }
                (_, Role::Endpoints) => Some(&snapshot.endpoints[place].meta.labels),
                (_, Role::EndpointSlice) => Some(&snapshot.endpoint_slices[place].meta.labels),
                (_, Role::Pod) => Some(&snapshot.pods[place].meta.labels),
                (_, Role::Service) => Some(&snapshot.services[place].meta.labels),
                (_, Role::Node) => Some(&snapshot.nodes[place].meta.labels),
                (_, Role::Ingress) => Some(&snapshot.ingresses[place].meta.labels),
            }
        };
        for place in 0..len(snapshot, role) {
            let Some(labels) = labels(place) else { continue };
            let number = u32::try_from(place).unwrap_or(u32::MAX);
            for (key, value) in labels.iter() {
                table.add(&sanitise(key), value, number);
            }
        }
        table
    }

    fn add(&mut self, key: &str, value: &Text, place: u32) {
        if !self.labels.contains_key(key) {
            self.labels.insert(key.to_owned(), Values::default());
        }
        let Some(values) = self.labels.get_mut(key) else { return };
        let places = values.entry(value.clone()).or_default();
        // Two keys of an object may become one.
        if places.last() != Some(&place) {
            places.push(place);
        }
    }
}
