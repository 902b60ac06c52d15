use std::process::Command;

use crate::Outcome;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Small inputs and few turns: shows that the benchmarks work, not what they say.
    #[arg(long)]
    quick: bool,
    /// Only these, by the names of the modules in benches/.
    names: Vec<String>,
}

/// Prints one table, which is also in `target/bench.md`.
pub(crate) fn run(args: &Args) -> Outcome {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["bench", "--package", "promwire", "--bench", "promwire", "--"])
        .args(args.quick.then_some("--quick"))
        .args(&args.names)
        .status()
        .map_err(|error| format!("cargo cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err("the benchmarks failed".into()) }
}
