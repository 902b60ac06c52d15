//! `cargo xtask test`: every test there is, with one command.

use std::env;
use std::process::Command;
use std::time::Instant;

use crate::Outcome;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run fewer generated cases, for a quick answer while editing
    #[arg(long)]
    quick: bool,
}

/// How many documents the Go oracle judges, and how many mutations the fuzz targets get.
const FULL: &str = "100000";
const QUICK: &str = "5000";

pub(crate) fn run(args: &Args) -> Outcome {
    let cases = if args.quick { QUICK } else { FULL };
    let environment = [("PROMWIRE_ORACLE_DOCS", cases), ("PROMWIRE_FUZZ_MUTATIONS", cases)];
    let started = Instant::now();
    // What tests print is what they measured: coverage, how much was compared, what was skipped.
    cargo(&["test", "--workspace", "--lib", "--bins", "--tests", "--", "--show-output"], &environment)?;
    cargo(&["test", "--workspace", "--doc"], &environment)?;
    // Not part of the workspace: only that it still builds is tested here, its targets are replayed above.
    cargo(&["check", "--manifest-path", "fuzz/Cargo.toml", "--target-dir", "target/fuzz"], &[])?;
    #[expect(clippy::print_stdout, reason = "this is the command's output")]
    {
        println!("all tests passed in {} s", started.elapsed().as_secs());
    }
    Ok(())
}

/// Runs cargo, the one that runs us.
fn cargo(arguments: &[&str], environment: &[(&str, &str)]) -> Outcome {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments);
    for (name, value) in environment {
        // What the caller set counts more: that is how a seed or a count is tried.
        if env::var_os(name).is_none() {
            command.env(name, value);
        }
    }
    let status = command.status().map_err(|error| format!("cargo {}: {error}", arguments.join(" ")))?;
    if status.success() { Ok(()) } else { Err(format!("`cargo {}` failed", arguments.join(" "))) }
}
