//! `promwire targets`: what a Prometheus scrapes.

mod api;
mod diff;
mod json;
mod rule;
mod table;
mod trace;

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches, ValueEnum};

use super::beneath::BeneathArgs;
use super::input::{InputArgs, WorldArgs};
use super::{Exit, Failure, side, terminal};
use crate::config::RealityArgs;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::engine::World;
use crate::engine::targets::{self, Asked, Cluster, Prediction};
use crate::operator::Reality;
use crate::sd::{Details, Pool};

/// The name of the command.
pub(super) const NAME: &str = "targets";

#[derive(Args, Debug, Clone)]
struct TargetsArgs {
    /// Manifests, and configurations of Prometheus, to read: files, folders or `-`, as with -f
    #[arg(value_name = "INPUT")]
    more: Vec<PathBuf>,

    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    beneath: BeneathArgs,

    /// Only this Prometheus; without it all of them, and every configuration that is written by hand
    #[arg(long, value_name = "NAMESPACE/NAME")]
    prometheus: Option<String>,

    /// Only a PrometheusAgent
    #[arg(long)]
    agent: bool,

    /// Only one shard, counted from 0
    #[arg(long, value_name = "NUMBER")]
    shard: Option<u32>,

    /// Show what is dropped too, and the rule that drops it
    #[arg(long)]
    dropped: bool,

    /// Format on standard output; markdown is for a comparison, prometheus is what /api/v1/targets answers
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = Format::Table)]
    output: Format,

    /// Compare two sides: each a path, git:REV:PATH, or reality:FLAG=VALUE for the same input in another reality
    #[arg(long, num_args = 2, value_names = ["BASE", "HEAD"], conflicts_with_all = ["dropped", "trace"])]
    diff: Option<Vec<String>>,

    /// With --diff: exit with 1 if a target is lost
    #[arg(long, requires = "diff")]
    fail_on_lost: bool,

    /// Show what each relabel rule of a job does to a target, which is named by its address or its workload
    #[arg(long, num_args = 2, value_names = ["JOB", "ADDRESS|WORKLOAD"], conflicts_with = "dropped")]
    trace: Option<Vec<String>>,

    #[command(flatten)]
    reality: RealityArgs,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Table,
    Json,
    Prometheus,
    Markdown,
}

/// The command.
pub(super) fn command() -> Command {
    WorldArgs::augment_args(TargetsArgs::augment_args(Command::new(NAME)))
        .about("Print the targets a Prometheus scrapes, of manifests or of a cluster")
        .long_about(
            "Print the targets a Prometheus scrapes, without a cluster.\n\n\
             The configuration is the one the operator writes, or a `prometheus.yml` of the input (also one inside a \
             ConfigMap). Prometheus' own rules decide: what it refuses, what it discovers, what relabelling leaves. Pods that \
             are not in the input are thought of as their workloads would make them; their addresses are not known and shown \
             as `pod-of deployment/api`. Standard error says what else is not known, and what would settle it.",
        )
        .after_help(
            "Examples:\n  \
             promwire targets manifests/ --prometheus monitoring/main\n  \
             promwire targets manifests/ --dropped\n  \
             promwire targets prometheus.yml -o json\n  \
             promwire targets manifests/ --trace serviceMonitor/shop/api/0 deployment/api\n  \
             promwire targets --diff git:origin/main:manifests manifests --fail-on-lost -o markdown\n  \
             promwire targets --cluster --prometheus monitoring/main\n  \
             promwire targets manifests/ --diff reality:prometheus-version=2.55.1 reality:prometheus-version=3.5.0",
        )
}

/// Runs `promwire targets …`.
pub(super) fn run(matches: &ArgMatches) -> Result<Exit, Failure> {
    let mut args = TargetsArgs::from_arg_matches(matches)?;
    args.input.inputs.append(&mut args.more);
    if args.output == Format::Markdown && args.diff.is_none() {
        return Err(usage("markdown is for a comparison: say --diff"));
    }
    if let Some([base, head]) = args.diff.as_deref() {
        if args.beneath.is_given() {
            return Err(usage("two sides are compared as they are: leave out --cluster and --assume"));
        }
        return diff::run(&args, matches, [base, head]);
    }
    let message = "there is no input: name files or folders, or `-` for standard input";
    let side = side::one(&args.input, &args.beneath, matches, message, usage)?;
    let seen = Seen::of(&args, side.world, &side.reality)?;
    if let Some([job, target]) = args.trace.as_deref() {
        return trace::run(&args, &seen, job, target);
    }
    let details = Details { dropped: args.dropped || args.output == Format::Prometheus };
    let looked: Vec<Looked<'_>> = seen.look(details);
    let text = match args.output {
        Format::Table | Format::Markdown => table::text(&looked, &seen.cluster, args.dropped),
        Format::Json => json::text(&looked, &seen.cluster, args.dropped),
        Format::Prometheus => {
            let [one] = &looked[..] else { return Err(usage(&several(&looked))) };
            api::text(one)
        }
    };
    let findings = seen.findings(&looked);
    terminal::print(&findings);
    terminal::write_stdout(&text).map_err(|error| unwritable(&error))?;
    for line in summary(&seen, &looked, &args) {
        terminal::say(&line);
    }
    Ok(exit(&findings))
}

fn several(looked: &[Looked<'_>]) -> String {
    let names: Vec<String> = looked.iter().map(|one| format!("`{}`", one.prediction.scraper)).collect();
    format!(
        "one Prometheus answers at a time, and there are {}: choose with --prometheus and --shard",
        names.join(", ")
    )
}

/// A world, with what runs in it.
struct Seen {
    world: World,
    cluster: Cluster,
    predictions: Vec<Prediction>,
}

/// A Prometheus with its pools.
struct Looked<'s> {
    prediction: &'s Prediction,
    world: crate::sd::World<'s>,
    pools: Vec<Pool<'s>>,
}

impl Seen {
    fn of(args: &TargetsArgs, world: World, reality: &Reality) -> Result<Self, Failure> {
        let asked = Asked { name: args.prometheus.clone(), is_agent: args.agent, shard: args.shard };
        let predictions = match targets::predict(&world, &asked, reality) {
            Ok(predictions) => predictions,
            Err(finding) => {
                let mut findings = world.findings().to_vec();
                // Where nothing could be read, that is why, and the rest would only hide it.
                if !(world.inventory().is_empty() && findings.iter().any(|found| found.level == Level::Error))
                {
                    findings.push(*finding);
                }
                return Err(Failure::Findings(findings));
            }
        };
        let cluster = Cluster::of(&world, reality);
        Ok(Self { world, cluster, predictions })
    }

    fn look(&self, details: Details) -> Vec<Looked<'_>> {
        let looked = self.predictions.iter().map(|prediction| Looked {
            prediction,
            world: prediction.world(&self.cluster),
            pools: prediction.pools(&self.cluster, details),
        });
        looked.collect()
    }

    /// Everything that is to be said.
    fn findings(&self, looked: &[Looked<'_>]) -> Vec<Diagnostic> {
        let read = self.world.findings().iter();
        let mut findings: Vec<Diagnostic> =
            read.filter(|finding| targets::is_of_interest(&self.world, finding)).cloned().collect();
        for one in looked {
            findings.extend(one.prediction.findings.iter().cloned());
            findings.extend(one.pools.iter().flat_map(|pool| one.prediction.findings_of(pool)));
        }
        findings
    }
}

/// How much there is, what is not known, and what would settle it.
fn summary(seen: &Seen, looked: &[Looked<'_>], args: &TargetsArgs) -> Vec<String> {
    let sum = |count: fn(&Pool<'_>) -> usize| -> usize {
        looked.iter().flat_map(|one| &one.pools).map(count).sum()
    };
    let active = sum(|pool| pool.active.len());
    let dropped: usize = looked.iter().flat_map(|one| &one.pools).map(|pool| pool.dropped_count).sum();
    let failed = sum(|pool| pool.failed.len());
    let jobs: usize = looked.iter().map(|one| one.pools.len()).sum();
    let mut first = format!("{} in {}", counted(active, "target"), counted(jobs, "job"));
    if dropped > 0 {
        let hint = if args.dropped { "" } else { " (--dropped shows them)" };
        // Writing to a string does not fail.
        let _ = write!(first, ", {dropped} dropped{hint}");
    }
    if failed > 0 {
        let _ = write!(first, ", {failed} that cannot be made");
    }
    let mut lines = vec![first];
    let symbolic = looked
        .iter()
        .flat_map(|one| one.pools.iter().flat_map(|pool| &pool.active))
        .filter(|target| crate::kubernetes::snapshot::has_unknown_address(&target.url))
        .count();
    if symbolic > 0 {
        lines.push(format!(
            "the addresses of {symbolic} of them are not known: they stand for the pods of workloads; the Pods of a cluster in the \
             input (kubectl get pods -A -o yaml) would settle them"
        ));
    }
    if symbolic > 0 && looked.iter().any(|one| one.prediction.scraper.shard.is_some()) {
        lines.push("which shard scrapes them is not known either: their addresses decide it".to_owned());
    }
    let unknown = sum(|pool| pool.unknown.len());
    if unknown > 0 {
        lines.push(format!(
            "what {} will find is not known, so that there may be more targets",
            counted(unknown, "discovery")
        ));
    }
    let asks = looked.iter().any(|one| {
        one.prediction.scraper.kind != "file"
            && one.pools.iter().any(|pool| !pool.config.kubernetes_sd_configs.is_empty())
    });
    if asks && !seen.has_rbac() {
        lines.push(
            "rights are not known, and taken as given: the Roles and bindings of Prometheus in the input would settle them"
                .to_owned(),
        );
    }
    lines
}

impl Seen {
    /// Whether the input says anything about rights.
    fn has_rbac(&self) -> bool {
        use crate::model::kind::GroupKind;
        let kinds = [
            GroupKind::ROLE,
            GroupKind::CLUSTER_ROLE,
            GroupKind::ROLE_BINDING,
            GroupKind::CLUSTER_ROLE_BINDING,
        ];
        kinds.into_iter().any(|kind| self.world.inventory().of_kind(kind).len() > 0)
    }
}

/// `1 target`, `2 targets`, `3 discoveries`.
fn counted(count: usize, word: &str) -> String {
    match (count, word.strip_suffix('y')) {
        (1, _) => format!("1 {word}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {word}s"),
    }
}

fn usage(message: &str) -> Failure {
    command().bin_name("promwire targets").error(ErrorKind::ValueValidation, message).into()
}

fn unwritable(error: &std::io::Error) -> Failure {
    Diagnostic::new(Code::UNWRITABLE, format!("cannot write to standard output: {error}")).into()
}

fn exit(findings: &[Diagnostic]) -> Exit {
    if findings.iter().any(|finding| finding.level == Level::Error) { Exit::Findings } else { Exit::Clean }
}
