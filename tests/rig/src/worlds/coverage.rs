//! Which properties of the schemas the objects of some worlds have.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use super::monitors::KINDS;
use super::{prometheus, properties};

/// Properties that are there, of those that count.
#[derive(Debug, Default)]
pub struct Coverage {
    kinds: BTreeMap<&'static str, Kind>,
}

#[derive(Debug, Default)]
struct Kind {
    all: BTreeSet<String>,
    seen: BTreeSet<String>,
}

/// The share that the worlds of one run have to reach, in percent, for each kind.
pub const DEMANDED: usize = 95;

impl Coverage {
    /// Nothing seen yet.
    pub fn new() -> Self {
        let monitors = KINDS.iter().map(|(kind, ..)| (*kind, properties::all(kind)));
        let others = ["Prometheus", "PrometheusAgent"].map(|kind| (kind, prometheus::counted(kind)));
        let kinds = monitors
            .chain(others)
            .map(|(kind, all)| (kind, Kind { all: all.into_iter().collect(), seen: BTreeSet::new() }));
        Self { kinds: kinds.collect() }
    }

    /// Counts what an object has.
    pub fn count(&mut self, object: &Value) {
        let Some(name) = object["kind"].as_str() else { return };
        if let Some(kind) = self.kinds.get_mut(name) {
            kind.seen.extend(properties::of(name, object).intersection(&kind.all).cloned());
        }
    }

    /// Kinds below the demanded share, each with what is missing.
    pub fn missing(&self) -> Vec<String> {
        self.kinds
            .iter()
            .filter(|(_, kind)| kind.seen.len() * 100 < kind.all.len() * DEMANDED)
            .map(|(name, kind)| {
                let missing: Vec<&str> = kind.all.difference(&kind.seen).map(String::as_str).collect();
                format!("{name} lacks {}", missing.join(", "))
            })
            .collect()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, kind)) in self.kinds.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{name} {} of {}", kind.seen.len(), kind.all.len())?;
        }
        Ok(())
    }
}
