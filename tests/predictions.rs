//! The whole way of `promwire targets`, held to worlds recorded from the real operator, API server and Prometheus (3.13.5): what is
//! refused and in which words, which jobs have no scrape pool, and what is scraped.
//!
//! `tests/targets.rs` compares discovery in every detail; this one holds what is put together of it: once from the objects that were
//! read back, once from the authored ones, of which controllers and the operator have made the others.
#![allow(clippy::print_stdout, reason = "the counts belong to the result")]

mod recorded;

use std::collections::{BTreeMap, BTreeSet};

use promwire::engine::World;
use promwire::engine::targets::{Asked, Cluster, Prediction, predict};
use promwire::operator::Reality;
use promwire::sd::{Answers, Details, TargetGroup};
use serde_json::{Value, json};

/// The words of Prometheus in its log, if they say why it refuses its configuration.
fn refusal(run: &Value) -> Option<String> {
    let log = run["targets_error"].as_str()?;
    let (_, words) = log.split_once("parsing YAML file /etc/prometheus/config_out/prometheus.env.yaml: ")?;
    // The log quotes what it says.
    serde_json::from_str(&format!("\"{words}")).ok()
}

#[derive(Default)]
struct Count {
    runs: usize,
    refused: usize,
    lost: usize,
    targets: usize,
    differences: Vec<String>,
}

/// A world, from the objects as they were read back or as they were authored.
struct Case<'w> {
    recorded: &'w Value,
    world: World,
    cluster: Cluster,
    reality: Reality,
    is_live: bool,
}

/// One run of Prometheus.
struct Run<'w> {
    result: &'w Value,
    shard: u32,
    recorded: &'w Value,
    refused: Option<String>,
}

impl<'w> Case<'w> {
    fn new(recorded: &'w Value, is_live: bool) -> Self {
        let items = if is_live { &recorded["live"] } else { &recorded["objects"] };
        let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
        let world = World::of_text("objects.json", &list.to_string(), Some("default"));
        // Every run was with this version, whatever the object says.
        let reality = Reality { prometheus_version: Some("3.13.5".to_owned()), ..Reality::default() };
        let http = recorded["http_sd"].as_object().into_iter().flatten().map(|(url, body)| {
            (url.clone(), TargetGroup::read_all(body).expect("what was served are target groups"))
        });
        let answers = Answers { http: http.collect(), files: BTreeMap::new() };
        let cluster = Cluster::of(&world, &reality).with_answers(answers);
        Self { recorded, world, cluster, reality, is_live }
    }

    fn runs(&self) -> Vec<Run<'w>> {
        let mut runs = Vec::new();
        for result in self.recorded["results"].as_array().into_iter().flatten() {
            // It has no StatefulSet, so that nothing says its zone.
            if result["name"].as_str().is_some_and(|name| name.contains('.')) {
                continue;
            }
            let more = result["shards"].as_object().into_iter().flatten();
            let more = more.map(|(shard, run)| (shard.parse().expect("a number"), run));
            for (shard, recorded) in std::iter::once((0, result)).chain(more) {
                let refused = refusal(recorded);
                if !recorded["targets"].is_null() || refused.is_some() {
                    runs.push(Run { result, shard, recorded, refused });
                }
            }
        }
        runs
    }

    fn judge(&self, count: &mut Count) {
        for run in self.runs() {
            if let Err(difference) = self.compare(&run, count) {
                let (seed, result) = (&self.recorded["seed"], run.result);
                count.differences.push(format!(
                    "seed {seed} {} {}/{} shard {}: {difference}",
                    result["kind"], result["namespace"], result["name"], run.shard
                ));
            }
        }
    }

    fn compare(&self, run: &Run<'_>, count: &mut Count) -> Result<(), String> {
        let text = |field: &str| run.result[field].as_str().unwrap_or_default();
        let asked = Asked {
            name: Some(format!("{}/{}", text("namespace"), text("name"))),
            is_agent: text("kind") == "PrometheusAgent",
            shard: Some(run.shard),
        };
        let predictions = predict(&self.world, &asked, &self.reality).map_err(|finding| finding.message)?;
        let prediction = &predictions[0];
        count.runs += 1;
        if prediction.refused != run.refused {
            return Err(format!("refused: ours {:?}, recorded {:?}", prediction.refused, run.refused));
        }
        if run.refused.is_some() {
            count.refused += 1;
            return Ok(());
        }
        let recorded = &run.recorded["targets"];
        let pools: BTreeSet<&str> =
            recorded["pools"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let config = prediction.config.as_ref().ok_or("no configuration")?;
        let ours: BTreeSet<&str> = config.scrape_configs.iter().map(|job| job.job_name.as_str()).collect();
        if ours != pools {
            return Err(format!("pools: ours {ours:?}, recorded {pools:?}"));
        }
        let log = recorded["log_errors"].as_array().cloned().unwrap_or_default();
        for lost in &prediction.lost {
            count.lost += 1;
            let pool = format!("scrape_pool={}", lost.job);
            let mut lines = log.iter().filter_map(Value::as_str);
            if !lines.any(|line| line.contains(&pool) && line.contains(&lost.message)) {
                return Err(format!("nobody says that {} is lost: {}", lost.job, lost.message));
            }
        }
        if recorded["sd_failed"] == true {
            return Ok(());
        }
        let (ours, theirs) = (self.ours(prediction), self.theirs(recorded));
        count.targets += theirs.len();
        same(&ours, &theirs)
    }

    fn ours(&self, prediction: &Prediction) -> Vec<String> {
        let rows = prediction.rows(&self.cluster, Details::default()).into_iter();
        // Nobody ran the pods of workloads in these worlds.
        let rows = rows.filter(|row| self.is_live || !row.subject.is_symbolic);
        let mut rows: Vec<String> = rows.map(|row| shown(&row.job, &row.url, &row.labels)).collect();
        rows.sort();
        rows
    }

    fn theirs(&self, recorded: &Value) -> Vec<String> {
        let active = recorded["active"].as_array().into_iter().flatten();
        let active = active.filter(|target| self.is_live || !is_of_the_cluster(&target["discoveredLabels"]));
        let mut rows: Vec<String> = active
            .map(|target| {
                let text = |field: &str| target[field].as_str().unwrap_or_default();
                let labels = target["labels"].as_object().into_iter().flatten();
                let labels =
                    labels.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
                shown(text("scrapePool"), text("scrapeUrl"), &labels.collect())
            })
            .collect();
        rows.sort();
        rows
    }
}

/// What every cluster has and nobody authors: the Service of the API server.
fn is_of_the_cluster(discovered: &Value) -> bool {
    let is = |name: &str, value: &str| discovered[format!("__meta_kubernetes_{name}")] == value;
    is("namespace", "default")
        && (is("service_name", "kubernetes")
            || is("endpoints_name", "kubernetes")
            || is("endpointslice_name", "kubernetes"))
}

fn shown(pool: &str, url: &str, labels: &BTreeMap<String, String>) -> String {
    format!("{pool} {url} {labels:?}")
}

fn same(ours: &[String], theirs: &[String]) -> Result<(), String> {
    if ours == theirs {
        return Ok(());
    }
    let only = |these: &[String], those: &[String]| {
        these.iter().find(|one| !those.contains(one)).cloned().unwrap_or_default()
    };
    Err(format!(
        "{} targets, recorded {}\n  only ours     {}\n  only recorded {}",
        ours.len(),
        theirs.len(),
        only(ours, theirs),
        only(theirs, ours)
    ))
}

fn judge_all(is_live: bool) -> Option<Count> {
    let worlds = recorded::worlds()?;
    let mut count = Count::default();
    for world in &worlds {
        Case::new(world, is_live).judge(&mut count);
    }
    println!(
        "{}: {} runs, {} refused with the same words, {} pools lost for the same reason, {} targets: {} differences",
        if is_live { "read back" } else { "authored" },
        count.runs,
        count.refused,
        count.lost,
        count.targets,
        count.differences.len()
    );
    for difference in count.differences.iter().take(20) {
        println!("{difference}");
    }
    Some(count)
}

#[test]
fn predictions_from_what_was_read_back() {
    let Some(count) = judge_all(true) else { return };
    assert!(count.differences.is_empty());
    assert!(count.runs > 100 && count.refused > 5 && count.lost > 3 && count.targets > 1000);
}

#[test]
fn predictions_from_what_was_authored() {
    let Some(count) = judge_all(false) else { return };
    assert!(count.differences.is_empty());
    assert!(count.runs > 100 && count.refused > 5 && count.targets > 1000);
}
