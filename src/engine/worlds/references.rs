//! References by name, which follow the objects that kustomizations call otherwise: once, when all objects are there, as kustomize 5
//! does. Kubernetes' own kinds refer; custom resources keep what they say.

use rustc_hash::{FxHashMap, FxHashSet};

use super::item::{Id, Item};
use super::transform::{is_own, kind_of};
use crate::source::{Draft, DraftValue};

/// An object that was called otherwise before.
struct Renamed {
    now: Id,
    earlier: Vec<Id>,
    is_cluster_scoped: bool,
}

/// The objects that were called otherwise, by kind and each earlier name.
struct Renames {
    items: Vec<Renamed>,
    by_name: FxHashMap<(String, String), Vec<usize>>,
    /// The kinds and namespaces that objects were in at first.
    origins: FxHashSet<(String, String)>,
}

/// Where references to a kind stand in the kinds of Kubernetes.
const REFERENCES: &[(&str, &[&str])] = &[
    ("Service", &["spec", "serviceName"]),
    ("ServiceAccount", &["serviceAccountName"]),
    ("ServiceAccount", &["serviceAccount"]),
    ("ConfigMap", &["configMap", "name"]),
    ("ConfigMap", &["configMapRef", "name"]),
    ("ConfigMap", &["configMapKeyRef", "name"]),
    ("Secret", &["secret", "secretName"]),
    ("Secret", &["secret", "name"]),
    ("Secret", &["secretRef", "name"]),
    ("Secret", &["secretKeyRef", "name"]),
    ("PersistentVolumeClaim", &["persistentVolumeClaim", "claimName"]),
];

/// What an autoscaler may mean, in the order kustomize looks.
const SCALED: [&str; 4] = ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"];

/// Changes the names that refer to objects which are called otherwise now.
pub(super) fn follow(items: &mut [Item]) {
    let renames = Renames::of(items);
    for item in items {
        let referrer = Referrer {
            namespace: Id::of(&item.draft).namespace,
            is_cluster_scoped: kind_of(&item.draft).is_known_cluster_scoped(),
        };
        renames.follow(&mut item.draft, &referrer);
    }
}

/// Who refers.
struct Referrer {
    namespace: String,
    is_cluster_scoped: bool,
}

impl Renames {
    fn of(items: &[Item]) -> Self {
        let origin = |item: &Item| {
            let first = item.earlier.first().cloned().unwrap_or_else(|| Id::of(&item.draft));
            (kind_of(&item.draft).kind.to_owned(), first.namespace)
        };
        let origins = items.iter().map(origin).collect();
        let mut renames = Self { items: Vec::new(), by_name: FxHashMap::default(), origins };
        for item in items.iter().filter(|item| !item.earlier.is_empty()) {
            let kind = kind_of(&item.draft);
            let number = renames.items.len();
            for id in &item.earlier {
                let numbers = renames.by_name.entry((kind.kind.to_owned(), id.name.clone())).or_default();
                if numbers.last() != Some(&number) {
                    numbers.push(number);
                }
            }
            renames.items.push(Renamed {
                now: Id::of(&item.draft),
                earlier: item.earlier.clone(),
                is_cluster_scoped: kind.is_known_cluster_scoped(),
            });
        }
        renames
    }

    fn follow(&self, object: &mut Draft, referrer: &Referrer) {
        let kind = kind_of(object);
        if !is_own(kind) {
            return;
        }
        match kind.kind {
            "RoleBinding" | "ClusterRoleBinding" => {
                if let Some(role) = object.get_mut("roleRef") {
                    self.rename_by_kind(role, referrer);
                }
                let subjects = object.get_mut("subjects").and_then(Draft::items_mut);
                subjects.into_iter().flatten().for_each(|subject| self.rename_by_kind(subject, referrer));
            }
            "HorizontalPodAutoscaler" => {
                let target = object.at_mut(&["spec", "scaleTargetRef"]);
                let old = target.as_ref().and_then(|target| target.get("name")?.as_str().map(str::to_owned));
                // The kind the reference says does not count.
                let meant =
                    old.and_then(|old| SCALED.iter().find_map(|kind| self.meant(kind, &old, None, referrer)));
                if let (Some(target), Some(meant)) = (target, meant) {
                    target.set("name", Draft::text(meant.now.name.clone()));
                }
            }
            "Endpoints" | "EndpointSlice" => {}
            _ => walk(object, &|draft| {
                for (kind, path) in REFERENCES {
                    let Some((last, above)) = path.split_last() else { continue };
                    let Some(holder) = draft.at_mut(above) else { continue };
                    let old = holder.get(last).and_then(Draft::as_str);
                    let meant = old.and_then(|old| self.meant(kind, old, None, referrer));
                    if let Some(meant) = meant {
                        holder.set(last, Draft::text(meant.now.name.clone()));
                    }
                }
            }),
        }
    }

    /// A reference that says its kind, and maybe its namespace.
    fn rename_by_kind(&self, reference: &mut Draft, referrer: &Referrer) {
        let text = |key: &str| reference.get(key).and_then(Draft::as_str).map(str::to_owned);
        let (kind, name) = (text("kind").unwrap_or_default(), text("name").unwrap_or_default());
        let namespace = text("namespace");
        let Some(meant) = self.meant(&kind, &name, namespace.as_deref(), referrer) else { return };
        reference.set("name", Draft::text(meant.now.name.clone()));
        if namespace.is_some() && !meant.is_cluster_scoped {
            reference.set("namespace", Draft::text(meant.now.namespace.clone()));
        }
    }

    /// The object that is meant by a name it had. What has a namespace is meant from its own only, unless the reference says it. Where
    /// several are meant that have different names now, none is.
    fn meant(
        &self,
        kind: &str,
        name: &str,
        namespace: Option<&str>,
        referrer: &Referrer,
    ) -> Option<&Renamed> {
        let numbers = self.by_name.get(&(kind.to_owned(), name.to_owned()))?;
        // A namespace that is said is one of the first ones, if any object was there, and else one of now.
        let is_origin = namespace
            .is_some_and(|namespace| self.origins.contains(&(kind.to_owned(), namespace.to_owned())));
        let candidates: Vec<&Renamed> = numbers
            .iter()
            .map(|number| &self.items[*number])
            .filter(|item| {
                let is_there = |namespace: &str| {
                    let id = if is_origin { item.earlier.first() } else { Some(&item.now) };
                    id.is_some_and(|id| id.namespace == namespace)
                };
                namespace.is_none_or(is_there)
                    && (referrer.is_cluster_scoped
                        || item.is_cluster_scoped
                        || namespace.is_some()
                        || item.now.namespace == referrer.namespace)
            })
            .collect();
        let first = *candidates.first()?;
        candidates.iter().all(|other| other.now.name == first.now.name).then_some(first)
    }
}

/// Every mapping of an object.
fn walk(draft: &mut Draft, visit: &impl Fn(&mut Draft)) {
    match &mut draft.value {
        DraftValue::Mapping(entries) => {
            for entry in entries {
                walk(&mut entry.value, visit);
            }
            visit(draft);
        }
        DraftValue::Sequence(items) => items.iter_mut().for_each(|item| walk(item, visit)),
        _ => {}
    }
}
