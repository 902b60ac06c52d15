//! `promwire explain`: why something is or is not scraped.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::check::{AssumedArgs, NoInput, load};
use super::input::InputArgs;
use super::{Exit, Failure, terminal};
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::{self, Question};
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
    let assumed = args.assumed.assumed().map_err(|message| usage(&message))?;
    let world = load(&args.paths, &args.input).map_err(|failure| match failure {
        NoInput::Usage(message) => usage(message),
        NoInput::Failure(failure) => failure,
    })?;
    let mut asked = args.what;
    asked.namespace = args.input.namespace;
    match engine::explain(&world, &assumed, &asked) {
        Ok(explained) => {
            let tree = report::tree::render(&explained.tree);
            terminal::write_stdout(&tree).map_err(|error| {
                Diagnostic::new(Code::UNWRITABLE, format!("cannot write to standard output: {error}"))
            })?;
            if !explained.findings.is_empty() {
                let _ = terminal::write_stdout("\n");
                terminal::report(&explained.findings);
            }
            Ok(Exit::Clean)
        }
        Err(finding) => {
            let mut findings = world.findings().to_vec();
            findings.push(*finding);
            Err(Failure::Findings(findings))
        }
    }
}

fn usage(message: &str) -> Failure {
    command().bin_name("promwire explain").error(ErrorKind::ValueValidation, message).into()
}
