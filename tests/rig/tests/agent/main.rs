//! The node agent in a real cluster: does it do what a kubelet would?
//!
//! Needs the built components, see [`launch::lead_inside`].

mod calico;
mod etcd;
mod life;
mod scrape;

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use promwire_rig::agent::{Agent, Setup};
use promwire_rig::cluster::{Cluster, OperatorOptions, wait};
use promwire_rig::components::Selection;
use promwire_rig::network::Host;
use promwire_rig::programs::Programs;
use promwire_rig::run_folder::RunFolder;
use promwire_rig::{launch, manifests, say};
use serde_json::Value;

fn main() -> ExitCode {
    let selection = Selection::default();
    if let Some(run) = launch::inside() {
        return inside(&run, &selection);
    }
    let listed = std::env::args().any(|argument| argument == "--list");
    if listed || chosen().is_empty() {
        return ExitCode::SUCCESS;
    }
    launch::lead_inside("the tests of the node agent", &selection)
}

fn inside(run: &RunFolder, selection: &Selection) -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().expect("the machine has threads");
    let outcome = runtime.block_on(async {
        let programs = Programs::find(selection).map_err(|_| "the components are not built".to_owned())?;
        let cluster = Cluster::start(programs, run.clone()).await?;
        let agent = Agent::start(Setup::usual(&cluster)).await?;
        let operator = cluster.operator(&OperatorOptions::default()).await?;
        let world = World { cluster, agent };
        let mut failed = false;
        for (name, test) in chosen() {
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
        let World { cluster, agent } = world;
        drop(agent);
        if let Err(reason) = life::nothing_survives(&cluster).await {
            failed = true;
            say(&format!("FAILED  nothing outlives the agent\n{reason}"));
        }
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
    vec![
        ("a Prometheus of the operator scrapes what runs on the nodes", |world| {
            Box::pin(scrape::prometheus(world))
        }),
        ("a pod waits for what is not there", |world| Box::pin(life::waits(world))),
        ("a program that ends is started again", |world| Box::pin(life::crashes(world))),
        ("an image that is not known is ready with nothing in it", |world| Box::pin(life::unknown(world))),
        ("a probe over TLS is asked", |world| Box::pin(life::https(world))),
        ("files change while a program runs", |world| Box::pin(life::files_change(world))),
        ("a deleted pod leaves nothing", |world| Box::pin(life::deleted(world))),
        ("a node that is deleted or tainted comes back", |world| Box::pin(life::node(world))),
        ("etcd serves its clients and its metrics as its arguments say", |world| {
            Box::pin(etcd::serves(world))
        }),
        ("Felix, Typha and kube-controllers serve where their settings say", |world| {
            Box::pin(calico::pages(world))
        }),
    ]
}

/// As with other tests: the arguments are parts of the names that are to run.
fn chosen() -> Vec<(&'static str, Test)> {
    let parts: Vec<String> = std::env::args().skip(1).filter(|part| !part.starts_with('-')).collect();
    let mut tests = tests();
    tests.retain(|(name, _)| parts.is_empty() || parts.iter().any(|part| name.contains(part.as_str())));
    tests
}

impl World {
    /// The place of a node in the network.
    fn host(&self, node: &str) -> Result<Host, String> {
        let found = self.agent.nodes().find(|host| host.namespace == node);
        found.cloned().ok_or_else(|| format!("there is no node {node}"))
    }

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
        let done = wait(Duration::from_mins(1), &what, async || is_ready(&self.pod(namespace, name).await));
        if let Err(late) = done.await {
            let pod = self.pod(namespace, name).await;
            let mut reason = format!("{late}; its status is {:#}", pod["status"]);
            for container in pod["spec"]["containers"].as_array().into_iter().flatten() {
                let container = container["name"].as_str().unwrap_or_default();
                let log = self.agent.pod_log(namespace, name, container);
                let text = log.and_then(|log| std::fs::read_to_string(log).ok()).unwrap_or_default();
                let _ = write!(reason, "\n--- {container} said\n{text}");
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

/// Asks an HTTP server on a host of the rig.
async fn page(address: &str) -> Result<String, String> {
    promwire_rig::http::get(format!("http://{address}/metrics")).await
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn check(holds: bool, what: impl Into<String>) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.into()) }
}
