//! `cargo xtask rig up`: a cluster for a person.
//!
//! The inner half runs the cluster and tells the outer half, in files, what can be reached; the outer half opens a
//! port of the machine for each and tells the person.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use kube::{Api, Client, ResourceExt as _};
use promwire_rig::agent::{Agent, Setup};
use promwire_rig::certificates::write_private;
use promwire_rig::cluster::{Cluster, OperatorOptions, kubeconfig};
use promwire_rig::components::Selection;
use promwire_rig::launch::Launched;
use promwire_rig::network::RIG;
use promwire_rig::programs::Programs;
use promwire_rig::run_folder::RunFolder;
use promwire_rig::say;
use serde_json::{Value, json};

use crate::forward;

/// Written by the inner half when everything is up.
const READY: &str = "ready.json";
/// Written by whoever wants it to end.
const DOWN: &str = "down";
/// Written by the inner half: where each Prometheus listens.
const PROMETHEUSES: &str = "prometheuses.json";

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Runtime::new().map_err(|error| format!("the asynchronous runtime: {error}"))
}

/// The inner half: starts everything, and ends with Ctrl-C.
pub(crate) fn inside(run: &RunFolder, selection: &Selection) -> Result<ExitCode, String> {
    let programs = Programs::find(selection).map_err(|_| "the components are not built".to_owned())?;
    runtime()?.block_on(async {
        let cluster = Cluster::start(programs, run.clone()).await?;
        cluster.install_calico_crds().await?;
        let agent = Agent::start(Setup::usual(&cluster)).await?;
        let operator = cluster.operator(&OperatorOptions::default()).await?;
        forward::inside(run.path())?;
        let (authority, token) = cluster.admin();
        let ready = json!({"authority": authority, "token": token}).to_string();
        write_whole(run, READY, &ready)?;
        let followed = tokio::spawn(follow_prometheuses(cluster.client(), run.clone()));
        tokio::select! {
            signal = tokio::signal::ctrl_c() => signal.map_err(|error| error.to_string())?,
            () = asked_to_end(run) => {}
        }
        say("going down");
        followed.abort();
        operator.stop().await;
        drop(agent);
        Ok(ExitCode::SUCCESS)
    })
}

/// Waits until somebody says `rig down`.
async fn asked_to_end(run: &RunFolder) {
    while !run.path().join(DOWN).exists() {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// `cargo xtask rig down`: ends every rig that stays for a person, and waits until it has ended.
pub(crate) fn down() -> Result<ExitCode, String> {
    let mut ended = 0;
    for run in RunFolder::running() {
        // What runs tests has no such file, and ends by itself.
        if !run.path().join(READY).exists() {
            continue;
        }
        write_private(run.path(), DOWN, "")?;
        let started = Instant::now();
        while run.path().exists() {
            if started.elapsed() > Duration::from_secs(30) {
                return Err(format!("{} does not end", run.path().display()));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        ended += 1;
    }
    say(&format!("ended {ended} {}", if ended == 1 { "rig" } else { "rigs" }));
    Ok(ExitCode::SUCCESS)
}

/// Writes where each Prometheus listens, whenever that changes.
async fn follow_prometheuses(client: Client, run: RunFolder) {
    let pods: Api<Pod> = Api::all(client);
    let params = ListParams::default().labels("operator.prometheus.io/name");
    let mut written = String::new();
    loop {
        if let Ok(pods) = pods.list(&params).await {
            let found: BTreeMap<String, String> = pods
                .iter()
                .filter_map(|pod| {
                    let address = pod.status.as_ref()?.pod_ip.as_deref()?;
                    Some((format!("{}/{}", pod.namespace()?, pod.name_any()), format!("{address}:9090")))
                })
                .collect();
            let text = json!(found).to_string();
            if text != written && write_whole(&run, PROMETHEUSES, &text).is_ok() {
                written = text;
            }
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Writes a file under another name first: whoever sees it sees all of it.
fn write_whole(run: &RunFolder, name: &str, text: &str) -> Result<(), String> {
    let written = write_private(run.path(), &format!("{name}.tmp"), text)?;
    std::fs::rename(written, run.path().join(name)).map_err(|error| format!("{name}: {error}"))
}

/// The outer half: opens the ports, tells the person, and waits.
pub(crate) fn outside(mut launched: Launched) -> Result<ExitCode, String> {
    let run = launched.run().clone();
    let runtime = runtime()?;
    // Ctrl-C reaches the inner half, too; this half stays until that one has ended.
    runtime.spawn(async {
        loop {
            if tokio::signal::ctrl_c().await.is_err() {
                return;
            }
        }
    });
    if let Some(ready) = wait_for_ready(&mut launched) {
        runtime.block_on(tell(&run, &ready))?;
        runtime.spawn(tell_prometheuses(run));
    }
    Ok(launched.wait())
}

async fn tell(run: &RunFolder, ready: &Value) -> Result<(), String> {
    let port = forward::outside(run.path(), SocketAddr::from((RIG, 443))).await?;
    let text = |name: &str| ready[name].as_str().unwrap_or_default();
    let server = format!("https://{}:{port}", Ipv4Addr::LOCALHOST);
    let path =
        write_private(run.path(), "kubeconfig", &kubeconfig(&server, text("authority"), text("token")))?;
    say(&format!("the API server answers at {server}; Ctrl-C ends it"));
    #[expect(clippy::print_stdout, reason = "this is the command's result")]
    {
        println!("export KUBECONFIG={}", path.display());
    }
    Ok(())
}

/// Opens a port for every Prometheus that appears.
async fn tell_prometheuses(run: RunFolder) {
    let mut told = BTreeSet::new();
    loop {
        let text = std::fs::read_to_string(run.path().join(PROMETHEUSES)).unwrap_or_default();
        let found: BTreeMap<String, SocketAddr> = serde_json::from_str(&text).unwrap_or_default();
        for (name, address) in found {
            if told.insert((name.clone(), address))
                && let Ok(port) = forward::outside(run.path(), address).await
            {
                say(&format!("Prometheus {name} answers at http://{}:{port}", Ipv4Addr::LOCALHOST));
            }
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// What the inner half wrote when everything was up; nothing if it ended before.
fn wait_for_ready(launched: &mut Launched) -> Option<Value> {
    let path = launched.run().path().join(READY);
    while launched.is_running() {
        if let Ok(text) = std::fs::read_to_string(&path) {
            return serde_json::from_str(&text).ok();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    None
}
