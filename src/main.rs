//! The `promwire` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    promwire::cli::run()
}
