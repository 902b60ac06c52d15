//! Server-side apply of many objects, with an inventory of what was made.
//!
//! [`Deployer::plan`] looks at what is there with one list for each kind, and [`Deployer::run`] does what has to be done. Nothing
//! is written that is there already, nothing is forced, and nobody else's object is deleted.

mod delete;
mod fields;
mod owner;
mod plan;
mod reference;
mod requests;
mod run;
mod set;

use super::Connection;
use crate::diagnostic::{Code, Diagnostic};

pub use owner::Owner;
pub use plan::{Action, Ask, Plan, Step, Wanted};
pub use reference::Reference;
pub use run::{Done, Outcome, Tell};
pub use set::SetName;

use plan::NoPlan;
use requests::Requests;
use run::Ran;

/// Applies to one cluster.
pub struct Deployer<'c> {
    connection: &'c Connection,
    requests: Requests,
}

impl std::fmt::Debug for Deployer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Deployer").field(&self.connection).finish()
    }
}

/// What was done, and what ended it early.
#[derive(Debug)]
pub struct Report {
    /// Every step that was tried, in the order in which it ended.
    pub done: Vec<Done>,
    /// Why the others were not.
    pub stopped: Option<Box<Diagnostic>>,
}

impl<'c> Deployer<'c> {
    /// Asks a cluster what it serves.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub fn new(connection: &'c Connection) -> Result<Self, Box<Diagnostic>> {
        // The first question is not asked again and again: whoever names the wrong cluster is told at once.
        connection.version()?;
        let requests = connection
            .wait(Requests::new(connection.client()))
            .map_err(|error| connection.failure(&error, "ask what is served"))?;
        Ok(Self { connection, requests })
    }

    /// What would be done.
    ///
    /// # Errors
    /// Kinds that the cluster does not have, or whatever keeps it from being looked at.
    pub fn plan(&self, wanted: &Wanted, set: &SetName, ask: Ask) -> Result<Plan, Box<Diagnostic>> {
        self.connection.wait(plan::plan(&self.requests, wanted, set, ask)).map_err(|why| self.finding(why))
    }

    /// What would be taken away.
    ///
    /// # Errors
    /// Whatever keeps the cluster from being looked at.
    pub fn plan_deletion(&self, set: &SetName) -> Result<Plan, Box<Diagnostic>> {
        self.connection.wait(delete::plan(&self.requests, set)).map_err(|why| self.finding(why))
    }

    /// Does what was planned, and tells of every step.
    pub fn run(&self, plan: &Plan, tell: Tell<'_>) -> Report {
        self.report(self.connection.wait(run::run(&self.requests, plan, tell)))
    }

    /// Takes away what was planned, and tells of every step.
    pub fn delete(&self, plan: &Plan, tell: Tell<'_>) -> Report {
        self.report(self.connection.wait(delete::run(&self.requests, plan, tell)))
    }

    fn report(&self, ran: Ran) -> Report {
        let stopped = ran.fatal.map(|(error, what)| self.connection.failure(&error, &what));
        Report { done: ran.done, stopped }
    }

    fn finding(&self, why: NoPlan) -> Box<Diagnostic> {
        Box::new(match why {
            NoPlan::Failed(error, what) => return self.connection.failure(&error, &what),
            NoPlan::Unusable(why) => Diagnostic::new(Code::NOT_APPLICABLE, why),
            NoPlan::NoNamespace(name) => {
                let message = format!("there is no namespace `{name}`, in which the inventory is kept");
                Diagnostic::new(Code::NOT_APPLICABLE, message)
                    .help(format!("make it: kubectl create namespace {name}"))
                    .help("or name another with -n")
            }
            NoPlan::NotServed(missing) => self.not_served(&missing),
        })
    }

    /// One message for all that is missing, and what brings it.
    fn not_served(&self, missing: &[Reference]) -> Diagnostic {
        let mut kinds: Vec<String> = missing.iter().map(Reference::group_kind).collect();
        kinds.sort();
        kinds.dedup();
        let message = format!("{} serves no {}", self.connection.server(), kinds.join(", no "));
        let mut finding = Diagnostic::new(Code::KIND_NOT_SERVED, message);
        for group in missing
            .iter()
            .map(|reference| reference.group.as_str())
            .collect::<std::collections::BTreeSet<_>>()
        {
            finding = finding.help(match group {
                "monitoring.coreos.com" => "install prometheus-operator with its definitions: kubectl apply --server-side -f \
                     https://github.com/prometheus-operator/prometheus-operator/releases/latest/download/bundle.yaml"
                    .to_owned(),
                "crd.projectcalico.org" | "projectcalico.org" | "operator.tigera.io" => {
                    "this cluster does not run Calico as that is said to be installed; look at `install` and `api` of `calico`".to_owned()
                }
                "" => "the API server is too old, or the version is misspelt".to_owned(),
                group => format!("install what defines the group `{group}`"),
            });
        }
        finding.note("nothing was applied")
    }
}
