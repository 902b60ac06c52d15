//! How many links hold, are broken, or are unknown, by hop.

use super::Chain;
use crate::diagnostic::Verdict;

/// A hop of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hop {
    /// Prometheus → monitor.
    Selection,
}

/// The links of one hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Which hop.
    pub hop: Hop,
    /// Links of which both ends are known and fit.
    pub holds: usize,
    /// Links of which both ends are known and do not fit.
    pub broken: usize,
    /// Links of which the input does not tell.
    pub unknown: usize,
}

impl Hop {
    /// What is not known, of so many links.
    pub fn unknown(self, count: usize) -> String {
        let many = |one: &str, several: &str| {
            if count == 1 { format!("1 {one}") } else { format!("{count} {several}") }
        };
        match self {
            Self::Selection => many(
                "monitor is selected by no Prometheus of the input",
                "monitors are selected by no Prometheus of the input",
            ),
        }
    }

    /// What would settle it.
    pub const fn settled_by(self) -> &'static str {
        match self {
            Self::Selection => {
                "add the manifests of the Prometheus and of its Namespaces, or say --complete=Prometheus,PrometheusAgent if there is no other"
            }
        }
    }
}

impl Chain<'_> {
    /// The links of every hop that has some.
    pub fn tallies(&self) -> Vec<Tally> {
        let selections = self.selections.iter().map(|selected| selected.verdict(&self.setting));
        [tally(Hop::Selection, selections)].into_iter().flatten().collect()
    }
}

fn tally(hop: Hop, verdicts: impl Iterator<Item = Verdict>) -> Option<Tally> {
    let mut tally = Tally { hop, holds: 0, broken: 0, unknown: 0 };
    for verdict in verdicts {
        match verdict {
            Verdict::Holds => tally.holds += 1,
            Verdict::Broken => tally.broken += 1,
            Verdict::Unknown => tally.unknown += 1,
        }
    }
    (tally.holds + tally.broken + tally.unknown > 0).then_some(tally)
}
