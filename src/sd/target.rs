//! Targets, and what became of those that are none.

use super::found::Found;
use crate::prom::relabel::Labels;

/// A target that is scraped.
#[derive(Debug, Clone)]
pub struct Target<'s> {
    /// What it was found as.
    pub found: Found<'s>,
    /// The discovery of its job that found it.
    pub discovery: usize,
    /// Its labels after relabelling; those that begin with `__` are not part of series.
    pub labels: Labels,
    /// Where it is scraped.
    pub url: String,
}

impl Target<'_> {
    /// The labels its series have, in the order of their names.
    pub fn public_labels(&self) -> Vec<(&str, &str)> {
        let mut labels = self.labels.sorted();
        labels.retain(|(name, _)| !name.starts_with("__"));
        labels
    }

    /// How often it is scraped, as its label says.
    pub fn interval(&self) -> &str {
        self.labels.get("__scrape_interval__")
    }

    /// How long a scrape may take, as its label says.
    pub fn timeout(&self) -> &str {
        self.labels.get("__scrape_timeout__")
    }
}

/// A target that a rule drops.
#[derive(Debug, Clone, Copy)]
pub struct Dropped<'s> {
    /// What it was found as.
    pub found: Found<'s>,
    /// The discovery of its job that found it.
    pub discovery: usize,
    /// The rule of its job that drops it, from 0.
    pub rule: usize,
}

/// What cannot be made a target: Prometheus counts it as a failure of the sync, and it is neither active nor dropped.
#[derive(Debug, Clone)]
pub struct Failure<'s> {
    /// What it was found as.
    pub found: Found<'s>,
    /// The discovery of its job that found it.
    pub discovery: usize,
    /// What Prometheus says.
    pub message: String,
}
