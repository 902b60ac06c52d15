//! `promwire certs`: certificates and keys, those of files, of Secrets and of whoever answers.

mod inspect;
mod shown;
mod source;

use clap::{ArgMatches, Command};

use super::{Exit, Failure};

/// The name of the command.
pub(super) const NAME: &str = "certs";

/// The command.
pub(super) fn command() -> Command {
    Command::new(NAME)
        .about("Look at certificates and keys, and keep those that Prometheus uses up to date")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(inspect::command())
}

/// Runs `promwire certs …`.
pub(super) fn run(matches: &ArgMatches) -> Result<Exit, Failure> {
    match matches.subcommand() {
        Some((inspect::NAME, matches)) => inspect::run(matches),
        _ => unreachable!("clap asks for a subcommand"),
    }
}
