//! Everything that is wrong with a world: what could not be read, what the schemas refuse, what the rules find in its chain.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

mod retrace;

use super::{NamedWorld, World, Worlds};
use crate::chain::{Chain, Completeness, Scope, Setting, Tally, runtime, scraped};
use crate::diagnostic::{Code, Diagnostic, Level, Span, TextFile};
use crate::model::inventory::Inventory;
use crate::model::object::Object;
use crate::model::schema::SchemaSet;
use crate::operator::Reality;
use crate::pki::Moment;
use crate::rules;
use crate::source;

/// What a world is checked against.
#[derive(Debug, Clone)]
pub struct Assumed {
    /// The operator and the versions.
    pub reality: Reality,
    /// What the input shows in full.
    pub complete: Vec<Scope>,
    /// What of it was listed by a cluster, whose own objects are there too.
    pub listed: Vec<Scope>,
    /// The moment certificates are judged at.
    pub now: Moment,
}

/// What a check comes to.
#[derive(Debug)]
pub struct Checked {
    /// What was found: first what could not be read, in the order of the input, then the rest by place.
    pub findings: Vec<Diagnostic>,
    /// What was looked at, and what could not be judged.
    pub summary: Summary,
}

/// What was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Objects of the input.
    pub objects: usize,
    /// Texts of the input they stand in.
    pub files: usize,
    /// The links of each hop.
    pub links: Vec<Tally>,
}

/// Checks everything in a world.
pub fn check(world: &World, assumed: &Assumed) -> Checked {
    let (mut found, summary, before) = trace(world, assumed, |chain, mut found| {
        found.par_extend(rules::ALL.par_iter().flat_map_iter(|rule| (rule.check)(chain)));
        let before = found.iter().any(|finding| finding.fix.is_some()).then(|| scraped::targets(chain));
        let objects = world.inventory().len();
        (found, Summary { objects, files: files(world.inventory()), links: chain.tallies() }, before)
    });
    found.sort_by(by_place);
    found.dedup();
    if let Some(before) = before {
        retrace::verify(world, assumed, &before, &mut found);
    }
    let findings = world.findings().iter().cloned().chain(found).collect();
    Checked { findings, summary }
}

/// Traces the chain of a world, and gives it to somebody together with what does not fit the schemas.
pub(super) fn trace<R>(
    world: &World,
    assumed: &Assumed,
    look: impl FnOnce(&Chain<'_>, Vec<Diagnostic>) -> R,
) -> R {
    let completeness = completeness(world, assumed.complete.iter().chain(&assumed.listed));
    let made = runtime::text_beside(world.inventory(), &Completeness::new(assumed.listed.iter().cloned()));
    let made = source::read(Arc::new(TextFile::new(runtime::MADE_AT_RUN_TIME, made)));
    let complete = world.with(made.documents);
    let inventory = complete.inventory();
    let (schemas, mut found) = SchemaSet::new(inventory);
    found.extend(structure(inventory, &schemas));
    let setting = Setting {
        inventory,
        schemas: &schemas,
        reality: &assumed.reality,
        completeness: &completeness,
        now: assumed.now,
    };
    look(&Chain::trace(setting), found)
}

/// Checks every world of an input. A finding of several is told once; after the steps of a text, what was looked at is counted in
/// the last.
pub fn check_all(worlds: &Worlds, assumed: &Assumed) -> Checked {
    let mut all = worlds.iter();
    if let (Some(NamedWorld { world, .. }), None) = (all.next(), all.next()) {
        return check(world, assumed);
    }
    let mut summaries = Vec::new();
    let mut findings = worlds.judge(|world| {
        let Checked { findings, summary } = check(world, assumed);
        summaries.push(summary);
        findings
    });
    findings.sort_by(by_place);
    let last = || worlds.iter().filter(|named| !named.passes).map(|named| named.world.inventory());
    let objects: BTreeSet<(&str, Span)> = last()
        .flat_map(Inventory::objects)
        .map(|object| (object.document().file().name(), object.node().span()))
        .collect();
    let files: BTreeSet<&str> = last()
        .flat_map(Inventory::objects)
        .filter(|object| !object.document().is_beneath())
        .map(|object| object.document().file().name())
        .collect();
    let mut links: Vec<Tally> = Vec::new();
    for (summary, _) in summaries.into_iter().zip(worlds.iter()).filter(|(_, named)| !named.passes) {
        for tally in summary.links {
            match links.iter_mut().find(|known| known.hop == tally.hop) {
                Some(known) => known.add(&tally),
                None => links.push(tally),
            }
        }
    }
    Checked { summary: Summary { objects: objects.len(), files: files.len(), links }, findings }
}

/// What does not fit the schemas of what the input says.
fn structure(inventory: &Inventory, schemas: &SchemaSet) -> Vec<Diagnostic> {
    // What a cluster has, its API server has accepted; and only parts of it are read.
    let is_written = |object: &Object<'_>| !runtime::is_made(*object) && !object.document().is_beneath();
    let objects: Vec<_> = inventory.objects().filter(is_written).collect();
    let findings = objects.into_par_iter().flat_map_iter(|object| {
        schemas.validate(object).into_iter().map(move |finding| finding.about(object.subject()))
    });
    findings.collect()
}

/// What is shown in full: nothing that may stand in what could not be read.
fn completeness<'s>(world: &World, scopes: impl Iterator<Item = &'s Scope>) -> Completeness {
    let unread = world.findings().iter().filter(|finding| {
        finding.level == Level::Error
            && [Code::UNREADABLE, Code::SYNTAX, Code::TOO_LARGE, Code::TEMPLATE].contains(&finding.code)
    });
    unread.fold(Completeness::new(scopes.cloned()), |completeness, finding| {
        completeness.without(finding.place.as_ref().map(|at| Arc::clone(&at.place.file)))
    })
}

fn files(inventory: &Inventory) -> usize {
    let written = inventory.objects().filter(|object| !object.document().is_beneath());
    let names: BTreeSet<&str> = written.map(|object| object.document().file().name()).collect();
    names.len()
}

/// By file and place, then by code and words: the same at every run.
fn by_place(one: &Diagnostic, other: &Diagnostic) -> std::cmp::Ordering {
    let key = |finding: &'_ Diagnostic| finding.place.as_ref().map(|at| at.place.span);
    let file = |finding: &'_ Diagnostic| finding.place.as_ref().map(|at| Arc::clone(&at.place.file));
    let (left, right) = (file(one), file(other));
    let names = left.as_ref().map(|file| file.name()).cmp(&right.as_ref().map(|file| file.name()));
    names.then_with(|| (key(one), one.code, &one.message).cmp(&(key(other), other.code, &other.message)))
}
