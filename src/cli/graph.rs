//! `promwire graph`: the chain from every Prometheus to its targets, to look at.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches, ValueEnum};

use super::beneath::BeneathArgs;
use super::check::{AssumedArgs, load};
use super::input::{InputArgs, WorldArgs};
use super::{Exit, Failure, output, terminal};
use crate::chain::alike;
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::{self, Graph, Worlds};
use crate::report;

/// The name of the command.
pub(super) const NAME: &str = "graph";

#[derive(Args, Debug, Clone)]
struct GraphArgs {
    /// Manifests to read, as with -f
    #[arg(value_name = "INPUT")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    world: WorldArgs,

    #[command(flatten)]
    beneath: BeneathArgs,

    /// Only this Prometheus, and what it selects or nearly selects
    #[arg(long, value_name = "NAMESPACE/NAME")]
    prometheus: Option<String>,

    /// Format on standard output
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = Format::Dot)]
    output: Format,

    #[command(flatten)]
    assumed: AssumedArgs,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// For Graphviz
    Dot,
    /// For Markdown of GitHub and GitLab
    Mermaid,
}

/// The command.
pub(super) fn command() -> Command {
    GraphArgs::augment_args(Command::new(NAME))
        .about("Draw the chain from every Prometheus to its targets")
        .long_about(
            "Draw the chain from every Prometheus to its targets: Prometheus, monitors, Services, workloads and \
             addresses. Broken links are red, with what is wrong; those that lead out of the input are dashed. `promwire check` \
             reads the same chain.",
        )
        .after_help(
            "Examples:\n  \
             promwire graph manifests/ | dot -Tsvg > chain.svg\n  \
             promwire graph -o mermaid manifests/\n  \
             promwire graph manifests/ --prometheus monitoring/main\n  \
             promwire graph --cluster --prometheus monitoring/main | dot -Tsvg > chain.svg",
        )
}

/// Runs `promwire graph …`.
pub(super) fn run(matches: &ArgMatches) -> Result<Exit, Failure> {
    let args = GraphArgs::from_arg_matches(matches)?;
    let (worlds, stack) = load(&args.paths, &args.input, &args.world, &args.beneath, usage)?;
    let beneath = args.beneath.look(args.input.namespace.as_deref())?;
    let (worlds, stack) = (beneath.under(worlds), beneath.settle(stack, matches));
    terminal::print(beneath.findings());
    let (mut assumed, _) = args.assumed.assumed(matches, stack.as_ref(), usage)?;
    assumed.listed = beneath.listed();
    // Of a text the state after its last step.
    let shown = worlds.iter().filter(|named| !named.passes);
    let graphs: Vec<(&str, Graph)> = shown
        .filter_map(|named| {
            let graph = engine::graph(&named.world, &assumed, args.prometheus.as_deref())?;
            Some((named.name.as_str(), graph))
        })
        .collect();
    if let (true, Some(name)) = (graphs.is_empty(), &args.prometheus) {
        return Err(absent(name, &worlds).into());
    }
    terminal::print(&worlds.judge(|world| world.findings().to_vec()));
    let text = match args.output {
        Format::Dot => report::dot::render(&graphs),
        Format::Mermaid => report::mermaid::render(&graphs),
    };
    terminal::write_stdout(&text).map_err(|error| output::unwritable("standard output", &error))?;
    if worlds.iter().all(|named| named.world.inventory().is_empty()) {
        terminal::say("there is no Kubernetes object in the input");
        return Ok(Exit::Failed);
    }
    Ok(Exit::Clean)
}

fn absent(name: &str, worlds: &Worlds) -> Diagnostic {
    let message = format!("there is no Prometheus `{name}` in the input");
    let finding = Diagnostic::new(Code::NO_SUCH_OBJECT, message);
    let mut known: Vec<String> = worlds.iter().flat_map(|named| engine::prometheuses(&named.world)).collect();
    known.sort();
    known.dedup();
    let short = |full: &str| full.rsplit('/').next().unwrap_or(full).to_owned();
    let wanted = if name.contains('/') { name.to_owned() } else { short(name) };
    let near = known.iter().find(|known| {
        alike::is_slip(&wanted, known)
            || alike::is_slip(&wanted, &short(known))
            || short(known) == short(name)
    });
    match (near, known.is_empty()) {
        (Some(near), _) => finding.help(format!("did you mean `{near}`?")),
        (None, true) => finding.help("add its manifest"),
        (None, false) => finding.help(format!("there is {}", known.join(", "))),
    }
}

fn usage(message: &str) -> Failure {
    command().bin_name("promwire graph").error(ErrorKind::ValueValidation, message).into()
}
