//! `promwire apply`: what a Stack or manifests ask for, brought into a cluster.

use std::io::{self, Write as _};

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches, ValueEnum};

use super::deploy::{DeployArgs, told};
use super::{Exit, Failure, terminal};
use crate::cluster::Connection;
use crate::cluster::apply::{Ask, Deployer};

/// The name of the command.
pub(super) const NAME: &str = "apply";

#[derive(Args, Debug, Clone)]
struct ApplyArgs {
    /// Do not ask
    #[arg(short = 'y', long, help_heading = "Apply")]
    yes: bool,

    /// Only say what would be done: by what is there (client), or by what the server would do (server)
    #[arg(long, value_name = "WHERE", value_enum, help_heading = "Apply")]
    dry_run: Option<DryRun>,

    /// Apply although promwire check finds errors
    #[arg(long, help_heading = "Apply")]
    force_broken: bool,
}

/// Where a dry run stops.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum DryRun {
    Client,
    Server,
}

/// The command.
pub(super) fn command() -> Command {
    let command = ApplyArgs::augment_args(DeployArgs::augment(Command::new(NAME)));
    command
        .about("Apply a Stack or manifests to a cluster, after they were checked and somebody confirmed")
        .long_about(
            "Apply a Stack or manifests to a cluster, after they were checked and somebody confirmed.\n\n\
             Without -f it applies what the promwire.yaml of the current folder comes to. Objects are applied on the server side by \
             the manager `promwire`, those that others need first. Nothing is forced: where somebody else has set a field to \
             another value, it stops and says who and what to do. What was made is kept in an inventory, so that \
             `promwire delete` and --prune take away that and nothing else.",
        )
        .after_help(
            "Examples:\n  \
             promwire apply --dry-run=server\n  \
             promwire apply -f manifests/ -n monitoring\n  \
             promwire apply --yes --prune --with-secrets\n  \
             promwire apply --context prod --set node-exporter.port=9110",
        )
}

/// Runs `promwire apply …`.
pub(super) fn run(matches: &ArgMatches) -> Result<Exit, Failure> {
    let args = ApplyArgs::from_arg_matches(matches)?;
    let deploy = DeployArgs::from_arg_matches(matches)?;
    let connection = Connection::open(&deploy.access.access())?;
    let desired = deploy.desired(matches, &connection, usage)?;
    if desired.is_refused(args.force_broken) {
        return Ok(Exit::Findings);
    }
    let deployer = Deployer::new(&connection)?;
    let ask = match args.dry_run {
        Some(DryRun::Client) => Ask::WhatIsThere,
        Some(DryRun::Server) => Ask::Everything,
        None => Ask::Changes,
    };
    let plan = deployer.plan(&desired.wanted, &desired.set, ask)?;
    let stops = told::stops(&plan);
    let shown = told::plan(&plan);
    if args.dry_run.is_some() {
        let _ = io::stdout().lock().write_all(shown.as_bytes());
        terminal::print(&stops);
        return Ok(if stops.is_empty() { Exit::Clean } else { Exit::Failed });
    }
    if !stops.is_empty() {
        return Err(Failure::Findings(stops));
    }
    if plan.is_done() {
        terminal::say(&told::summary(&plan));
        return Ok(Exit::Clean);
    }
    terminal::say(&format!(
        "{}, inventory {}/{}",
        told::cluster(&connection),
        plan.set.namespace,
        plan.set.name
    ));
    terminal::say(shown.trim_end());
    if !told::confirm("Apply?", args.yes)? {
        terminal::say("nothing was applied");
        return Ok(Exit::Failed);
    }
    let report = deployer.run(&plan, &told::done);
    let findings = told::report(&report);
    if findings.is_empty() { Ok(Exit::Clean) } else { Err(Failure::Findings(findings)) }
}

fn usage(message: &str) -> Failure {
    command().bin_name("promwire apply").error(ErrorKind::ValueValidation, message).into()
}
