//! Comparing the targets of a Prometheus that really ran with those that are predicted from the objects that were read back.
//!
//! What is not compared, because it is not determined, is said where it is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clap::{Args as _, Command};
use promwire::config::{RealityArgs, Section};
use promwire::diagnostic::TextFile;
use promwire::engine::targets::{Asked, Cluster, predict};
use promwire::engine::{Wanted, World, compile};
use promwire::kubernetes::selector_text::{check_fields, check_labels};
use promwire::kubernetes::snapshot::Snapshot;
use promwire::model::kind::GroupKind;
use promwire::model::schema::SchemaSet;
use promwire::operator::{Instance, Reality};
use promwire::prom::config::{Loader, Selectors};
use promwire::prom::version::Version;
use promwire::sd::{Answers, Details, Origin, Pool, Release, TargetGroup};
use promwire::source::Ordered;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::recorded;

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_default()
}

/// What was compared, and what differs.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Count {
    /// Prometheuses and shards that ran.
    pub(crate) runs: usize,
    pub(crate) pools: usize,
    pub(crate) active: usize,
    pub(crate) dropped: usize,
    /// Jobs with targets that fail.
    pub(crate) failing: usize,
    /// Jobs that have no pool.
    pub(crate) missing: usize,
    /// Files that Prometheus refuses, and whose refusal is predicted.
    pub(crate) refused: usize,
    /// Pools left out because two names of labels are one when they are sanitised, and rules read that one: which of the values
    /// it has is up to chance.
    pub(crate) collisions: usize,
    /// Pools left out because their discovery could not ask the API server.
    pub(crate) unanswered: usize,
    pub(crate) differences: Vec<String>,
}

impl Count {
    pub(crate) fn add(&mut self, other: Self) {
        self.differences.extend(other.differences);
        macro_rules! sum {
            ($($field:ident)*) => { $(self.$field += other.$field;)* };
        }
        sum! { runs pools active dropped failing missing refused collisions unanswered }
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} runs with {} pools, {} active and {} dropped targets, {} jobs with targets that fail, {} jobs without a pool, {} \
             refused files; left out {} pools for colliding names of labels and {} whose API server did not answer",
            self.runs,
            self.pools,
            self.active,
            self.dropped,
            self.failing,
            self.missing,
            self.refused,
            self.collisions,
            self.unanswered
        )
    }
}

/// A world with what was read of it.
pub(crate) struct Recorded {
    seed: Value,
    operator: Vec<String>,
    ambiguous: BTreeSet<String>,
    world: World,
    schemas: SchemaSet,
    snapshot: Snapshot,
    answers: Answers,
}

impl Recorded {
    pub(crate) fn read(value: &Value) -> Self {
        let list = json!({"apiVersion": "v1", "kind": "List", "items": value["live"]});
        let world = World::of_text("live.json", &list.to_string(), Some("default"));
        let (schemas, _) = SchemaSet::new(world.inventory());
        let snapshot = Snapshot::read(world.inventory());
        let http = value["http_sd"].as_object().into_iter().flatten().map(|(url, body)| {
            (url.clone(), TargetGroup::read_all(body).expect("what was served are target groups"))
        });
        let answers = Answers { http: http.collect(), files: BTreeMap::new() };
        let arguments = value["operator"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Self {
            seed: value["seed"].clone(),
            operator: arguments.map(str::to_owned).collect(),
            ambiguous: ambiguous(&value["live"]),
            world,
            schemas,
            snapshot,
            answers,
        }
    }

    /// Everything that a result holds: the first shard, and others.
    pub(crate) fn judge_all(&self, result: &Value) -> Count {
        let shards = result["shards"].as_object().into_iter().flatten();
        let others = shards.filter_map(|(number, run)| Some((number.parse().ok()?, run)));
        let mut count = Count::default();
        for (shard, run) in std::iter::once((0, result)).chain(others) {
            if let Err(difference) = self.judge(result, shard, run, &mut count) {
                count.differences.push(format!(
                    "world {} {} {}/{} shard {shard}:\n    {difference}",
                    self.seed,
                    text(result, "kind"),
                    text(result, "namespace"),
                    text(result, "name")
                ));
            }
        }
        count
    }

    /// The differences of the whole way, as the command goes it: with what the ServiceAccount may list, and with the version that
    /// the object names.
    #[allow(dead_code, reason = "not every test has what the whole way needs")]
    pub(crate) fn judge_whole(&self, result: &Value) -> Result<Count, String> {
        let reality = reality(&self.operator)?;
        let asked = Asked {
            name: Some(format!("{}/{}", text(result, "namespace"), text(result, "name"))),
            is_agent: text(result, "kind") == "PrometheusAgent",
            shard: Some(0),
        };
        let cluster = Cluster::of(&self.world, &reality);
        let predictions = predict(&self.world, &asked, &reality).map_err(|finding| finding.message)?;
        let mut count = Count { runs: 1, ..Count::default() };
        for prediction in &predictions {
            let pools = prediction.pools(&cluster, Details { dropped: true });
            let world = prediction.world(&cluster);
            let differences = compare(&world, &pools, &result["targets"], &self.ambiguous, &mut count);
            let title = format!("world {} {}:", self.seed, prediction.scraper);
            count
                .differences
                .extend(differences.into_iter().map(|difference| format!("{title}\n    {difference}")));
        }
        Ok(count)
    }

    /// The differences for one Prometheus and one of its shards.
    fn judge(&self, result: &Value, shard: u32, run: &Value, count: &mut Count) -> Result<(), String> {
        let (kind, namespace, name) = (text(result, "kind"), text(result, "namespace"), text(result, "name"));
        let is_agent = kind == "PrometheusAgent";
        let wanted = Wanted { name: Some(format!("{namespace}/{name}")), is_agent };
        let reality = Reality::default();
        let compiled = compile(&self.world, &wanted, &reality).map_err(|error| error.message.clone())?;
        let Some(config) = compiled.config.map(Ordered::revealed) else {
            return if run["targets"].is_null() { Ok(()) } else { Err("no configuration".to_owned()) };
        };
        let error = text(run, "targets_error");
        if run["targets"].is_null() && !error.contains("Error loading config") {
            return Ok(());
        }
        let group_kind = if is_agent { GroupKind::PROMETHEUS_AGENT } else { GroupKind::PROMETHEUS };
        let object = self.world.inventory().get(group_kind, Some(namespace), name).expect("it was compiled");
        let mut instance = Instance::of(object, &self.schemas, &reality, shard);
        if name.contains('.') {
            // It has no StatefulSet, so that nothing says its zone; the recording has the rest.
            instance
                .environment
                .retain(|name, _| !["TOPOLOGY_ZONE", "INZONE_SHARD"].contains(&name.as_str()));
        }
        for (name, value) in run["targets"]["env"].as_object().into_iter().flatten() {
            if name == "NODE_NAME" {
                // An agent on each Node runs on one of them.
                instance.environment.insert(name.clone(), value.as_str().unwrap_or_default().to_owned());
            }
            if instance.environment.get(name).map(String::as_str) != value.as_str() {
                return Err(format!("{name} is {value}, predicted {:?}", instance.environment.get(name)));
            }
        }
        let loader = Loader {
            version: Version::new(3, 13, 5),
            is_agent,
            selectors: Selectors { label: check_labels, field: check_fields },
        };
        let file = TextFile::new("prometheus.yaml", instance.expand(&config.to_yaml()));
        let configuration = match (loader.load(&Arc::new(file)), run["targets"].is_null()) {
            (Err(refused), true) => {
                count.refused += 1;
                return match words(error) {
                    Some(words) if words != refused.message => {
                        Err(format!("refused with `{words}`, predicted was `{}`", refused.message))
                    }
                    _ => Ok(()),
                };
            }
            (Err(refused), false) => return Err(format!("refused: {}", refused.message)),
            (Ok(_), true) => return Err(format!("not refused: {error}")),
            (Ok(configuration), false) => configuration,
        };
        let jobs = &configuration.scrape_configs;
        let needed = jobs.iter().flat_map(|job| {
            let of_discovery = job.kubernetes_sd_configs.iter().flat_map(|sd| sd.tls.files());
            job.needed_files().chain(of_discovery).map(|file| file.path.to_owned())
        });
        let missing_files = needed.filter(|path| compiled.mounts.has(path) == Some(false)).collect();
        let world = promwire::sd::World {
            snapshot: &self.snapshot,
            answers: &self.answers,
            release: Release::default(),
            own_namespace: namespace,
            missing_files: &missing_files,
        };
        let pools = world.pools(&configuration.scrape_configs, Details { dropped: true });
        count.runs += 1;
        let mut differences = compare(&world, &pools, &run["targets"], &self.ambiguous, count);
        // What is not asked for each dropped target goes another way to the same targets.
        let short = world.pools(jobs, Details::default());
        differences.extend(
            pools
                .iter()
                .zip(&short)
                .filter(|(plain, short)| !is_alike(plain, short))
                .map(|(plain, _)| format!("{}: the short way has another result", plain.config.job_name)),
        );
        if differences.is_empty() { Ok(()) } else { Err(differences.join("\n    ")) }
    }
}

/// Whether two ways to a pool have led to the same targets.
fn is_alike(one: &Pool<'_>, other: &Pool<'_>) -> bool {
    let rows = |pool: &Pool<'_>| -> Vec<_> {
        pool.active.iter().map(|target| (target.labels.clone(), target.url.clone())).collect()
    };
    let failures =
        |pool: &Pool<'_>| -> Vec<_> { pool.failed.iter().map(|failure| failure.message.clone()).collect() };
    rows(one) == rows(other)
        && failures(one) == failures(other)
        && (one.dropped_count, one.duplicates.len()) == (other.dropped_count, other.duplicates.len())
}

/// The operator of a recording, by the arguments it had.
#[allow(dead_code, reason = "of the whole way")]
fn reality(arguments: &[String]) -> Result<Reality, String> {
    let command = RealityArgs::augment_args(Command::new("reality").no_binary_name(true));
    let matches = command.try_get_matches_from(arguments).map_err(|error| error.to_string())?;
    let args = RealityArgs::layered(&matches, &Section::empty()).map_err(|finding| finding.message)?;
    args.reality().map_err(|finding| finding.message)
}

/// Why Prometheus refuses a file, if that is what it says: in its log, where it is quoted, or in the answer to a reload.
fn words(said: &str) -> Option<String> {
    let first = said.lines().next().unwrap_or_default();
    let (_, words) =
        first.split_once("parsing YAML file /etc/prometheus/config_out/prometheus.env.yaml: ")?;
    let logged = said.contains("level=").then(|| serde_json::from_str(&format!("\"{words}")).ok()).flatten();
    Some(logged.unwrap_or_else(|| words.to_owned()))
}

/// Meta labels that an object has twice: two of its keys are one name when they are sanitised.
fn ambiguous(live: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for object in live.as_array().into_iter().flatten() {
        let kind = text(object, "kind").to_lowercase();
        for (field, part) in [("labels", "label"), ("annotations", "annotation")] {
            let mut seen = BTreeSet::new();
            for key in object["metadata"][field].as_object().into_iter().flatten().map(|(key, _)| key) {
                let name = promwire::prom::label_name::sanitise(key);
                if !seen.insert(name.clone()) {
                    found.insert(format!("__meta_kubernetes_{kind}_{part}_{name}"));
                }
            }
        }
    }
    found
}

/// Whether rules of a job read one of these labels, or all there are.
fn reads(pool: &Pool<'_>, labels: &BTreeSet<String>) -> bool {
    let of_kubernetes = !pool.config.kubernetes_sd_configs.is_empty() && !labels.is_empty();
    of_kubernetes
        && pool.config.relabel_configs.iter().any(|rule| {
            let action = rule.action.as_deref().unwrap_or_default();
            action.eq_ignore_ascii_case("labelmap")
                || rule.source_labels.iter().flatten().any(|name| labels.contains(name))
        })
}

/// Labels as the API of Prometheus has them.
fn labels<'l>(pairs: impl Iterator<Item = (&'l str, &'l str)>) -> Value {
    pairs.map(|(name, value)| (name.to_owned(), Value::from(value))).collect::<serde_json::Map<_, _>>().into()
}

/// How often each row stands in a list.
fn counted(rows: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for row in rows {
        *counted.entry(row).or_default() += 1;
    }
    counted
}

fn compare(
    world: &promwire::sd::World<'_>,
    pools: &[Pool<'_>],
    recorded: &Value,
    ambiguous: &BTreeSet<String>,
    count: &mut Count,
) -> Vec<String> {
    let mut differences = Vec::new();
    let jobs: BTreeSet<&str> =
        recorded["pools"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    count.pools += jobs.len();
    count.missing += pools.len() - jobs.len().min(pools.len());
    let there = pools.iter().filter(|pool| pool.missing_file.is_none());
    let predicted: BTreeSet<&str> = there.map(|pool| pool.config.job_name.as_str()).collect();
    if jobs != predicted {
        let missing: Vec<_> = jobs.difference(&predicted).collect();
        let extra: Vec<_> = predicted.difference(&jobs).collect();
        differences
            .push(format!("pools: not predicted {missing:?}, predicted without being there {extra:?}"));
    }
    let of_job = |list: &str, job: &str| -> Vec<Value> {
        recorded[list]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|row| text(row, "scrapePool") == job)
            .cloned()
            .map(|mut row| {
                if let Some(labels) = row["discoveredLabels"].as_object_mut() {
                    labels.retain(|name, _| !ambiguous.contains(name));
                }
                row
            })
            .collect()
    };
    for pool in pools.iter().filter(|pool| jobs.contains(pool.config.job_name.as_str())) {
        let job = pool.config.job_name.as_str();
        // Prometheus could not list anything: the world has wrong credentials for the API server, or another one.
        if recorded["sd_failed"] == true
            && pool.config.kubernetes_sd_configs.iter().any(|sd| sd.api_server.is_some())
        {
            count.unanswered += 1;
            continue;
        }
        if reads(pool, ambiguous) {
            count.collisions += 1;
            continue;
        }
        let discovered = |origin: &Origin<'_>| {
            labels(world.discovered(pool, origin).iter().filter(|(name, _)| !ambiguous.contains(*name)))
        };
        let mut expected = of_job("active", job);
        count.active += expected.len();
        let found: Vec<Value> = pool
            .active
            .iter()
            .map(|target| {
                json!({
                    "discoveredLabels": discovered(&target.origin),
                    "labels": labels(target.labels.public()),
                    "scrapePool": job,
                    "scrapeUrl": target.url,
                    "scrapeInterval": target.interval(),
                    "scrapeTimeout": target.timeout(),
                })
            })
            .collect();
        // Targets that are the same are shown with the discovered labels of one of them: any of ours will do.
        for (at, origin) in &pool.duplicates {
            let mut other = found[*at].clone();
            other["discoveredLabels"] = discovered(origin);
            for row in expected.iter_mut().filter(|row| **row == other) {
                row.clone_from(&found[*at]);
            }
        }
        differences.extend(difference(job, "active", &expected, &found));
        let sync = recorded["sync_failures"][job].as_f64().unwrap_or_default();
        count.failing += usize::from(sync > 0.0);
        // The counter grows with every sync of what cannot be made a target.
        if (sync > 0.0) == pool.failed.is_empty() {
            let messages: Vec<&str> = pool.failed.iter().map(|failure| failure.message.as_str()).collect();
            differences.push(format!("{job}: {sync} sync failures, predicted {messages:?}"));
        }
        let expected = recorded["dropped_counts"][job].as_u64().unwrap_or_default();
        if expected != pool.dropped_count as u64 {
            differences.push(format!("{job}: {expected} dropped, predicted {}", pool.dropped_count));
        }
        let kept = pool.config.limits.keep_dropped_targets;
        if kept == 0 || kept >= expected {
            let expected = of_job("dropped", job);
            count.dropped += expected.len();
            let found = pool
                .dropped
                .iter()
                .map(|dropped| json!({"discoveredLabels": discovered(&dropped.origin), "scrapePool": job}));
            differences.extend(difference(job, "dropped", &expected, &found.collect::<Vec<_>>()));
        }
    }
    differences
}

/// The rows that stand in one list only.
fn difference(job: &str, what: &str, expected: &[Value], found: &[Value]) -> Vec<String> {
    let rows = |list: &[Value]| counted(list.iter().map(Value::to_string));
    let (mut missing, mut extra) = (rows(expected), rows(found));
    for (row, count) in &mut missing {
        if let Some(other) = extra.get_mut(row) {
            let common = (*count).min(*other);
            *count -= common;
            *other -= common;
        }
    }
    let left = |rows: BTreeMap<String, usize>| -> Vec<String> {
        rows.into_iter().filter(|(_, count)| *count > 0).map(|(row, _)| row).collect()
    };
    let (missing, extra) = (left(missing), left(extra));
    let mut lines = Vec::new();
    if let (Some(first), Some(other)) = (missing.first(), extra.first()) {
        let (a, b): (Value, Value) = (
            serde_json::from_str(first).unwrap_or_default(),
            serde_json::from_str(other).unwrap_or_default(),
        );
        let nearest = recorded::difference(&a, &b).unwrap_or_default();
        lines.push(format!(
            "{job} {what}: {} missing, {} too much, the first: {nearest}",
            missing.len(),
            extra.len()
        ));
    } else if let Some(first) = missing.first() {
        lines.push(format!("{job} {what}: {} missing: {first}", missing.len()));
    } else if let Some(first) = extra.first() {
        lines.push(format!("{job} {what}: {} too much: {first}", extra.len()));
    }
    lines
}
