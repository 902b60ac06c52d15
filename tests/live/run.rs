//! What promwire does with a live cluster, in the rig: one cluster for many checks, which run one after the other.
//!
//! The program leads itself into the namespaces of the rig, and is `promwire` where it is asked to be.

mod objects;
mod promwire;
mod proxy;
mod read;
mod rights;
mod scale;
mod snapshot;
mod verify;

use std::process::ExitCode;
use std::time::Instant;

use promwire_rig::agent::{Agent, Setup};
use promwire_rig::cluster::{Cluster, OperatorOptions};
use promwire_rig::components::Selection;
use promwire_rig::programs::Programs;
use promwire_rig::run_folder::RunFolder;
use promwire_rig::{launch, say};

use crate::promwire::Promwire;

fn main() -> ExitCode {
    if std::env::var_os(promwire::AS_PROMWIRE).is_some() {
        return ::promwire::cli::run();
    }
    let selection = Selection::default();
    if let Some(run) = launch::inside() {
        return inside(&run, &selection);
    }
    let listed = std::env::args().any(|argument| argument == "--list");
    if listed || chosen().is_empty() {
        return ExitCode::SUCCESS;
    }
    launch::lead_inside("the tests with a live cluster", &selection)
}

fn inside(run: &RunFolder, selection: &Selection) -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().expect("the machine has threads");
    let outcome = runtime.block_on(async {
        let programs = Programs::find(selection).map_err(|_| "the components are not built".to_owned())?;
        let cluster = Cluster::start(programs, run.clone()).await?;
        cluster.install_calico_crds().await?;
        let agent = Agent::start(Setup::usual(&cluster)).await?;
        let operator = cluster.operator(&OperatorOptions::default()).await?;
        let promwire = Promwire::of_admin(&cluster)?;
        let world = World { promwire, _agent: agent, cluster };
        objects::shop(&world).await?;
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

/// The cluster that all checks share. The parts end in this order.
struct World {
    promwire: Promwire,
    _agent: Agent,
    cluster: Cluster,
}

type Test = for<'a> fn(&'a World) -> futures::future::LocalBoxFuture<'a, Result<(), String>>;

fn tests() -> Vec<(&'static str, Test)> {
    vec![
        ("a cluster is checked and explained", |world| Box::pin(read::checked(world))),
        ("what is scraped is predicted", |world| Box::pin(read::predicted(world))),
        ("manifests are laid over a cluster", |world| Box::pin(read::laid_over(world))),
        ("the operator that runs there is assumed", |world| Box::pin(read::operator(world))),
        ("a namespace alone can be asked for", |world| Box::pin(read::namespace(world))),
        ("failures are told", |world| Box::pin(read::failures(world))),
        ("a snapshot is stable and settles what is unknown", |world| Box::pin(snapshot::settles(world))),
        ("no secret leaves", |world| Box::pin(snapshot::no_secret_leaves(world))),
        ("the deployed rights are enough", |world| Box::pin(rights::enough(world))),
        ("without a right what is unknown is named", |world| Box::pin(rights::each(world))),
        ("what was applied is waited for", |world| Box::pin(verify::up(world))),
        ("what is not up is explained", |world| Box::pin(verify::down(world))),
        ("a Prometheus is asked", |world| Box::pin(verify::query(world))),
        ("a list that is forgotten is begun anew", |world| Box::pin(scale::forgotten(world))),
        ("ten thousand objects are read once, in little memory", |world| Box::pin(scale::once(world))),
    ]
}

/// As with other tests: the arguments are parts of the names that are to run.
fn chosen() -> Vec<(&'static str, Test)> {
    let parts: Vec<String> = std::env::args().skip(1).filter(|part| !part.starts_with('-')).collect();
    let mut tests = tests();
    tests.retain(|(name, _)| parts.is_empty() || parts.iter().any(|part| name.contains(part.as_str())));
    tests
}

fn check(holds: bool, what: impl Into<String>) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.into()) }
}
