//! `promwire verify`: whether what was applied is scraped.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use self::accepted::Written;
use super::beneath::Beneath;
use super::check::AssumedArgs;
use super::cluster::{AccessArgs, PrometheusArgs, read};
use super::input::InputArgs;
use super::stack::{self, Input};
use super::{Exit, Failure, terminal};
use crate::cluster::Connection;
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::targets::{self, Asked, Cluster, Deviation, Observed, Prediction, meaning};
use crate::engine::{self, Assumed, Question, World};
use crate::operator::MonitorKind;
use crate::prom::duration::PromDuration;
use crate::report;
use crate::source::Reading;

mod accepted;

/// The name of the command.
pub(super) const NAME: &str = "verify";

/// How long to wait between two looks, at least. A look at a large cluster takes a while, and so does what is between.
const PAUSE: Duration = Duration::from_secs(2);

#[derive(Args, Debug, Clone)]
struct VerifyArgs {
    /// Manifests that were applied, as with -f: each monitor among them has to be scraped. Without any, what the cluster has
    #[arg(value_name = "INPUT")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    prometheus: PrometheusArgs,

    /// How long to wait for it
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = timeout)]
    timeout: Duration,

    #[command(flatten)]
    access: AccessArgs,

    #[command(flatten)]
    assumed: AssumedArgs,
}

fn timeout(text: &str) -> Result<Duration, String> {
    PromDuration::positive(text).map(|duration| duration.value())
}

/// The command.
pub(super) fn command() -> Command {
    VerifyArgs::augment_args(Command::new(NAME))
        .about("Wait until what was applied is scraped, or say why it is not")
        .long_about(
            "Wait until what was applied is scraped, or say why it is not.\n\n\
             The cluster is read, and with it is predicted what each Prometheus scrapes. Then it is compared with what it has: the \
             configuration that the operator wrote, and the targets of the running Prometheus, which is asked through the API server \
             or at --prometheus-url. It is done when every predicted target is up and no other is there. When the time is over, \
             every difference is told, with the error of its scrape and the chain of its monitor.\n\n\
             Nothing is changed. It takes the rights of deploy/read-only.yaml and, without --prometheus-url, `get` of `pods/proxy`.",
        )
        .after_help(
            "Examples:\n  \
             promwire verify monitoring.yaml\n  \
             promwire verify --prometheus monitoring/main --timeout 5m\n  \
             promwire verify --prometheus-url http://127.0.0.1:9090 -f manifests/",
        )
}

/// Runs `promwire verify …`.
pub(super) fn run(matches: &ArgMatches) -> Result<Exit, Failure> {
    let mut args = VerifyArgs::from_arg_matches(matches)?;
    args.input.inputs.append(&mut args.paths);
    let connection = Connection::open(&args.access.access())?;
    let started = Instant::now();
    let mut told = String::new();
    loop {
        let began = Instant::now();
        let looked = look(&args, &connection, matches)?;
        if looked.findings.is_empty() {
            print(&looked.summary())?;
            return Ok(Exit::Clean);
        }
        let progress = looked.progress();
        if progress != told {
            terminal::say(&progress);
            told = progress;
        }
        let pause = PAUSE.max(began.elapsed());
        if started.elapsed() + pause > args.timeout {
            terminal::report(&looked.findings);
            print(&looked.trees())?;
            print(&looked.summary())?;
            return Ok(Exit::Findings);
        }
        thread::sleep(pause);
    }
}

/// What one look comes to.
struct Looked {
    world: World,
    assumed: Assumed,
    /// What is not as it should be.
    findings: Vec<Diagnostic>,
    /// Monitors it is about: kind, namespace and name.
    concerned: BTreeSet<(MonitorKind, String, String)>,
    /// Each Prometheus with its predicted targets and those that are up.
    counts: BTreeMap<String, (usize, usize)>,
}

fn look(args: &VerifyArgs, connection: &Connection, matches: &ArgMatches) -> Result<Looked, Failure> {
    let (beneath, _) = read(connection, args.input.namespace.as_deref())?;
    let input = if args.input.inputs.is_empty() {
        Input { reading: Reading::default(), stack: None }
    } else {
        stack::read(&args.input)?
    };
    let stack = beneath.settle(input.stack, matches);
    let (mut assumed, _) = args.assumed.assumed(matches, stack.as_ref(), usage)?;
    assumed.listed = beneath.listed();
    beneath.adjust(&mut assumed.reality);
    let world = World::of(input.reading, args.input.namespace.as_deref()).over(&beneath.documents);
    let mut looked =
        Looked { assumed, world, findings: Vec::new(), concerned: BTreeSet::new(), counts: BTreeMap::new() };
    looked.compare(args, connection, &beneath)?;
    Ok(looked)
}

impl Looked {
    fn compare(
        &mut self,
        args: &VerifyArgs,
        connection: &Connection,
        beneath: &Beneath,
    ) -> Result<(), Failure> {
        let reality = &self.assumed.reality;
        let asked =
            Asked { name: args.prometheus.prometheus.clone(), is_agent: args.prometheus.agent, shard: None };
        let mut predictions = targets::predict(&self.world, &asked, reality)?;
        predictions.retain(|prediction| prediction.scraper.kind.starts_with("Prometheus"));
        if predictions.is_empty() {
            let finding =
                Diagnostic::new(Code::NO_SUCH_OBJECT, "no Prometheus of the operator is in the cluster");
            return Err(finding.help("verify asks one what it scrapes").into());
        }
        let cluster = Cluster::of(&self.world, reality);
        let mut scraped = BTreeSet::new();
        for prediction in &predictions {
            let written = Written::find(beneath, &prediction.scraper);
            self.accepted(connection, prediction, written.as_ref());
            let name = prediction.scraper.to_string();
            let api = args.prometheus.of_scraper(connection, &self.world, &prediction.scraper)?;
            let observed = match connection.active_targets(&api) {
                Ok(observed) => observed,
                Err(finding) => {
                    self.findings.push(*finding);
                    self.counts.insert(name, (0, 0));
                    continue;
                }
            };
            let observed = observed.into_iter().map(|target| Observed {
                job: target.scrape_pool,
                url: target.scrape_url,
                labels: target.labels,
                health: target.health,
                error: target.last_error,
            });
            let found = targets::compare_observed(prediction, &cluster, observed.collect());
            self.counts.insert(name.clone(), (found.predicted, found.up));
            for pool in prediction.pools(&cluster, crate::sd::Details::default()) {
                if !pool.active.is_empty() {
                    scraped.extend(monitor_of(&pool.config.job_name));
                }
            }
            for deviation in found.deviations {
                self.deviates(&name, deviation);
            }
        }
        self.unscraped(&scraped);
        Ok(())
    }

    /// Jobs that the operator has not written as predicted.
    fn accepted(&mut self, connection: &Connection, prediction: &Prediction, written: Option<&Written>) {
        let (Some(written), Some(config)) = (written, &prediction.config) else { return };
        let lost = prediction.lost.iter().map(|lost| lost.job.as_str());
        let expected: BTreeSet<&str> =
            config.scrape_configs.iter().map(|job| job.job_name.as_str()).chain(lost).collect();
        let who = prediction.scraper.whole();
        for job in expected.iter().filter(|job| !written.jobs.contains(**job)) {
            let message = format!("the operator has not written job `{job}` of {who}");
            let mut finding = Diagnostic::new(Code::NOT_ACCEPTED, message);
            if let Some((kind, namespace, name)) = monitor_of(job) {
                let words = connection.words_of_operator(kind.group_kind().kind, &namespace, &name);
                finding = words.into_iter().fold(finding, Diagnostic::note);
            }
            self.tell(job, finding.help("is the operator running? Its log says what it does with it"));
        }
        for job in written.jobs.iter().filter(|job| !expected.contains(job.as_str())) {
            let message = format!("job `{job}` of {who} is in the configuration, and not predicted");
            self.tell(job, Diagnostic::new(Code::NOT_ACCEPTED, message));
        }
    }

    fn deviates(&mut self, scraper: &str, deviation: Deviation) {
        match deviation {
            Deviation::NotUp(target) => {
                let message = format!("`{}` is {}", target.url, target.health);
                let finding = Diagnostic::new(Code::TARGET_NOT_UP, message);
                let finding = if target.error.is_empty() {
                    finding.note("it has not been scraped yet")
                } else {
                    finding.note(target.error.clone())
                };
                let finding = match meaning(&target.error) {
                    Some(meaning) => finding.help(meaning),
                    None => finding,
                };
                self.tell(
                    &target.job,
                    finding.note(format!("a target of job `{}` of {scraper}", target.job)),
                );
            }
            Deviation::Labels(target, differences) => {
                let message = format!("`{}` has other labels than predicted", target.url);
                let shown = |value: &Option<String>| {
                    value.as_ref().map_or_else(|| "no such label".to_owned(), |value| format!("`{value}`"))
                };
                let finding = differences.iter().fold(
                    Diagnostic::new(Code::TARGET_UNEXPECTED, message),
                    |finding, (name, predicted, found)| {
                        finding.note(format!(
                            "`{name}`: predicted {}, found {}",
                            shown(predicted),
                            shown(found)
                        ))
                    },
                );
                self.tell(
                    &target.job,
                    finding.note(format!("a target of job `{}` of {scraper}", target.job)),
                );
            }
            Deviation::NotThere(job, url) => {
                let message = format!("{scraper} does not have the target `{url}` of job `{job}`");
                let finding = Diagnostic::new(Code::TARGET_NOT_THERE, message)
                    .help("a Prometheus that was just told needs some seconds; then its log says why it discovers nothing");
                self.tell(&job, finding);
            }
            Deviation::Unexpected(target) => {
                let message = format!("{scraper} has a target `{}` that is not predicted", target.url);
                let finding = Diagnostic::new(Code::TARGET_UNEXPECTED, message)
                    .note(format!("it is of job `{}`", target.job));
                self.tell(&target.job, finding);
            }
        }
    }

    /// Monitors of the input of which nothing is scraped, although everything is as predicted.
    fn unscraped(&mut self, scraped: &BTreeSet<(MonitorKind, String, String)>) {
        let mut findings = Vec::new();
        for kind in MonitorKind::ALL {
            for object in self.world.inventory().of_kind(kind.group_kind()) {
                let namespace = object.namespace().unwrap_or_else(|| self.world.namespace()).to_owned();
                let key = (kind, namespace, object.name().to_owned());
                if object.document().is_beneath() || scraped.contains(&key) {
                    continue;
                }
                let message = format!("nothing is scraped of `{}`", object.identity());
                let finding = Diagnostic::new(Code::NOTHING_SCRAPED, message).at(object.place(), "");
                findings.push((key, finding.about(object.subject())));
            }
        }
        for (key, finding) in findings {
            self.concerned.insert(key);
            self.findings.push(finding);
        }
    }

    fn tell(&mut self, job: &str, finding: Diagnostic) {
        self.concerned.extend(monitor_of(job));
        self.findings.push(finding);
    }

    /// `waiting: 3 of 5 targets are up; 2 differences`.
    fn progress(&self) -> String {
        let (predicted, up) =
            self.counts.values().fold((0, 0), |(all, up), (more, more_up)| (all + more, up + more_up));
        let first = self.findings.first().map(|finding| finding.message.as_str()).unwrap_or_default();
        let others = match self.findings.len() {
            0 | 1 => String::new(),
            many => format!(" (and {} more)", many - 1),
        };
        format!("waiting: {up} of {predicted} targets are up; {first}{others}")
    }

    fn summary(&self) -> String {
        let lines = self
            .counts
            .iter()
            .map(|(name, (predicted, up))| format!("{name}: {up} of {predicted} predicted targets are up\n"));
        lines.collect()
    }

    /// The chains of the monitors it is about.
    fn trees(&self) -> String {
        let mut text = String::new();
        for (kind, namespace, name) in self.concerned.iter().take(20) {
            let asked = format!("{}/{name}", kind.group_kind().kind).parse::<Question>();
            let Ok(mut asked) = asked else { continue };
            asked.namespace = Some(namespace.clone());
            if let Ok(explained) = engine::explain(&self.world, &self.assumed, &asked) {
                text.push_str(&report::tree::render(&explained.tree));
                text.push('\n');
            }
        }
        text
    }
}

/// The monitor a job is made of: its name says so.
fn monitor_of(job: &str) -> Option<(MonitorKind, String, String)> {
    let mut parts = job.split('/');
    let kind = match parts.next()? {
        "serviceMonitor" => MonitorKind::Service,
        "podMonitor" => MonitorKind::Pod,
        "probe" => MonitorKind::Probe,
        "scrapeConfig" => MonitorKind::ScrapeConfig,
        _ => return None,
    };
    Some((kind, parts.next()?.to_owned(), parts.next()?.to_owned()))
}

fn print(text: &str) -> Result<(), Failure> {
    terminal::write_stdout(text).map_err(|error| {
        Diagnostic::new(Code::UNWRITABLE, format!("cannot write to standard output: {error}")).into()
    })
}

fn usage(message: &str) -> Failure {
    command().bin_name("promwire verify").error(ErrorKind::ValueValidation, message).into()
}
