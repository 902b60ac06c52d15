//! What is told of a check: what the input suppresses and the settings leave out is taken away.

use super::suppress::{self, Suppressed};
use super::{Checked, Summary, Worlds};
use crate::diagnostic::{Diagnostic, Level, Policy, without_repeats};

/// What a check comes to for who reads it.
#[derive(Debug)]
pub struct Judged {
    /// What is told: first what could not be read, in the order of the input, then the rest by place, and what is wrong with
    /// suppressions.
    pub findings: Vec<Diagnostic>,
    /// What is not told, because the input or a setting for its file says so, in the same order.
    pub suppressed: Vec<Suppressed>,
    /// What was looked at, and what could not be judged.
    pub summary: Summary,
    /// What the objects are in, in words: `3 files`.
    pub input: String,
}

impl Judged {
    /// How many findings of a level are told.
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level == level).count()
    }
}

/// Applies the suppressions of an input, which is called so in words, to what was found in its worlds, and then a policy: a suppression of what is not told is
/// used all the same.
pub fn judge(worlds: &Worlds, checked: Checked, policy: &Policy, input: String) -> Judged {
    let Checked { findings, summary } = checked;
    let findings: Vec<Diagnostic> = without_repeats(&findings).into_iter().cloned().collect();
    let (found, mut suppressed) = suppress::apply(worlds, findings);
    suppressed.retain_mut(|one| policy.tells(&mut one.finding));
    let mut findings = Vec::with_capacity(found.len());
    for mut finding in found {
        if !policy.tells(&mut finding) {
            continue;
        }
        match policy.exception(&finding) {
            Some(exception) => {
                let reason = format!("left out in `{}`", exception.glob());
                suppressed.push(Suppressed { finding, reason, place: None });
            }
            None => findings.push(finding),
        }
    }
    Judged { findings, suppressed, summary, input }
}
