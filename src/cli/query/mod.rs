//! `promwire query`: what a running Prometheus says.

mod chart;
mod table;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::cluster::{AccessArgs, PrometheusArgs, ScopeArgs, read};
use super::{Exit, Failure, terminal};
use crate::cluster::{Answer, Connection, PrometheusApi};
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::targets::Scraper;
use crate::engine::{Wanted, World, find_prometheus};
use crate::model::kind::GroupKind;
use crate::prom::duration::PromDuration;
use crate::source::Reading;

/// The name of the command.
pub(super) const NAME: &str = "query";

/// Points of a chart, at most: more than a terminal has columns, and few for Prometheus.
const POINTS: f64 = 240.0;

#[derive(Args, Debug, Clone)]
struct QueryArgs {
    /// The query, as Prometheus takes it
    #[arg(value_name = "EXPR")]
    expression: String,

    /// Draw it over the last of this time, and not as it is now
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    range: Option<Duration>,

    /// The time between two points of a range; without it as many as the terminal has columns for
    #[arg(long, value_name = "DURATION", value_parser = duration, requires = "range")]
    step: Option<Duration>,

    #[command(flatten)]
    prometheus: PrometheusArgs,

    #[command(flatten)]
    scope: ScopeArgs,

    #[command(flatten)]
    access: AccessArgs,
}

fn duration(text: &str) -> Result<Duration, String> {
    PromDuration::positive(text).map(|duration| duration.value())
}

/// The command.
pub(super) fn command() -> Command {
    QueryArgs::augment_args(Command::new(NAME))
        .about("Ask a running Prometheus of the cluster: values as a table, ranges as a chart")
        .long_about(
            "Ask a running Prometheus of the cluster: values as a table, ranges as a chart.\n\n\
             It is asked through the API server, which takes the right to `get` `pods/proxy`, or at --prometheus-url.",
        )
        .after_help(
            "Examples:\n  \
             promwire query up\n  \
             promwire query 'sum by (job) (up)' --prometheus monitoring/main\n  \
             promwire query 'rate(prometheus_tsdb_head_samples_appended_total[5m])' --range 1h\n  \
             promwire query up --prometheus-url http://127.0.0.1:9090",
        )
}

/// Runs `promwire query …`.
pub(super) fn run(matches: &ArgMatches) -> Result<Exit, Failure> {
    let args = QueryArgs::from_arg_matches(matches)?;
    let connection = Connection::open(&args.access.access())?;
    let api = reach(&args, &connection)?;
    let answer = match args.range {
        None => connection.query(&api, &args.expression)?,
        Some(range) => {
            let end = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
            let range = range.as_secs_f64();
            let step = args.step.map_or_else(|| (range / POINTS).max(1.0), |step| step.as_secs_f64());
            connection.query_range(&api, &args.expression, (end - range, end), step)?
        }
    };
    let (text, count) = match &answer {
        Answer::Vector(samples) => (table::vector(samples), samples.len()),
        Answer::Matrix(series) if args.range.is_some() => {
            (chart::draw(series, terminal::columns(), args.range.unwrap_or_default()), series.len())
        }
        Answer::Matrix(series) => (table::matrix(series), series.len()),
        Answer::Scalar((_, value)) | Answer::String((_, value)) => (format!("{value}\n"), 1),
    };
    terminal::write_stdout(&text).map_err(|error| {
        Diagnostic::new(Code::UNWRITABLE, format!("cannot write to standard output: {error}"))
    })?;
    if count == 0 {
        terminal::say("nothing: no series is so");
    }
    Ok(Exit::Clean)
}

/// The Prometheus to ask: the only one, or the one that is named.
fn reach(args: &QueryArgs, connection: &Connection) -> Result<PrometheusApi, Failure> {
    let flags = &args.prometheus;
    let kind = if flags.agent { GroupKind::PROMETHEUS_AGENT } else { GroupKind::PROMETHEUS };
    let scraper = |namespace: &str, name: &str| Scraper {
        kind: kind.kind.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        shard: None,
    };
    if flags.has_url() {
        // It says all there is to know.
        let world = World::of(Reading::default(), None);
        return Ok(flags.of_scraper(connection, &world, &scraper("", ""))?);
    }
    let (beneath, _) = read(connection, args.scope.namespace.as_deref())?;
    let world = beneath.alone();
    let wanted = Wanted { name: flags.prometheus.clone(), is_agent: flags.agent };
    let object = find_prometheus(&world, &wanted)?;
    Ok(flags.of_scraper(
        connection,
        &world,
        &scraper(object.namespace().unwrap_or_default(), object.name()),
    )?)
}
