//! The cluster that all cases share, and how a case runs in it.

use std::process::Stdio;
use std::sync::Arc;

use promwire_rig::agent::{Agent, Setup};
use promwire_rig::cluster::{Cluster, Operator, OperatorOptions};
use promwire_rig::manifests;
use promwire_rig::programs::Programs;
use promwire_rig::run_folder::RunFolder;
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::runtime::Runtime;
use tokio::sync::{Mutex, RwLock};

use crate::AS_PROMWIRE;
use crate::case::Case;
use crate::judge;
use crate::record;
use crate::stage::Stage;

/// The cluster, with the agent and an operator. The parts end in this order.
pub(crate) struct World {
    operator: Mutex<Option<Operator>>,
    pub(crate) agent: Agent,
    pub(crate) cluster: Cluster,
    /// Cases that need the cluster for themselves take it for writing.
    alone: RwLock<()>,
    runtime: Arc<Runtime>,
}

impl World {
    pub(crate) fn start(programs: Programs, run: RunFolder) -> Result<Self, String> {
        let runtime = Arc::new(Runtime::new().map_err(|error| format!("the asynchronous runtime: {error}"))?);
        let (operator, agent, cluster) = runtime.block_on(async {
            let cluster = Cluster::start(programs, run).await?;
            cluster.install_calico_crds().await?;
            let agent = Agent::start(Setup::usual(&cluster)).await?;
            let operator = cluster.operator(&OperatorOptions::default()).await?;
            Ok::<_, String>((operator, agent, cluster))
        })?;
        Ok(Self { operator: Mutex::new(Some(operator)), agent, cluster, alone: RwLock::new(()), runtime })
    }

    /// Runs a case: applies, generates, applies what was generated, and compares what Prometheus does with what the
    /// case says. Its objects are deleted afterwards.
    pub(crate) fn run(&self, case: &Case, recording: bool) -> Result<(), String> {
        Arc::clone(&self.runtime).block_on(async {
            if case.says.is_alone() {
                let _turn = self.alone.write().await;
                self.operate(&case.says.operator).await?;
                let outcome = self.run_in_turn(case, recording).await;
                self.operate(&[]).await?;
                outcome
            } else {
                let _turn = self.alone.read().await;
                self.run_in_turn(case, recording).await
            }
        })
    }

    /// Has an operator with these arguments run, in place of the one that runs.
    async fn operate(&self, arguments: &[String]) -> Result<(), String> {
        let options = OperatorOptions { arguments: arguments.to_vec() };
        let mut running = self.operator.lock().await;
        if running.as_ref().is_some_and(|operator| *operator.options() == options) {
            return Ok(());
        }
        if let Some(operator) = running.take() {
            operator.stop().await;
        }
        *running = Some(self.cluster.operator(&options).await?);
        Ok(())
    }

    async fn run_in_turn(&self, case: &Case, recording: bool) -> Result<(), String> {
        let stage = Stage::set(self, case).await?;
        let mut objects = Vec::new();
        let outcome = self.perform(case, &stage, recording, &mut objects).await;
        self.clean(&objects).await;
        stage.strike(self).await;
        outcome
    }

    /// What was to be applied is in `objects` afterwards, also when something failed.
    async fn perform(
        &self,
        case: &Case,
        stage: &Stage,
        recording: bool,
        objects: &mut Vec<Value>,
    ) -> Result<(), String> {
        objects.clone_from(&case.manifests);
        objects.iter_mut().try_for_each(|object| stage.fill(object))?;
        for arguments in &case.says.generate {
            objects.extend(generate(case, stage, arguments).await?);
        }
        // The reloader beside Prometheus misses a change between its first look at the configuration and its first
        // success, until it looks again after three minutes: so the first configuration is made whole.
        objects.sort_by_key(|object| object["kind"] == "Prometheus");
        let refused = self.cluster.apply(objects).await.err().unwrap_or_default();
        judge::refusals(case, &refused)?;
        judge::targets(self, case, stage).await?;
        if recording { record::write(self, case, objects).await } else { Ok(()) }
    }

    /// Deletes what the case made. What goes with its namespace need not be deleted before.
    async fn clean(&self, objects: &[Value]) {
        let namespaces: Vec<&Value> = objects.iter().filter(|object| object["kind"] == "Namespace").collect();
        let goes_along = |object: &Value| {
            namespaces
                .iter()
                .any(|namespace| namespace["metadata"]["name"] == object["metadata"]["namespace"])
        };
        // What runs goes before what it looks after: Calico makes its settings anew while it runs.
        for object in objects.iter().filter(|object| !goes_along(object)) {
            if let Err(reason) = self.cluster.delete(object).await {
                promwire_rig::say(&format!("cleaning: {}: {reason}", manifests::title(object)));
            }
        }
    }
}

/// Runs `promwire generate` on the manifests of a case. A finding fails the case.
async fn generate(case: &Case, stage: &Stage, arguments: &str) -> Result<Vec<Value>, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut child = tokio::process::Command::new(program)
        .env(AS_PROMWIRE, "1")
        .arg("generate")
        .args(arguments.split_whitespace())
        .current_dir(stage.folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let text = std::fs::read(case.folder.join("manifests.yaml")).map_err(|error| error.to_string())?;
    let mut stdin = child.stdin.take().expect("standard input is a pipe");
    // A command that refuses its arguments reads no input.
    let _ = stdin.write_all(&text).await;
    drop(stdin);
    let said = child.wait_with_output().await.map_err(|error| error.to_string())?;
    if !said.status.success() {
        return Err(format!("promwire generate {arguments}\n{}", String::from_utf8_lossy(&said.stderr)));
    }
    manifests::parse(arguments, &String::from_utf8_lossy(&said.stdout))
}
