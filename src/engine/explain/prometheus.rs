//! A Prometheus: what becomes of its configuration, which monitors it selects, and what it may discover.

use super::{Branch, View};
use crate::chain::Setting;
use crate::chain::rights::{Discovery, May};
use crate::diagnostic::Verdict;
use crate::kubernetes::rbac::Scope;
use crate::model::object::Object;
use crate::operator;

/// Monitors that are listed for each answer.
const MOST: usize = 20;

impl<'w> View<'_, 'w> {
    pub(super) fn prometheus(&mut self, object: Object<'w>) -> Vec<Branch> {
        let chain = self.chain;
        let mut branches = Vec::new();
        let Some(traced) = chain.prometheuses.iter().find(|known| known.object.id() == object.id()) else {
            return branches;
        };
        branches.push(match &traced.outcome.verdict {
            operator::Verdict::Configuration(_) => {
                Branch::new(Verdict::Holds, "the operator writes its configuration")
            }
            operator::Verdict::Unmanaged => {
                Branch::new(Verdict::Unknown, "the operator leaves its configuration to its user")
            }
            operator::Verdict::Unhandled(why) => {
                Branch::new(Verdict::Broken, format!("the operator does not handle it: {why}"))
            }
            operator::Verdict::Failed(refusal) => {
                Branch::new(Verdict::Broken, format!("the operator cannot reconcile it: {refusal}"))
            }
            operator::Verdict::Crashed(words) => {
                Branch::new(Verdict::Broken, format!("the operator crashes: {words}"))
            }
        });
        let is_it = |other: &Object<'_>| other.id() == object.id();
        let selected: Vec<Object<'w>> = chain
            .selections
            .iter()
            .filter(|selected| selected.by.iter().any(is_it))
            .map(|selected| selected.monitor)
            .collect();
        let verdict = if selected.is_empty() { Verdict::Unknown } else { Verdict::Holds };
        let shown = selected.iter().take(MOST).map(|monitor| {
            let rejection = traced.outcome.rejected.iter().find(|rejection| rejection.object == monitor.id());
            match rejection {
                Some(rejection) => Branch::of(
                    Verdict::Broken,
                    *monitor,
                    &format!("is rejected: {}", rejection.refusal.message),
                ),
                None => Branch::of(Verdict::Holds, *monitor, ""),
            }
        });
        let shown: Vec<Branch> = shown.collect();
        let more = selected.len().saturating_sub(MOST);
        let title = format!("selects {} of {} monitors", selected.len(), chain.selections.len());
        let rest = (more > 0).then(|| Branch::plain(format!("and {more} others")));
        branches.push(Branch::new(verdict, title).with(shown).with(rest));
        let missed = chain.selections.iter().filter(|selected| {
            selected.by.is_empty() && selected.nearest().is_some_and(|nearest| is_it(&nearest.prometheus))
        });
        for selected in missed.take(MOST) {
            self.concerned.insert(selected.monitor.id());
            branches.push(Branch::of(
                Verdict::Broken,
                selected.monitor,
                "is selected by none, and this one is the nearest",
            ));
        }
        let own = chain.discoveries.iter().filter(|discovery| is_it(&discovery.prometheus));
        branches.extend(own.map(|known| discovery(&chain.setting, known)));
        branches
    }
}

/// Whether a Prometheus may discover something.
pub(in crate::engine) fn discovery(setting: &Setting<'_>, discovery: &Discovery<'_>) -> Branch {
    let namespace = match discovery.scope {
        Scope::Cluster => "all namespaces".to_owned(),
        Scope::Namespace(Some(name)) => format!("namespace `{name}`"),
        Scope::Namespace(None) => "the namespace of objects that name none".to_owned(),
    };
    let what = format!("{} may discover {} in {namespace}", discovery.account, discovery.role.spelling());
    let (verdict, title) = match &discovery.may {
        May::Yes => (Verdict::Holds, what),
        May::Unknown => (Verdict::Unknown, format!("{what}: its roles are not in the input")),
        May::Unbound => (Verdict::Broken, format!("{what}: no binding of the input is for it")),
        May::No { requests, .. } => {
            (Verdict::Broken, format!("{what}: it may not {}", requests.join(", nor ")))
        }
    };
    let verdict = if discovery.verdict(setting) == Verdict::Broken { Verdict::Broken } else { verdict };
    Branch::new(verdict, title)
}
