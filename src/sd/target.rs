//! Targets, and what became of those that are none.

use std::hash::{Hash as _, Hasher as _};

use rustc_hash::FxHasher;

use super::found::Found;
use crate::kubernetes::snapshot::Text;
use crate::prom::relabel::{Labels, Name};

/// What was found, and by which discovery of its job.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'s> {
    /// What was found.
    pub found: Found<'s>,
    /// The number of the discovery.
    pub(super) discovery: usize,
}

/// A target that is scraped.
#[derive(Debug, Clone)]
pub struct Target<'s> {
    /// What it was found as.
    pub origin: Origin<'s>,
    /// Its labels after relabelling; those that begin with `__` are not part of series.
    pub labels: TargetLabels,
    /// Where it is scraped.
    pub url: String,
}

impl Target<'_> {
    /// How often it is scraped, as its label says.
    pub fn interval(&self) -> &str {
        self.labels.get("__scrape_interval__")
    }

    /// How long a scrape may take, as its label says.
    pub fn timeout(&self) -> &str {
        self.labels.get("__scrape_timeout__")
    }
}

/// The labels of a target, in the order of their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetLabels(Box<[(Name, Text)]>);

impl TargetLabels {
    pub(super) fn new(labels: &Labels) -> Self {
        let mut sorted: Box<[(Name, Text)]> = labels.shared().into();
        sorted.sort_unstable_by(|a, b| a.0.as_str().cmp(b.0.as_str()));
        Self(sorted)
    }

    /// The value of a label, empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(name)).map_or("", |at| &self.0[at].1)
    }

    /// All labels.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), &**value))
    }

    /// The labels that series have.
    pub fn public(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter().filter(|(name, _)| !name.starts_with("__"))
    }

    pub(super) fn digest(&self) -> u64 {
        let mut hasher = FxHasher::default();
        for (name, value) in self.iter() {
            name.hash(&mut hasher);
            value.hash(&mut hasher);
        }
        hasher.finish()
    }
}

/// A target that a rule drops.
#[derive(Debug, Clone, Copy)]
pub struct Dropped<'s> {
    /// What it was found as.
    pub origin: Origin<'s>,
    /// The rule of its job that drops it, from 0.
    pub rule: usize,
}

/// What cannot be made a target: Prometheus counts it as a failure of the sync, and it is neither active nor dropped.
#[derive(Debug, Clone)]
pub struct Failure<'s> {
    /// What it was found as.
    pub origin: Origin<'s>,
    /// What Prometheus says.
    pub message: String,
}
