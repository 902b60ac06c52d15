//! Every fix is tried before it is offered: the input is changed as it says, and the chain is traced again.
//!
//! All fixes that do not touch each other are tried at once, so that many of them cost one trace. Where that loses a target, or a
//! finding stays, or something does not fit the schemas that did before, they are tried one by one, as many as there is time for.

use std::collections::{BTreeMap, BTreeSet};

use super::{Assumed, World, trace};
use crate::chain::scraped::{self, Target};
use crate::diagnostic::{Diagnostic, Edit, Note, Subject};
use crate::rules;
use crate::source::edit;

/// Fixes that are tried one by one at most.
const MOST_ALONE: usize = 20;
/// Objects that are traced for fixes tried one by one at most.
const MOST_OBJECTS: usize = 50_000;

/// What a world comes to.
struct Outcome {
    targets: BTreeSet<Target>,
    findings: BTreeSet<Key>,
    /// Those of them that say that something does not fit its schema.
    misfits: BTreeSet<Key>,
}

impl Outcome {
    /// Whether something does not fit its schema that did before.
    fn breaks(&self, misfits: &BTreeSet<Key>) -> bool {
        self.misfits.difference(misfits).next().is_some()
    }
}

/// Whether it says that something does not fit its schema: the family of structure.
fn is_misfit(finding: &Diagnostic) -> bool {
    finding.code.id().starts_with("PW1")
}

/// What makes two findings of two worlds the same.
type Key = (&'static str, Option<Subject>, String);

fn key(finding: &Diagnostic) -> Key {
    (finding.code.id(), finding.subject.clone(), finding.message.clone())
}

/// Tries the fixes of findings: says what comes of those that work, and takes the others away.
pub(super) fn verify(
    world: &World,
    assumed: &Assumed,
    before: &BTreeSet<Target>,
    findings: &mut [Diagnostic],
) {
    let misfits: BTreeSet<Key> = findings.iter().filter(|finding| is_misfit(finding)).map(key).collect();
    withdraw_what_is_made(world, findings);
    let mut alone: Vec<usize> = Vec::new();
    let mut together: Vec<usize> = Vec::new();
    let mut touched: BTreeMap<(String, u32), u32> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate() {
        let Some(fix) = &finding.fix else { continue };
        let spans = || fix.edits.iter().map(|edit| (edit.place.file.name().to_owned(), edit.place.span));
        let is_free = spans().all(|(file, span)| {
            let near = touched.range((file.clone(), 0)..=(file.clone(), span.end)).next_back();
            near.is_none_or(|((_, start), end)| *start != span.start && *end < span.start.max(1))
        });
        if is_free {
            touched.extend(spans().map(|(file, span)| ((file, span.start), span.end)));
            together.push(at);
        } else {
            alone.push(at);
        }
    }
    if let Some(outcome) = tried(world, assumed, together.iter().map(|at| &findings[*at])) {
        let lost = before.difference(&outcome.targets).next().is_some() || outcome.breaks(&misfits);
        for at in together {
            if lost || outcome.findings.contains(&key(&findings[at])) {
                alone.push(at);
            } else {
                describe(&mut findings[at], before, &outcome.targets);
            }
        }
    } else {
        alone.extend(together);
    }
    alone.sort_unstable();
    let affordable = (MOST_OBJECTS / world.inventory().len().max(1)).min(MOST_ALONE);
    for (number, at) in alone.into_iter().enumerate() {
        let outcome =
            (number < affordable).then(|| tried(world, assumed, std::iter::once(&findings[at]))).flatten();
        match outcome {
            Some(outcome) if !outcome.findings.contains(&key(&findings[at])) && !outcome.breaks(&misfits) => {
                describe(&mut findings[at], before, &outcome.targets);
            }
            _ => withdraw(&mut findings[at]),
        }
    }
}

/// Takes away fixes in texts of which the world does not have what is written: what a change would come to is not known.
fn withdraw_what_is_made(world: &World, findings: &mut [Diagnostic]) {
    let edits = findings.iter().filter_map(|finding| finding.fix.as_ref()).flat_map(|fix| &fix.edits);
    let texts: BTreeMap<&str, &str> =
        edits.map(|edit| (edit.place.file.name(), edit.place.file.text())).collect();
    let made = world.made_otherwise(&texts);
    for finding in findings.iter_mut() {
        let mut edits = finding.fix.iter().flat_map(|fix| &fix.edits);
        let Some(why) = edits.find_map(|edit| made.get(edit.place.file.name())) else { continue };
        withdraw(finding);
        finding.notes.push(Note::Info((*why).to_owned()));
    }
}

/// What the world comes to with the fixes of these findings in it; none where the changed text cannot be read.
fn tried<'f>(
    world: &World,
    assumed: &Assumed,
    findings: impl Iterator<Item = &'f Diagnostic>,
) -> Option<Outcome> {
    let mut edits: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
    for edit in findings.flat_map(|finding| &finding.fix).flat_map(|fix| &fix.edits) {
        edits.entry(edit.place.file.name()).or_default().push(edit);
    }
    let mut texts = BTreeMap::new();
    for (name, edits) in edits {
        let text = edits.first()?.place.file.text();
        texts.insert(name, (text, edit::apply(text, &edits)));
    }
    let world = world.with_texts(texts)?;
    Some(trace(&world, assumed, |chain, found| {
        let misfits = found.iter().filter(|finding| is_misfit(finding)).map(key).collect();
        let found = found.into_iter().chain(rules::ALL.iter().flat_map(|rule| (rule.check)(chain)));
        let findings = found.map(|finding| key(&finding)).collect();
        Outcome { targets: scraped::targets(chain), findings, misfits }
    }))
}

/// Says what comes of a fix, of those targets that the object it is about has to do with.
fn describe(finding: &mut Diagnostic, before: &BTreeSet<Target>, after: &BTreeSet<Target>) {
    let Some(fix) = &mut finding.fix else { return };
    let subject = finding.subject.as_ref().map(|subject| {
        let namespace = subject.namespace.as_ref().map_or_else(String::new, |name| format!("{name}/"));
        format!("{} {namespace}{}", subject.kind, subject.name)
    });
    let concerns = |target: &&Target| {
        subject.as_ref().is_none_or(|subject| target.monitor == *subject || target.through == *subject)
    };
    let won = after.difference(before).filter(concerns).count();
    let lost = before.difference(after).count();
    let targets = |count: usize| format!("{count} target{}", if count == 1 { "" } else { "s" });
    let outcome = match (won, lost) {
        (0, 0) => return,
        (won, 0) => format!("+{}, none lost", targets(won)),
        (won, lost) => format!("+{}, {} lost", targets(won), targets(lost)),
    };
    fix.description = format!("{}: {outcome}", fix.description);
}

/// What is not proven is only said.
fn withdraw(finding: &mut Diagnostic) {
    if let Some(fix) = finding.fix.take() {
        finding.notes.push(Note::Help(fix.description));
    }
}
