//! One input, several worlds.
//!
//! A repository may describe several clusters, or one at several times; objects of one are nothing to those of another.
//!
//! * **Kustomizations.** One that no other names is a root: `build` makes its objects. Roots that define one object differently
//!   cannot be in one cluster (`overlays/dev`, `overlays/prod`), and are worlds of their own, called by what their paths differ
//!   in. Roots that contradict none, and what no kustomization reaches, are in each of these worlds: an application may be in one
//!   folder and its monitors in another. Where what no kustomization reaches contradicts a root, it is one further world.
//! * **`--root DIR`** says which folders are roots, whether they have a kustomization or not.
//! * **Markdown.** Every fence is a step, and after each there is a world: what was there before, and all fences so far. An object
//!   of a later fence takes the place of the same object of an earlier one.
//!
//! Files that a kustomization names as patches, values or data are not objects.

mod build;
#[doc(hidden)]
pub mod fuzz;
mod item;
mod kustomization;
mod patch;
mod path;
mod references;
mod transform;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use self::build::{Built, Sources, is_kustomization};
use self::kustomization::{FILE_NAMES, Kustomization, references};
use self::path::{folder, is_below, is_remote, join, normal};
use super::World;
use crate::diagnostic::{Diagnostic, Note};
use crate::model::inventory::Inventory;
use crate::source::{self, Document, InputPath, LoadOptions, Node, Reading};

/// The worlds of an input: at least one.
#[derive(Debug)]
pub struct Worlds {
    worlds: Vec<NamedWorld>,
}

/// One of the worlds of an input.
#[derive(Debug)]
pub struct NamedWorld {
    /// What tells it from the others: `prod`, `guide.md, step 3`. Empty where it is the only one.
    pub name: String,
    /// What is in it.
    pub world: World,
    /// It is the state after a step of a text, and another step follows.
    pub passes: bool,
}

/// A root before it is clear which world it is in.
struct Root {
    /// Its folder.
    path: String,
    built: Built,
}

impl Worlds {
    /// Reads inputs, and what their kustomizations refer to. `namespace` is the one of objects that name none; `roots` are
    /// folders, each a world.
    pub fn load(
        inputs: &[InputPath],
        options: &LoadOptions,
        namespace: Option<&str>,
        roots: &[PathBuf],
    ) -> Self {
        Self::of(source::load(inputs, options), options, namespace, roots)
    }

    /// What was read, and what its kustomizations refer to.
    pub fn of(
        mut reading: Reading,
        options: &LoadOptions,
        namespace: Option<&str>,
        roots: &[PathBuf],
    ) -> Self {
        follow(&mut reading, options);
        let Reading { documents, findings } = reading;
        let is_one = roots.is_empty()
            && !documents.iter().any(|document| document.step() > 0 || is_kustomization(document));
        if is_one {
            let world = World::of(Reading { documents, findings }, namespace);
            return Self { worlds: vec![NamedWorld { name: String::new(), world, passes: false }] };
        }
        let documents: Vec<Arc<Document>> = documents.into_iter().map(Arc::new).collect();
        let (texts, manifests): (Vec<_>, Vec<_>) =
            documents.into_iter().partition(|document| document.step() > 0);
        let mut splitter = Splitter { findings, namespace, worlds: Vec::new() };
        let base = splitter.kustomizations(&manifests, roots, texts.is_empty());
        splitter.texts(&texts, &base);
        if splitter.worlds.is_empty() {
            splitter.add(String::new(), base, &[], false);
        }
        Self { worlds: splitter.worlds }
    }

    /// One world, and no other.
    pub fn one(world: World) -> Self {
        Self { worlds: vec![NamedWorld { name: String::new(), world, passes: false }] }
    }

    /// The worlds, each for itself.
    pub fn into_vec(self) -> Vec<NamedWorld> {
        self.worlds
    }

    /// The same worlds, each laid over what a cluster has (documents [beneath](Document::beneath) the input).
    #[must_use]
    pub fn over(&self, beneath: &[Arc<Document>]) -> Self {
        let over = |named: &NamedWorld| NamedWorld {
            name: named.name.clone(),
            world: named.world.over(beneath),
            passes: named.passes,
        };
        Self { worlds: self.worlds.iter().map(over).collect() }
    }

    /// The worlds.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &NamedWorld> {
        self.worlds.iter()
    }

    /// The world, where there is one only: what is so between the steps of a text does not count.
    ///
    /// # Errors
    /// The names of the worlds, where there are several.
    pub fn into_one(mut self) -> Result<World, Vec<String>> {
        self.worlds.retain(|named| !named.passes);
        match self.worlds.len() {
            1 => Ok(self.worlds.remove(0).world),
            _ => Err(self.worlds.into_iter().map(|named| named.name).collect()),
        }
    }

    /// The findings of every world, each told once. What is found in some worlds only says in which.
    pub fn judge(&self, mut judge: impl FnMut(&World) -> Vec<Diagnostic>) -> Vec<Diagnostic> {
        let several = self.worlds.len() > 1;
        let mut told: Vec<(Diagnostic, Vec<&str>)> = Vec::new();
        let mut places = FxHashMap::default();
        for NamedWorld { name, world, .. } in &self.worlds {
            for finding in judge(world) {
                let key = (
                    finding.code,
                    finding.place.as_ref().map(|at| (at.place.file.name().to_owned(), at.place.span)),
                    finding.place.is_none().then(|| finding.message.clone()),
                );
                let index = *places.entry(key).or_insert_with(|| {
                    told.push((finding, Vec::new()));
                    told.len() - 1
                });
                let (_, worlds) = &mut told[index];
                if worlds.last() != Some(&name.as_str()) {
                    worlds.push(name);
                }
            }
        }
        // A step shows what is wrong by where it stands.
        let is_step = |name: &str| name.contains(STEP);
        told.into_iter()
            .map(|(mut finding, worlds)| {
                if several && worlds.len() < self.worlds.len() && !worlds.iter().all(|name| is_step(name)) {
                    finding.notes.push(Note::Info(format!("this is so in {}", worlds.join(", "))));
                }
                finding
            })
            .collect()
    }
}

/// Between the name of a Markdown text and the number of a step.
const STEP: &str = ", step ";

/// Reads the folders and files that kustomizations refer to and the input does not have: `overlays/prod` alone is enough to
/// read the base it is made of.
fn follow(reading: &mut Reading, options: &LoadOptions) {
    if !reading.documents.iter().any(is_kustomization) {
        return;
    }
    let mut known: FxHashSet<String> =
        reading.documents.iter().map(|document| normal(document.file().name())).collect();
    let mut next = 0;
    while next < reading.documents.len() {
        let document = &reading.documents[next];
        next += 1;
        let name = document.file().name();
        if !is_kustomization(document) {
            continue;
        }
        let own = folder(&normal(name)).to_owned();
        let mut missing = Vec::new();
        for item in references(document.root()).into_iter().filter(|item| !is_remote(item)) {
            let path = join(&own, item);
            if known.contains(&path) {
                continue;
            }
            let is_folder = Path::new(&path).is_dir();
            if is_folder {
                let files = FILE_NAMES.iter().map(|file| join(&path, file));
                missing
                    .extend(files.filter(|file| !known.contains(file) && Path::new(file).is_file()).take(1));
            } else if is_below(&path, &own) && is_file_within(&path, &own) {
                missing.push(path);
            }
        }
        for path in missing {
            if known.insert(path.clone()) {
                reading.append(source::load(&[InputPath::Path(PathBuf::from(path))], options));
            }
        }
    }
}

/// Whether there is a file, and no link leads to it out of the folder: kustomize reads no other files than those below the
/// kustomization.
fn is_file_within(path: &str, folder: &str) -> bool {
    let folder = if folder.is_empty() { "." } else { folder };
    let real = |path: &str| Path::new(path).canonicalize().ok();
    match (real(path), real(folder)) {
        (Some(path), Some(folder)) => path.is_file() && path.starts_with(folder),
        _ => false,
    }
}

struct Splitter<'n> {
    findings: Vec<Diagnostic>,
    namespace: Option<&'n str>,
    worlds: Vec<NamedWorld>,
}

impl Splitter<'_> {
    fn add(&mut self, name: String, documents: Vec<Arc<Document>>, findings: &[Diagnostic], passes: bool) {
        let all = self.findings.iter().chain(findings).cloned().collect();
        let world = World::build(documents, all, self.namespace.map(str::to_owned));
        self.worlds.push(NamedWorld { name, world, passes });
    }

    /// Makes the worlds of kustomizations and roots, and gives what is in all of them.
    fn kustomizations(
        &mut self,
        documents: &[Arc<Document>],
        roots: &[PathBuf],
        is_all: bool,
    ) -> Vec<Arc<Document>> {
        let mut sources = Sources { files: FxHashMap::default(), kustomizations: FxHashMap::default() };
        for document in documents {
            let path = normal(document.file().name());
            if is_kustomization(document) {
                let folder = folder(&path).to_owned();
                sources.kustomizations.insert(folder.clone(), Kustomization::read(document, &folder));
            } else {
                sources.files.entry(path).or_default().push(Arc::clone(document));
            }
        }
        let wanted: Vec<String> = roots.iter().map(|root| normal(&root.display().to_string())).collect();
        let mut taken = FxHashSet::default();
        for kustomization in sources.kustomizations.values() {
            let files = kustomization.other_files.iter().map(|path| join(&kustomization.folder, path));
            taken.extend(files);
        }
        let mut found: Vec<Root> = if wanted.is_empty() {
            sources.roots().into_iter().map(|path| Root { built: sources.build(&path), path }).collect()
        } else {
            wanted.iter().map(|path| Root { built: sources.root(path, &taken), path: path.clone() }).collect()
        };
        // What belongs to a kustomization is its objects only.
        for folder in sources.kustomizations.keys() {
            taken.extend(sources.build(folder).reached);
        }
        for root in &found {
            taken.extend(root.built.reached.iter().cloned());
        }
        let is_rest = |document: &&Arc<Document>| {
            let path = normal(document.file().name());
            let is_other_root = wanted.iter().any(|root| is_below(&path, root));
            !taken.contains(&path) && !is_kustomization(document) && !is_other_root
        };
        let mut rest: Vec<Arc<Document>> = documents.iter().filter(is_rest).cloned().collect();
        let contradictions = Contradictions::find(&found, &rest, self.namespace);
        let mut shared_findings = Vec::new();
        let mut shared = Vec::new();
        let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, root) in found.iter_mut().enumerate() {
            if wanted.is_empty() && !contradictions.any(index) {
                shared.append(&mut root.built.documents);
                shared_findings.append(&mut root.built.findings);
            } else {
                let name = if wanted.is_empty() { contradictions.name(index) } else { root.path.clone() };
                groups.entry(name).or_default().push(index);
            }
        }
        let rest_is_apart = contradictions.any(Contradictions::REST);
        let own_rest = if rest_is_apart { std::mem::take(&mut rest) } else { Vec::new() };
        shared.append(&mut rest);
        for (name, members) in contradictions.separate(groups, &found) {
            let mut documents = shared.clone();
            let mut findings = shared_findings.clone();
            for index in members {
                documents.append(&mut found[index].built.documents);
                findings.append(&mut found[index].built.findings);
            }
            self.add(name, documents, &findings, false);
        }
        if rest_is_apart {
            let documents = own_rest.into_iter().chain(shared.iter().cloned()).collect();
            self.add("what no kustomization reaches".to_owned(), documents, &shared_findings, false);
        }
        if self.worlds.is_empty() && is_all {
            self.add(String::new(), shared, &shared_findings, false);
            return Vec::new();
        }
        // With Markdown beside them, manifests alone are a world only if nothing else shows them.
        self.findings.append(&mut shared_findings);
        shared
    }

    fn texts(&mut self, texts: &[Arc<Document>], base: &[Arc<Document>]) {
        let mut by_file: Vec<(&str, Vec<&Arc<Document>>)> = Vec::new();
        for document in texts {
            let name = document.file().name();
            match by_file.iter_mut().find(|(file, _)| *file == name) {
                Some((_, documents)) => documents.push(document),
                None => by_file.push((name, vec![document])),
            }
        }
        for (file, documents) in by_file {
            let last = documents.last().map_or(0, |document| document.step());
            for step in 1..=last {
                let so_far = documents.iter().filter(|document| document.step() <= step).copied();
                let all = base.iter().chain(so_far).cloned().collect();
                self.add(format!("{file}{STEP}{step}"), all, &[], step < last);
            }
        }
    }
}

impl Sources {
    /// The folders of kustomizations that no other names, in the order of their paths.
    fn roots(&self) -> Vec<String> {
        let named: FxHashSet<String> = self
            .kustomizations
            .values()
            .flat_map(|kustomization| {
                let all = kustomization.resources.iter().chain(&kustomization.components);
                all.map(|(path, _)| join(&kustomization.folder, path))
            })
            .collect();
        let is_component = |folder: &String| {
            let kind = self.kustomizations[folder].document.root().get("kind").and_then(Node::as_str);
            kind == Some("Component")
        };
        let mut roots: Vec<String> = self
            .kustomizations
            .keys()
            .filter(|folder| !named.contains(*folder) && !is_component(folder))
            .cloned()
            .collect();
        roots.sort();
        roots
    }

    /// The objects of a folder that is said to be a root: of its kustomization, or of all files below it.
    fn root(&self, path: &str, taken: &FxHashSet<String>) -> Built {
        if self.kustomizations.contains_key(path) {
            return self.build(path);
        }
        let mut inner: Vec<&String> =
            self.kustomizations.keys().filter(|folder| is_below(folder, path)).collect();
        inner.retain(|folder| self.roots().contains(folder));
        inner.sort();
        let mut built = Built::default();
        for folder in inner {
            let mut one = self.build(folder);
            built.documents.append(&mut one.documents);
            built.findings.append(&mut one.findings);
            built.reached.extend(one.reached);
        }
        let mut files: Vec<&String> = self.files.keys().filter(|file| is_below(file, path)).collect();
        files.sort();
        for file in files {
            if !taken.contains(file) && built.reached.insert(file.clone()) {
                built.documents.extend(self.files[file].iter().cloned());
            }
        }
        built
    }
}

/// Which roots define one object differently.
struct Contradictions {
    pairs: FxHashSet<(usize, usize)>,
    names: FxHashMap<usize, String>,
}

impl Contradictions {
    /// What no kustomization reaches, among the roots.
    const REST: usize = usize::MAX;

    fn find(roots: &[Root], rest: &[Arc<Document>], namespace: Option<&str>) -> Self {
        let mut found = Self { pairs: FxHashSet::default(), names: FxHashMap::default() };
        if roots.is_empty() {
            return found;
        }
        let numbered = roots.iter().enumerate().map(|(index, root)| (index, &root.built.documents[..]));
        let inventories: Vec<(usize, Inventory)> = numbered
            .chain([(Self::REST, rest)])
            .map(|(index, documents)| {
                let mut builder = Inventory::builder().default_namespace(namespace);
                for document in documents {
                    builder.add(document);
                }
                (index, builder.build().0)
            })
            .collect();
        let mut known = FxHashMap::default();
        for (index, inventory) in &inventories {
            for object in inventory.objects().filter(|object| !object.name().is_empty()) {
                let others: &mut Vec<_> = known.entry(object.identity()).or_default();
                for &(other, node) in others.iter() {
                    let node: Node<'_> = node;
                    if node.to_json() != object.node().to_json() {
                        found.pairs.insert((other, *index));
                        found.pairs.insert((*index, other));
                    }
                }
                others.push((*index, object.node()));
            }
        }
        let mut pairs: Vec<_> = found.pairs.iter().copied().collect();
        pairs.sort_unstable();
        for (one, other) in pairs {
            if one == Self::REST || found.names.contains_key(&one) {
                continue;
            }
            let path = &roots[one].path;
            let name = roots.get(other).and_then(|other| difference(path, &other.path));
            found.names.insert(one, name.unwrap_or(path).to_owned());
        }
        found
    }

    fn any(&self, index: usize) -> bool {
        self.pairs.iter().any(|(one, _)| *one == index)
    }

    fn name(&self, index: usize) -> String {
        self.names.get(&index).cloned().unwrap_or_default()
    }

    /// Groups without contradictions: members that contradict each other are each for themselves.
    fn separate(&self, groups: BTreeMap<String, Vec<usize>>, roots: &[Root]) -> Vec<(String, Vec<usize>)> {
        let mut separate = Vec::new();
        for (name, members) in groups {
            let contradicts =
                members.iter().any(|one| members.iter().any(|other| self.pairs.contains(&(*one, *other))));
            if contradicts {
                separate.extend(members.into_iter().map(|member| (roots[member].path.clone(), vec![member])));
            } else {
                separate.push((name, members));
            }
        }
        separate
    }
}

/// The first step in which a path differs from another.
fn difference<'p>(path: &'p str, other: &str) -> Option<&'p str> {
    let mut others = other.split('/');
    path.split('/').find(|step| others.next() != Some(*step))
}

#[cfg(test)]
mod tests;
