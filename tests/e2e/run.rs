//! End-to-end tests: manifests and what promwire generates run in the rig; the real operator and the real Prometheus
//! judge. A case is a folder in `cases/`; `case.rs` says what it holds.
//!
//! The program leads itself into the namespaces of the rig, and is `promwire` where it is asked to be.

mod case;
mod judge;
mod record;
mod stage;
mod world;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use promwire_rig::components::Selection;
use promwire_rig::launch;
use promwire_rig::programs::Programs;

use crate::case::Case;
use crate::world::World;

/// Set when this program is to be `promwire`: so the code under test is the one it was built with.
const AS_PROMWIRE: &str = "PROMWIRE_E2E_AS_PROMWIRE";
/// Set to write what was seen into the cases.
const RECORD: &str = "PROMWIRE_RECORD";
/// Versions to run, as `COMPONENT=VERSION`, with commas between.
const VERSIONS: &str = "PROMWIRE_RIG_VERSIONS";

fn main() -> ExitCode {
    if std::env::var_os(AS_PROMWIRE).is_some() {
        return promwire::cli::run();
    }
    let mut arguments = Arguments::from_args();
    // Cases mostly wait: for pods, for Prometheus' discovery, for the next scrape.
    arguments.test_threads.get_or_insert(6);
    let cases = match case::all(&folder()) {
        Ok(cases) => cases,
        Err(message) => return fail(&message),
    };
    if arguments.list {
        return libtest_mimic::run(&arguments, trials(&cases, None)).exit_code();
    }
    let selection = match selection() {
        Ok(selection) => selection,
        Err(message) => return fail(&message),
    };
    let Some(run) = launch::inside() else {
        return launch::lead_inside("the end-to-end tests", &selection);
    };
    let Ok(programs) = Programs::find(&selection) else { return fail("the components are not built") };
    match World::start(programs, run) {
        Ok(world) => {
            let world = Arc::new(world);
            libtest_mimic::run(&arguments, trials(&cases, Some(&world))).exit_code()
        }
        Err(message) => fail(&message),
    }
}

fn trials(cases: &[Case], world: Option<&Arc<World>>) -> Vec<Trial> {
    cases
        .iter()
        .map(|case| {
            let (case, world) = (case.clone(), world.cloned());
            Trial::test(case.name.clone(), move || {
                let world = world.expect("tests run inside");
                world.run(&case, std::env::var_os(RECORD).is_some()).map_err(Failed::from)
            })
        })
        .collect()
}

fn selection() -> Result<Selection, String> {
    let mut selection = Selection::default();
    for wanted in std::env::var(VERSIONS).unwrap_or_default().split(',').filter(|wanted| !wanted.is_empty()) {
        let (name, version) = wanted
            .split_once('=')
            .ok_or_else(|| format!("{VERSIONS}: `{wanted}` is not COMPONENT=VERSION"))?;
        selection.choose(name, version)?;
    }
    Ok(selection)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../e2e/cases")
}

fn fail(message: &str) -> ExitCode {
    promwire_rig::say(message);
    ExitCode::FAILURE
}
