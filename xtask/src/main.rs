//! Developer commands: `cargo xtask help` lists them, one file each.

mod bench;
mod cargo;
mod check_deps;
mod codegen;
mod peers;
mod rig;
mod test;

use std::process::ExitCode;

use clap::Parser;

/// What a command returns: a message for people when it failed.
pub(crate) type Outcome = Result<(), String>;

/// Developer commands of promwire.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    /// Run every test: units, fixtures, snapshots, properties, replayed fuzz corpora, the Go oracle.
    Test(test::Args),
    /// Run all benchmarks and write one table.
    Bench(bench::Args),
    /// Generate the bindings and compact schemas from the CRDs.
    Codegen(codegen::Args),
    /// Start the rig, run its end-to-end tests, record what they see.
    Rig(rig::Args),
    /// Check that every room uses only the rooms ARCHITECTURE.md lists for it.
    CheckDeps(check_deps::Args),
}

fn main() -> ExitCode {
    let outcome = match Command::parse() {
        Command::Test(args) => test::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Codegen(args) => codegen::run(&args),
        Command::Rig(args) => rig::run(&args),
        Command::CheckDeps(args) => check_deps::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            #[expect(clippy::print_stderr, reason = "this is the command's output")]
            {
                eprintln!("xtask: {message}");
            }
            ExitCode::FAILURE
        }
    }
}
