//! The whole way of `promwire targets`, held to worlds recorded from the real operator, API server and Prometheus (3.13.5): what is
//! refused and in which words, which jobs have no scrape pool, and what is scraped.
//!
//! `tests/targets.rs` compares discovery in every detail; this one holds what is put together of it.
#![allow(clippy::print_stdout, reason = "the counts belong to the result")]

mod recorded;

use std::collections::{BTreeMap, BTreeSet};

use promwire::engine::World;
use promwire::engine::targets::{Asked, Cluster, predict};
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

fn judge(world: &Value, count: &mut Count) {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": world["live"]});
    let live = World::of_text("live.json", &list.to_string(), Some("default"));
    let reality = Reality { prometheus_version: Some("3.13.5".to_owned()), ..Reality::default() };
    let http = world["http_sd"].as_object().into_iter().flatten().map(|(url, body)| {
        (url.clone(), TargetGroup::read_all(body).expect("what was served are target groups"))
    });
    let answers = Answers { http: http.collect(), files: BTreeMap::new() };
    let cluster = Cluster::of(&live, &reality).with_answers(answers);
    for result in world["results"].as_array().into_iter().flatten() {
        let first = std::iter::once((0, result));
        let more = result["shards"].as_object().into_iter().flatten();
        let more = more.map(|(shard, run)| (shard.parse().expect("a number"), run));
        for (shard, run) in first.chain(more) {
            let refused = refusal(run);
            if run["targets"].is_null() && refused.is_none() {
                continue;
            }
            // It has no StatefulSet, so that nothing says its zone.
            if result["name"].as_str().is_some_and(|name| name.contains('.')) {
                continue;
            }
            let name =
                format!("{}/{}", result["namespace"].as_str().unwrap(), result["name"].as_str().unwrap());
            if let Some(difference) =
                compare(&live, &cluster, &reality, result, shard, run, refused, &name, count)
            {
                let seed = &world["seed"];
                count
                    .differences
                    .push(format!("seed {seed} {} {name} shard {shard}: {difference}", result["kind"]));
            }
        }
    }
}

#[allow(clippy::too_many_arguments, reason = "what a comparison is about")]
fn compare(
    live: &World,
    cluster: &Cluster,
    reality: &Reality,
    result: &Value,
    shard: u32,
    run: &Value,
    refused: Option<String>,
    name: &str,
    count: &mut Count,
) -> Option<String> {
    let asked = Asked {
        name: Some(name.to_owned()),
        is_agent: result["kind"] == "PrometheusAgent",
        shard: Some(shard),
    };
    // Its version may be one that was not run.
    let predictions = predict(live, &asked, reality).map_err(|finding| finding.message);
    let prediction = match &predictions {
        Ok(predictions) => &predictions[0],
        Err(message) => return Some(message.clone()),
    };
    count.runs += 1;
    if prediction.refused != refused {
        return Some(format!("refused: ours {:?}, recorded {refused:?}", prediction.refused));
    }
    if refused.is_some() {
        count.refused += 1;
        return None;
    }
    let recorded: BTreeSet<&str> =
        run["targets"]["pools"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let pools = prediction.pools(cluster, Details::default());
    let ours: BTreeSet<&str> = pools.iter().map(|pool| pool.config.job_name.as_str()).collect();
    if ours != recorded {
        return Some(format!("pools: ours {ours:?}, recorded {recorded:?}"));
    }
    let log = run["targets"]["log_errors"].as_array().cloned().unwrap_or_default();
    for lost in &prediction.lost {
        count.lost += 1;
        let is_logged = log
            .iter()
            .filter_map(Value::as_str)
            .any(|line| line.contains(&format!("scrape_pool={}", lost.job)) && line.contains(&lost.message));
        if !is_logged {
            return Some(format!("nobody says that {} is lost: {}", lost.job, lost.message));
        }
    }
    if run["targets"]["sd_failed"] == true {
        return None;
    }
    let shown = |labels: &BTreeMap<String, String>, pool: &str, url: &str| format!("{pool} {url} {labels:?}");
    let mut ours: Vec<String> = Vec::new();
    for row in prediction.rows(cluster, Details::default()) {
        ours.push(shown(&row.labels, &row.job, &row.url));
    }
    let mut recorded: Vec<String> = Vec::new();
    for target in run["targets"]["active"].as_array().into_iter().flatten() {
        let labels = target["labels"].as_object().into_iter().flatten();
        let labels =
            labels.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
        let text = |field: &str| target[field].as_str().unwrap_or_default();
        recorded.push(shown(&labels.collect(), text("scrapePool"), text("scrapeUrl")));
    }
    ours.sort();
    recorded.sort();
    count.targets += recorded.len();
    if ours == recorded {
        return None;
    }
    let only = |these: &[String], those: &[String]| {
        these.iter().find(|one| !those.contains(one)).cloned().unwrap_or_default()
    };
    Some(format!(
        "{} targets, recorded {}\n  only ours     {}\n  only recorded {}",
        ours.len(),
        recorded.len(),
        only(&ours, &recorded),
        only(&recorded, &ours)
    ))
}

#[test]
fn predictions_are_what_was_recorded() {
    let Some(worlds) = recorded::worlds() else { return };
    let mut count = Count::default();
    for world in &worlds {
        judge(world, &mut count);
    }
    println!(
        "{} runs: {} refused with the same words, {} pools lost for the same reason, {} targets: {} differences",
        count.runs,
        count.refused,
        count.lost,
        count.targets,
        count.differences.len()
    );
    for difference in count.differences.iter().take(20) {
        println!("{difference}");
    }
    assert!(count.differences.is_empty());
    assert!(count.runs > 100 && count.refused > 5 && count.lost > 3 && count.targets > 1000);
}
