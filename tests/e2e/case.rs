//! What a case says.
//!
//! A folder with `case.yaml` (this struct), `manifests.yaml` (what is applied first) and, once recorded,
//! `recorded.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use promwire_rig::manifests;
use serde::Deserialize;
use serde_json::Value;

use crate::stage::{Certificate, Machine};

/// One case.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// The folder's name.
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) says: Says,
    pub(crate) manifests: Vec<Value>,
}

/// `case.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Says {
    /// What the case shows, in a sentence.
    #[expect(dead_code, reason = "it is for the reader of the case")]
    pub(crate) claim: String,
    /// Command lines of `promwire generate` (without those words), run one after the other on the manifests; what they
    /// print is applied.
    #[serde(default)]
    pub(crate) generate: Vec<String>,
    /// Certificates, by name.
    #[serde(default)]
    pub(crate) certificates: BTreeMap<String, Certificate>,
    /// Machines outside the cluster, by name.
    #[serde(default)]
    pub(crate) machines: BTreeMap<String, Machine>,
    /// Nodes that have the certificates as files, with the folder.
    #[serde(default)]
    pub(crate) files_on_nodes: BTreeMap<String, String>,
    /// The Prometheus that is asked, as `namespace/name`.
    pub(crate) prometheus: String,
    /// Every scrape pool that Prometheus has, with every target: no other may be there.
    #[serde(default)]
    pub(crate) pools: BTreeMap<String, Pool>,
    /// Objects the API server refuses: the object's title and a part of its answer.
    #[serde(default)]
    pub(crate) refused: BTreeMap<String, String>,
    /// Objects the operator rejects: the object's title and a part of the event's message.
    #[serde(default)]
    pub(crate) rejected: BTreeMap<String, String>,
    /// Texts that Prometheus' log must hold.
    #[serde(default)]
    pub(crate) log: Vec<String>,
    /// Arguments of the operator for this case, under their own names; the case then has the cluster for itself.
    #[serde(default)]
    pub(crate) operator: Vec<String>,
    /// This case needs the cluster for itself: it selects monitors of all namespaces, or uses one that others use, too.
    #[serde(default)]
    alone: bool,
}

impl Says {
    /// Whether no other case may run at the same time.
    pub(crate) fn is_alone(&self) -> bool {
        self.alone || !self.operator.is_empty()
    }
}

/// The targets of a scrape pool. Addresses are given names: a node's, a pod's, or `OWNER-*` where a name is random.
#[derive(Debug, Clone, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pool {
    /// URLs of targets that are up.
    #[serde(default)]
    pub(crate) up: Vec<String>,
    /// URLs of targets that are down, with a part of the reason.
    #[serde(default)]
    pub(crate) down: BTreeMap<String, String>,
}

/// All cases, in the order of their names.
pub(crate) fn all(folder: &Path) -> Result<Vec<Case>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut folders: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    let cases = folders.iter().map(|folder| load(folder)).collect::<Result<Vec<Case>, String>>()?;
    if cases.is_empty() {
        return Err(format!("no case in {}", folder.display()));
    }
    disjoint(&cases)?;
    Ok(cases)
}

fn load(folder: &Path) -> Result<Case, String> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let path = folder.join("case.yaml");
    let says =
        manifests::load(&path)?.into_iter().next().ok_or_else(|| format!("{}: empty", path.display()))?;
    let says: Says = serde_json::from_value(says).map_err(|error| format!("{}: {error}", path.display()))?;
    let manifests = manifests::load(&folder.join("manifests.yaml"))?;
    Ok(Case { name, folder: folder.to_owned(), says, manifests })
}

impl Case {
    /// The namespaces its manifests make.
    pub(crate) fn namespaces(&self) -> BTreeSet<&str> {
        self.manifests
            .iter()
            .filter(|object| object["kind"] == "Namespace")
            .filter_map(|object| object["metadata"]["name"].as_str())
            .collect()
    }
}

/// Cases run beside each other on one cluster: two that make one namespace would judge each other's objects.
fn disjoint(cases: &[Case]) -> Result<(), String> {
    let mut taken = BTreeMap::new();
    for case in cases.iter().filter(|case| !case.says.is_alone()) {
        for namespace in case.namespaces() {
            if let Some(other) = taken.insert(namespace, &case.name) {
                return Err(format!("{other} and {} both make the namespace {namespace}", case.name));
            }
        }
    }
    Ok(())
}
