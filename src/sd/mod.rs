//! What service discovery and relabelling of Prometheus make of a cluster: targets, dropped targets, and what fails.
//!
//! A [`World`] is what discovery sees, and [`World::pools`] does for each job of a loaded configuration what Prometheus does:
//!
//! * `view`: the objects one discovery sees: namespaces, selectors, attached metadata;
//! * `roles`: what it finds in them, as references ([`Found`]);
//! * `label`: the meta labels of what was found, all of them or those that rules read;
//! * `shortcut`, `index`: which objects a job need not look into, because rules drop all of their targets alike;
//! * `job`, `check`: defaults, rules, checks, the URL: what is left is a [`Target`].
//!
//! The rules are those of Prometheus 3.13 (`discovery/kubernetes`, `scrape/target.go`); `release` has what older ones do otherwise.

mod answers;
mod check;
mod found;
#[doc(hidden)]
pub mod fuzz;
mod index;
mod job;
mod label;
mod pool;
mod release;
mod roles;
mod shortcut;
mod target;
mod url;
mod view;

pub use answers::{Answers, TargetGroup};
pub use found::{Behind, Found, Group, Listed, Part, Point, Source};
pub use pool::{Details, Pool, Unknown};
pub use release::Release;
pub use target::{Dropped, Failure, Origin, Target, TargetLabels};

use std::collections::BTreeSet;

use crate::kubernetes::snapshot::Snapshot;

/// What the discoveries of a Prometheus find.
#[derive(Debug, Clone, Copy)]
pub struct World<'s> {
    /// The objects of its cluster.
    pub snapshot: &'s Snapshot,
    /// What discoveries outside Kubernetes answer.
    pub answers: &'s Answers,
    /// The version of Prometheus.
    pub release: Release,
    /// The namespace Prometheus runs in.
    pub own_namespace: &'s str,
    /// Files that a job needs and that are not there.
    pub missing_files: &'s BTreeSet<String>,
}

#[cfg(test)]
mod tests;
