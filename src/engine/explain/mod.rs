//! Why an object is or is not scraped, or scrapes: its chain as a tree, towards the Prometheus and towards the targets.

mod find;
pub(super) mod monitor;
pub(super) mod prometheus;
mod referred;
mod service;
mod workload;

use std::collections::BTreeSet;

use super::World;
use super::check::{self, Assumed};
use crate::chain::Chain;
use crate::diagnostic::{Diagnostic, Place, Subject, Verdict};
use crate::model::kind::GroupKind;
use crate::model::object::{Object, ObjectId};
use crate::operator::MonitorKind;

pub use find::Question;

/// A hop of the chain, with those behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Whether the link to it holds; none where it is no link.
    pub verdict: Option<Verdict>,
    /// What it is, in a few words.
    pub title: String,
    /// Where it stands, if it is in the input.
    pub place: Option<Place>,
    /// What is behind it.
    pub branches: Vec<Self>,
}

impl Branch {
    fn new(verdict: Verdict, title: impl Into<String>) -> Self {
        Self { verdict: Some(verdict), title: title.into(), place: None, branches: Vec::new() }
    }

    fn plain(title: impl Into<String>) -> Self {
        Self { verdict: None, title: title.into(), place: None, branches: Vec::new() }
    }

    fn of(verdict: Verdict, object: Object<'_>, words: &str) -> Self {
        let made = crate::chain::runtime::is_made(object);
        let made_words = if made { " (made at run time)" } else { "" };
        let title =
            format!("{}{}{words}{made_words}", object.identity(), if words.is_empty() { "" } else { " " });
        Self { place: (!made).then(|| object.place()), ..Self::new(verdict, title) }
    }

    fn at(mut self, place: Option<Place>) -> Self {
        self.place = place;
        self
    }

    fn with(mut self, branches: impl IntoIterator<Item = Self>) -> Self {
        self.branches.extend(branches);
        self
    }
}

/// What there is to say about an object.
#[derive(Debug)]
pub struct Explained {
    /// The tree.
    pub tree: Branch,
    /// What is wrong with the object and with what its chain goes through.
    pub findings: Vec<Diagnostic>,
}

/// Explains an object of a world.
///
/// # Errors
/// When there is no such object, or several.
pub fn explain(world: &World, assumed: &Assumed, asked: &Question) -> Result<Explained, Box<Diagnostic>> {
    let (tree, concerned) = check::trace(world, assumed, |chain, _| {
        let (object, note) = find::find(chain, asked)?;
        let mut view = View { chain, concerned: BTreeSet::new() };
        view.concerned.insert(object.id());
        let mut tree = view.tree(object);
        tree.branches.splice(0..0, note.map(Branch::plain));
        let subjects: BTreeSet<Subject> =
            view.concerned.iter().map(|id| chain.setting.object(*id).subject()).collect();
        Ok::<_, Box<Diagnostic>>((tree, subjects))
    })?;
    let checked = check::check(world, assumed);
    let concerns =
        |finding: &Diagnostic| finding.subject.as_ref().is_some_and(|subject| concerned.contains(subject));
    Ok(Explained { tree, findings: checked.findings.into_iter().filter(concerns).collect() })
}

/// A chain, and the objects that what is told goes through.
struct View<'c, 'w> {
    chain: &'c Chain<'w>,
    concerned: BTreeSet<ObjectId>,
}

impl<'w> View<'_, 'w> {
    fn tree(&mut self, object: Object<'w>) -> Branch {
        let root = Branch { place: Some(object.place()), ..Branch::plain(object.identity().to_string()) };
        let kind = object.group_kind();
        if let Some(kind) = MonitorKind::ALL.into_iter().find(|known| known.group_kind() == kind) {
            return root.with(self.monitor(object, kind));
        }
        match kind {
            GroupKind::PROMETHEUS | GroupKind::PROMETHEUS_AGENT => root.with(self.prometheus(object)),
            GroupKind::SERVICE => root.with(self.service(object)),
            GroupKind::SECRET | GroupKind::CONFIG_MAP => root.with(self.referred(object)),
            _ => root.with(self.workload(object)),
        }
    }
}
