//! `promwire discover`: a `promwire.yaml` from what runs.

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::cluster::{AccessArgs, ScopeArgs, read};
use super::{Exit, Failure, init, reality, terminal};
use crate::cluster::Connection;
use crate::diagnostic::{Code, Diagnostic};
use crate::engine;

/// The name of the command.
pub(super) const NAME: &str = "discover";

#[derive(Args, Debug, Clone)]
struct DiscoverArgs {
    /// Print it instead of writing promwire.yaml
    #[arg(long)]
    print: bool,

    /// Replace a promwire.yaml that says something else
    #[arg(long, conflicts_with = "print")]
    overwrite: bool,

    #[command(flatten)]
    scope: ScopeArgs,

    #[command(flatten)]
    access: AccessArgs,
}

/// The command.
pub(super) fn command() -> Command {
    DiscoverArgs::augment_args(Command::new(NAME))
        .about("Write a promwire.yaml from what runs in a cluster")
        .long_about(
            "Write a promwire.yaml from what runs in a cluster.\n\n\
             It asks for the monitoring of what is there and not scraped yet: node-exporter, etcd, Calico. What was found stands in \
             comments: each Prometheus with its selectors and its owner, what set the cluster up, the addresses etcd listens on, \
             how Calico is installed and set, and what is scraped already. Nothing in the cluster is changed.",
        )
        .after_help(
            "Examples:\n  \
             promwire discover\n  \
             promwire discover --print --context prod\n  \
             promwire discover && promwire generate --cluster --output-dir monitoring/",
        )
}

/// Runs `promwire discover …`.
pub(super) fn run(matches: &ArgMatches) -> Result<Exit, Failure> {
    let args = DiscoverArgs::from_arg_matches(matches)?;
    let connection = Connection::open(&args.access.access())?;
    let (beneath, _) = read(&connection, args.scope.namespace.as_deref())?;
    let mut assumed = reality::assumed(matches, beneath.settle(None, matches).as_ref(), None, usage)?;
    beneath.adjust(&mut assumed);
    let settings: Vec<(String, String)> =
        beneath.settings.iter().map(|(option, value, _)| (option.clone(), value.clone())).collect();
    let found = engine::discover(&beneath.alone(), &assumed, &settings, connection.server());
    terminal::print(beneath.findings());
    terminal::print(&found.findings);
    if args.print {
        terminal::write_stdout(&found.text).map_err(|error| {
            Diagnostic::new(Code::UNWRITABLE, format!("cannot write to standard output: {error}"))
        })?;
        return Ok(Exit::Clean);
    }
    init::write(&found.text, args.overwrite, "look at it, then run promwire generate --cluster")
}

fn usage(message: &str) -> Failure {
    command().bin_name("promwire discover").error(ErrorKind::ValueValidation, message).into()
}
