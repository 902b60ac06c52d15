//! `cargo xtask rig up`: a cluster for a person.
//!
//! The inner half runs the cluster and tells the outer half, in a file, what can be reached; the outer half opens a
//! port of the machine for each and tells the person.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

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

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Runtime::new().map_err(|error| format!("the asynchronous runtime: {error}"))
}

/// The inner half: starts everything, and ends with Ctrl-C.
pub(crate) fn inside(run: &RunFolder, selection: &Selection) -> Result<ExitCode, String> {
    let programs = Programs::find(selection).map_err(|_| "the components are not built".to_owned())?;
    runtime()?.block_on(async {
        let cluster = Cluster::start(programs, run.clone()).await?;
        let operator = cluster.operator(&OperatorOptions::default()).await?;
        forward::inside(run.path())?;
        let (authority, token) = cluster.admin();
        let ready = json!({"authority": authority, "token": token}).to_string();
        // Under another name first: whoever sees the file sees all of it.
        write_private(run.path(), "ready.tmp", &ready)?;
        std::fs::rename(run.path().join("ready.tmp"), run.path().join(READY))
            .map_err(|error| error.to_string())?;
        tokio::signal::ctrl_c().await.map_err(|error| error.to_string())?;
        say("going down");
        operator.stop().await;
        Ok(ExitCode::SUCCESS)
    })
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
