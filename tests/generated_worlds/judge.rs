//! Comparing what the operator did with what was predicted.

use std::collections::{BTreeMap, BTreeSet};

use promwire::operator::Reality;

use crate::collect::Told;
use crate::predict::{self, Prediction, Subject};
use crate::recorded::{agree, difference, yaml};

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

/// The seed of the world a namespace is of.
pub(crate) fn seed_of(namespace: &str) -> Option<u64> {
    namespace.strip_prefix('w')?.split('-').next()?.parse().ok()
}

/// Rejections that are predicted: by controller, kind and name.
pub(crate) type Rejections = BTreeMap<(String, String, String), Predicted>;

/// How a monitor is predicted to be rejected.
#[derive(Debug, Default)]
pub(crate) struct Predicted {
    /// The messages, for one Prometheus or another.
    messages: BTreeSet<String>,
    /// The worlds of these Prometheuses.
    pub(crate) seeds: BTreeSet<u64>,
}

/// All rejections that are predicted.
pub(crate) fn predicted(
    subjects: &[(u64, Subject)],
    predictions: &[Result<Prediction, String>],
) -> Rejections {
    let mut all = Rejections::new();
    for ((seed, subject), prediction) in subjects.iter().zip(predictions) {
        let Ok(prediction) = prediction else { continue };
        for (kind, name, message) in &prediction.rejected {
            let key = (subject.controller().to_owned(), kind.clone(), name.clone());
            let entry = all.entry(key).or_default();
            entry.messages.insert(message.clone());
            entry.seeds.insert(*seed);
        }
    }
    all
}

/// Rejections that were told and not predicted, and the other way round, each with the world of the monitor. An Event is
/// about a monitor; of several Prometheuses that reject it for different reasons it may name one only.
pub(crate) fn rejections(predicted: &Rejections, told: &Told) -> Vec<(Option<u64>, String)> {
    let seed = |key: &(String, String, String)| seed_of(&key.2);
    let nothing = Predicted::default();
    let mut differences = Vec::new();
    for (key, messages) in told {
        let known = &predicted.get(key).unwrap_or(&nothing).messages;
        let is_known = |message: &str| known.iter().any(|known| any_header(known) == any_header(message));
        let unknown = messages.iter().filter(|message| !is_known(message));
        differences.extend(unknown.map(|message| {
            (
                seed(key),
                format!("{} {} told, and not predicted: {message}; predicted was {known:?}", key.0, key.1),
            )
        }));
    }
    let silent = predicted.iter().filter(|(key, _)| !told.contains_key(key));
    differences.extend(
        silent.map(|(key, by)| (seed(key), format!("{} {} not told: {:?}", key.0, key.1, by.messages))),
    );
    differences
}

/// A message up to the header it names: of several that are wrong the operator names the one that its map of them gives
/// first, which is another one each time. That is the only thing it does not decide.
fn any_header(message: &str) -> &str {
    message.split_once("eader[").map_or(message, |(before, _)| before)
}
