//! Fixing the texts of an input: the edits that findings offer, a round at a time, until nothing is left to change.
//!
//! A finding's fix was traced in its own world before it was offered. Here they meet: edits that touch each other wait for the next
//! round, a text may be in several worlds, and the fixes of a round are made together. So after each round all worlds are checked
//! again. A round holds if every finding it was made for is gone, no world loses a target, and nothing fits its schema less than
//! before; otherwise it is made in halves, and what does not hold alone is not made.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::{Assumed, Judged, Worlds, check};
use crate::chain::scraped::{self, Target};
use crate::diagnostic::{Code, Diagnostic, Edit, Subject, TextFile};
use crate::source::{self, Instead, edit};

/// Rounds at most. A fix may show what the next one is for, but not without end.
const MOST_ROUNDS: usize = 20;
/// Checks of all worlds at most, besides one for each round: for what does not hold together.
const MOST_CHECKS: usize = 60;

/// What is fixed, and what of it.
pub struct Fixing<'f, E> {
    /// Reads the worlds anew, with these texts in place of the files.
    pub load: &'f mut dyn FnMut(&Instead) -> Result<Worlds, E>,
    /// The file behind a text, by its canonical path; or why it is not written to.
    pub file: &'f dyn Fn(&TextFile) -> Result<PathBuf, String>,
    /// What the worlds are checked against.
    pub assumed: &'f Assumed,
    /// What is told of worlds: nothing else is fixed.
    pub judge: &'f dyn Fn(&Worlds) -> Judged,
}

/// What fixing comes to.
#[derive(Debug)]
pub struct Fixed {
    /// What is found afterwards.
    pub judged: Judged,
    /// The texts that were changed, by the names they have in findings.
    pub changes: Vec<Change>,
    /// The findings that were fixed, in the order in which they were.
    pub fixed: Vec<Diagnostic>,
    /// Why fixes were not made, as findings.
    pub unwritten: Vec<Diagnostic>,
}

/// A text before and after.
#[derive(Debug, Clone)]
pub struct Change {
    /// The file.
    pub path: PathBuf,
    /// Before.
    pub before: Arc<TextFile>,
    /// Afterwards, under the same name, with its secrets declared.
    pub after: Arc<TextFile>,
}

/// What makes two findings of two states the same.
type Key = (Code, Option<Subject>, String);

fn key(finding: &Diagnostic) -> Key {
    (finding.code, finding.subject.clone(), finding.message.clone())
}

/// What the worlds are like at some moment.
struct State {
    judged: Judged,
    targets: BTreeMap<String, BTreeSet<Target>>,
}

/// A fix with the files behind its edits.
struct Candidate<'d> {
    finding: &'d Diagnostic,
    edits: Vec<(PathBuf, &'d Edit)>,
}

impl<E> Fixing<'_, E> {
    /// Fixes what can be.
    ///
    /// # Errors
    /// When the worlds cannot be read anew.
    pub fn run(mut self, worlds: &Worlds, judged: Judged) -> Result<Fixed, E> {
        let mut state = State { targets: targets(worlds, self.assumed), judged };
        let mut run = Run { refused: BTreeSet::new(), checks: 0 };
        let mut texts = Instead::new();
        let mut before: BTreeMap<PathBuf, Arc<TextFile>> = BTreeMap::new();
        let mut fixed = Vec::new();
        for _ in 0..MOST_ROUNDS {
            let offered = self.offered(&state.judged.findings, &run.refused);
            if offered.is_empty() {
                break;
            }
            for (path, edit) in offered.iter().flat_map(|candidate| &candidate.edits) {
                before.entry(path.clone()).or_insert_with(|| Arc::clone(&edit.place.file));
            }
            let made = self.made(&offered, &state, &texts, &mut run)?;
            if let Some((changed, after, done)) = made {
                fixed.extend(done);
                texts = changed;
                state = after;
            }
        }
        let unwritten = self.unwritten(&state.judged.findings, &run.refused);
        let changes = texts.into_iter().filter_map(|(path, text)| {
            let before = before.remove(&path)?;
            let after = Arc::new(TextFile::new(before.name(), text));
            // Reading declares its secrets.
            source::read(Arc::clone(&after));
            (before.text() != after.text()).then_some(Change { path, before, after })
        });
        Ok(Fixed { judged: state.judged, changes: changes.collect(), fixed, unwritten })
    }

    /// The fixes that can be made together: in files that are written to, and without touching each other.
    fn offered<'d>(&self, findings: &'d [Diagnostic], refused: &BTreeSet<Key>) -> Vec<Candidate<'d>> {
        let mut taken: BTreeMap<PathBuf, Vec<&Edit>> = BTreeMap::new();
        let mut offered = Vec::new();
        for finding in findings.iter().filter(|finding| !refused.contains(&key(finding))) {
            let Some(fix) = &finding.fix else { continue };
            let located = fix.edits.iter().map(|edit| Some(((self.file)(&edit.place.file).ok()?, edit)));
            let Some(edits) = located.collect::<Option<Vec<_>>>() else { continue };
            let is_same = |one: &Edit, other: &Edit| {
                one.place.span == other.place.span && one.replacement == other.replacement
            };
            let is_free = |(path, edit): &(PathBuf, &Edit)| {
                let mut others = taken.get(path).into_iter().flatten();
                others.all(|other| is_same(edit, other) || !touch(edit, other))
            };
            if !edits.iter().all(is_free) {
                continue;
            }
            for (path, edit) in &edits {
                let others = taken.entry(path.clone()).or_default();
                if !others.iter().any(|other| is_same(edit, other)) {
                    others.push(edit);
                }
            }
            offered.push(Candidate { finding, edits });
        }
        offered
    }

    /// Makes as many of these fixes as hold together: the texts, the state and the findings they are for. None where none does.
    fn made(
        &mut self,
        offered: &[Candidate<'_>],
        state: &State,
        texts: &Instead,
        run: &mut Run,
    ) -> Result<Option<(Instead, State, Vec<Diagnostic>)>, E> {
        run.checks += 1;
        let changed = applied(texts, offered);
        let worlds = (self.load)(&changed)?;
        let after = State { judged: (self.judge)(&worlds), targets: targets(&worlds, self.assumed) };
        if holds(offered, state, &after) {
            let done = offered.iter().map(|candidate| candidate.finding.clone()).collect();
            return Ok(Some((changed, after, done)));
        }
        if offered.len() == 1 || run.checks >= MOST_CHECKS {
            run.refused.extend(offered.iter().map(|candidate| key(candidate.finding)));
            return Ok(None);
        }
        // The second half waits for the next round: its places are those of texts that the first half may have changed.
        match self.made(&offered[..offered.len() / 2], state, texts, run)? {
            Some(made) => Ok(Some(made)),
            None => self.made(&offered[offered.len() / 2..], state, texts, run),
        }
    }

    /// What is said about fixes that were not made, once for each text.
    fn unwritten(&self, findings: &[Diagnostic], refused: &BTreeSet<Key>) -> Vec<Diagnostic> {
        let mut told: BTreeMap<String, (usize, &Diagnostic)> = BTreeMap::new();
        for finding in findings {
            let Some(fix) = &finding.fix else { continue };
            let why = fix.edits.iter().find_map(|edit| (self.file)(&edit.place.file).err());
            let why = why.or_else(|| {
                refused
                    .contains(&key(finding))
                    .then(|| "together with what else is in the input the change does not mend it".to_owned())
            });
            let Some(why) = why else { continue };
            let entry = told.entry(why).or_insert((0, finding));
            entry.0 += 1;
        }
        told.into_iter()
            .map(|(why, (count, first))| {
                let many = if count == 1 { "1 fix is".to_owned() } else { format!("{count} fixes are") };
                let finding = Diagnostic::new(Code::FIX_NOT_WRITTEN, format!("{many} not made: {why}"));
                match &first.place {
                    Some(at) => finding.at(at.place.clone(), format!("{} is", first.code.id())),
                    None => finding,
                }
            })
            .collect()
    }
}

/// What is remembered over all rounds.
struct Run {
    /// What did not hold.
    refused: BTreeSet<Key>,
    checks: usize,
}

/// Whether two edits are at one place, or side by side.
fn touch(one: &Edit, other: &Edit) -> bool {
    let (one, other) = (one.place.span, other.place.span);
    one.start <= other.end && other.start <= one.end
}

/// The texts after the edits of fixes.
fn applied(texts: &Instead, fixes: &[Candidate<'_>]) -> Instead {
    let mut by_file: BTreeMap<&PathBuf, Vec<&Edit>> = BTreeMap::new();
    for (path, edit) in fixes.iter().flat_map(|candidate| &candidate.edits) {
        by_file.entry(path).or_default().push(edit);
    }
    let mut texts = texts.clone();
    for (path, mut edits) in by_file {
        edits.sort_by_key(|edit| edit.place.span);
        // Two findings may ask for the same.
        edits.dedup_by(|one, other| {
            one.place.span == other.place.span && one.replacement == other.replacement
        });
        let text = edit::apply(edits[0].place.file.text(), &edits);
        texts.insert(path.clone(), text);
    }
    texts
}

fn counts<'d>(findings: impl IntoIterator<Item = &'d Diagnostic>) -> BTreeMap<Key, usize> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        *counts.entry(key(finding)).or_default() += 1;
    }
    counts
}

/// Whether the fixes mend what they are for, and nothing is worse.
fn holds(made: &[Candidate<'_>], before: &State, after: &State) -> bool {
    // Several findings may have the same words.
    let (known, found) = (counts(&before.judged.findings), counts(&after.judged.findings));
    let mended = counts(made.iter().map(|candidate| candidate.finding));
    let count = |of: &BTreeMap<Key, usize>, key| of.get(key).copied().unwrap_or_default();
    if mended.iter().any(|(key, mended)| count(&found, key) + mended > count(&known, key)) {
        return false;
    }
    // What cannot be read, and what does not fit the schemas.
    let is_structural = |key: &&Key| {
        key.0.id().starts_with("PW0") && key.0 != Code::BOOLEAN_WORD || key.0.id().starts_with("PW1")
    };
    if found.keys().any(|key| is_structural(&key) && !known.contains_key(key)) {
        return false;
    }
    before.targets.iter().all(|(world, targets)| {
        after.targets.get(world).is_some_and(|now| targets.difference(now).next().is_none())
    })
}

/// The targets of each world, by its name.
fn targets(worlds: &Worlds, assumed: &Assumed) -> BTreeMap<String, BTreeSet<Target>> {
    let of = |world| check::trace(world, assumed, |chain, _| scraped::targets(chain));
    worlds.iter().map(|named| (named.name.clone(), of(&named.world))).collect()
}
