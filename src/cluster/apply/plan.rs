//! What would be done: every object that is wanted beside the one that is there.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::Value;

use super::super::FIELD_MANAGER;
use super::fields::{is_applied, managers, owned};
use super::owner::Owner;
use super::reference::Reference;
use super::requests::{IN_FLIGHT, Requests, Served};
use super::set::{Contents, PART_OF, SetName, Setting};

/// What is wanted of a cluster.
#[derive(Clone, Default)]
pub struct Wanted {
    /// Objects that are promwire's to make.
    pub objects: Vec<Value>,
    /// Objects that state some fields of somebody else's.
    pub settings: Vec<Value>,
    /// The namespace of objects that name none.
    pub namespace: String,
    /// Whether what was made before and is not wanted any more is to go.
    pub prune: bool,
    /// Whether Secrets may be written and removed.
    pub with_secrets: bool,
}

/// How many objects, and never what is in them.
impl std::fmt::Debug for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Wanted({} objects, {} settings)", self.objects.len(), self.settings.len())
    }
}

/// How much the server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// What is there, and nothing else.
    WhatIsThere,
    /// What would become of objects that are there and differ.
    Changes,
    /// What would become of every object that is not as it should be.
    Everything,
}

/// What is to be done with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// It is not there.
    Create,
    /// It is there, and differs.
    Change,
    /// It is there as it should be.
    Keep,
    /// It was made before, and is not wanted any more.
    Delete,
    /// Fields of somebody else's object are given back.
    Release,
    /// It was made before, is not wanted any more, and stays because nobody asked to prune.
    Leave,
    /// Fields of it are somebody else's, with other values.
    Conflict {
        /// Who owns them, and which.
        owners: Vec<(Owner, Vec<String>)>,
        /// What to do about it.
        advice: Vec<String>,
    },
    /// It is there, and promwire did not make it.
    Foreign {
        /// Whose it is, as far as that is known.
        owner: Option<Owner>,
    },
    /// It is in another inventory.
    OfAnotherSet,
    /// The server refuses it.
    Refused {
        /// Why.
        why: String,
    },
}

impl Action {
    /// Whether nothing can be applied while this is so.
    pub const fn stops(&self) -> bool {
        matches!(
            self,
            Self::Conflict { .. } | Self::Foreign { .. } | Self::OfAnotherSet | Self::Refused { .. }
        )
    }

    /// Whether the cluster changes.
    pub const fn writes(&self) -> bool {
        matches!(self, Self::Create | Self::Change | Self::Delete | Self::Release)
    }
}

/// What is to be done with one object. It may be a Secret, so it is not shown.
#[derive(Clone)]
pub struct Step {
    /// Which.
    pub reference: Reference,
    /// What is to be done.
    pub action: Action,
    /// What is applied.
    pub wanted: Option<Value>,
    /// The object as it is.
    pub before: Option<Value>,
    /// The object as it would be, where the server was asked.
    pub after: Option<Value>,
    /// Whether it is somebody else's, and only fields of it are ours.
    pub is_setting: bool,
    pub(super) served: Option<Served>,
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Step")
            .field("reference", &self.reference)
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}

impl Step {
    pub(super) fn uid(&self) -> &str {
        self.before.as_ref().and_then(|object| object["metadata"]["uid"].as_str()).unwrap_or_default()
    }

    pub(super) fn is_terminating(&self) -> bool {
        self.before.as_ref().is_some_and(|object| object["metadata"].get("deletionTimestamp").is_some())
    }
}

/// Everything that is to be done.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The steps, in the order in which they are done.
    pub steps: Vec<Step>,
    /// Which inventory.
    pub set: SetName,
    /// The inventory as it is.
    pub(super) known: Contents,
    /// The inventory as it will be.
    pub(super) coming: Contents,
    /// Whether the parent is there.
    pub(super) has_parent: bool,
}

impl Plan {
    /// Whether the inventory is there.
    pub const fn has_inventory(&self) -> bool {
        self.has_parent
    }

    /// Whether the cluster is as it should be.
    pub fn is_done(&self) -> bool {
        !self.steps.iter().any(|step| step.action.writes() || step.action.stops())
    }
}

/// Why there is no plan.
pub(super) enum NoPlan {
    /// Kinds that the server does not serve.
    NotServed(Vec<Reference>),
    /// An object without a name, or two of one identity.
    Unusable(String),
    /// A namespace that is not there, and that nobody makes.
    NoNamespace(String),
    Failed(kube::Error, String),
}

/// An object on its way into the plan.
struct Item {
    reference: Reference,
    wanted: Value,
    is_setting: bool,
    served: Served,
}

/// Looks at the cluster and says what is to be done.
pub(super) async fn plan(
    requests: &Requests,
    wanted: &Wanted,
    set: &SetName,
    ask: Ask,
) -> Result<Plan, NoPlan> {
    let items = items(requests, wanted, set)?;
    let parent = parent(requests, set).await?;
    let known = parent.as_ref().map(Contents::read).unwrap_or_default();
    let mut present = members(requests, set, &known, &items).await?;
    others(requests, &items, &mut present).await?;
    refuse_missing_namespaces(requests, set, &items).await?;
    let mut steps: Vec<Step> = items.into_iter().map(|item| step(item, &mut present, set)).collect();
    for (reference, object) in present.into_iter().filter(|(_, object)| is_member(object, set)) {
        let may_go = wanted.prune && (wanted.with_secrets || reference.kind != "Secret");
        steps.push(Step {
            served: requests.preferred(&reference.group_kind()),
            action: if may_go { Action::Delete } else { Action::Leave },
            reference,
            wanted: None,
            before: Some(object),
            after: None,
            is_setting: false,
        });
    }
    steps.extend(released(requests, &known, &steps, wanted.prune).await?);
    let steps = asked(requests, steps, set, ask).await;
    let mut steps = steps;
    steps.sort_by(|one, other| {
        (one.reference.rank(), &one.reference).cmp(&(other.reference.rank(), &other.reference))
    });
    let coming = coming(&steps, &known, set);
    Ok(Plan { steps, set: set.clone(), known, coming, has_parent: parent.is_some() })
}

/// Everything wanted, with its namespace, its label and its kind.
fn items(requests: &Requests, wanted: &Wanted, set: &SetName) -> Result<Vec<Item>, NoPlan> {
    let (mut items, mut missing, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    let all = wanted.objects.iter().map(|object| (object, false));
    for (object, is_setting) in all.chain(wanted.settings.iter().map(|object| (object, true))) {
        let mut object = object.clone();
        let Some(served) = requests.served(&object) else {
            missing.push(Reference::of(&object));
            continue;
        };
        if let Some(fields) = object.as_object_mut() {
            fields.remove("status");
        }
        let Some(metadata) = object["metadata"].as_object_mut() else {
            return Err(NoPlan::Unusable("an object has no `metadata`".to_owned()));
        };
        // What a server wrote is not for applying.
        metadata.retain(|key, _| {
            matches!(
                key.as_str(),
                "name" | "namespace" | "labels" | "annotations" | "finalizers" | "ownerReferences"
            )
        });
        if !served.is_namespaced {
            metadata.remove("namespace");
        } else if metadata.get("namespace").and_then(Value::as_str).is_none_or(str::is_empty) {
            metadata.insert("namespace".to_owned(), wanted.namespace.as_str().into());
        }
        if !is_setting {
            let labels = metadata.entry("labels").or_insert_with(|| serde_json::json!({}));
            if labels.is_null() {
                *labels = serde_json::json!({});
            }
            labels[PART_OF] = set.id().into();
        }
        let reference = Reference::of(&object);
        if reference.name.is_empty() {
            return Err(NoPlan::Unusable(format!("a {} has no name", reference.kind)));
        }
        if !seen.insert(reference.clone()) {
            return Err(NoPlan::Unusable(format!("{reference} is there twice")));
        }
        items.push(Item { reference, wanted: object, is_setting, served });
    }
    if missing.is_empty() { Ok(items) } else { Err(NoPlan::NotServed(missing)) }
}

async fn parent(requests: &Requests, set: &SetName) -> Result<Option<Value>, NoPlan> {
    let reference = set.reference();
    let Some(served) = requests.preferred(&reference.group_kind()) else { return Ok(None) };
    requests
        .get(&served, &reference)
        .await
        .map_err(|error| NoPlan::Failed(error, format!("read {reference}")))
}

type Present = BTreeMap<Reference, Value>;

/// What is in the inventory: one list for each kind, in one namespace where that is all there is.
async fn members(
    requests: &Requests,
    set: &SetName,
    known: &Contents,
    items: &[Item],
) -> Result<Present, NoPlan> {
    let mut kinds: BTreeMap<String, (Served, BTreeSet<&str>)> = BTreeMap::new();
    for item in items.iter().filter(|item| !item.is_setting) {
        let entry = kinds
            .entry(item.reference.group_kind())
            .or_insert_with(|| (item.served.clone(), BTreeSet::new()));
        entry.1.extend(item.reference.namespace.as_deref());
    }
    for kind in &known.kinds {
        let Some(served) = requests.preferred(kind) else { continue };
        let entry = kinds.entry(kind.clone()).or_insert_with(|| (served, BTreeSet::new()));
        // Its members may be in any of them.
        entry.1.extend(known.namespaces.iter().map(String::as_str).chain([set.namespace.as_str()]));
    }
    let label = format!("{PART_OF}={}", set.id());
    let lists = stream::iter(kinds.into_values())
        .map(|(served, namespaces)| {
            let label = label.as_str();
            async move { list(requests, &served, &namespaces, Some(label)).await }
        })
        .buffer_unordered(IN_FLIGHT);
    lists
        .try_fold(Present::new(), |mut all, list| async move {
            all.extend(list);
            Ok(all)
        })
        .await
}

/// The objects of a kind in some namespaces: one list, or one for each namespace where not all may be read.
async fn list(
    requests: &Requests,
    served: &Served,
    namespaces: &BTreeSet<&str>,
    label: Option<&str>,
) -> Result<Present, NoPlan> {
    let failed = |error| NoPlan::Failed(error, format!("list {}", served.resource.plural));
    let only = if namespaces.len() == 1 { namespaces.first().copied() } else { None };
    match requests.list(served, only, label).await {
        Err(kube::Error::Api(status)) if status.code == 403 && served.is_namespaced && only.is_none() => {
            let mut all = Present::new();
            for namespace in namespaces {
                all.extend(requests.list(served, Some(namespace), label).await.map_err(failed)?);
            }
            Ok(all)
        }
        answer => answer.map_err(failed),
    }
}

/// How many objects of a kind are asked for one by one rather than with a list.
const FEW: usize = 8;

/// What is wanted, is not in the inventory, and may be there all the same.
async fn others(requests: &Requests, items: &[Item], present: &mut Present) -> Result<(), NoPlan> {
    let mut kinds: BTreeMap<String, Vec<&Item>> = BTreeMap::new();
    for item in items.iter().filter(|item| !present.contains_key(&item.reference)) {
        kinds.entry(item.reference.group_kind()).or_default().push(item);
    }
    let (few, many): (Vec<_>, Vec<_>) = kinds.into_values().partition(|items| items.len() <= FEW);
    let gets = stream::iter(few.into_iter().flatten())
        .map(|item| async move {
            let found = requests.get(&item.served, &item.reference).await;
            found.map_err(|error| NoPlan::Failed(error, format!("read {}", item.reference)))
        })
        .buffer_unordered(IN_FLIGHT);
    let found: Vec<Option<Value>> = gets.try_collect().await?;
    present.extend(found.into_iter().flatten().map(|object| (Reference::of(&object), object)));
    for items in many {
        let namespaces: BTreeSet<&str> =
            items.iter().filter_map(|item| item.reference.namespace.as_deref()).collect();
        let mut all = list(requests, &items[0].served, &namespaces, None).await?;
        for item in items {
            present.extend(all.remove_entry(&item.reference));
        }
    }
    Ok(())
}

/// The namespace of the inventory has to be there, or to be made.
async fn refuse_missing_namespaces(requests: &Requests, set: &SetName, items: &[Item]) -> Result<(), NoPlan> {
    let reference = Reference {
        group: String::new(),
        kind: "Namespace".to_owned(),
        namespace: None,
        name: set.namespace.clone(),
    };
    if items.is_empty() || items.iter().any(|item| item.reference == reference) {
        return Ok(());
    }
    let Some(served) = requests.preferred("Namespace") else { return Ok(()) };
    match requests.get(&served, &reference).await {
        Ok(None) => Err(NoPlan::NoNamespace(set.namespace.clone())),
        // Who may not look is told when something in it is made.
        _ => Ok(()),
    }
}

/// What is to be done with an object, told from what is there.
fn step(item: Item, present: &mut Present, set: &SetName) -> Step {
    let Item { reference, mut wanted, mut is_setting, served } = item;
    let before = present.remove(&reference);
    let action = match &before {
        None => Action::Create,
        Some(_) if is_setting => Action::Change,
        Some(live) => match live["metadata"]["labels"][PART_OF].as_str() {
            Some(id) if id == set.id() => Action::Change,
            Some(_) => Action::OfAnotherSet,
            None if is_ours(live) => Action::Change,
            // Others live in it too: it only gets the labels that the pods need.
            None if reference.kind == "Namespace" => {
                is_setting = true;
                only_labels(&mut wanted);
                Action::Change
            }
            None => Action::Foreign { owner: Owner::of(live).or_else(|| manager(live)) },
        },
    };
    let manager = if is_setting { set.setting_manager() } else { FIELD_MANAGER.to_owned() };
    let action = match (&before, action) {
        (Some(live), Action::Change) => {
            let asks_for_nothing = is_setting && owned(live, &manager).is_none() && is_empty(&wanted);
            let is_done = asks_for_nothing || is_applied(&wanted, live, &manager);
            let is_terminating = live["metadata"].get("deletionTimestamp").is_some();
            if is_done && !is_terminating { Action::Keep } else { Action::Change }
        }
        (_, action) => action,
    };
    Step { reference, action, wanted: Some(wanted), before, after: None, is_setting, served: Some(served) }
}

/// Whether an object is in an inventory. Controllers copy labels: the slices that they make of a Service carry that of the
/// inventory, too.
pub(super) fn is_member(object: &Value, set: &SetName) -> bool {
    object["metadata"]["labels"][PART_OF] == set.id().as_str() && owned(object, FIELD_MANAGER).is_some()
}

/// Whether promwire made an object that is in no inventory: with `generate` and kubectl, or before it was cut off.
fn is_ours(live: &Value) -> bool {
    live["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "promwire"
        || owned(live, FIELD_MANAGER).is_some()
}

/// The first who manages it, which is mostly who made it.
fn manager(live: &Value) -> Option<Owner> {
    managers(live).first().map(|name| Owner::Manager { name: (*name).to_owned() })
}

/// A Namespace that is somebody else's, as far as it concerns us: the labels of Pod Security, nothing of ours.
fn only_labels(namespace: &mut Value) {
    let Some(fields) = namespace.as_object_mut() else { return };
    fields.retain(|key, _| matches!(key.as_str(), "apiVersion" | "kind" | "metadata"));
    if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|key, _| matches!(key.as_str(), "name" | "labels"));
        if let Some(labels) = metadata.get_mut("labels").and_then(Value::as_object_mut) {
            labels.retain(|key, _| key != PART_OF && !key.starts_with("app.kubernetes.io/"));
            if labels.is_empty() {
                metadata.remove("labels");
            }
        }
    }
}

/// Whether nothing but the name is stated.
fn is_empty(object: &Value) -> bool {
    let fields = object.as_object().into_iter().flatten();
    fields.filter(|(key, _)| !matches!(key.as_str(), "apiVersion" | "kind")).all(|(key, value)| {
        key == "metadata"
            && value.as_object().is_some_and(|metadata| {
                metadata.keys().all(|key| matches!(key.as_str(), "name" | "namespace"))
            })
    })
}

/// Settings that are noted and not wanted any more.
async fn released(
    requests: &Requests,
    known: &Contents,
    steps: &[Step],
    prune: bool,
) -> Result<Vec<Step>, NoPlan> {
    let wanted: BTreeSet<&Reference> =
        steps.iter().filter(|step| step.is_setting).map(|step| &step.reference).collect();
    let mut found = Vec::new();
    for setting in known.settings.iter().filter(|setting| prune && !wanted.iter().any(|one| setting.is(one)))
    {
        found.extend(release(requests, setting).await?);
    }
    Ok(found)
}

/// The step that gives a setting back; none where nobody can: the object or its kind is gone.
pub(super) async fn release(requests: &Requests, setting: &Setting) -> Result<Option<Step>, NoPlan> {
    let nothing = setting.nothing();
    let reference = Reference::of(&nothing);
    let Some(served) = requests.served(&nothing) else { return Ok(None) };
    let before = requests.get(&served, &reference).await;
    let before = before.map_err(|error| NoPlan::Failed(error, format!("read {reference}")))?;
    Ok(before.map(|before| Step {
        reference,
        action: Action::Release,
        wanted: Some(nothing),
        before: Some(before),
        after: None,
        is_setting: true,
        served: Some(served),
    }))
}

/// Asks the server what would become of the objects, without doing it.
async fn asked(requests: &Requests, steps: Vec<Step>, set: &SetName, ask: Ask) -> Vec<Step> {
    let new: BTreeSet<String> = steps
        .iter()
        .filter(|step| step.reference.kind == "Namespace" && step.action == Action::Create)
        .map(|step| step.reference.name.clone())
        .collect();
    let is_asked = |step: &Step| match (&step.action, ask) {
        (_, Ask::WhatIsThere) => false,
        (Action::Change, _) => !step.is_terminating(),
        (Action::Create, Ask::Everything) => {
            !step.reference.namespace.as_ref().is_some_and(|namespace| new.contains(namespace))
        }
        _ => false,
    };
    stream::iter(steps)
        .map(|mut step| async {
            if let (true, Some(wanted), Some(served)) = (is_asked(&step), &step.wanted, &step.served) {
                let manager = if step.is_setting { set.setting_manager() } else { FIELD_MANAGER.to_owned() };
                match requests.apply(served, wanted, &manager, true).await {
                    Ok(after) => step.after = Some(after),
                    Err(error) => step.action = refusal(&error, &step),
                }
            }
            step
        })
        .buffered(IN_FLIGHT)
        .collect()
        .await
}

/// What a refused apply says.
pub(super) fn refusal(error: &kube::Error, step: &Step) -> Action {
    let kube::Error::Api(status) = error else { return Action::Refused { why: error.to_string() } };
    let causes = status.details.as_ref().map(|details| details.causes.as_slice()).unwrap_or_default();
    let conflicts: Vec<_> = causes.iter().filter(|cause| cause.reason == "FieldManagerConflict").collect();
    if conflicts.is_empty() {
        return Action::Refused { why: why(status, &step.reference) };
    }
    let live = step.before.as_ref().unwrap_or(&Value::Null);
    let mut owners: Vec<(Owner, Vec<String>)> = Vec::new();
    for cause in conflicts {
        // `conflict with "helm" using apps/v1 at …`
        let name = cause.message.split('"').nth(1).unwrap_or("somebody");
        let owner = Owner::of_manager(name, live);
        match owners.iter_mut().find(|(known, _)| *known == owner) {
            Some((_, fields)) => fields.push(cause.field.clone()),
            None => owners.push((owner, vec![cause.field.clone()])),
        }
    }
    let wanted = step.wanted.as_ref().unwrap_or(&Value::Null);
    let advice = owners.iter().flat_map(|(owner, _)| owner.advice(&step.reference, wanted)).collect();
    Action::Conflict { owners, advice }
}

/// Why the server refuses an object. Of a Secret it may quote what is in it.
fn why(status: &kube::core::Status, reference: &Reference) -> String {
    if reference.kind == "Secret" {
        let fields: Vec<&str> = status
            .details
            .as_ref()
            .map(|details| details.causes.iter().map(|cause| cause.field.as_str()).collect())
            .unwrap_or_default();
        let fields = fields.iter().filter(|field| !field.is_empty()).copied().collect::<Vec<_>>().join(", ");
        return format!("{} ({}) {fields}", status.reason, status.code).trim_end().to_owned();
    }
    format!("{} ({})", status.message, status.code)
}

/// The inventory when everything is done.
fn coming(steps: &[Step], known: &Contents, set: &SetName) -> Contents {
    let mut coming = Contents::default();
    for step in steps {
        let stays = !matches!(step.action, Action::Delete | Action::Release);
        if step.is_setting && stays {
            if let Some(wanted) = step.wanted.as_ref().filter(|wanted| !is_empty(wanted)) {
                let was = known.settings.iter().find(|setting| setting.is(&step.reference));
                let created = was.map_or(step.before.is_none(), |setting| setting.created);
                coming.settings.insert(Setting::of(wanted, created));
            }
        } else if stays {
            coming.kinds.insert(step.reference.group_kind());
            coming.namespaces.extend(step.reference.namespace.clone().filter(|name| *name != set.namespace));
        }
    }
    // What nobody asked to give back is still ours.
    let left = known
        .settings
        .iter()
        .filter(|setting| !steps.iter().any(|step| step.is_setting && setting.is(&step.reference)));
    coming.settings.extend(left.cloned());
    coming
}
