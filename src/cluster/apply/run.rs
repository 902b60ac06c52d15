//! Doing what was planned: rank after rank, many at once within one.
//!
//! Whatever happens in between, the next run finds the same way: everything that is made carries the label of the inventory, the
//! parent names every kind before its first object is made and until its last is gone, and nothing is done that a second time
//! would do again.

use std::time::Duration;

use futures::stream::{self, StreamExt as _};
use serde_json::Value;

use super::super::FIELD_MANAGER;
use super::fields::managers;
use super::plan::{Action, Plan, Step, refusal};
use super::reference::{LAST_RANK, Reference};
use super::requests::{IN_FLIGHT, Requests};
use super::set::{Contents, SetName};

/// How long an object that is being deleted is waited for.
const GONE: Duration = Duration::from_mins(2);

/// How long a definition of a kind takes to be served.
const SERVED: Duration = Duration::from_secs(30);

/// Something that was done, or was not.
#[derive(Debug, Clone)]
pub struct Done {
    /// The object.
    pub reference: Reference,
    /// What came of it: `created`, or why nothing did.
    pub outcome: Outcome,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was made.
    Created,
    /// It was changed.
    Changed,
    /// It was deleted.
    Deleted,
    /// Fields of it were given back.
    Released,
    /// It stays, and why.
    Stays(String),
    /// It could not be done.
    Stopped(Action),
    /// The server could not be asked.
    Failed(String),
}

impl Outcome {
    /// Whether the next rank has to wait for another run.
    pub const fn stops(&self) -> bool {
        matches!(self, Self::Stopped(_) | Self::Failed(_))
    }
}

/// Whoever is told of every step as it is done.
pub type Tell<'t> = &'t (dyn Fn(&Done) + Sync);

/// How far a run came.
pub(super) struct Ran {
    pub(super) done: Vec<Done>,
    /// An error that ended it: one that every further request would meet, too.
    pub(super) fatal: Option<(kube::Error, String)>,
}

/// Does what was planned.
pub(super) async fn run(requests: &Requests, plan: &Plan, tell: Tell<'_>) -> Ran {
    let mut ran = Ran { done: Vec::new(), fatal: None };
    if plan.is_done() {
        return ran;
    }
    let mut requests = requests.clone();
    let both = plan.known.with(&plan.coming);
    let own_namespace =
        |step: &&Step| step.reference.kind == "Namespace" && step.reference.name == plan.set.namespace;
    // The inventory lives in a namespace, which may have to be made first.
    let early: Vec<&Step> =
        plan.steps.iter().filter(|step| own_namespace(step) && step.action == Action::Create).collect();
    if !rank(&requests, plan, &early, tell, &mut ran).await {
        return ran;
    }
    if (!plan.has_parent || both != plan.known)
        && let Err(error) = write(&requests, &plan.set, &both).await
    {
        ran.fatal = Some((error, format!("write the inventory {}", plan.set.reference())));
        return ran;
    }
    for number in 0..LAST_RANK {
        let steps: Vec<&Step> = plan
            .steps
            .iter()
            .filter(|step| {
                step.reference.rank() == number && matches!(step.action, Action::Create | Action::Change)
            })
            .filter(|step| !early.iter().any(|done| done.reference == step.reference))
            .collect();
        if !rank(&requests, plan, &steps, tell, &mut ran).await {
            return ran;
        }
        if steps.iter().any(|step| step.reference.kind == "CustomResourceDefinition") {
            match served(&requests, &steps).await {
                Ok(fresh) => requests = fresh,
                Err(error) => {
                    ran.fatal = Some((error, "ask what is served".to_owned()));
                    return ran;
                }
            }
        }
    }
    let released: Vec<&Step> = plan.steps.iter().filter(|step| step.action == Action::Release).collect();
    if !rank(&requests, plan, &released, tell, &mut ran).await {
        return ran;
    }
    let deleted: Vec<&Step> = plan.steps.iter().filter(|step| step.action == Action::Delete).collect();
    if !remove(&requests, plan, &deleted, tell, &mut ran).await {
        return ran;
    }
    if both != plan.coming
        && let Err(error) = write(&requests, &plan.set, &plan.coming).await
    {
        ran.fatal = Some((error, format!("write the inventory {}", plan.set.reference())));
    }
    ran
}

/// Writes the parent.
async fn write(requests: &Requests, set: &SetName, contents: &Contents) -> Result<(), kube::Error> {
    let parent = contents.parent(set);
    let Some(served) = requests.served(&parent) else { return Ok(()) };
    requests.apply(&served, &parent, FIELD_MANAGER, false).await.map(|_| ())
}

/// Waits until the kinds of definitions are served.
async fn served(requests: &Requests, steps: &[&Step]) -> Result<Requests, kube::Error> {
    let started = tokio::time::Instant::now();
    loop {
        let fresh = requests.again().await?;
        let is_served = |step: &&&Step| {
            let spec = step.wanted.as_ref().map_or(&Value::Null, |wanted| &wanted["spec"]);
            let (kind, group) = (
                spec["names"]["kind"].as_str().unwrap_or_default(),
                spec["group"].as_str().unwrap_or_default(),
            );
            step.reference.kind != "CustomResourceDefinition"
                || fresh.preferred(&format!("{kind}.{group}")).is_some()
        };
        if steps.iter().all(|step| is_served(&step)) || started.elapsed() > SERVED {
            return Ok(fresh);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Does the steps of a rank, and says whether the next one may begin.
pub(super) async fn rank(
    requests: &Requests,
    plan: &Plan,
    steps: &[&Step],
    tell: Tell<'_>,
    ran: &mut Ran,
) -> bool {
    let outcomes = stream::iter(steps.iter().copied())
        .map(|step| async move { (step, one(requests, plan, step).await) })
        .buffer_unordered(IN_FLIGHT);
    collect(outcomes, tell, ran).await
}

type Outcomes<'s> = Result<Outcome, (kube::Error, String)>;

/// Tells of every outcome as it comes. After an error that the others would meet as well no further step begins.
pub(super) async fn collect<'s>(
    outcomes: impl stream::Stream<Item = (&'s Step, Outcomes<'s>)>,
    tell: Tell<'_>,
    ran: &mut Ran,
) -> bool {
    let mut outcomes = std::pin::pin!(outcomes);
    let mut may_go_on = true;
    while let Some((step, outcome)) = outcomes.next().await {
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(fatal) => {
                ran.fatal = Some(fatal);
                return false;
            }
        };
        may_go_on &= !outcome.stops();
        let done = Done { reference: step.reference.clone(), outcome };
        tell(&done);
        ran.done.push(done);
    }
    may_go_on
}

/// Applies an object, or gives one back.
async fn one(requests: &Requests, plan: &Plan, step: &Step) -> Outcomes<'static> {
    let (Some(wanted), Some(served)) = (&step.wanted, &step.served) else {
        return Ok(Outcome::Failed("its kind is not served".to_owned()));
    };
    let mut is_new = step.action == Action::Create;
    let fatal = |error| (error, format!("apply {}", step.reference));
    if step.is_terminating() {
        // What is applied to it now would go with it.
        if !requests.gone(served, &step.reference, step.uid(), GONE).await.map_err(fatal)? {
            return Ok(Outcome::Failed(format!(
                "it is being deleted, and was not gone after {} s",
                GONE.as_secs()
            )));
        }
        is_new = true;
    }
    let mut wanted = wanted.clone();
    let manager = if step.is_setting { plan.set.setting_manager() } else { FIELD_MANAGER.to_owned() };
    if step.action == Action::Release {
        // An apply would make it again if it were gone.
        wanted["metadata"]["uid"] = step.uid().into();
    }
    let applied = match requests.apply(served, &wanted, &manager, false).await {
        Ok(applied) => applied,
        Err(error) if is_fatal(&error) => return Err(fatal(error)),
        Err(kube::Error::Api(status)) if step.action == Action::Release && status.code == 409 => {
            return Ok(Outcome::Stays("another one of its name is there by now".to_owned()));
        }
        Err(error) => return Ok(Outcome::Stopped(refusal(&error, step))),
    };
    if step.action != Action::Release {
        return Ok(if is_new { Outcome::Created } else { Outcome::Changed });
    }
    // One that we made ourselves and that nobody else has put anything into goes altogether.
    let was_made = plan.known.settings.iter().any(|setting| setting.is(&step.reference) && setting.created);
    let is_nobodys = managers(&applied).iter().all(|name| *name == manager);
    if was_made && is_nobodys {
        let deleted = requests.delete(served, &step.reference, step.uid()).await;
        deleted.map_err(fatal)?;
        return Ok(Outcome::Deleted);
    }
    Ok(Outcome::Released)
}

/// Whether every other request would meet the same: nobody answers, or nobody knows who asks.
fn is_fatal(error: &kube::Error) -> bool {
    !matches!(error, kube::Error::Api(status) if status.code != 401 && status.code < 500 && status.code != 429)
}

/// Deletes what was made, the last rank first, and waits until it is gone. Namespaces are left to [`super::delete`], which looks
/// into them.
pub(super) async fn remove(
    requests: &Requests,
    plan: &Plan,
    steps: &[&Step],
    tell: Tell<'_>,
    ran: &mut Ran,
) -> bool {
    for number in (0..LAST_RANK).rev() {
        let own_namespace =
            |step: &Step| step.reference.kind == "Namespace" && step.reference.name == plan.set.namespace;
        let steps =
            steps.iter().copied().filter(|step| step.reference.rank() == number && !own_namespace(step));
        let outcomes = stream::iter(steps)
            .map(|step| async move { (step, removed(requests, step).await) })
            .buffer_unordered(IN_FLIGHT);
        if !collect(outcomes, tell, ran).await {
            return false;
        }
    }
    true
}

/// Deletes an object and waits until it is gone. A Namespace stays while somebody else's objects are in it.
pub(super) async fn removed(requests: &Requests, step: &Step) -> Outcomes<'static> {
    let fatal = |error| (error, format!("delete {}", step.reference));
    let Some(served) = &step.served else { return Ok(Outcome::Stays("its kind is gone".to_owned())) };
    if step.reference.kind == "Namespace" {
        let left = super::delete::strangers(requests, &step.reference.name).await.map_err(fatal)?;
        if let Some(left) = left {
            return Ok(Outcome::Stays(left));
        }
    }
    match requests.delete(served, &step.reference, step.uid()).await {
        Ok(()) => {}
        Err(error) if is_fatal(&error) => return Err(fatal(error)),
        Err(error) => return Ok(Outcome::Stopped(refusal(&error, step))),
    }
    if requests.gone(served, &step.reference, step.uid(), GONE).await.map_err(fatal)? {
        Ok(Outcome::Deleted)
    } else {
        Ok(Outcome::Failed(format!("it is being deleted, and was not gone after {} s", GONE.as_secs())))
    }
}
