//! `promwire diff`, `apply` and `delete` against the real API server.
//!
//! The program is also the promwire it runs: with [`scene::AS_PROMWIRE`] in its environment it is nothing else.

mod calm;
mod faults;
mod life;
mod others;
mod proxy;
mod rotation;
mod scene;
mod whole;

use std::process::ExitCode;
use std::time::Instant;

use promwire_rig::components::Selection;
use promwire_rig::programs::Programs;
use promwire_rig::run_folder::RunFolder;
use promwire_rig::{launch, say};

use scene::Scene;

fn main() -> ExitCode {
    if std::env::var_os(scene::AS_PROMWIRE).is_some() {
        return promwire::cli::run();
    }
    let selection = Selection::default();
    if let Some(run) = launch::inside() {
        return inside(&run, &selection);
    }
    let listed = std::env::args().any(|argument| argument == "--list");
    if listed || chosen().is_empty() {
        return ExitCode::SUCCESS;
    }
    launch::lead_inside("the tests of apply", &selection)
}

fn inside(run: &RunFolder, selection: &Selection) -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().expect("the machine has threads");
    let outcome = runtime.block_on(async {
        let programs = Programs::find(selection).map_err(|_| "the components are not built".to_owned())?;
        let scene = Scene::start(programs, run.clone()).await?;
        let mut failed = false;
        for (name, test) in chosen() {
            let started = Instant::now();
            match test(&scene).await {
                Ok(()) => say(&format!("ok      {name} ({:.1} s)", started.elapsed().as_secs_f32())),
                Err(reason) => {
                    failed = true;
                    say(&format!("FAILED  {name}\n{reason}"));
                }
            }
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

type Test = for<'a> fn(&'a Scene) -> futures::future::LocalBoxFuture<'a, Result<(), String>>;

fn tests() -> Vec<(&'static str, Test)> {
    vec![
        ("a stack is applied, changed and deleted, and the cluster is as before", |scene| {
            Box::pin(life::whole(scene))
        }),
        ("what is not wanted any more goes with --prune only", |scene| Box::pin(life::prune(scene))),
        ("settings of others are given back", |scene| Box::pin(others::settings(scene))),
        ("a conflict stops and names its owner", |scene| Box::pin(others::conflict(scene))),
        ("nobody's object is taken over or deleted", |scene| Box::pin(others::foreign(scene))),
        ("what is wrong is one message", |scene| Box::pin(others::wrong(scene))),
        ("Secrets are written with leave only, and shown never", |scene| Box::pin(others::secrets(scene))),
        ("an unchanged stack of 1,000 objects costs a list for each kind", |scene| {
            Box::pin(calm::unchanged(scene))
        }),
        ("an apply that is killed anywhere converges", |scene| Box::pin(faults::killed(scene))),
        ("an apply through a bad network converges", |scene| Box::pin(faults::proxied(scene))),
        // From here on there are nodes.
        ("etcd over TLS, whole: a rotated certificate reaches the scrape", |scene| {
            Box::pin(rotation::whole(scene))
        }),
        ("node-exporter, whole: from a Stack to targets that are up", |scene| {
            Box::pin(whole::node_exporter(scene))
        }),
        // Last: what kubectl made stays.
        ("1,000 objects are applied beside kubectl", |scene| Box::pin(calm::beside_kubectl(scene))),
    ]
}

/// As with other tests: the arguments are parts of the names that are to run.
fn chosen() -> Vec<(&'static str, Test)> {
    let parts: Vec<String> = std::env::args().skip(1).filter(|part| !part.starts_with('-')).collect();
    let mut tests = tests();
    tests.retain(|(name, _)| parts.is_empty() || parts.iter().any(|part| name.contains(part.as_str())));
    tests
}
