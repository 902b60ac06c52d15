//! `cargo xtask test`: every test there is, with one command.

use std::time::Instant;

use crate::Outcome;
use crate::cargo::cargo;
use crate::rig;

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
    if !args.quick
        && let Err(message) = rig::build()
    {
        // Where CI needs the end-to-end tests they fail, elsewhere they say loudly that they were skipped.
        #[expect(clippy::print_stderr, reason = "this is the command's output")]
        {
            eprintln!("xtask: the components of the rig cannot be built: {message}");
        }
    }
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
