//! `promwire explain`: why something is or is not scraped.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::beneath::BeneathArgs;
use super::check::{AssumedArgs, load};
use super::input::{InputArgs, WorldArgs};
use super::{Exit, Failure, terminal};
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::{self, Explained, NamedWorld, Question};
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
    beneath: BeneathArgs,

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
             promwire explain target/10.0.0.1:2381 .\n  \
             promwire explain servicemonitor/api -n shop --cluster",
        )
}

/// Runs `promwire explain …`.
pub(super) fn run(matches: &ArgMatches) -> Result<Exit, Failure> {
    let args = ExplainArgs::from_arg_matches(matches)?;
    let (worlds, stack) = load(&args.paths, &args.input, &args.world, &args.beneath, usage)?;
    let beneath = args.beneath.look(args.input.namespace.as_deref())?;
    let (worlds, stack) = (beneath.under(worlds), beneath.settle(stack, matches));
    terminal::print(beneath.findings());
    let (mut assumed, policy) = args.assumed.assumed(matches, stack.as_ref(), usage)?;
    assumed.listed = beneath.listed();
    let mut asked = args.what;
    asked.namespace = args.input.namespace;
    // The last world first: the state after all steps of a text. Then those in which something else is wrong.
    let (mut absent, mut shown) = (None, BTreeSet::new());
    let mut is_first = true;
    for NamedWorld { name, world, .. } in worlds.iter().collect::<Vec<_>>().into_iter().rev() {
        match engine::explain(world, &assumed, &asked) {
            Ok(mut explained) => {
                explained.findings.retain_mut(|finding| policy.tells(finding));
                let news: Vec<bool> =
                    explained.findings.iter().map(|finding| shown.insert(finding.code)).collect();
                let is_news = news.contains(&true);
                if is_first || is_news {
                    show(name, &explained, is_first)?;
                }
                is_first = false;
            }
            Err(finding) => absent = absent.or(Some((world, finding))),
        }
    }
    if !is_first {
        return Ok(Exit::Clean);
    }
    let findings = absent.map(|(world, finding)| {
        let mut findings = world.findings().to_vec();
        findings.push(*finding);
        findings
    });
    Err(Failure::Findings(findings.unwrap_or_default()))
}

/// Prints a tree, and below it what is wrong. `name` is that of the world, where there are several.
fn show(name: &str, explained: &Explained, is_first: bool) -> Result<(), Failure> {
    let gap = |needed: bool| if needed { "\n" } else { "" };
    let name = if name.is_empty() { String::new() } else { format!("in {name}:\n") };
    let tree = report::tree::render(&explained.tree);
    let text = format!("{}{name}{tree}{}", gap(!is_first), gap(!explained.findings.is_empty()));
    terminal::write_stdout(&text).map_err(|error| {
        Diagnostic::new(Code::UNWRITABLE, format!("cannot write to standard output: {error}"))
    })?;
    terminal::report(&explained.findings);
    Ok(())
}

fn usage(message: &str) -> Failure {
    command().bin_name("promwire explain").error(ErrorKind::ValueValidation, message).into()
}
