//! Taking away everything that was made, and nothing else.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt as _};
use serde_json::Value;

use super::plan::{Action, NoPlan, Plan, Step, is_member, release};
use super::reference::Reference;
use super::requests::{IN_FLIGHT, Requests};
use super::run::{Ran, Tell, remove, removed};
use super::set::{Contents, PART_OF, SetName};

/// What is to be taken away: the members of an inventory, then what is somebody else's is given back.
pub(super) async fn plan(requests: &Requests, set: &SetName) -> Result<Plan, NoPlan> {
    let failed = |what: &str| {
        let what = what.to_owned();
        move |error| NoPlan::Failed(error, what)
    };
    let reference = set.reference();
    let Some(maps) = requests.preferred(&reference.group_kind()) else {
        return Err(NoPlan::NotServed(vec![reference]));
    };
    let parent = requests.get(&maps, &reference).await.map_err(failed(&format!("read {reference}")))?;
    let known = parent.as_ref().map(Contents::read).unwrap_or_default();
    let mut kinds = known.kinds.clone();
    // The last thing to go: a run that was cut off may have left one without a parent.
    kinds.insert("Namespace".to_owned());
    let label = format!("{PART_OF}={}", set.id());
    let mut steps = Vec::new();
    let lists = stream::iter(kinds.iter().filter_map(|kind| requests.preferred(kind)))
        .map(|served| {
            let (label, known) = (label.as_str(), &known);
            async move {
                let list = match requests.list(&served, None, Some(label)).await {
                    Err(kube::Error::Api(status)) if status.code == 403 && served.is_namespaced => {
                        let mut all = BTreeMap::new();
                        for namespace in known.namespaces.iter().chain([&set.namespace]) {
                            all.extend(requests.list(&served, Some(namespace), Some(label)).await?);
                        }
                        Ok(all)
                    }
                    answer => answer,
                }?;
                Ok((served, list))
            }
        })
        .buffer_unordered(IN_FLIGHT)
        .collect::<Vec<_>>()
        .await;
    for list in lists {
        let (served, list) = list.map_err(failed("list the members of the inventory"))?;
        let list = list.into_iter().filter(|(_, object)| is_member(object, set));
        steps.extend(list.map(|(reference, object)| Step {
            reference,
            action: Action::Delete,
            wanted: None,
            before: Some(object),
            after: None,
            is_setting: false,
            served: Some(served.clone()),
        }));
    }
    for setting in &known.settings {
        steps.extend(release(requests, setting).await?);
    }
    steps.sort_by(|one, other| {
        (other.reference.rank(), &one.reference).cmp(&(one.reference.rank(), &other.reference))
    });
    Ok(Plan { steps, set: set.clone(), known, coming: Contents::default(), has_parent: parent.is_some() })
}

/// Does it: members, settings, the inventory itself, and last the namespaces.
pub(super) async fn run(requests: &Requests, plan: &Plan, tell: Tell<'_>) -> Ran {
    let mut ran = Ran { done: Vec::new(), fatal: None };
    let (namespaces, others): (Vec<&Step>, Vec<&Step>) = plan
        .steps
        .iter()
        .filter(|step| step.action == Action::Delete)
        .partition(|step| step.reference.kind == "Namespace");
    if !remove(requests, plan, &others, tell, &mut ran).await {
        return ran;
    }
    let releases: Vec<&Step> = plan.steps.iter().filter(|step| step.action == Action::Release).collect();
    if !super::run::rank(requests, plan, &releases, tell, &mut ran).await {
        return ran;
    }
    if plan.has_parent
        && let Err((error, what)) = drop_parent(requests, &plan.set).await
    {
        ran.fatal = Some((error, what));
        return ran;
    }
    let outcomes = stream::iter(namespaces)
        .map(|step| async move { (step, removed(requests, step).await) })
        .buffer_unordered(IN_FLIGHT);
    super::run::collect(outcomes, tell, &mut ran).await;
    ran
}

async fn drop_parent(requests: &Requests, set: &SetName) -> Result<(), (kube::Error, String)> {
    let reference = set.reference();
    let failed = |error| (error, format!("delete the inventory {reference}"));
    let Some(served) = requests.preferred("ConfigMap") else { return Ok(()) };
    let Some(parent) = requests.get(&served, &reference).await.map_err(failed)? else { return Ok(()) };
    let uid = parent["metadata"]["uid"].as_str().unwrap_or_default();
    requests.delete(&served, &reference, uid).await.map_err(failed)
}

/// What somebody else has in a namespace, in words; none where it would go with nobody missing it.
pub(super) async fn strangers(requests: &Requests, namespace: &str) -> Result<Option<String>, kube::Error> {
    let lists = stream::iter(requests.listable())
        .map(|served| async move {
            // Groups that are served by others come and go, and metrics are no objects.
            match requests.list(&served, Some(namespace), None).await {
                Ok(objects) => Ok(objects),
                Err(kube::Error::Api(status)) if matches!(status.code, 403..=405 | 503) => {
                    Ok(BTreeMap::new())
                }
                Err(error) => Err(error),
            }
        })
        .buffer_unordered(IN_FLIGHT)
        .collect::<Vec<_>>()
        .await;
    let mut found: Vec<Reference> = Vec::new();
    for list in lists {
        found.extend(
            list?
                .into_iter()
                .filter(|(reference, object)| is_strangers(reference, object))
                .map(|(reference, _)| reference),
        );
    }
    found.sort();
    found.dedup_by(|one, other| one.kind == other.kind && one.name == other.name);
    Ok(match found.as_slice() {
        [] => None,
        [only] => Some(format!("{only} of somebody else is in it")),
        [first, others @ ..] => {
            Some(format!("{first} of somebody else is in it, and {} more objects", others.len()))
        }
    })
}

/// Whether an object is neither what every namespace gets nor made by another object, which then counts itself.
fn is_strangers(reference: &Reference, object: &Value) -> bool {
    let is_everywhere = match reference.kind.as_str() {
        "ServiceAccount" => reference.name == "default",
        "ConfigMap" => matches!(reference.name.as_str(), "kube-root-ca.crt" | "openshift-service-ca.crt"),
        "Event" | "Lease" | "PodMetrics" | "Endpoints" => true,
        // A token or image pull secret that some clusters make for the account `default`.
        "Secret" => object["type"] == "kubernetes.io/service-account-token",
        _ => false,
    };
    let is_made = object["metadata"]["ownerReferences"].as_array().is_some_and(|owners| !owners.is_empty());
    let is_going = object["metadata"].get("deletionTimestamp").is_some();
    !is_everywhere && !is_made && !is_going
}
