//! The objects of a kustomization, as `kustomize build` makes them, with the places they have in the input.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::kustomization::{FILE_NAMES, Generated, Kustomization, Patch, PatchText, Target};
use super::patch;
use super::path::{is_remote, join};
use super::transform::{is_own, kind_of, name_of};
use crate::diagnostic::{Code, Diagnostic, Place, TextFile};
use crate::prom::regex::{Anchoring, compile_anchored};
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
}

/// An object on its way, and the document it came from; unchanged documents stay whole.
enum Piece {
    Whole(Arc<Document>),
    Changed(Draft, Arc<Document>),
}

impl Sources {
    /// Builds the kustomization of a folder.
    pub(super) fn build(&self, folder: &str) -> Built {
        let mut built = Built::default();
        let mut pieces = Vec::new();
        self.accumulate(folder, &mut pieces, &mut built, &mut Vec::new());
        built.documents = pieces
            .into_iter()
            .map(|piece| match piece {
                Piece::Whole(document) => document,
                Piece::Changed(draft, from) => Arc::new(draft.into_document(&from)),
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
        pieces.extend(kustomization.generated.iter().map(|generated| generate(kustomization, generated)));
        let transformation = &kustomization.transformation;
        if kustomization.patches.is_empty() && transformation.is_nothing() {
            return;
        }
        let mut objects = drafts(std::mem::take(pieces));
        for patch in &kustomization.patches {
            self.patch(kustomization, patch, &mut objects, built);
        }
        let mut changed: Vec<&mut Draft> = objects.iter_mut().map(|(draft, _)| draft).collect();
        transformation.apply(&mut changed, |kind| kind.is_known_cluster_scoped());
        pieces.extend(objects.into_iter().map(|(draft, from)| Piece::Changed(draft, from)));
    }

    fn patch(
        &self,
        kustomization: &Kustomization,
        patch: &Patch,
        objects: &mut Vec<(Draft, Arc<Document>)>,
        built: &mut Built,
    ) {
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
                documents.iter().map(|document| Draft::of(document.root())).collect()
            }
            PatchText::InPlace(text) => {
                let read = source::read(Arc::new(TextFile::new(patch.place.file.name(), text.as_str())));
                read.documents.iter().map(|document| Draft::of(document.root())).collect()
            }
        };
        for draft in drafts {
            let mut found = false;
            let is_operations = matches!(draft.value, DraftValue::Sequence(_));
            let own_target = Target::default();
            let target = patch.target.as_ref().unwrap_or(&own_target);
            let mut error = None;
            objects.retain_mut(|(object, _)| {
                let fits =
                    if patch.target.is_some() { fits(object, target) } else { is_same(object, &draft) };
                if !fits {
                    return true;
                }
                found = true;
                if is_operations {
                    error = patch::apply_operations(object, &draft).err().or(error.take());
                    return true;
                }
                let is_own = is_own(kind_of(object));
                let mut changes = draft.clone();
                if patch.target.is_some() {
                    // The target says what is patched; what the patch calls it does not count.
                    changes.remove("apiVersion");
                    changes.remove("kind");
                    if let Some(metadata) = changes.get_mut("metadata") {
                        metadata.remove("name");
                        metadata.remove("namespace");
                    }
                }
                patch::merge(object, &changes, is_own)
            });
            if !found {
                error = Some("it fits no object".to_owned());
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

/// The objects of pieces, each for itself.
fn drafts(pieces: Vec<Piece>) -> Vec<(Draft, Arc<Document>)> {
    let mut objects = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Changed(draft, from) => objects.push((draft, from)),
            Piece::Whole(document) => {
                let root = document.root();
                let is_list =
                    root.get("kind").and_then(Node::as_str).is_some_and(|kind| kind.ends_with("List"));
                match root.get("items").filter(|items| is_list && items.is_sequence()) {
                    Some(items) => {
                        objects.extend(items.items().map(|item| (Draft::of(item), Arc::clone(&document))));
                    }
                    None => objects.push((Draft::of(root), Arc::clone(&document))),
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
    Piece::Changed(draft, Arc::clone(&kustomization.document))
}

/// Whether a patch without a target means this object: same group, kind and name, and same namespace if it says one.
fn is_same(object: &Draft, patch: &Draft) -> bool {
    let namespace =
        |draft: &Draft| draft.at(&["metadata", "namespace"]).and_then(Draft::as_str).map(str::to_owned);
    kind_of(object) == kind_of(patch)
        && name_of(object) == name_of(patch)
        && namespace(patch)
            .is_none_or(|wanted| namespace(object).unwrap_or_else(|| "default".to_owned()) == wanted)
}

fn fits(object: &Draft, target: &Target) -> bool {
    // kustomize anchors a pattern at both ends.
    let is = |wanted: &Option<String>, value: &str| {
        wanted.as_deref().is_none_or(|wanted| {
            wanted == value
                || compile_anchored(wanted, Anchoring::Lines).is_ok_and(|pattern| pattern.is_match(value))
        })
    };
    let kind = kind_of(object);
    let namespace = object.at(&["metadata", "namespace"]).and_then(Draft::as_str).unwrap_or("default");
    is(&target.group, kind.group)
        && is(&target.kind, kind.kind)
        && is(&target.name, name_of(object))
        && is(&target.namespace, namespace)
        && target.label_selector.as_deref().is_none_or(|selector| has_labels(object, selector))
}

/// Whether an object has the labels of a selector `a=b,c`; other operators select nothing here.
fn has_labels(object: &Draft, selector: &str) -> bool {
    selector.split(',').map(str::trim).all(|requirement| {
        let (key, wanted) = match requirement.split_once('=') {
            Some((key, value)) => (key.trim(), Some(value.trim_start_matches('=').trim())),
            None => (requirement, None),
        };
        let value = object.at(&["metadata", "labels", key]).and_then(Draft::as_str);
        value.is_some_and(|value| wanted.is_none_or(|wanted| wanted == value))
    })
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
