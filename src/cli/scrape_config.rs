//! `promwire scrape-config`: the configuration the operator writes for a Prometheus.

use std::fmt::Write as _;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches, ValueEnum};
use serde::Serialize;

use super::beneath::BeneathArgs;
use super::input::{InputArgs, WorldArgs};
use super::side::{self, Side};
use super::{Exit, Failure, terminal};
use crate::config::RealityArgs;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::engine::{self, Compiled, RejectedMonitor, UnselectedMonitor, Wanted, World};
use crate::operator::Reality;
use crate::source::Ordered;

/// The name of the command.
pub(super) const NAME: &str = "scrape-config";

#[derive(Args, Debug, Clone)]
struct ScrapeConfigArgs {
    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    beneath: BeneathArgs,

    /// The Prometheus; needed when there are several
    #[arg(long, value_name = "NAMESPACE/NAME")]
    prometheus: Option<String>,

    /// It is a PrometheusAgent
    #[arg(long)]
    agent: bool,

    /// Format on standard output
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = Format::Yaml)]
    output: Format,

    /// Show secrets instead of `<secret>`
    #[arg(long)]
    show_secrets: bool,

    /// Compare two configurations: each a path, git:REV:PATH, or reality:FLAG=VALUE for the same input in another reality
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    diff: Option<Vec<String>>,

    #[command(flatten)]
    reality: RealityArgs,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Yaml,
    Json,
}

/// The command.
pub(super) fn command() -> Command {
    WorldArgs::augment_args(ScrapeConfigArgs::augment_args(Command::new(NAME)))
        .about("Print the scrape configuration the operator writes for a Prometheus, without a cluster")
        .long_about(
            "Print the scrape configuration the operator writes for a Prometheus, without a cluster.\n\n\
             Standard output has the configuration alone. What is rejected, and why there is no configuration, is on \
             standard error. What is not in the input does not exist: Secrets, ConfigMaps and Namespaces belong to it.",
        )
        .after_help(
            "Examples:\n  \
             promwire scrape-config -f manifests/ --prometheus monitoring/main\n  \
             promwire scrape-config -f manifests/ --agent -o json\n  \
             promwire scrape-config -f manifests/ --diff reality:prometheus-version=2.55.1 reality:prometheus-version=3.5.0\n  \
             promwire scrape-config --diff git:HEAD~1:manifests manifests",
        )
}

/// Runs `promwire scrape-config …`.
pub(super) fn run(matches: &ArgMatches) -> Result<Exit, Failure> {
    let args = ScrapeConfigArgs::from_arg_matches(matches)?;
    if let Some([before, after]) = args.diff.as_deref() {
        if args.beneath.is_given() {
            return Err(usage("two sides are compared as they are: leave out --cluster and --assume"));
        }
        return diff(&args, matches, [before, after]);
    }
    let message = "there is no input: name it with -f, or `-` for standard input";
    let Side { world, reality } = side::one(&args.input, &args.beneath, matches, message, usage)?;
    let (compiled, mut findings) = compile(&args, &world, &reality)?;
    let text = match args.output {
        Format::Yaml => compiled.config.as_ref().map(Ordered::to_yaml).unwrap_or_default(),
        Format::Json => json_text(&compiled),
    };
    findings.extend(compiled.findings);
    terminal::print(&findings);
    terminal::write_stdout(&text).map_err(|error| unwritable(&error))?;
    Ok(exit(&findings))
}

fn usage(message: &str) -> Failure {
    command().bin_name("promwire scrape-config").error(ErrorKind::ValueValidation, message).into()
}

/// What the operator makes of the Prometheus, and what was found while reading.
fn compile(
    args: &ScrapeConfigArgs,
    world: &World,
    reality: &Reality,
) -> Result<(Compiled, Vec<Diagnostic>), Failure> {
    let wanted = Wanted { name: args.prometheus.clone(), is_agent: args.agent };
    let findings = world.findings().to_vec();
    match engine::compile(world, &wanted, reality) {
        Ok(mut compiled) => {
            if args.show_secrets {
                compiled.config = compiled.config.map(Ordered::revealed);
            }
            Ok((compiled, findings))
        }
        Err(finding) => {
            let mut findings = findings;
            // Where nothing could be read, that is why, and the rest would only hide it.
            if !(world.inventory().is_empty() && findings.iter().any(|found| found.level == Level::Error)) {
                findings.push(*finding);
            }
            Err(Failure::Findings(findings))
        }
    }
}

fn exit(findings: &[Diagnostic]) -> Exit {
    if findings.iter().any(|finding| finding.level == Level::Error) { Exit::Findings } else { Exit::Clean }
}

fn unwritable(error: &std::io::Error) -> Failure {
    Diagnostic::new(Code::UNWRITABLE, format!("cannot write to standard output: {error}")).into()
}

#[derive(Serialize)]
struct Subject<'c> {
    kind: &'c str,
    namespace: &'c str,
    name: &'c str,
}

#[derive(Serialize)]
struct Document<'c> {
    prometheus: Subject<'c>,
    config: Option<&'c Ordered>,
    /// Only where something is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'c str>,
    rejected: &'c [RejectedMonitor],
    not_selected: &'c [UnselectedMonitor],
}

fn json_text(compiled: &Compiled) -> String {
    let (kind, namespace, name) = &compiled.prometheus;
    let document = Document {
        prometheus: Subject { kind, namespace, name },
        config: compiled.config.as_ref(),
        error: compiled.error.as_deref(),
        rejected: &compiled.rejected,
        not_selected: &compiled.not_selected,
    };
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// Compares two sides.
fn diff(args: &ScrapeConfigArgs, matches: &ArgMatches, sides: [&str; 2]) -> Result<Exit, Failure> {
    let [before_side, after_side] = side::both(&args.input, matches, sides, usage)?;
    let (old, mut findings) = compile(args, &before_side.world, &before_side.reality)?;
    let (new, more) = compile(args, &after_side.world, &after_side.reality)?;
    for finding in more.into_iter().chain(old.findings.iter().cloned()).chain(new.findings.iter().cloned()) {
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    // What is wrong on either side is told; that the sides differ is what was asked for.
    terminal::print(&findings);
    let changes = engine::compare(old.config.as_ref(), new.config.as_ref());
    let mut text = String::new();
    for change in &changes {
        // Writing to a string does not fail.
        let _ = writeln!(text, "@@ {} @@", change.part);
        let lines = similar::TextDiff::from_lines(&change.before, &change.after);
        for (index, group) in lines.grouped_ops(2).iter().enumerate() {
            if index > 0 {
                text.push_str(" …\n");
            }
            for line in group.iter().flat_map(|operation| lines.iter_changes(operation)) {
                let _ = write!(text, "{}{}", line.tag(), line.value());
            }
        }
    }
    for (sign, from, without) in [("-", &old.rejected, &new.rejected), ("+", &new.rejected, &old.rejected)] {
        for row in from.iter().filter(|row| !without.contains(row)) {
            let RejectedMonitor { kind, namespace, name, message, .. } = row;
            let _ = writeln!(text, "{sign} rejected {kind} {namespace}/{name}: {message}");
        }
    }
    terminal::write_stdout(&text).map_err(|error| unwritable(&error))?;
    if text.is_empty() {
        terminal::say("no difference");
        return Ok(exit(&findings));
    }
    Ok(Exit::Findings)
}
