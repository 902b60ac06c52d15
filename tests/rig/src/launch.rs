//! From the machine into namespaces of its own: the outer half of a run.
//!
//! The outer process stays on the machine and the same program runs again inside. Everything inside dies with the
//! process that carries the namespaces, and that one with the outer process: nothing survives a kill.

use std::ffi::OsString;
use std::process::{Child, Command, ExitCode};

use crate::components::Selection;
use crate::prerequisites::{self, unshare_options};
use crate::programs::Programs;
use crate::run_folder::{RunFolder, clean_leftovers};

/// Names the folder of the run to the inner half; set only there.
const INSIDE: &str = "PROMWIRE_RIG_RUN";

/// Set to look at the logs of a run after its end.
const KEEP: &str = "PROMWIRE_RIG_KEEP";

/// The folder of the run, in the inner half.
pub fn inside() -> Option<RunFolder> {
    std::env::var_os(INSIDE).map(RunFolder::of)
}

/// The outer half of a run that has started.
pub struct Launched {
    child: Child,
    run: RunFolder,
}

/// Runs this program again with the same arguments, in namespaces of its own.
///
/// # Errors
///
/// The machine refused; [`crate::prerequisites::missing`] says beforehand what it lacks.
pub fn launch() -> Result<Launched, String> {
    launch_with(&[])
}

/// The same, with more in the environment of the inner half.
///
/// # Errors
///
/// The machine refused.
pub fn launch_with(environment: &[(&str, String)]) -> Result<Launched, String> {
    clean_leftovers(&mut |text| crate::say(text));
    let run = RunFolder::create()?;
    let program = std::env::current_exe().map_err(|error| format!("this program's own path: {error}"))?;
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    // The parent's end ends `unshare`, whose end ends the first process of the namespace, whose end ends all others.
    let child = Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "unshare"])
        .args(unshare_options())
        .arg("--")
        .arg(program)
        .args(arguments)
        .env(INSIDE, run.path())
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .spawn()
        .map_err(|error| format!("setpriv: {error}"))?;
    run.note_inside(child.id())?;
    Ok(Launched { child, run })
}

/// What a test program does outside: it runs again inside, or says what that would need.
pub fn lead_inside(tests: &str, selection: &Selection) -> ExitCode {
    if let Some(code) = unprepared(tests, selection) {
        return code;
    }
    match launch() {
        Ok(launched) => launched.wait(),
        Err(message) => {
            crate::say(&message);
            ExitCode::FAILURE
        }
    }
}

/// How a test program ends where this machine cannot run it: the tests are skipped, loudly; where `CI` is set they fail.
pub fn unprepared(tests: &str, selection: &Selection) -> Option<ExitCode> {
    let mut missing = prerequisites::missing(selection);
    if let Err(components) = Programs::find(selection) {
        let names: Vec<&str> = components.iter().map(|component| component.name).collect();
        missing.push(format!(
            "the components {} (cargo xtask rig build; the first time a quarter of an hour)",
            names.join(", ")
        ));
    }
    if missing.is_empty() {
        return None;
    }
    let required = std::env::var_os("CI").is_some();
    let verdict = if required { "FAILED" } else { "SKIPPED" };
    crate::say(&format!("{verdict}: {tests} need what this machine lacks\n  {}", missing.join("\n  ")));
    Some(if required { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

impl Launched {
    /// The folder of the run.
    pub fn run(&self) -> &RunFolder {
        &self.run
    }

    /// Whether the inner half still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for the inner half, and removes what it left.
    pub fn wait(mut self) -> ExitCode {
        let status = self.child.wait();
        if std::env::var_os(KEEP).is_some() {
            crate::say(&format!("{} stays until the next run", self.run.path().display()));
        } else {
            self.run.remove();
        }
        match status.ok().and_then(|status| status.code()) {
            Some(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
            // It was killed.
            None => ExitCode::FAILURE,
        }
    }
}
