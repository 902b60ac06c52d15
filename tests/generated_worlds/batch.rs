//! One batch: worlds on a server of their own, under one operator after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;
use std::time::Duration;

use futures::StreamExt as _;
use promwire::operator::Reality;
use promwire::prom::version::Version;
use promwire_rig::cluster::{Cluster, OperatorOptions};
use promwire_rig::programs::Programs;
use promwire_rig::run_folder::RunFolder;
use promwire_rig::worlds::{World, generate};
use serde_json::{Value, json};

use crate::collect::{self, Told};
use crate::judge::{self, Seen};
use crate::predict::{self, Subject};
use crate::record;
use crate::recorded::yaml;
use crate::report::Report;
use crate::run_on;
use crate::running::Recorded;
use crate::variant::{self, Variant};

/// Prometheuses of a batch that are asked of the command, too, which reads the whole server each time.
const SAMPLES: usize = 4;

/// Runs the worlds of these seeds.
pub(crate) fn run(programs: Programs, run: RunFolder, seeds: &[u64]) -> Result<Report, String> {
    let runtime =
        tokio::runtime::Runtime::new().map_err(|error| format!("the asynchronous runtime: {error}"))?;
    runtime.block_on(async {
        let cluster = Cluster::start(programs, run).await?;
        let mut worlds: Vec<World> = seeds.iter().copied().map(generate).collect();
        let mut report = Report::new(&worlds);
        let crashing = hold_back(&mut worlds);
        report.refused = crate::apply::worlds(&cluster, &mut worlds).await;
        report.count(&worlds);
        let subjects: Vec<(u64, Subject)> = worlds
            .iter()
            .flat_map(|world| {
                world.objects.iter().filter_map(Subject::of).map(|subject| (world.seed, subject))
            })
            .collect();
        let namespaces: Vec<String> = worlds
            .iter()
            .flat_map(|world| &world.objects)
            .filter(|object| object["kind"] == "Namespace")
            .filter_map(|object| object["metadata"]["name"].as_str().map(str::to_owned))
            .collect();
        for variant in variant::all(&namespaces) {
            under(&cluster, &worlds, &subjects, &namespaces, &variant, &mut report).await?;
        }
        crashes(&cluster, crashing, &mut report).await?;
        Ok(report)
    })
}

/// Takes those out that are predicted to kill the operator: it would do nothing for the others, either.
fn hold_back(worlds: &mut [World]) -> Vec<(u64, Value)> {
    let is_old = |object: &Value| {
        let version = object["spec"]["version"].as_str().unwrap_or_default();
        Version::parse_tolerant(version).is_ok_and(|version| !version.is_at_least(2, 26, 0))
    };
    let mut held = Vec::new();
    if !worlds
        .iter()
        .flat_map(|world| &world.objects)
        .any(|object| Subject::of(object).is_some() && is_old(object))
    {
        return held;
    }
    let all: Vec<Value> = worlds.iter().flat_map(|world| world.objects.iter().cloned()).collect();
    let known = predict::world(&all);
    for world in worlds {
        let seed = world.seed;
        world.objects.retain(|object| {
            let crashes = is_old(object)
                && Subject::of(object).is_some_and(|subject| {
                    predict::of(&known, &subject, &Reality::default())
                        .is_ok_and(|prediction| prediction.crashes)
                });
            if crashes {
                held.push((seed, object.clone()));
            }
            !crashes
        });
    }
    held
}

/// What one operator makes of them.
async fn under(
    cluster: &Cluster,
    worlds: &[World],
    subjects: &[(u64, Subject)],
    namespaces: &[String],
    variant: &Variant,
    report: &mut Report,
) -> Result<(), String> {
    let reality = variant.reality()?;
    let only: Vec<Subject> = subjects.iter().map(|(_, subject)| subject.clone()).collect();
    collect::forget(cluster, &only, namespaces).await?;
    let authored: Vec<Value> = worlds.iter().flat_map(|world| world.objects.iter().cloned()).collect();
    let options = OperatorOptions { arguments: variant.arguments.clone() };
    let mut operator = cluster.operator(&options).await?;
    // While the operator works, so does promwire.
    let objects = judge::predictions(&predict::world(&authored), subjects, &reality);
    let handled = objects.iter().filter(|one| one.as_ref().is_ok_and(|one| !one.unhandled)).count();
    let settled = collect::settled(&mut operator, handled).await;
    let (told, events) = steady_rejections(cluster).await?;
    let configs: Vec<Result<Option<String>, String>> =
        futures::stream::iter(subjects.iter().map(|(_, subject)| collect::config(cluster, subject)))
            .buffered(12)
            .collect()
            .await;
    let configs = configs.into_iter().collect::<Result<Vec<_>, String>>()?;
    operator.stop().await;
    let live = collect::live(cluster).await?;
    // The other operators write other configurations of the same kinds.
    let ran = if variant.arguments.is_empty() && std::env::var_os(crate::TARGETS).is_some() {
        let ran = run_on::all(cluster, subjects, &configs).await?;
        let (before, after) = (collect::found(&live), collect::found(&collect::live(cluster).await?));
        for object in before.symmetric_difference(&after) {
            report.differ(
                json!({"what": format!("while Prometheuses ran this came, went or changed: {object}")}),
            );
        }
        ran
    } else {
        run_on::Ran::default()
    };
    if let Err(message) = settled {
        report.differ(json!({"variant": variant.name, "what": message}));
    }

    let from_live = judge::predictions(&predict::world(&live), subjects, &reality);
    let predicted = judge::predicted(subjects, &from_live);
    let recording = record::Seen {
        variant,
        worlds,
        live: &live,
        events: &events,
        subjects,
        configs: &configs,
        predicted: &predicted,
        ran: &ran,
    };
    let conditions = conditions(&live);
    let mut different = BTreeSet::new();
    for (index, (seed, subject)) in subjects.iter().enumerate() {
        let seen =
            Seen { config: configs[index].as_deref(), failure: conditions.get(subject).map(String::as_str) };
        for (source, predictions) in [("objects", &objects), ("live", &from_live)] {
            report.compared += 1;
            if let Some(difference) = judge::configuration(&predictions[index], &seen) {
                different.insert(*seed);
                report.differ(json!({"seed": seed, "prometheus": subject.title(), "variant": variant.name,
                    "input": source, "what": difference}));
            }
        }
        report.results(&from_live[index], seen.config);
    }
    for (seed, difference) in judge::rejections(&predicted, &told) {
        different.extend(seed);
        report.differ(json!({"seed": seed, "variant": variant.name, "what": difference}));
    }
    different.extend(targets(&live, subjects, &ran, report));
    if let [only] = worlds {
        different.insert(only.seed);
    }
    for seed in different {
        report.written.push(recording.write(seed)?);
    }
    report.rejections += told.values().map(BTreeSet::len).sum::<usize>();
    report.variants += 1;
    sample(cluster, &live, subjects, &configs, variant, report).await
}

/// Compares what Prometheuses had for targets, and gives the worlds where it is not what was predicted.
fn targets(
    live: &[Value],
    subjects: &[(u64, Subject)],
    ran: &run_on::Ran,
    report: &mut Report,
) -> BTreeSet<u64> {
    let mut different = BTreeSet::new();
    let recorded = json!({"seed": "", "live": live});
    let recorded = Recorded::read(&recorded);
    for (number, result) in &ran.results {
        let (seed, subject) = &subjects[*number];
        let mut result = result.clone();
        result["kind"] = subject.kind().into();
        result["namespace"] = subject.namespace.as_str().into();
        result["name"] = subject.name.as_str().into();
        let mut count = recorded.judge_all(&result);
        for difference in std::mem::take(&mut count.differences) {
            different.insert(*seed);
            report.differ(json!({"seed": seed, "prometheus": subject.title(), "what": difference}));
        }
        report.targets.add(count);
    }
    report.not_run += ran.not_run.len();
    for (number, reason) in &ran.not_run {
        promwire_rig::say(&format!("{} does not run: {reason}", subjects[*number].1.title()));
    }
    different
}

/// Rejections, once no more are told.
async fn steady_rejections(cluster: &Cluster) -> Result<(Told, Vec<Value>), String> {
    let mut last = collect::rejections(cluster).await?;
    loop {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let next = collect::rejections(cluster).await?;
        if next.0 == last.0 {
            return Ok(next);
        }
        last = next;
    }
}

/// What the operator says of the Prometheuses it could not reconcile.
fn conditions(live: &[Value]) -> BTreeMap<Subject, String> {
    let failure = |object: &Value| {
        let conditions = object["status"]["conditions"].as_array()?;
        let found = conditions.iter().find(|one| one["type"] == "Reconciled" && one["status"] == "False")?;
        found["message"].as_str().map(str::to_owned)
    };
    live.iter().filter_map(|object| Some((Subject::of(object)?, failure(object)?))).collect()
}

/// Asks the command for some of them.
async fn sample(
    cluster: &Cluster,
    live: &[Value],
    subjects: &[(u64, Subject)],
    configs: &[Option<String>],
    variant: &Variant,
    report: &mut Report,
) -> Result<(), String> {
    let path = cluster.run().path().join("live.json");
    let list = json!({"apiVersion": "v1", "kind": "List", "items": live});
    std::fs::write(&path, list.to_string()).map_err(|error| format!("{}: {error}", path.display()))?;
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let written: Vec<usize> = (0..subjects.len())
        .filter(|index| configs[*index].as_ref().is_some_and(|text| !text.is_empty()))
        .collect();
    for index in written.iter().step_by((written.len() / SAMPLES).max(1)).take(SAMPLES) {
        let (seed, subject) = &subjects[*index];
        let mut command = tokio::process::Command::new(&program);
        command.env(crate::AS_PROMWIRE, "1").arg("scrape-config").arg("-f").arg(&path);
        command.arg("--prometheus").arg(format!("{}/{}", subject.namespace, subject.name));
        command.arg("--show-secrets").args(&variant.arguments).stdin(Stdio::null());
        if subject.is_agent {
            command.arg("--agent");
        }
        let said = command.output().await.map_err(|error| error.to_string())?;
        let expected = yaml(configs[*index].as_deref().unwrap_or_default());
        let found = yaml(&String::from_utf8_lossy(&said.stdout));
        report.commands += 1;
        if let Some(difference) = crate::recorded::difference(&expected, &found) {
            let words = String::from_utf8_lossy(&said.stderr).into_owned();
            report.differ(json!({"seed": seed, "prometheus": subject.title(), "variant": variant.name,
                "input": "the command", "what": difference, "said": words}));
        }
    }
    Ok(())
}

/// Those that were held back kill the operator, each on its own.
async fn crashes(cluster: &Cluster, held: Vec<(u64, Value)>, report: &mut Report) -> Result<(), String> {
    for (seed, object) in held {
        if let Err(refused) = cluster.apply(std::slice::from_ref(&object)).await {
            report.differ(json!({"seed": seed, "what": refused.join("\n")}));
            continue;
        }
        // It looks after few others, so that it comes to this one soon.
        let place = object["metadata"]["namespace"].as_str().unwrap_or_default();
        let only = OperatorOptions { arguments: vec![format!("--prometheus-instance-namespaces={place}")] };
        let died = match cluster.operator(&only).await {
            Err(words) => Some(words),
            Ok(mut operator) => {
                let within = tokio::time::timeout(Duration::from_mins(2), async {
                    while operator.ended().is_none() {
                        tokio::time::sleep(Duration::from_millis(200)).await;
                    }
                });
                let ended = within.await.is_ok();
                let words = operator.ended().filter(|_| ended);
                operator.stop().await;
                words
            }
        };
        let title = promwire_rig::manifests::title(&object);
        match died {
            Some(words) if words.contains("index out of range") || words.contains("panic") => {
                report.crashes += 1;
            }
            Some(words) => {
                report.differ(json!({"seed": seed, "what": format!("{title}: the operator ended: {words}")}));
            }
            None => report.differ(json!({"seed": seed, "what": format!("{title}: the operator lives on")})),
        }
        cluster.delete(&object).await?;
    }
    Ok(())
}
