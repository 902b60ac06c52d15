//! A `kustomization.yaml` as it is written: what it refers to, and what it does.

use std::sync::Arc;

use super::transform::{Labels, Transformation};
use crate::diagnostic::Place;
use crate::source::{Document, Node, Value};

/// The names kustomize looks for, in its order.
pub(super) const FILE_NAMES: &[&str] = &["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// What a kustomization says.
pub(super) struct Kustomization {
    /// Its document.
    pub(super) document: Arc<Document>,
    /// The folder it is in, without a `/` at the end; empty for the folder the command is run in.
    pub(super) folder: String,
    /// Files and folders whose objects it has.
    pub(super) resources: Vec<(String, Place)>,
    /// Folders of components.
    pub(super) components: Vec<(String, Place)>,
    pub(super) patches: Vec<Patch>,
    pub(super) generated: Vec<Generated>,
    pub(super) replicas: Vec<Replicas>,
    pub(super) transformation: Transformation,
    /// Files it reads that hold no objects.
    pub(super) other_files: Vec<String>,
    /// What it says and is not done here, with where.
    pub(super) not_applied: Vec<(&'static str, Place)>,
}

/// A patch, in a file or in place.
pub(super) struct Patch {
    pub(super) text: PatchText,
    /// What it is for; none if the patch itself says so.
    pub(super) target: Option<Target>,
    pub(super) place: Place,
}

pub(super) enum PatchText {
    File(String),
    InPlace(String),
}

/// What a patch is for. kustomize reads names and kinds as anchored regular expressions.
pub(super) struct Target {
    pub(super) group: Option<String>,
    pub(super) version: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) name: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) label_selector: Option<String>,
    pub(super) annotation_selector: Option<String>,
}

/// How many pods the workloads of a name have.
pub(super) struct Replicas {
    pub(super) name: String,
    pub(super) count: i64,
    pub(super) place: Place,
}

/// A `ConfigMap` or Secret that is generated.
pub(super) struct Generated {
    pub(super) is_secret: bool,
    pub(super) secret_type: Option<String>,
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    pub(super) keys: Vec<String>,
    pub(super) node: crate::source::NodeId,
}

impl Kustomization {
    /// What a document in a folder says.
    pub(super) fn read(document: &Arc<Document>, folder: &str) -> Self {
        let root = document.root();
        let mut read = Self {
            document: Arc::clone(document),
            folder: folder.to_owned(),
            resources: texts(root, "resources"),
            components: texts(root, "components"),
            patches: Vec::new(),
            generated: Vec::new(),
            replicas: replicas(root),
            transformation: transformation(root),
            other_files: Vec::new(),
            not_applied: Vec::new(),
        };
        // What resources were called once.
        read.resources.extend(texts(root, "bases"));
        read.patches(root);
        read.generators(root);
        for (key, what) in NOT_APPLIED {
            if root.get(key).is_some_and(|value| !value.is_null())
                && let Some(place) = root.key_place(key)
            {
                read.not_applied.push((what, place));
            }
        }
        for key in ["configurations", "crds", "generators", "transformers", "validators"] {
            read.other_files.extend(texts(root, key).into_iter().map(|(path, _)| path));
        }
        for key in ["replacements", "helmCharts"] {
            for item in list(root, key) {
                let paths = ["path", "valuesFile"].iter().filter_map(|key| item.get(key)?.as_str());
                read.other_files.extend(paths.map(str::to_owned));
                let more = item.get("additionalValuesFiles").into_iter().flat_map(Node::items);
                read.other_files.extend(more.filter_map(Node::as_str).map(str::to_owned));
            }
        }
        read
    }

    fn patches(&mut self, root: Node<'_>) {
        for (text, place) in texts(root, "patchesStrategicMerge") {
            let text = if text.contains('\n') { PatchText::InPlace(text) } else { PatchText::File(text) };
            self.patches.push(Patch { text, target: None, place });
        }
        for item in list(root, "patches").chain(list(root, "patchesJson6902")) {
            let text = |key: &str| item.get(key).and_then(Node::as_str).map(str::to_owned);
            let text = match (text("path"), text("patch")) {
                (Some(path), _) => PatchText::File(path),
                (None, Some(patch)) => PatchText::InPlace(patch),
                (None, None) => continue,
            };
            let target = item.get("target").filter(|target| target.is_mapping()).map(Target::read);
            self.patches.push(Patch { text, target, place: item.place() });
        }
        let files = self.patches.iter().filter_map(|patch| match &patch.text {
            PatchText::File(path) => Some(path.clone()),
            PatchText::InPlace(_) => None,
        });
        self.other_files.extend(files);
    }

    fn generators(&mut self, root: Node<'_>) {
        let keeps_names = root.at(&["generatorOptions", "disableNameSuffixHash"]).and_then(Node::as_bool);
        for (key, is_secret) in [("configMapGenerator", false), ("secretGenerator", true)] {
            for item in list(root, key) {
                let values =
                    |key: &str| item.get(key).into_iter().flat_map(Node::items).filter_map(Node::as_str);
                let name_of = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
                let mut keys: Vec<String> = values("literals")
                    .filter_map(|literal| literal.split_once('=').map(|(key, _)| key.to_owned()))
                    .collect();
                for file in values("files") {
                    let (key, path) = file
                        .split_once('=')
                        .map_or((name_of(file), file), |(key, path)| (key.to_owned(), path));
                    keys.push(key);
                    self.other_files.push(path.to_owned());
                }
                let environments = values("envs").chain(item.get("env").and_then(Node::as_str));
                let environments: Vec<String> = environments.map(str::to_owned).collect();
                // Its keys are those of the file, which is no manifest.
                let is_known = environments.is_empty();
                self.other_files.extend(environments);
                let own = item.at(&["options", "disableNameSuffixHash"]).and_then(Node::as_bool);
                let has_plain_name = own.or(keeps_names).unwrap_or(false);
                let text = |key: &str| item.get(key).and_then(Node::as_str).map(str::to_owned);
                let Some(name) = text("name") else { continue };
                if is_known && has_plain_name {
                    let (secret_type, namespace) = (text("type"), text("namespace"));
                    let node = item.id();
                    self.generated.push(Generated { is_secret, secret_type, name, namespace, keys, node });
                }
            }
        }
    }
}

/// What changes objects and is not done here.
const NOT_APPLIED: &[(&str, &str)] = &[
    ("generators", "generators"),
    ("helmCharts", "Helm charts"),
    ("helmChartInflationGenerator", "Helm charts"),
    ("replacements", "replacements"),
    ("transformers", "transformers"),
    ("vars", "variables"),
];

impl Target {
    fn read(node: Node<'_>) -> Self {
        let text = |key: &str| {
            node.get(key).and_then(Node::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        Self {
            group: text("group"),
            version: text("version"),
            kind: text("kind"),
            name: text("name"),
            namespace: text("namespace"),
            label_selector: text("labelSelector"),
            annotation_selector: text("annotationSelector"),
        }
    }
}

fn list<'d>(root: Node<'d>, key: &str) -> impl Iterator<Item = Node<'d>> + use<'d> {
    root.get(key).into_iter().flat_map(Node::items)
}

/// What a kustomization reads to make its objects: files and folders with objects, and files with patches.
pub(super) fn references(root: Node<'_>) -> Vec<&str> {
    let named = ["resources", "bases", "components"].into_iter().flat_map(|key| list(root, key));
    let in_place = |text: &&str| text.contains('\n');
    let merges = list(root, "patchesStrategicMerge").filter_map(Node::as_str).filter(|text| !in_place(text));
    let patches = list(root, "patches").chain(list(root, "patchesJson6902"));
    let files = patches.filter_map(|patch| patch.get("path")?.as_str());
    named.filter_map(Node::as_str).chain(merges).chain(files).collect()
}

fn replicas(root: Node<'_>) -> Vec<Replicas> {
    let read = |item: Node<'_>| {
        let name = item.get("name")?.as_str()?.to_owned();
        Some(Replicas {
            name,
            count: item.get("count").and_then(Node::as_i64).unwrap_or_default(),
            place: item.place(),
        })
    };
    list(root, "replicas").filter_map(read).collect()
}

fn texts(root: Node<'_>, key: &str) -> Vec<(String, Place)> {
    list(root, key).filter_map(|item| Some((item.as_str()?.to_owned(), item.place()))).collect()
}

fn pairs(node: Option<Node<'_>>) -> Vec<(String, String)> {
    let text = |node: Node<'_>| match node.value() {
        Value::String(text) => Some(text.to_owned()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Int(value) => Some(value.to_string()),
        _ => None,
    };
    let entries = node.into_iter().flat_map(Node::entries);
    entries.filter_map(|entry| Some((entry.key.to_owned(), text(entry.value)?))).collect()
}

fn transformation(root: Node<'_>) -> Transformation {
    let text = |key: &str| root.get(key).and_then(Node::as_str).unwrap_or_default().to_owned();
    let mut labels = Vec::new();
    for item in list(root, "labels") {
        let flag = |key: &str| item.get(key).and_then(Node::as_bool).unwrap_or(false);
        labels.push(Labels {
            pairs: pairs(item.get("pairs")),
            in_selectors: flag("includeSelectors"),
            in_templates: flag("includeTemplates"),
        });
    }
    // They come last, so of two values theirs counts.
    let common = pairs(root.get("commonLabels"));
    if !common.is_empty() {
        labels.push(Labels { pairs: common, in_selectors: true, in_templates: true });
    }
    Transformation {
        namespace: Some(text("namespace")).filter(|namespace| !namespace.is_empty()),
        prefix: text("namePrefix"),
        suffix: text("nameSuffix"),
        labels,
        annotations: pairs(root.get("commonAnnotations")),
    }
}
