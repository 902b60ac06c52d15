//! The command line, one file per command.
//!
//! Exit codes: 0 clean, 1 there are findings of level error, 2 the job could not be done.

#[cfg(feature = "cluster")]
mod apply;
mod beneath;
mod certs;
mod check;
#[cfg(feature = "cluster")]
mod cluster;
#[cfg(feature = "cluster")]
mod delete;
#[cfg(feature = "cluster")]
mod deploy;
#[cfg(feature = "cluster")]
mod diff;
mod explain;
mod generate;
mod git;
mod init;
mod input;
mod output;
mod reality;
mod replace;
mod rule;
mod scrape_config;
mod side;
#[cfg(feature = "cluster")]
mod snapshot;
mod stack;
mod targets;
mod terminal;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory, FromArgMatches, Parser};

use crate::diagnostic::Diagnostic;

/// How a command ended.
pub(crate) enum Exit {
    /// Nothing to complain about.
    Clean,
    /// The job was done, and there are findings of level error.
    Findings,
    /// The job could not be done.
    Failed,
}

impl Exit {
    const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Failed => 2,
        }
    }
}

/// Why a command could not do its job.
pub(crate) enum Failure {
    /// The command line is wrong, in clap's words.
    Usage(Box<clap::Error>),
    /// What stands in the way.
    Findings(Vec<Diagnostic>),
}

impl From<clap::Error> for Failure {
    fn from(error: clap::Error) -> Self {
        Self::Usage(Box::new(error))
    }
}

impl From<Diagnostic> for Failure {
    fn from(finding: Diagnostic) -> Self {
        Self::Findings(vec![finding])
    }
}

impl From<Box<Diagnostic>> for Failure {
    fn from(finding: Box<Diagnostic>) -> Self {
        Self::Findings(vec![*finding])
    }
}

/// Compile Prometheus Operator wiring: check every link from a Prometheus to its targets, and generate manifests that hold.
#[derive(Parser)]
#[command(
    name = "promwire",
    version,
    after_help = "Exit codes: 0 clean, 1 findings of level error, 2 the job could not be done.\n\
                  Installed as `kubectl-promwire` it is a kubectl plugin: `kubectl promwire generate …`."
)]
struct Root {}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let exit = match dispatch(&arguments) {
        Ok(exit) => exit,
        Err(Failure::Usage(error)) => {
            // Help and version go to standard output and are no failure.
            let _ = error.print();
            if error.use_stderr() { Exit::Failed } else { Exit::Clean }
        }
        Err(Failure::Findings(findings)) => {
            terminal::print(&findings);
            Exit::Failed
        }
    };
    ExitCode::from(exit.code())
}

fn dispatch(arguments: &[OsString]) -> Result<Exit, Failure> {
    let command = command();
    let matches = command.try_get_matches_from(arguments).map_err(explain)?;
    Root::from_arg_matches(&matches)?;
    match matches.subcommand() {
        #[cfg(feature = "cluster")]
        Some((apply::NAME, matches)) => apply::run(matches),
        Some((certs::NAME, matches)) => certs::run(matches),
        Some((check::NAME, matches)) => check::run(matches),
        #[cfg(feature = "cluster")]
        Some((delete::NAME, matches)) => delete::run(matches),
        #[cfg(feature = "cluster")]
        Some((diff::NAME, matches)) => diff::run(matches),
        Some((explain::NAME, matches)) => explain::run(matches),
        Some((generate::NAME, matches)) => generate::run(arguments, matches),
        Some((init::NAME, matches)) => init::run(matches),
        Some((rule::NAME, matches)) => rule::run(matches),
        Some((scrape_config::NAME, matches)) => scrape_config::run(matches),
        #[cfg(feature = "cluster")]
        Some((snapshot::NAME, matches)) => snapshot::run(matches),
        Some((targets::NAME, matches)) => targets::run(matches),
        _ => Err(self::command().error(ErrorKind::MissingSubcommand, "say what to do").into()),
    }
}

/// The whole command line.
fn command() -> Command {
    let command = Root::command()
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(init::command())
        .subcommand(generate::command())
        .subcommand(check::command())
        .subcommand(explain::command())
        .subcommand(rule::command())
        .subcommand(scrape_config::command())
        .subcommand(targets::command())
        .subcommand(certs::command());
    #[cfg(feature = "cluster")]
    let command = command
        .subcommand(snapshot::command())
        .subcommand(diff::command())
        .subcommand(apply::command())
        .subcommand(delete::command());
    command
}

/// Says what there is instead when the name of a command or an integration is not known.
fn explain(mut error: clap::Error) -> clap::Error {
    if error.kind() == ErrorKind::InvalidSubcommand
        && let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidSubcommand)
        && let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage)
        && usage.to_string().contains(generate::NAME)
    {
        let names = generate::integration_names();
        let nearest = names.iter().find(|known| strsim::damerau_levenshtein(known, name) <= 3);
        let text = match nearest {
            Some(nearest) => format!("there is no integration `{name}`; did you mean `{nearest}`?"),
            None => format!("there is no integration `{name}`; there are {}", names.join(", ")),
        };
        error = generate::command().bin_name("promwire generate").error(ErrorKind::InvalidSubcommand, text);
    }
    error
}
