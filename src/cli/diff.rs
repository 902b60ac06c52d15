//! `promwire diff`: what apply would change, line by line.

use clap::error::ErrorKind;
use clap::{ArgMatches, Command, FromArgMatches};

use super::deploy::{DeployArgs, difference, told};
use super::{Exit, Failure, terminal};
use crate::cluster::Connection;
use crate::cluster::apply::{Ask, Deployer};
use crate::diagnostic::{Code, Diagnostic};

/// The name of the command.
pub(super) const NAME: &str = "diff";

/// The command.
pub(super) fn command() -> Command {
    DeployArgs::augment(Command::new(NAME))
        .about("Show what promwire apply would change in a cluster; exit code 1 where something would")
        .long_about(
            "Show what promwire apply would change in a cluster; exit code 1 where something would.\n\n\
             The server says what would become of each object, with its defaults, and nothing is changed. What Secrets hold is never \
             shown, only that it differs.",
        )
        .after_help(
            "Examples:\n  \
             promwire diff\n  \
             promwire diff -f manifests/ -n monitoring\n  \
             promwire diff --prune --with-secrets --context prod",
        )
}

/// Runs `promwire diff …`.
pub(super) fn run(matches: &ArgMatches) -> Result<Exit, Failure> {
    let args = DeployArgs::from_arg_matches(matches)?;
    let connection = Connection::open(&args.access.access())?;
    let desired = args.desired(matches, &connection, usage)?;
    terminal::print(&desired.findings);
    let deployer = Deployer::new(&connection)?;
    let plan = deployer.plan(&desired.wanted, &desired.set, Ask::Everything)?;
    terminal::write_stdout(&difference(&plan)).map_err(|error| {
        Diagnostic::new(Code::UNWRITABLE, format!("cannot write to standard output: {error}"))
    })?;
    let stops = told::stops(&plan);
    if !stops.is_empty() {
        return Err(Failure::Findings(stops));
    }
    Ok(if plan.is_done() { Exit::Clean } else { Exit::Findings })
}

fn usage(message: &str) -> Failure {
    command().bin_name("promwire diff").error(ErrorKind::ValueValidation, message).into()
}
