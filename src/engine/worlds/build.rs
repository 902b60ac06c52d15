//! The objects of a kustomization, as `kustomize build` makes them, with the places they have in the input.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::item::{Id, Item};
use super::kustomization::{FILE_NAMES, Generated, Kustomization, Patch, PatchText, Replicas};
use super::patch;
use super::path::{is_remote, join};
use super::references;
use super::transform::{is_own, kind_of};
use crate::diagnostic::{Code, Diagnostic, Place, TextFile};
use crate::model::kind::GroupKind;
use crate::source::{self, Document, Draft, DraftValue, Node};

/// What was read, by path.
pub(super) struct Sources {
    /// The documents of a file, by its path.
    pub(super) files: FxHashMap<String, Vec<Arc<Document>>>,
    /// Kustomizations by their folder.
    pub(super) kustomizations: FxHashMap<String, Kustomization>,
}

/// What building came to.
#[derive(Default)]
pub(super) struct Built {
    pub(super) documents: Vec<Arc<Document>>,
    /// The files whose objects are in it.
    pub(super) reached: FxHashSet<String>,
    pub(super) findings: Vec<Diagnostic>,
    /// Something it is made of was not read, so that there may be more objects.
    is_partial: bool,
}

/// An object on its way; unchanged documents stay whole.
enum Piece {
    Whole(Arc<Document>),
    Changed(Item),
}

impl Sources {
    /// Builds the kustomization of a folder.
    pub(super) fn build(&self, folder: &str) -> Built {
        let mut built = Built::default();
        let mut pieces = Vec::new();
        self.accumulate(folder, &mut pieces, &mut built, &mut Vec::new());
        if pieces.iter().any(|piece| matches!(piece, Piece::Changed(item) if !item.earlier.is_empty())) {
            let mut items = drafts(pieces);
            references::follow(&mut items);
            pieces = items.into_iter().map(Piece::Changed).collect();
        }
        built.documents = pieces
            .into_iter()
            .map(|piece| match piece {
                Piece::Whole(document) => document,
                Piece::Changed(item) => Arc::new(item.draft.into_document(&item.from)),
            })
            .collect();
        built
    }

    fn accumulate(&self, folder: &str, pieces: &mut Vec<Piece>, built: &mut Built, above: &mut Vec<String>) {
        let Some(kustomization) = self.kustomizations.get(folder) else { return };
        // kustomize refuses a circle; here it ends.
        if above.iter().any(|other| other == folder) {
            return;
        }
        above.push(folder.to_owned());
        let start = pieces.len();
        for (path, place) in &kustomization.resources {
            self.resource(&join(folder, path), path, place, pieces, built, above);
        }
        let mut own: Vec<Piece> = pieces.drain(start..).collect();
        own.extend(kustomization.generated.iter().map(|generated| generate(kustomization, generated)));
        for (path, _) in &kustomization.components {
            self.apply_component(&join(folder, path), &mut own, built, above);
        }
        self.transform(kustomization, &mut own, built);
        pieces.append(&mut own);
        above.pop();
    }

    fn resource(
        &self,
        path: &str,
        written: &str,
        place: &Place,
        pieces: &mut Vec<Piece>,
        built: &mut Built,
        above: &mut Vec<String>,
    ) {
        if let Some(documents) = self.files.get(path) {
            built.reached.insert(path.to_owned());
            pieces.extend(documents.iter().cloned().map(Piece::Whole));
        } else if self.kustomizations.contains_key(path) {
            self.accumulate(path, pieces, built, above);
        } else {
            built.is_partial = true;
            built.findings.push(if is_remote(written) {
                Diagnostic::new(
                    Code::KUSTOMIZE_NOT_APPLIED,
                    format!("`{written}` is not read: it is not on this machine"),
                )
                .at(place.clone(), "")
                .note("its objects are not in the input")
            } else {
                Diagnostic::new(Code::KUSTOMIZE_MISSING_FILE, format!("`{written}` is not there"))
                    .at(place.clone(), "")
                    .note("kustomize refuses to build this")
            });
        }
    }

    /// A component works on the objects of the kustomization that names it.
    fn apply_component(
        &self,
        folder: &str,
        own: &mut Vec<Piece>,
        built: &mut Built,
        above: &mut Vec<String>,
    ) {
        let Some(component) = self.kustomizations.get(folder) else { return };
        if above.iter().any(|other| other == folder) {
            return;
        }
        above.push(folder.to_owned());
        for (path, place) in &component.resources {
            self.resource(&join(folder, path), path, place, own, built, above);
        }
        own.extend(component.generated.iter().map(|generated| generate(component, generated)));
        for (path, _) in &component.components {
            self.apply_component(&join(folder, path), own, built, above);
        }
        self.transform(component, own, built);
        above.pop();
    }

    fn transform(&self, kustomization: &Kustomization, pieces: &mut Vec<Piece>, built: &mut Built) {
        for (what, place) in &kustomization.not_applied {
            built.findings.push(
                Diagnostic::new(
                    Code::KUSTOMIZE_NOT_APPLIED,
                    format!("{what} of a kustomization are not applied"),
                )
                .at(place.clone(), "")
                .help("check what `kustomize build` prints to judge what they change"),
            );
        }
        let transformation = &kustomization.transformation;
        if kustomization.patches.is_empty()
            && kustomization.replicas.is_empty()
            && transformation.is_nothing()
        {
            return;
        }
        let mut objects = drafts(std::mem::take(pieces));
        for patch in &kustomization.patches {
            self.patch(kustomization, patch, &mut objects, built);
        }
        let is_cluster_scoped = |kind: GroupKind<'_>| kind.is_known_cluster_scoped();
        // Each step leaves a name by which later patches may mean the object.
        change(&mut objects, |drafts| transformation.set_namespace(drafts, is_cluster_scoped));
        change(&mut objects, |drafts| transformation.put_prefix(drafts));
        change(&mut objects, |drafts| transformation.put_suffix(drafts));
        change(&mut objects, |drafts| transformation.mark(drafts));
        set_replicas(kustomization, &mut objects, built);
        pieces.extend(objects.into_iter().map(Piece::Changed));
    }

    fn patch(
        &self,
        kustomization: &Kustomization,
        patch: &Patch,
        objects: &mut Vec<Item>,
        built: &mut Built,
    ) {
        let is_readable;
        let drafts: Vec<Draft> = match &patch.text {
            PatchText::File(name) => {
                let Some(documents) = self.files.get(&join(&kustomization.folder, name)) else {
                    built.findings.push(
                        Diagnostic::new(Code::KUSTOMIZE_MISSING_FILE, format!("`{name}` is not there"))
                            .at(patch.place.clone(), "")
                            .note("kustomize refuses to build this"),
                    );
                    return;
                };
                is_readable = can_be_operations(documents.first().map_or("", |first| first.file().text()));
                documents.iter().map(|document| Draft::of(document.root())).collect()
            }
            PatchText::InPlace(text) => {
                is_readable = can_be_operations(text);
                let read = source::read(Arc::new(TextFile::new(patch.place.file.name(), text.as_str())));
                read.documents.iter().map(|document| Draft::of(document.root())).collect()
            }
        };
        for draft in drafts {
            let mut found = false;
            let is_operations = matches!(draft.value, DraftValue::Sequence(_));
            let mut error = None;
            objects.retain_mut(|item| {
                let fits = match &patch.target {
                    Some(target) => item.fits(target),
                    None => item.is_meant_by(&draft),
                };
                if !fits {
                    return true;
                }
                found = true;
                if is_operations {
                    error = patch::apply_operations(&mut item.draft, &draft).err().or(error.take());
                    return true;
                }
                let is_own = is_own(kind_of(&item.draft));
                let mut changes = draft.clone();
                // What is patched is clear; what the patch calls it does not count.
                for field in ["apiVersion", "kind"] {
                    changes.remove(field);
                }
                if let Some(metadata) = changes.get_mut("metadata") {
                    metadata.remove("name");
                    metadata.remove("namespace");
                }
                patch::merge(&mut item.draft, &changes, is_own)
            });
            // A target that fits nothing is no mistake to kustomize, and what was not read may hold what is meant.
            if !found && patch.target.is_none() && !built.is_partial {
                error = Some("it fits no object".to_owned());
            }
            if is_operations && !is_readable {
                error = Some("what begins with `[` has to be JSON".to_owned());
            }
            if let Some(error) = error {
                built.findings.push(
                    Diagnostic::new(Code::KUSTOMIZE_PATCH, format!("this patch cannot be applied: {error}"))
                        .at(patch.place.clone(), ""),
                );
            }
        }
    }
}

/// Sets how many pods the workloads of a name have.
fn set_replicas(kustomization: &Kustomization, objects: &mut [Item], built: &mut Built) {
    for Replicas { name, count, place } in &kustomization.replicas {
        let mut found = false;
        for item in objects.iter_mut().filter(|item| item.has_replicas() && item.is_called(name)) {
            found = true;
            if let Some(spec) = item.draft.mapping_at(&["spec"]) {
                spec.set("replicas", Draft::number(*count));
            }
        }
        if !found && !built.is_partial {
            built.findings.push(
                Diagnostic::new(Code::KUSTOMIZE_PATCH, format!("nothing with replicas is called `{name}`"))
                    .at(place.clone(), "")
                    .note("kustomize refuses to build this"),
            );
        }
    }
}

/// Changes objects, and remembers what they were called.
fn change(items: &mut [Item], change: impl FnOnce(&mut [&mut Draft])) {
    let before: Vec<Id> = items.iter().map(|item| Id::of(&item.draft)).collect();
    let mut drafts: Vec<&mut Draft> = items.iter_mut().map(|item| &mut item.draft).collect();
    change(&mut drafts);
    for (item, id) in items.iter_mut().zip(before) {
        if Id::of(&item.draft) != id {
            item.earlier.push(id);
        }
    }
}

/// Whether kustomize can read operations from a text: it takes what begins with a bracket for JSON, and all else for YAML.
fn can_be_operations(text: &str) -> bool {
    !text.starts_with('[') || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// The objects of pieces, each for itself.
fn drafts(pieces: Vec<Piece>) -> Vec<Item> {
    let mut objects = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Changed(item) => objects.push(item),
            Piece::Whole(document) => {
                let root = document.root();
                let is_list =
                    root.get("kind").and_then(Node::as_str).is_some_and(|kind| kind.ends_with("List"));
                match root.get("items").filter(|items| is_list && items.is_sequence()) {
                    Some(items) => {
                        objects.extend(items.items().map(|item| Item::new(Draft::of(item), &document)));
                    }
                    None => objects.push(Item::new(Draft::of(root), &document)),
                }
            }
        }
    }
    objects
}

/// What a generator makes. Values are not needed, and may be secret.
fn generate(kustomization: &Kustomization, generated: &Generated) -> Piece {
    let mut draft = Draft::of(kustomization.document.node(generated.node));
    if let DraftValue::Mapping(entries) = &mut draft.value {
        entries.clear();
    }
    draft.set("apiVersion", Draft::text("v1"));
    draft.set("kind", Draft::text(if generated.is_secret { "Secret" } else { "ConfigMap" }));
    if generated.is_secret {
        draft.set("type", Draft::text(generated.secret_type.as_deref().unwrap_or("Opaque")));
    }
    if let Some(metadata) = draft.mapping_at(&["metadata"]) {
        metadata.set("name", Draft::text(generated.name.clone()));
        if let Some(namespace) = &generated.namespace {
            metadata.set("namespace", Draft::text(namespace.clone()));
        }
    }
    if let Some(data) = draft.mapping_at(&["data"]) {
        for key in &generated.keys {
            data.set(key, Draft::text(""));
        }
    }
    Piece::Changed(Item::new(draft, &kustomization.document))
}

/// Whether a document is a kustomization: by the name of its file, unless it says that it is an object, such as Flux's of the same
/// kind.
pub(super) fn is_kustomization(document: &Document) -> bool {
    let path = document.file().name();
    FILE_NAMES.contains(&path.rsplit('/').next().unwrap_or(path))
        && document.index() == 0
        && document
            .root()
            .get("apiVersion")
            .and_then(Node::as_str)
            .is_none_or(|version| version.starts_with("kustomize.config.k8s.io/"))
}
