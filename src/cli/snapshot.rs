//! `promwire snapshot`: what manifests hang on in a cluster, as a file to commit.

use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::cluster::{AccessArgs, ScopeArgs, look};
use super::{Exit, Failure, terminal};
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::lock;

/// The name of the command.
pub(super) const NAME: &str = "snapshot";

#[derive(Args, Debug, Clone)]
struct SnapshotArgs {
    #[command(flatten)]
    scope: ScopeArgs,

    #[command(flatten)]
    access: AccessArgs,
}

/// The command.
pub(super) fn command() -> Command {
    SnapshotArgs::augment_args(Command::new(NAME))
        .about("Write what manifests hang on in a cluster as a file to commit, for check --assume")
        .long_about(
            "Write what manifests hang on in a cluster as a file to commit, for check --assume.\n\n\
             It has what is selected and what selects: Prometheuses and monitors, Namespaces, Services, workloads with their labels \
             and ports, NetworkPolicies, roles and bindings, the versions, and the flags of the operator. It is sorted, and what \
             changes by itself is left out, so that the same cluster gives the same file. Of Secrets and ConfigMaps it has \
             the names of their keys, never what is in them.",
        )
        .after_help(
            "Examples:\n  \
             promwire snapshot > cluster.lock.yaml\n  \
             promwire check --assume cluster.lock.yaml manifests/\n  \
             promwire snapshot --context prod > prod.lock.yaml",
        )
}

/// Runs `promwire snapshot …`.
pub(super) fn run(matches: &ArgMatches) -> Result<Exit, Failure> {
    let args = SnapshotArgs::from_arg_matches(matches)?;
    let (beneath, not_listed) = look(&args.access.access(), args.scope.namespace.as_deref())?;
    terminal::print(beneath.findings());
    let world = beneath.alone();
    let settings = beneath.settings.iter().map(|(option, value, _)| (option.as_str(), value.as_str()));
    let text = lock::write(world.inventory(), &beneath.listed, &not_listed, settings);
    terminal::write_stdout(&text).map_err(|error| {
        Diagnostic::new(Code::UNWRITABLE, format!("cannot write to standard output: {error}"))
    })?;
    Ok(Exit::Clean)
}
