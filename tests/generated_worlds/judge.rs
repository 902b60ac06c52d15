//! Comparing what the operator did with what was predicted.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::PathBuf;

use flate2::write::GzEncoder;
use promwire::operator::Reality;
use promwire_rig::worlds::World;
use serde_json::{Value, json};

use crate::collect::Told;
use crate::predict::{self, Prediction, Subject};
use crate::recorded::{difference, yaml};
use crate::variant::Variant;

/// What the operator did for a Prometheus.
pub(crate) struct Seen<'s> {
    /// The configuration; none without one, empty where it is the user's.
    pub(crate) config: Option<&'s str>,
    /// What it says where it could not reconcile.
    pub(crate) failure: Option<&'s str>,
}

/// Predictions for all of them, on all processors.
pub(crate) fn predictions(
    world: &promwire::engine::World,
    subjects: &[(u64, Subject)],
    reality: &Reality,
) -> Vec<Result<Prediction, String>> {
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let size = subjects.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = subjects
            .chunks(size)
            .map(|part| {
                scope.spawn(move || {
                    part.iter().map(|(_, subject)| predict::of(world, subject, reality)).collect::<Vec<_>>()
                })
            })
            .collect();
        parts.into_iter().flat_map(|part| part.join().expect("a prediction does not panic")).collect()
    })
}

/// Where a prediction is wrong.
pub(crate) fn configuration(prediction: &Result<Prediction, String>, seen: &Seen<'_>) -> Option<String> {
    let prediction = match prediction {
        Ok(prediction) => prediction,
        Err(message) => return Some(message.clone()),
    };
    match (seen.config, &prediction.config) {
        (Some(""), None) if prediction.unmanaged => None,
        (Some(""), _) => Some("an empty Secret".to_owned()),
        (Some(text), Some(found)) => difference(&yaml(text), found),
        // Without a Secret the one that is left to its user is made; whoever is not handled has none.
        (None, None) if prediction.unhandled => None,
        (None, None) if prediction.crashes => Some("a crash was predicted".to_owned()),
        (None, None) => {
            let Some(error) = &prediction.error else {
                return Some("no configuration, and no reason for it".to_owned());
            };
            // The condition is of the last operator that could not; another may have been stopped by something else.
            match seen.failure {
                Some(message) if !agree(message, error) => {
                    Some(format!("the operator said `{message}`, predicted was `{error}`"))
                }
                Some(_) => None,
                None => Some(format!("nothing failed, predicted was `{error}`")),
            }
        }
        (Some(_), None) => {
            let error = prediction.error.clone().unwrap_or_else(|| "none was predicted".to_owned());
            Some(format!("a configuration where there was to be none: {error}"))
        }
        (None, Some(_)) => {
            Some(format!("no configuration: {}", seen.failure.unwrap_or("and no reason for it")))
        }
    }
}

/// Whether the operator's words are those predicted, where a secret is not shown.
fn agree(told: &str, predicted: &str) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<String>();
    let (told, predicted) = (words(told), words(predicted));
    let mut rest = told.as_str();
    for part in predicted.split("<secret>") {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

/// Rejections that were told and not predicted, and the other way round. An Event is about a monitor; of several
/// Prometheuses that reject it for different reasons it may name one only.
pub(crate) fn rejections(
    subjects: &[(u64, Subject)],
    predictions: &[Result<Prediction, String>],
    told: &Told,
) -> Vec<String> {
    let mut predicted: BTreeMap<(String, String, String), BTreeSet<&str>> = BTreeMap::new();
    for ((_, subject), prediction) in subjects.iter().zip(predictions) {
        let Ok(prediction) = prediction else { continue };
        for (kind, name, message) in &prediction.rejected {
            let key = (subject.controller().to_owned(), kind.clone(), name.clone());
            predicted.entry(key).or_default().insert(message);
        }
    }
    let mut differences = Vec::new();
    for (key, messages) in told {
        let known = predicted.remove(key).unwrap_or_default();
        let unknown = messages.iter().filter(|message| !known.contains(message.as_str()));
        differences.extend(unknown.map(|message| {
            format!("{} {} told, and not predicted: {message}; predicted was {known:?}", key.0, key.1)
        }));
    }
    let left = predicted.into_iter();
    differences.extend(left.map(|(key, messages)| format!("{} {} not told: {messages:?}", key.0, key.1)));
    differences
}

/// Writes a world that was judged otherwise, in the shape of the recorded ones.
pub(crate) fn write(
    variant: &Variant,
    worlds: &[World],
    live: &[Value],
    events: &[Value],
    seed: u64,
    subject: &Subject,
    seen: &Seen<'_>,
) -> Result<String, String> {
    let text = seen.config.unwrap_or_default();
    let jobs = yaml(text)["scrape_configs"].to_string();
    // Its own world, and those whose monitors it selects.
    let taken: Vec<&World> = worlds
        .iter()
        .filter(|world| world.seed == seed || jobs.contains(&format!("/w{}-", world.seed)))
        .collect();
    let prefixes: Vec<String> = taken.iter().map(|world| format!("w{}-", world.seed)).collect();
    let belongs = |object: &&Value| {
        let metadata = &object["metadata"];
        let place = metadata["namespace"].as_str().or_else(|| metadata["name"].as_str()).unwrap_or_default();
        prefixes.iter().any(|prefix| place.starts_with(prefix))
    };
    let conditions = live
        .iter()
        .find(|object| Subject::of(object).as_ref() == Some(subject))
        .map(|object| object["status"]["conditions"].clone());
    let recorded = json!({
        "operator": variant.arguments,
        "objects": taken.iter().flat_map(|world| &world.objects).collect::<Vec<_>>(),
        "live": live.iter().filter(belongs).collect::<Vec<_>>(),
        "results": [{"kind": subject.kind(), "namespace": subject.namespace, "name": subject.name,
            "config": seen.config, "conditions": conditions}],
        "events": events.iter().filter(|event| {
            let namespace = event["namespace"].as_str().unwrap_or_default();
            prefixes.iter().any(|prefix| namespace.starts_with(prefix))
        }).collect::<Vec<_>>(),
        "intents": taken.iter().flat_map(|world| &world.intents).collect::<Vec<_>>(),
    });
    let folder = crate::root().join("target/worlds");
    let name = format!("{}-{}-{}.json.gz", variant.name, subject.namespace, subject.name);
    let path: PathBuf = folder.join(name);
    std::fs::create_dir_all(&folder)
        .and_then(|()| {
            let mut packed = GzEncoder::new(std::fs::File::create(&path)?, flate2::Compression::best());
            packed.write_all(format!("{recorded:#}\n").as_bytes())?;
            packed.finish().map(drop)
        })
        .map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path.to_string_lossy().into_owned())
}
