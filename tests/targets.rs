//! Targets of worlds recorded from the real Prometheus (3.13.5), operator and API server: from the objects that were read back,
//! for every Prometheus and agent and every shard that was run, the targets that Prometheus had.
//!
//! `PROMWIRE_WORLDS` names the folder with `worlds.jsonl.gz`; without it, it is expected beside the checkout. What is not compared,
//! because it is not determined, is said where it is left out.
#![allow(clippy::print_stdout, reason = "the counts belong to the result")]

mod recorded;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use promwire::diagnostic::TextFile;
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
use serde_json::{Value, json};

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_default()
}

/// What was compared, and what differs.
#[derive(Default)]
struct Count {
    runs: usize,
    active: usize,
    dropped: usize,
    refused: usize,
    differences: Vec<String>,
}

/// A world with what was read of it.
struct Recorded<'v> {
    value: &'v Value,
    world: World,
    schemas: SchemaSet,
    snapshot: Snapshot,
    answers: Answers,
}

impl<'v> Recorded<'v> {
    fn read(value: &'v Value) -> Self {
        let list = json!({"apiVersion": "v1", "kind": "List", "items": value["live"]});
        let world = World::of_text("live.json", &list.to_string(), Some("default"));
        let (schemas, _) = SchemaSet::new(world.inventory());
        let snapshot = Snapshot::read(world.inventory());
        let http = value["http_sd"].as_object().into_iter().flatten().map(|(url, body)| {
            (url.clone(), TargetGroup::read_all(body).expect("what was served are target groups"))
        });
        let answers = Answers { http: http.collect(), files: BTreeMap::new() };
        Self { value, world, schemas, snapshot, answers }
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
            (Err(_), true) => {
                count.refused += 1;
                return Ok(());
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
        let mut differences = compare(&world, &pools, &run["targets"], count);
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
    count: &mut Count,
) -> Vec<String> {
    let mut differences = Vec::new();
    let jobs: BTreeSet<&str> =
        recorded["pools"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
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
            .collect()
    };
    for pool in pools.iter().filter(|pool| jobs.contains(pool.config.job_name.as_str())) {
        // Prometheus could not list anything: the world has wrong credentials for the API server.
        if recorded["sd_failed"] == true && !pool.config.kubernetes_sd_configs.is_empty() {
            continue;
        }
        let job = pool.config.job_name.as_str();
        let discovered = |origin: &Origin<'_>| labels(world.discovered(pool, origin).iter());
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

fn judge(value: &Value, count: &Mutex<Count>) {
    let recorded = Recorded::read(value);
    for result in value["results"].as_array().into_iter().flatten() {
        let shards = result["shards"].as_object().into_iter().flatten();
        let others = shards.filter_map(|(number, run)| Some((number.parse().ok()?, run)));
        for (shard, run) in std::iter::once((0, result)).chain(others) {
            let mut local = Count::default();
            if let Err(difference) = recorded.judge(result, shard, run, &mut local) {
                local.differences.push(format!(
                    "world {} {} {}/{} shard {shard}:\n    {difference}",
                    recorded.value["seed"],
                    text(result, "kind"),
                    text(result, "namespace"),
                    text(result, "name")
                ));
            }
            let mut count = count.lock().expect("nothing panics while it is held");
            count.runs += local.runs;
            count.active += local.active;
            count.dropped += local.dropped;
            count.refused += local.refused;
            count.differences.extend(local.differences);
        }
    }
}

#[test]
fn targets_of_worlds() {
    let Some(worlds) = recorded::worlds() else { return };
    let count = Mutex::new(Count::default());
    let next = Mutex::new(worlds.iter());
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let taken = next.lock().expect("nothing panics while it is held").next();
                    let Some(taken) = taken else { break };
                    judge(taken, &count);
                }
            });
        }
    });
    let count = count.into_inner().expect("no thread panicked");
    println!(
        "targets: {} runs of {} worlds with {} active and {} dropped targets, {} refused files, {} runs differ",
        count.runs,
        worlds.len(),
        count.active,
        count.dropped,
        count.refused,
        count.differences.len()
    );
    assert!(count.differences.is_empty(), "{}", count.differences.join("\n"));
}
