//! A ServiceMonitor or PodMonitor for any Service or workload of the input.

mod build;
mod find;
mod pod;
mod port;
mod reference;
mod service;

use clap::{Args, ValueEnum};

pub(super) use self::service::note_other_monitors;

use self::port::PortReference;
use self::reference::Reference;
use super::{Integration, Plan, PrometheusView, Scene, flags, options};
use crate::diagnostic::{Code, Diagnostic};
use crate::prom::duration::PromDuration;

/// A ServiceMonitor, or a PodMonitor where no Service fits.
pub(super) const SERVICE_MONITOR: Integration = Integration {
    name: "servicemonitor",
    about: "A ServiceMonitor for a Service or a workload; a PodMonitor where no Service fits",
    options: flags::<Options>,
    plan: |matches, scene| service_monitor(&options(matches)?, scene),
};

/// A PodMonitor.
pub(super) const POD_MONITOR: Integration = Integration {
    name: "podmonitor",
    about: "A PodMonitor for a workload or a Pod",
    options: flags::<Options>,
    plan: |matches, scene| pod_monitor(&options(matches)?, scene),
};

/// The flag that says what is monitored.
pub(super) const TARGET_FLAG: &str = "for";

/// The interval where neither the monitor nor its Prometheus names one (the default of the API, operator 0.93).
const DEFAULT_INTERVAL: &str = "30s";

/// What is monitored, and how.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Monitor")]
struct Options {
    /// What to monitor, such as service/api or deployment/worker
    #[arg(long = TARGET_FLAG, value_name = "KIND/NAME")]
    target: Option<Reference>,

    /// The namespace of what to monitor [default: -n, else wherever it is]
    #[arg(long, value_name = "NAMESPACE", value_parser = crate::model::name::label)]
    for_namespace: Option<String>,

    /// Name of the monitor [default: the name of what it monitors]
    #[arg(long, value_name = "NAME", value_parser = crate::model::name::subdomain)]
    name: Option<String>,

    /// The port that serves metrics, by name or number [default: the only one, or the one named so]
    #[arg(long, value_name = "PORT")]
    port: Option<PortReference>,

    /// Path of the metrics [default: /metrics]
    #[arg(long, value_name = "PATH", value_parser = path)]
    path: Option<String>,

    /// Protocol [default: https for a port named https…, else http]
    #[arg(long, value_name = "SCHEME", value_enum)]
    scheme: Option<Scheme>,

    /// Time between scrapes [default: that of the Prometheus]
    #[arg(long, value_name = "DURATION", value_parser = PromDuration::positive)]
    interval: Option<PromDuration>,

    /// Longest a scrape may take; not above the interval [default: that of the Prometheus]
    #[arg(long, value_name = "DURATION", value_parser = PromDuration::positive)]
    scrape_timeout: Option<PromDuration>,

    /// The label of the Service or Pod whose value is the job [default: the job is the name of the Service or monitor]
    #[arg(long, value_name = "LABEL", value_parser = label_key)]
    job_label: Option<String>,

    /// Keep labels of the metrics that collide with those of the target
    #[arg(long)]
    honor_labels: bool,
}

/// How metrics are fetched.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

fn service_monitor(options: &Options, scene: &Scene<'_>) -> Result<Plan, Box<Diagnostic>> {
    let target = target(options, scene)?;
    let object = find::find(target, options.for_namespace.as_deref(), scene)?;
    if target.is_service() {
        return service::plan(object, options, scene);
    }
    match service::for_workload(object, options, scene) {
        service::Fit::Service(service, choice) => match service::plan(service, options, scene) {
            Ok(mut plan) => {
                plan.findings.extend(choice.map(|finding| *finding));
                Ok(plan)
            }
            // Its pods may well be told apart where its Services cannot.
            Err(finding) if finding.code == Code::INDISTINCT_LABELS => {
                let mut plan = pod::plan(object, options, scene).map_err(|_| finding.clone())?;
                let message = format!("a PodMonitor is generated for `{target}`: {}", finding.message);
                plan.findings.push(Diagnostic::new(Code::CHOICE, message));
                Ok(plan)
            }
            Err(finding) => Err(finding),
        },
        service::Fit::None(why) => {
            let mut plan = pod::plan(object, options, scene)?;
            let message = format!("a PodMonitor is generated for `{target}`: {why}");
            plan.findings.push(Diagnostic::new(Code::CHOICE, message));
            Ok(plan)
        }
    }
}

fn pod_monitor(options: &Options, scene: &Scene<'_>) -> Result<Plan, Box<Diagnostic>> {
    let target = target(options, scene)?;
    if target.is_service() {
        let message = format!("a PodMonitor selects pods, and `{target}` is a Service");
        return Err(Box::new(
            Diagnostic::new(Code::CONTRADICTORY_OPTIONS, message)
                .help("name the workload (--for deployment/NAME), or generate a servicemonitor"),
        ));
    }
    pod::plan(find::find(target, options.for_namespace.as_deref(), scene)?, options, scene)
}

fn target<'o>(options: &'o Options, scene: &Scene<'_>) -> Result<&'o Reference, Box<Diagnostic>> {
    check_timing(options, scene)?;
    options.target.as_ref().ok_or_else(|| {
        Box::new(
            Diagnostic::new(Code::CONTRADICTORY_OPTIONS, "nothing says what to monitor")
                .help("name it with --for KIND/NAME, such as --for service/api"),
        )
    })
}

/// The operator rejects a monitor whose timeout is above its interval, be it its own or that of the Prometheus
/// (prometheus-operator 0.93: `scrapeTimeout greater than scrapeInterval`). A timeout that nobody names is none:
/// Prometheus shortens its default to the interval by itself.
fn check_timing(options: &Options, scene: &Scene<'_>) -> Result<(), Box<Diagnostic>> {
    let Some(timeout) = &options.scrape_timeout else { return Ok(()) };
    let prometheus = scene.wiring.prometheus();
    let inherited = prometheus.and_then(PrometheusView::scrape_interval);
    let (interval, whose) = match (&options.interval, inherited) {
        (Some(interval), _) => (interval.clone(), "--interval"),
        (None, Some(interval)) => (interval, "the interval of its Prometheus"),
        (None, None) => (DEFAULT_INTERVAL.parse().expect("it is a duration"), "the default interval"),
    };
    if timeout.value() <= interval.value() {
        return Ok(());
    }
    let message = format!("--scrape-timeout {timeout} is longer than {whose} {interval}");
    Err(Box::new(
        Diagnostic::new(Code::CONTRADICTORY_OPTIONS, message)
            .note("the operator rejects such a monitor as a whole")
            .help("shorten the timeout, or say a longer --interval"),
    ))
}

/// A path for the metrics. A `?` would be sent as a part of the path, percent-encoded.
fn path(text: &str) -> Result<String, String> {
    if !text.starts_with('/') {
        Err("a path begins with `/`".to_owned())
    } else if text.contains(['?', '#']) {
        Err("a path holds no `?` or `#`: parameters are a field of their own (`params`)".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

fn label_key(text: &str) -> Result<String, String> {
    match crate::model::label::key_error(text) {
        None => Ok(text.to_owned()),
        Some(reason) => Err(reason),
    }
}
