//! The cluster, promwire as a user runs it, and everything that is in the cluster.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use k8s_openapi::api::authentication::v1::TokenRequest;
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::api::{DynamicObject, ListParams, PostParams};
use kube::discovery::{Discovery, Scope, verbs};
use kube::{Api, ResourceExt as _};
use promwire_rig::agent::{Agent, Setup};
use promwire_rig::cluster::{Cluster, kubeconfig};
use promwire_rig::manifests;
use promwire_rig::network::RIG;
use promwire_rig::programs::Programs;
use promwire_rig::run_folder::RunFolder;
use serde_json::Value;
use tokio::process::Command;
use tokio::sync::OnceCell;

/// Makes this program promwire.
pub(crate) const AS_PROMWIRE: &str = "PROMWIRE_RIG_AS_PROMWIRE";

pub(crate) struct Scene {
    pub(crate) cluster: Cluster,
    kubeconfig: PathBuf,
    agent: OnceCell<Agent>,
}

/// What a run of promwire ended with.
pub(crate) struct Run {
    /// None when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Everything it said, for a failed test.
    pub(crate) fn said(&self) -> String {
        format!("exit {:?}\n{}{}", self.code, self.stdout, self.stderr)
    }

    pub(crate) fn expect(self, code: i32) -> Result<Self, String> {
        if self.code == Some(code) { Ok(self) } else { Err(format!("exit {code} expected\n{}", self.said())) }
    }
}

impl Scene {
    pub(crate) async fn start(programs: Programs, run: RunFolder) -> Result<Self, String> {
        let folder = run.path().to_owned();
        let cluster = Cluster::start(programs, run).await?;
        cluster.install_calico_crds().await?;
        let scene = Self { cluster, kubeconfig: folder.join("admin.kubeconfig"), agent: OnceCell::new() };
        scene.write_kubeconfig(&scene.kubeconfig, &format!("https://{RIG}"))?;
        Ok(scene)
    }

    /// The nodes, which are there from the first time on that somebody asks for them.
    pub(crate) async fn agent(&self) -> Result<&Agent, String> {
        self.agent.get_or_try_init(|| Agent::start(Setup::usual(&self.cluster))).await
    }

    /// The kubeconfig of an administrator.
    pub(crate) fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// A kubeconfig for another way to the API server.
    pub(crate) fn write_kubeconfig(&self, path: &Path, server: &str) -> Result<(), String> {
        let (authority, token) = self.cluster.admin();
        std::fs::write(path, kubeconfig(server, authority, token)).map_err(|error| error.to_string())
    }

    /// promwire in a folder, with arguments split at blanks.
    pub(crate) fn command(&self, folder: &Path, arguments: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
        command
            .args(arguments.split_whitespace())
            .current_dir(folder)
            .env(AS_PROMWIRE, "1")
            .env("KUBECONFIG", &self.kubeconfig)
            .env("HOME", folder)
            .env("TMPDIR", folder)
            // Whoever listens to the libraries hears no more than others.
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs promwire in a folder.
    pub(crate) async fn promwire(&self, folder: &Path, arguments: &str) -> Result<Run, String> {
        ended(self.command(folder, arguments)).await
    }

    /// Every object of the cluster, without what differs between two that are the same.
    pub(crate) async fn everything(&self) -> Result<BTreeMap<String, Value>, String> {
        let client = self.cluster.client();
        let discovery =
            Discovery::new(client.clone()).run_aggregated().await.map_err(|error| error.to_string())?;
        let mut all = BTreeMap::new();
        for (resource, capabilities) in
            discovery.groups().flat_map(kube::discovery::ApiGroup::recommended_resources)
        {
            let passes =
                matches!(resource.kind.as_str(), "Event" | "Lease" | "APIService" | "ComponentStatus");
            if passes || !capabilities.supports_operation(verbs::LIST) {
                continue;
            }
            let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
            let list = api
                .list(&ListParams::default())
                .await
                .map_err(|error| format!("{}: {error}", resource.kind))?;
            for object in list {
                let namespace = if capabilities.scope == Scope::Namespaced {
                    object.namespace().unwrap_or_default()
                } else {
                    String::new()
                };
                // A controller writes it into each namespace, some time after the start.
                if resource.kind == "ConfigMap" && object.name_any() == "kube-root-ca.crt" {
                    continue;
                }
                let name = format!("{} {namespace}/{}", resource.kind, object.name_any());
                all.insert(name, plain(serde_json::to_value(object).map_err(|error| error.to_string())?));
            }
        }
        Ok(all)
    }

    pub(crate) async fn apply(&self, manifest: &str) -> Result<(), String> {
        let objects = manifests::parse("a test's manifest", manifest)?;
        self.cluster.apply(&objects).await.map_err(|refused| refused.join("\n"))
    }

    /// A token of an account.
    pub(crate) async fn token(&self, namespace: &str, account: &str) -> Result<String, String> {
        let accounts: Api<ServiceAccount> = Api::namespaced(self.cluster.client(), namespace);
        let request =
            accounts.create_token_request(account, &PostParams::default(), &TokenRequest::default()).await;
        let status = request.map_err(|error| error.to_string())?.status;
        status.and_then(|status| status.token).ok_or_else(|| format!("there is no token of {account}"))
    }

    /// A GET of the API server.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, String> {
        let request = http::Request::get(path).body(Vec::new()).map_err(|error| error.to_string())?;
        self.cluster.client().request(request).await.map_err(|error| format!("{path}: {error}"))
    }
}

/// Waits for the end of a run.
pub(crate) async fn ended(mut command: Command) -> Result<Run, String> {
    let Output { status, stdout, stderr } = command.output().await.map_err(|error| error.to_string())?;
    Ok(Run {
        code: status.code(),
        stdout: String::from_utf8_lossy(&stdout).into_owned(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    })
}

fn plain(mut object: Value) -> Value {
    if let Some(metadata) = object["metadata"].as_object_mut() {
        for key in ["resourceVersion", "uid", "generation", "creationTimestamp", "managedFields"] {
            metadata.remove(key);
        }
    }
    object
}

/// That two states of a cluster are one.
pub(crate) fn same(before: &BTreeMap<String, Value>, after: &BTreeMap<String, Value>) -> Result<(), String> {
    let mut wrong = Vec::new();
    for (name, object) in before {
        match after.get(name) {
            None => wrong.push(format!("{name} is gone")),
            Some(other) if other != object => {
                wrong.push(format!("{name} was\n{object:#}\nand is\n{other:#}"));
            }
            Some(_) => {}
        }
    }
    wrong.extend(
        after.keys().filter(|name| !before.contains_key(*name)).map(|name| format!("{name} is left")),
    );
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// A state without what differs between two applies of the same: addresses, and what controllers make.
pub(crate) fn steady(state: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let is_made = |name: &str, object: &Value| {
        name.starts_with("IPAddress ")
            || name.starts_with("Endpoints ")
            || object["metadata"]["ownerReferences"].as_array().is_some_and(|owners| !owners.is_empty())
    };
    let mut steady: BTreeMap<String, Value> = state
        .iter()
        .filter(|(name, object)| !is_made(name, object))
        .map(|(name, object)| (name.clone(), object.clone()))
        .collect();
    for (name, object) in &mut steady {
        if let (true, Some(spec)) = (name.starts_with("Service "), object["spec"].as_object_mut()) {
            spec.remove("clusterIP");
            spec.remove("clusterIPs");
        }
    }
    steady
}

pub(crate) fn check(holds: bool, what: impl Into<String>) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.into()) }
}

/// A folder with files.
pub(crate) fn folder(files: &[(&str, &str)]) -> Result<tempfile::TempDir, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).map_err(|error| error.to_string())?;
    }
    Ok(folder)
}
