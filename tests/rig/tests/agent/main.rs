//! The node agent in a real cluster: does it do what a kubelet would?
//!
//! Needs the built components (`cargo xtask rig build`); says so and passes where they are missing, fails where
//! `CI=true`.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use promwire_rig::agent::{Agent, NodeSpec, Setup};
use promwire_rig::cluster::{Cluster, OperatorOptions, wait};
use promwire_rig::components::Selection;
use promwire_rig::programs::Programs;
use promwire_rig::run_folder::RunFolder;
use promwire_rig::{launch, manifests, prerequisites, say};
use serde_json::Value;

fn main() -> ExitCode {
    let selection = Selection::default();
    if let Some(run) = launch::inside() {
        return inside(&run, &selection);
    }
    let mut missing = prerequisites::missing(&selection);
    if missing.is_empty() && Programs::find(&selection).is_err() {
        missing.push("the components (cargo xtask rig build)".to_owned());
    }
    if !missing.is_empty() {
        say(&format!("SKIPPED the node agent's tests: this machine lacks\n  {}", missing.join("\n  ")));
        let required = std::env::var_os("CI").is_some_and(|value| value == "true");
        return if required { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    }
    match launch::launch() {
        Ok(launched) => launched.wait(),
        Err(message) => {
            say(&message);
            ExitCode::FAILURE
        }
    }
}

fn inside(run: &RunFolder, selection: &Selection) -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().expect("the machine has threads");
    let outcome = runtime.block_on(async {
        let programs = Programs::find(selection).map_err(|_| "the components are not built".to_owned())?;
        let cluster = Cluster::start(programs.clone(), run.clone()).await?;
        let agent = Agent::start(Setup {
            client: cluster.client(),
            programs,
            network: cluster.network().clone(),
            folder: run.path().to_owned(),
            nodes: vec![
                NodeSpec::control_plane("control-plane"),
                NodeSpec::worker("worker-1"),
                NodeSpec::worker("worker-2"),
            ],
        })
        .await?;
        let operator = cluster.operator(&OperatorOptions::default()).await?;
        let world = World { cluster, agent };
        let mut failed = false;
        let only = std::env::args().nth(1);
        for (name, test) in tests() {
            if only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
                continue;
            }
            let started = Instant::now();
            match test(&world).await {
                Ok(()) => say(&format!("ok      {name} ({:.1} s)", started.elapsed().as_secs_f32())),
                Err(reason) => {
                    failed = true;
                    say(&format!("FAILED  {name}\n{reason}"));
                }
            }
        }
        operator.stop().await;
        Ok::<_, String>(failed)
    });
    match outcome {
        Ok(false) => ExitCode::SUCCESS,
        Ok(true) => ExitCode::FAILURE,
        Err(message) => {
            say(&message);
            ExitCode::FAILURE
        }
    }
}

struct World {
    cluster: Cluster,
    agent: Agent,
}

type Test = for<'a> fn(&'a World) -> futures::future::LocalBoxFuture<'a, Result<(), String>>;

fn tests() -> Vec<(&'static str, Test)> {
    vec![("a Prometheus of the operator scrapes what runs on the nodes", |world| {
        Box::pin(prometheus_scrapes(world))
    })]
}

impl World {
    async fn apply(&self, manifest: &str) -> Result<Vec<Value>, String> {
        let objects = manifests::parse("a test's manifest", manifest)?;
        self.cluster.apply(&objects).await.map_err(|refused| refused.join("\n"))?;
        Ok(objects)
    }

    /// A GET of the API server.
    async fn get(&self, path: &str) -> Result<Value, String> {
        let request = http::Request::get(path).body(Vec::new()).map_err(|error| error.to_string())?;
        self.cluster.client().request(request).await.map_err(|error| format!("{path}: {error}"))
    }

    async fn pod(&self, namespace: &str, name: &str) -> Value {
        self.get(&format!("/api/v1/namespaces/{namespace}/pods/{name}")).await.unwrap_or_default()
    }

    /// Waits until a pod is ready, and says what holds it if it does not become so.
    async fn ready(&self, namespace: &str, name: &str) -> Result<Value, String> {
        let what = format!("pod {name} (Ready)");
        let done = wait(Duration::from_secs(60), &what, async || is_ready(&self.pod(namespace, name).await));
        if let Err(late) = done.await {
            let pod = self.pod(namespace, name).await;
            let mut reason = format!("{late}; its status is {:#}", pod["status"]);
            for container in pod["spec"]["containers"].as_array().into_iter().flatten() {
                let container = container["name"].as_str().unwrap_or_default();
                let log = self.agent.pod_log(namespace, name, container);
                let text = log.and_then(|log| std::fs::read_to_string(log).ok()).unwrap_or_default();
                reason += &format!("\n--- {container} said\n{text}");
            }
            return Err(reason);
        }
        Ok(self.pod(namespace, name).await)
    }
}

fn is_ready(pod: &Value) -> bool {
    pod["status"]["conditions"]
        .as_array()
        .is_some_and(|all| all.iter().any(|one| one["type"] == "Ready" && one["status"] == "True"))
}

fn check(holds: bool, what: impl Into<String>) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.into()) }
}

/// The targets of a Prometheus as (job, address, health), sorted.
async fn targets(address: &str) -> Result<Vec<(String, String, String)>, String> {
    let answer =
        promwire_rig::http::get(format!("http://{address}:9090/api/v1/targets?state=active")).await?;
    let answer: Value = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut targets: Vec<_> = answer["data"]["activeTargets"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| (text(&one["labels"]["job"]), text(&one["labels"]["instance"]), text(&one["health"])))
        .collect();
    targets.sort();
    Ok(targets)
}

/// A DaemonSet on the nodes' own addresses, a StatefulSet with a claim, and a Prometheus handled by the operator.
async fn prometheus_scrapes(world: &World) -> Result<(), String> {
    let namespace = world.cluster.namespace("scrape").await?;
    world.apply(&include_str!("prometheus.yaml").replace("NAMESPACE", &namespace)).await?;
    world.ready(&namespace, "shop-0").await?;
    let pod = world.ready(&namespace, "prometheus-main-0").await?;
    let ready = pod["status"]["containerStatuses"]
        .as_array()
        .map_or(0, |all| all.iter().filter(|one| one["ready"] == true).count());
    check(ready == 2, format!("{ready} of 2 containers are ready: {:#}", pod["status"]))?;
    let address = pod["status"]["podIP"].as_str().unwrap_or_default();
    let shop = world.pod(&namespace, "shop-0").await;
    let shop = shop["status"]["podIP"].as_str().unwrap_or_default();
    let mut expected = vec![("shop".to_owned(), format!("{shop}:9100"), "up".to_owned())];
    for node in ["control-plane", "worker-1", "worker-2"] {
        let host = world.agent.node_host(node).ok_or("there is no such node")?;
        expected.push(("node-exporter".to_owned(), format!("{}:9100", host.address), "up".to_owned()));
    }
    expected.sort();
    let done = wait(Duration::from_secs(40), "every target (up)", async || {
        targets(address).await.is_ok_and(|targets| targets == expected)
    });
    if let Err(late) = done.await {
        return Err(format!("{late}; expected {expected:#?}, there are {:#?}", targets(address).await));
    }
    // node_exporter sees the name of its node, not of the machine.
    let host = world.agent.node_host("worker-1").ok_or("there is no such node")?;
    let page = promwire_rig::http::get(format!("http://{}:9100/metrics", host.address)).await?;
    check(page.contains(r#"nodename="worker-1""#), "node_uname_info does not name the node")
}
