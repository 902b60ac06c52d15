//! A cluster of real components, and what a test asks of it.

mod control_plane;
mod kubeconfig;
mod namespace;
mod objects;
mod operator;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kube::Client;
use kube::discovery::Discovery;
use tokio::sync::RwLock;

use crate::network::Network;
use crate::programs::Programs;
use crate::run_folder::RunFolder;

pub use self::kubeconfig::kubeconfig;
pub use self::operator::{Operator, OperatorOptions};

use self::control_plane::ControlPlane;

/// A running cluster. Everything of it ends when this is dropped.
pub struct Cluster {
    control_plane: ControlPlane,
    discovery: RwLock<Discovery>,
    network: Arc<Network>,
    programs: Programs,
    run: RunFolder,
}

impl Cluster {
    /// Starts etcd, the API server, the controller manager and the scheduler, and installs the custom resources.
    /// To be called inside the namespaces of the run.
    ///
    /// # Errors
    ///
    /// The first component that did not come up, with the end of its log.
    pub async fn start(programs: Programs, run: RunFolder) -> Result<Self, String> {
        let started = Instant::now();
        let network = Arc::new(Network::create().await?);
        let control_plane = ControlPlane::start(&programs, &run).await?;
        let discovery = Discovery::new(control_plane.client.clone());
        let cluster = Self { control_plane, discovery: RwLock::new(discovery), network, programs, run };
        cluster.install_monitoring_crds().await?;
        cluster.default_service_account().await?;
        crate::say(&format!("the control plane is up after {:.1} s", started.elapsed().as_secs_f32()));
        Ok(cluster)
    }

    /// A client with every right.
    pub fn client(&self) -> Client {
        self.control_plane.client.clone()
    }

    /// What an administrator's kubeconfig needs: the authority (PEM) and a token.
    pub fn admin(&self) -> (&str, &str) {
        (&self.control_plane.access.authority, &self.control_plane.access.token)
    }

    /// The network of the run.
    pub fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// The programs that run.
    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// The folder of the run.
    pub fn run(&self) -> &RunFolder {
        &self.run
    }

    /// Installs the operator's own custom resources, as `operator crds` prints them.
    async fn install_monitoring_crds(&self) -> Result<(), String> {
        let said = tokio::process::Command::new(self.programs.path("operator"))
            .arg("crds")
            .output()
            .await
            .map_err(|error| format!("operator crds: {error}"))?;
        let objects = crate::manifests::parse("operator crds", &String::from_utf8_lossy(&said.stdout))?;
        if objects.is_empty() {
            return Err(format!("`operator crds` printed none: {}", String::from_utf8_lossy(&said.stderr)));
        }
        self.apply(&objects).await.map_err(|refused| refused.join("\n"))?;
        self.served(&objects).await
    }

    /// Installs the custom resources of Calico and of the Tigera operator that promwire generates objects of, in their
    /// small hand-written form.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or the server refuses it.
    pub async fn install_calico_crds(&self) -> Result<(), String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../generated-crds/calico");
        let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut definitions = Vec::new();
        for path in entries.flatten().map(|entry| entry.path()) {
            definitions.extend(crate::manifests::load(&path)?);
        }
        // Calico's own API server would serve the other group, `projectcalico.org`, from the same objects.
        definitions.retain(|definition| definition["spec"]["group"] != "projectcalico.org");
        self.apply(&definitions).await.map_err(|refused| refused.join("\n"))?;
        self.served(&definitions).await
    }

    /// Waits for the ServiceAccount that every namespace gets: pods are refused before.
    async fn default_service_account(&self) -> Result<(), String> {
        let accounts: kube::Api<k8s_openapi::api::core::v1::ServiceAccount> =
            kube::Api::namespaced(self.client(), "default");
        wait(Duration::from_secs(30), "the ServiceAccount `default`", async || {
            accounts.get_opt("default").await.is_ok_and(|account| account.is_some())
        })
        .await
    }
}

/// Asks until the answer is yes.
///
/// # Errors
///
/// It was not within the time given.
pub async fn wait(within: Duration, what: &str, ask: impl AsyncFn() -> bool) -> Result<(), String> {
    let started = Instant::now();
    while !ask().await {
        if started.elapsed() > within {
            return Err(format!("{what} is not there after {} s", within.as_secs()));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
