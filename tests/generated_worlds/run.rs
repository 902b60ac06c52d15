//! Generated worlds in the rig: many of them side by side on one real API server, the real operator in several realities,
//! and every configuration it writes compared with the one promwire predicts, from the objects as they were written and as
//! they are read back. `promwire_rig::worlds` makes the worlds.
//!
//! `PROMWIRE_RIG_WORLDS` says how many (half with fixed seeds, half with seeds of the commit), `PROMWIRE_RIG_SEED` repeats
//! one, `PROMWIRE_RIG_TARGETS` has real Prometheuses run on the configurations and compares their targets. A world that is judged otherwise than predicted is written to `target/worlds/`, in the shape of the recorded
//! worlds; in `tests/generated_worlds/cases/` it is replayed without a rig.

mod apply;
mod batch;
mod collect;
mod judge;
mod predict;
mod record;
mod report;
mod run_on;
mod seeds;
mod variant;

#[path = "../recorded/mod.rs"]
#[allow(dead_code, clippy::print_stdout, reason = "other tests look for recordings")]
mod recorded;
#[path = "../recorded/targets.rs"]
mod running;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use libtest_mimic::{Arguments, Failed, Trial};
use promwire_rig::components::Selection;
use promwire_rig::launch;
use promwire_rig::programs::Programs;

use crate::report::Report;

/// Set when this program is to be `promwire`.
const AS_PROMWIRE: &str = "PROMWIRE_WORLDS_AS_PROMWIRE";
/// The seeds of a batch and the file its report goes to, for the inner half.
const BATCH: &str = "PROMWIRE_WORLDS_BATCH";
const REPORT: &str = "PROMWIRE_WORLDS_REPORT";
/// Set to run Prometheuses, too, and to compare their targets.
const TARGETS: &str = "PROMWIRE_RIG_TARGETS";
/// Versions to run, as `COMPONENT=VERSION`, with commas between.
const VERSIONS: &str = "PROMWIRE_RIG_VERSIONS";
/// Worlds on one server.
const BATCH_SIZE: usize = 60;

fn main() -> ExitCode {
    if std::env::var_os(AS_PROMWIRE).is_some() {
        return promwire::cli::run();
    }
    let selection = match selection() {
        Ok(selection) => selection,
        Err(message) => return fail(&message),
    };
    if let Some(run) = launch::inside() {
        let Ok(programs) = Programs::find(&selection) else { return fail("the components are not built") };
        let seeds = seeds::parse(&std::env::var(BATCH).unwrap_or_default());
        let report = batch::run(programs, run, &seeds);
        let path = PathBuf::from(std::env::var_os(REPORT).unwrap_or_default());
        return match report.and_then(|report| report.write(&path)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(message) => fail(&message),
        };
    }
    let arguments = Arguments::from_args();
    if let Some(code) = launch::unprepared("the generated worlds", &selection).filter(|_| !arguments.list) {
        return code;
    }
    let trial = Trial::test("generated_worlds", || outside().map_err(Failed::from));
    libtest_mimic::run(&arguments, vec![trial]).exit_code()
}

/// Runs batch after batch, each on a server of its own, and judges them together.
fn outside() -> Result<(), String> {
    let started = Instant::now();
    let seeds = seeds::wanted()?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut report = Report::default();
    for (number, batch) in seeds.chunks(BATCH_SIZE).enumerate() {
        let path = folder.path().join(format!("{number}.json"));
        let environment = [(BATCH, seeds::text(batch)), (REPORT, path.to_string_lossy().into_owned())];
        let code = launch::launch_with(&environment)?.wait();
        report.add(Report::read(&path).map_err(|error| format!("a batch ended with {code:?}: {error}"))?);
        promwire_rig::say(&format!(
            "worlds: {} of {} in {} s, {} differences",
            report.worlds(),
            seeds.len(),
            started.elapsed().as_secs(),
            report.differences().len()
        ));
    }
    report.judge(seeds::is_round(&seeds))
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

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn fail(message: &str) -> ExitCode {
    promwire_rig::say(message);
    ExitCode::FAILURE
}
