//! The targets of each Prometheus of a world: what it makes of its configuration, in the cluster the objects would come to.
//!
//! The way is that of the cluster. `settle` makes of authored objects what controllers make of them; the operator writes a
//! configuration ([`crate::engine::compile`]), or a person has (`written`); the config-reloader replaces `$(NAME)` in it
//! ; Prometheus loads it or refuses it ([`crate::prom::config`]), makes a client for each job (`files`), asks for what it
//! may list (`rights`), and makes targets of what it is told ([`crate::sd`]).

mod compare;
mod files;
mod observed;
mod rights;
mod row;
mod written;

pub use compare::{Change, Difference, Key, Keyed, compare};
pub use observed::{Comparison, Deviation, Observed, compare_observed, meaning};
pub use row::{Row, Subject, readable};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::files::Files;
use self::written::Written;
use super::World;
use super::scrape_config::{Compiled, Wanted, compile_object, find};
use crate::diagnostic::{Code, Diagnostic, Place, TextFile};
use crate::kubernetes::{controllers, selector_text, snapshot::Snapshot};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::model::schema::SchemaSet;
use crate::operator::{Instance, Reality, add_operands};
use crate::prom::config::{Config, Loader, Refused, Selectors};
use crate::prom::version::Version;
use crate::sd;
use crate::source::Node;

/// Which targets are asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The Prometheus by name; all there are if none is named, and every configuration that is written by hand.
    pub name: Option<String>,
    /// Only a `PrometheusAgent`.
    pub is_agent: bool,
    /// One shard, from 0; all if none is asked for.
    pub shard: Option<u32>,
}

/// The cluster that the objects of a world come to.
#[derive(Debug)]
pub struct Cluster {
    snapshot: Snapshot,
    answers: sd::Answers,
}

impl Cluster {
    /// Lets the controllers do their work on the objects of a world.
    pub fn of(world: &World, reality: &Reality) -> Self {
        let inventory = world.inventory();
        let mut snapshot = Snapshot::read(inventory);
        add_operands(inventory, reality, &mut snapshot);
        Self { snapshot: controllers::settle(inventory, snapshot), answers: sd::Answers::default() }
    }

    /// The same, where it is known what some discoveries answer.
    #[must_use]
    pub fn with_answers(self, answers: sd::Answers) -> Self {
        Self { answers, ..self }
    }

    /// Its objects.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }
}

/// Who scrapes: one shard of a Prometheus, or a configuration somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scraper {
    /// `Prometheus`, `PrometheusAgent`, or `file`.
    pub kind: String,
    /// The namespace it runs in.
    pub namespace: String,
    /// Its name; for a file that of the file.
    pub name: String,
    /// Which shard, where there are several.
    pub shard: Option<u32>,
}

impl Scraper {
    /// All its shards.
    pub fn whole(&self) -> Self {
        Self { shard: None, ..self.clone() }
    }
}

/// `Prometheus monitoring/main`, `Prometheus monitoring/main shard 1`, `prometheus.yml`.
impl std::fmt::Display for Scraper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.kind == FILE {
            return f.write_str(&self.name);
        }
        write!(f, "{} {}/{}", self.kind, self.namespace, self.name)?;
        match self.shard {
            Some(shard) => write!(f, " shard {shard}"),
            None => Ok(()),
        }
    }
}

/// The kind of what a person wrote.
const FILE: &str = "file";

/// What one Prometheus runs with.
#[derive(Debug)]
pub struct Prediction {
    /// Who scrapes.
    pub scraper: Scraper,
    /// The configuration it runs with, without the jobs in `lost`. None where there is none, or it is refused.
    pub config: Option<Config>,
    /// The words with which Prometheus refuses its configuration.
    pub refused: Option<String>,
    /// Jobs without a scrape pool: their client cannot be made. The others go on.
    pub lost: Vec<Lost>,
    /// What the user should know, with places.
    pub findings: Vec<Diagnostic>,
    release: sd::Release,
    /// None: what is missing has been taken out.
    missing_files: BTreeSet<String>,
    /// Where jobs come from.
    places: BTreeMap<String, Place>,
}

/// A job Prometheus makes no scrape pool for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Its name.
    pub job: String,
    /// Prometheus' words.
    pub message: String,
}

impl Prediction {
    /// What its discoveries look at.
    pub fn world<'s>(&'s self, cluster: &'s Cluster) -> sd::World<'s> {
        sd::World {
            snapshot: &cluster.snapshot,
            answers: &cluster.answers,
            release: self.release,
            own_namespace: &self.scraper.namespace,
            missing_files: &self.missing_files,
        }
    }

    /// Its scrape pools, in the order of its jobs.
    pub fn pools<'s>(&'s self, cluster: &'s Cluster, details: sd::Details) -> Vec<sd::Pool<'s>> {
        let jobs = self.config.as_ref().map_or(&[][..], |config| &config.scrape_configs);
        self.world(cluster).pools(jobs, details)
    }

    /// What it scrapes, as rows.
    pub fn rows(&self, cluster: &Cluster, details: sd::Details) -> Vec<Row> {
        let pools = self.pools(cluster, details);
        let rows = pools.iter().flat_map(|pool| {
            pool.active.iter().map(|target| Row {
                job: pool.config.job_name.clone(),
                subject: Subject::of(&target.origin.found, &cluster.snapshot),
                labels: target
                    .labels
                    .public()
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect(),
                url: target.url.clone(),
            })
        });
        rows.collect()
    }

    /// What the user should know of a pool.
    pub fn findings_of(&self, pool: &sd::Pool<'_>) -> Vec<Diagnostic> {
        let job = &pool.config.job_name;
        let scraper = self.scraper.whole();
        let at = |finding: Diagnostic| match self.places.get(job) {
            Some(place) => finding.at(place.clone(), ""),
            None => finding,
        };
        let mut findings = Vec::new();
        for unknown in &pool.unknown {
            let message = format!(
                "job `{job}` of {scraper} may have more targets: {} discovery is not known, {}",
                unknown.mechanism, unknown.reason
            );
            findings.push(at(Diagnostic::new(Code::UNKNOWN_DISCOVERY, message)));
        }
        // One mistake makes many targets fail in the same way.
        let mut failures: Vec<(&str, usize)> = Vec::new();
        for failure in &pool.failed {
            match failures.iter_mut().find(|(known, _)| *known == failure.message) {
                Some((_, count)) => *count += 1,
                None => failures.push((&failure.message, 1)),
            }
        }
        for (message, count) in failures {
            let targets = if count == 1 { "a target".to_owned() } else { format!("{count} targets") };
            let message = format!("job `{job}` of {scraper} cannot make {targets}: {message}");
            findings.push(at(Diagnostic::new(Code::TARGET_FAILS, message)));
        }
        if pool.is_over_limit() {
            let message = format!(
                "every scrape of job `{job}` of {scraper} fails: it has {} targets and a `target_limit` of {}",
                pool.active.len(),
                pool.config.limits.target
            );
            findings.push(at(Diagnostic::new(Code::TARGET_LIMIT, message)));
        }
        findings
    }
}

/// More shards of one Prometheus than these are looked at one by one only.
const MOST_SHARDS: u32 = 64;

/// What each Prometheus that is asked for runs with.
///
/// # Errors
/// When there is none, or the one that is named is not there.
pub fn predict(world: &World, asked: &Asked, reality: &Reality) -> Result<Vec<Prediction>, Box<Diagnostic>> {
    let inventory = world.inventory();
    let mut predictions = Vec::new();
    for object in subjects(inventory, asked)? {
        predict_object(world, object, asked.shard, reality, &mut predictions)?;
    }
    if asked.name.is_none() && !asked.is_agent {
        let written = written::find(world);
        predictions.extend(written.iter().map(|written| predict_written(written, reality)));
    }
    if predictions.is_empty() {
        let what = if asked.is_agent { "PrometheusAgent" } else { "Prometheus" };
        let finding = Diagnostic::new(Code::NO_SUCH_OBJECT, format!("no {what} is in the input"));
        return Err(Box::new(finding.help(
            "add its manifest, or a `prometheus.yml`, to the input: without one nobody knows what is scraped",
        )));
    }
    Ok(predictions)
}

fn subjects<'w>(inventory: &'w Inventory, asked: &Asked) -> Result<Vec<Object<'w>>, Box<Diagnostic>> {
    if asked.name.is_some() {
        let wanted = Wanted { name: asked.name.clone(), is_agent: asked.is_agent };
        return find(inventory, &wanted).map(|object| vec![object]);
    }
    let kinds = [GroupKind::PROMETHEUS, GroupKind::PROMETHEUS_AGENT];
    let kinds = kinds.into_iter().filter(|kind| !asked.is_agent || *kind == GroupKind::PROMETHEUS_AGENT);
    Ok(kinds.flat_map(|kind| inventory.of_kind(kind)).collect())
}

/// Whether a finding about a world counts where configurations that people write are read too.
pub fn is_of_interest(world: &World, finding: &Diagnostic) -> bool {
    !written::is_about(world, finding)
}

fn predict_object(
    world: &World,
    object: Object<'_>,
    shard: Option<u32>,
    reality: &Reality,
    predictions: &mut Vec<Prediction>,
) -> Result<(), Box<Diagnostic>> {
    let inventory = world.inventory();
    let (schemas, _) = SchemaSet::new(inventory);
    let count = Instance::of(object, &schemas, reality, 0).shards;
    let scraper = |shard| Scraper {
        kind: object.kind().to_owned(),
        namespace: object.namespace().unwrap_or_else(|| world.namespace()).to_owned(),
        name: object.name().to_owned(),
        shard: Some(shard).filter(|_| count > 1),
    };
    let shards = match shard {
        Some(shard) if shard < count => shard..shard + 1,
        Some(shard) => {
            let message = format!("`{}` has no shard {shard}: it has {count}", object.identity());
            return Err(Box::new(Diagnostic::new(Code::NO_SUCH_OBJECT, message).at(object.place(), "")));
        }
        None if count > MOST_SHARDS => {
            let message = format!("`{}` has {count} shards", object.identity());
            let finding = Diagnostic::new(Code::AMBIGUOUS_OBJECT, message).at(object.place(), "");
            return Err(Box::new(finding.help("choose one with --shard")));
        }
        None => 0..count,
    };
    let mut compiled = compile_object(inventory, object, reality);
    let mut findings = std::mem::take(&mut compiled.findings);
    let written = object.at(&["spec", "version"]).and_then(Node::as_str).unwrap_or_default();
    let version = Version::parse_tolerant(reality.prometheus_version(written));
    let (Some(config), Ok(version)) = (compiled.config.take(), version) else {
        predictions.push(Prediction::nothing(scraper(shards.start), findings));
        return Ok(());
    };
    let text = config.masked().to_yaml();
    for shard in shards {
        let has_rights = reality.takes_rights_for_granted;
        let managed = Managed { inventory, object, compiled: &compiled, version: &version, has_rights };
        let scraper = scraper(shard);
        let instance = Instance::of(object, &schemas, reality, shard);
        let mut prediction = managed.predict(scraper, &instance.expand(&text));
        // What the operator says is the same for all shards.
        prediction.findings.splice(0..0, std::mem::take(&mut findings));
        predictions.push(prediction);
    }
    Ok(())
}

impl Prediction {
    fn nothing(scraper: Scraper, findings: Vec<Diagnostic>) -> Self {
        Self {
            scraper,
            config: None,
            refused: None,
            lost: Vec::new(),
            findings,
            release: sd::Release::default(),
            missing_files: BTreeSet::new(),
            places: BTreeMap::new(),
        }
    }
}

fn loader(version: &Version, is_agent: bool) -> Loader {
    Loader {
        version: version.clone(),
        is_agent,
        selectors: Selectors { label: selector_text::check_labels, field: selector_text::check_fields },
    }
}

/// A Prometheus of the operator.
struct Managed<'w> {
    inventory: &'w Inventory,
    object: Object<'w>,
    compiled: &'w Compiled,
    version: &'w Version,
    /// Its rights are not looked at.
    has_rights: bool,
}

impl Managed<'_> {
    fn predict(&self, scraper: Scraper, text: &str) -> Prediction {
        let mut prediction = Prediction::nothing(scraper, Vec::new());
        prediction.release = sd::Release::of(self.version);
        let is_agent = prediction.scraper.kind == GroupKind::PROMETHEUS_AGENT.kind;
        let file = Arc::new(TextFile::new("prometheus.env.yaml", text));
        match loader(self.version, is_agent).load(&file) {
            Ok(mut config) => {
                if let Some((regex, span)) = &config.default_regex {
                    let job = config.scrape_configs.iter().zip(&config.spans);
                    let job = job.into_iter().find(|(_, job)| job.start <= span.start && span.end <= job.end);
                    let place = job.and_then(|(job, _)| self.place_of(&job.job_name));
                    let place = place.unwrap_or_else(|| self.object.place());
                    prediction.findings.push(regex_of_all(&prediction.scraper.whole(), regex).at(place, ""));
                }
                self.forget_nodes(&mut config);
                self.take_out_lost(&mut config, &mut prediction);
                if !self.has_rights {
                    let denied =
                        rights::take_out_denied(&mut config, self.inventory, self.object, self.version);
                    prediction.findings.extend(denied);
                }
                for job in &config.scrape_configs {
                    let place = self.place_of(&job.job_name).unwrap_or_else(|| self.object.place());
                    prediction.places.insert(job.job_name.clone(), place);
                }
                prediction.config = Some(config);
            }
            Err(refused) => {
                prediction.findings.push(self.refusal(&prediction.scraper.whole(), &refused));
                prediction.refused = Some(refused.message);
            }
        }
        prediction
    }

    /// An agent on each Node looks at that Node only. All of them together look at all.
    fn forget_nodes(&self, config: &mut Config) {
        if self.object.at(&["spec", "mode"]).and_then(Node::as_str) != Some("DaemonSet") {
            return;
        }
        for sd in config.scrape_configs.iter_mut().flat_map(|job| &mut job.kubernetes_sd_configs) {
            for selector in &mut sd.selectors {
                if selector.field == "spec.nodeName=$(NODE_NAME)" {
                    selector.field.clear();
                }
            }
            sd.selectors.retain(|selector| !(selector.field.is_empty() && selector.label.is_empty()));
        }
    }

    /// Takes out the jobs, and the discoveries, for which no client can be made.
    fn take_out_lost(&self, config: &mut Config, prediction: &mut Prediction) {
        let scraper = prediction.scraper.whole();
        let files = Files { inventory: self.inventory, object: self.object, mounts: &self.compiled.mounts };
        config.scrape_configs.retain_mut(|job| {
            let at = |finding: Diagnostic| {
                finding.at(self.place_of(&job.job_name).unwrap_or_else(|| self.object.place()), "")
            };
            if let Some(message) = files.why_no_client(&job.tls) {
                let message = format!("error creating HTTP client: {message}");
                let told = format!("job `{}` of {} gets no scrape pool: {message}", job.job_name, scraper);
                prediction.findings.push(
                    at(Diagnostic::new(Code::POOL_LOST, told)).note(
                        "Prometheus goes on with the other jobs, and counts the configuration as loaded",
                    ),
                );
                prediction.lost.push(Lost { job: job.job_name.clone(), message });
                return false;
            }
            let mut failed = Vec::new();
            job.kubernetes_sd_configs.retain(|sd| match files.why_no_client(&sd.tls) {
                Some(message) => {
                    failed.push(("kubernetes", message));
                    false
                }
                None => true,
            });
            job.http_sd_configs.retain(|sd| match files.why_no_client(&sd.tls) {
                Some(message) => {
                    failed.push(("http", message));
                    false
                }
                None => true,
            });
            for (mechanism, message) in failed {
                let told = format!(
                    "job `{}` of {} discovers nothing with {mechanism}: {message}",
                    job.job_name, scraper
                );
                prediction.findings.push(at(Diagnostic::new(Code::DISCOVERY_LOST, told)));
            }
            true
        });
    }

    /// Where the monitor of a job stands.
    fn place_of(&self, job: &str) -> Option<Place> {
        Some(self.monitor_of(job)?.place())
    }

    /// The monitor a job is made of: its name says so.
    fn monitor_of(&self, job: &str) -> Option<Object<'_>> {
        let mut parts = job.split('/');
        let kind = match parts.next()? {
            "serviceMonitor" => GroupKind::SERVICE_MONITOR,
            "podMonitor" => GroupKind::POD_MONITOR,
            "probe" => GroupKind::PROBE,
            "scrapeConfig" => GroupKind::SCRAPE_CONFIG,
            _ => return None,
        };
        self.inventory.get(kind, Some(parts.next()?), parts.next()?)
    }

    fn refusal(&self, scraper: &Scraper, refused: &Refused) -> Diagnostic {
        let monitor = refused.job.as_deref().and_then(|job| self.monitor_of(job));
        let finding = refusal(scraper, self.version, refused)
            .at(monitor.map_or_else(|| self.object.place(), Object::place), "");
        let finding = match &refused.job {
            Some(job) => {
                finding.note(format!("it is in job `{job}` of the configuration the operator writes"))
            }
            None => finding,
        };
        let line = refused.places.first().map(|place| {
            let (line, _) = place.file.line_column(place.span.start);
            place.file.text().lines().nth(line - 1).unwrap_or_default().trim().to_owned()
        });
        match line.filter(|line| !line.is_empty()) {
            Some(line) => finding.note(format!("where it says `{line}`")),
            None => finding,
        }
    }
}

fn refusal(scraper: &Scraper, version: &Version, refused: &Refused) -> Diagnostic {
    let message = format!("Prometheus {version} refuses the configuration of {scraper}: {}", refused.message);
    Diagnostic::new(Code::PROMETHEUS_REFUSES, message)
        .note("the whole file is refused: a Prometheus that runs keeps the one it had, one that starts does not come up")
}

fn regex_of_all(scraper: &Scraper, regex: &str) -> Diagnostic {
    let message =
        format!("the regex `{regex}` of one rule becomes that of every rule of {scraper} that has none");
    Diagnostic::new(Code::REGEX_OF_ALL, message)
        .note(
            "Prometheus (seen with 3.13.5) takes it for null although it is in quotes, and changes the regex that all rules \
             share: no job is as it was, and no reload brings that back, only a restart",
        )
        .help(format!("write `({regex})`"))
}

fn predict_written(written: &Written, reality: &Reality) -> Prediction {
    let scraper = Scraper {
        kind: FILE.to_owned(),
        namespace: written.namespace.clone(),
        name: written.name.clone(),
        shard: None,
    };
    let mut prediction = Prediction::nothing(scraper, Vec::new());
    let version = match Version::parse_tolerant(reality.prometheus_version("")) {
        Ok(version) => version,
        Err(message) => {
            let message =
                format!("`{}` is no version of Prometheus: {message}", reality.prometheus_version(""));
            prediction.findings.push(Diagnostic::new(Code::PROMETHEUS_REFUSES, message));
            return prediction;
        }
    };
    prediction.release = sd::Release::of(&version);
    match loader(&version, false).load(&written.text) {
        Ok(config) => {
            if let Some((regex, span)) = &config.default_regex {
                let place = Place::new(Arc::clone(&written.text), *span);
                prediction.findings.push(regex_of_all(&prediction.scraper, regex).at(place, ""));
            }
            for (job, span) in config.scrape_configs.iter().zip(&config.spans) {
                let place = Place::new(Arc::clone(&written.text), *span);
                prediction.places.insert(job.job_name.clone(), place);
            }
            prediction.config = Some(config);
        }
        Err(refused) => {
            let mut finding = refusal(&prediction.scraper, &version, &refused);
            if let Some(place) = refused.places.first() {
                finding = finding.at(place.clone(), "");
            }
            prediction.findings.push(finding);
            prediction.refused = Some(refused.message);
        }
    }
    prediction
}
