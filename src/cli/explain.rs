//! `promwire explain`: why something is or is not scraped.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::check::{AssumedArgs, load};
use super::input::{InputArgs, WorldArgs};
use super::{Exit, Failure, terminal};
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::{self, NamedWorld, Question};
use crate::report;

/// The name of the command.
pub(super) const NAME: &str = "explain";

#[derive(Args, Debug, Clone)]
struct ExplainArgs {
    /// What to explain: `servicemonitor/NAME`, `podmonitor/…`, `probe/…`, `scrapeconfig/…`, `prometheus/…`, `service/…`, `pod/…`,
    /// `deployment/…`, `secret/…`, `target/ADDRESS`
    #[arg(value_name = "KIND/NAME")]
    what: Question,

    /// Manifests to read, as with -f
    #[arg(value_name = "INPUT")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    world: WorldArgs,

    #[command(flatten)]
    assumed: AssumedArgs,
}

/// The command.
pub(super) fn command() -> Command {
    ExplainArgs::augment_args(Command::new(NAME))
        .about("Explain why something is or is not scraped: its chain as a tree, with what to do")
        .long_about(
            "Explain why something is or is not scraped: its chain as a tree, towards the Prometheus and towards the targets, \
             and below it what is wrong and what to do.\n\n\
             ✔ a link holds, ✘ it is broken, ? its other end is not in the input.",
        )
        .after_help(
            "Examples:\n  \
             promwire explain servicemonitor/etcd manifests/\n  \
             promwire explain service/web -n shop -f manifests/\n  \
             promwire explain prometheus/main .\n  \
             promwire explain target/10.0.0.1:2381 .",
        )
}

/// Runs `promwire explain …`.
pub(super) fn run(matches: &ArgMatches) -> Result<Exit, Failure> {
    let args = ExplainArgs::from_arg_matches(matches)?;
    let (worlds, stack) = load(&args.paths, &args.input, &args.world, usage)?;
    let assumed = args.assumed.assumed(matches, stack.as_ref(), usage)?;
    let mut asked = args.what;
    asked.namespace = args.input.namespace;
    // Of the worlds that have the object, the last: the state after all steps of a text.
    let mut absent = None;
    for NamedWorld { name, world, .. } in worlds.iter().collect::<Vec<_>>().into_iter().rev() {
        match engine::explain(world, &assumed, &asked) {
            Ok(explained) => {
                let name = if name.is_empty() { String::new() } else { format!("in {name}:\n") };
                let tree = name + &report::tree::render(&explained.tree);
                let gap = if explained.findings.is_empty() { "" } else { "\n" };
                terminal::write_stdout(&(tree + gap)).map_err(|error| {
                    Diagnostic::new(Code::UNWRITABLE, format!("cannot write to standard output: {error}"))
                })?;
                terminal::report(&explained.findings);
                return Ok(Exit::Clean);
            }
            Err(finding) => absent = absent.or(Some((world, finding))),
        }
    }
    let findings = absent.map(|(world, finding)| {
        let mut findings = world.findings().to_vec();
        findings.push(*finding);
        findings
    });
    Err(Failure::Findings(findings.unwrap_or_default()))
}

fn usage(message: &str) -> Failure {
    command().bin_name("promwire explain").error(ErrorKind::ValueValidation, message).into()
}
