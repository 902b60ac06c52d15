//! How the targets of two worlds differ, by job, workload and port.

use std::collections::BTreeMap;

use serde::Serialize;

use super::row::{Row, readable};
use super::{Cluster, Prediction};
use crate::sd::Details;

/// What targets are compared by. Shards are not part of it: a target that another shard scrapes is scraped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Key {
    /// Who scrapes, without its shard.
    pub prometheus: String,
    /// The job.
    pub job: String,
    /// The workload.
    pub workload: String,
    /// The port.
    pub port: String,
}

/// What became of the targets of one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What they are compared by.
    #[serde(flatten)]
    pub key: Key,
    /// How many there were, and are.
    pub before: usize,
    /// How many there are.
    pub after: usize,
    /// How many are gone; one that only has other labels is not.
    pub lost: usize,
    /// How many are new.
    pub gained: usize,
    /// Labels, and `url`, of targets that stay: as they were, and as they are.
    pub changed: Vec<Difference>,
}

/// A label that targets have with another value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// The label; `url` for where it is scraped.
    pub label: String,
    /// The value it had; none where it was not there.
    pub before: Option<String>,
    /// The value it has; none where it is not there any more.
    pub after: Option<String>,
}

/// The targets of predictions by what they are compared by.
#[derive(Debug, Default)]
pub struct Keyed(BTreeMap<Key, Vec<Row>>);

impl Keyed {
    /// Collects the targets of predictions.
    pub fn of(predictions: &[Prediction], cluster: &Cluster) -> Self {
        let mut keyed: BTreeMap<Key, Vec<Row>> = BTreeMap::new();
        for prediction in predictions {
            let prometheus = prediction.scraper.whole().to_string();
            for row in prediction.rows(cluster, Details::default()) {
                let key = Key {
                    prometheus: prometheus.clone(),
                    job: row.job.clone(),
                    workload: row.subject.workload.clone(),
                    port: row.subject.port.clone(),
                };
                keyed.entry(key).or_default().push(row);
            }
        }
        Self(keyed)
    }

    /// How many targets there are.
    pub fn len(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Whether there is no target.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// How targets differ, in the order of their keys; what is the same is not listed.
pub fn compare(before: &Keyed, after: &Keyed) -> Vec<Change> {
    let mut keys: Vec<&Key> = before.0.keys().chain(after.0.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let none = Vec::new();
    let changes = keys.into_iter().filter_map(|key| {
        let rows =
            |side: &Keyed| -> Vec<BTreeMap<String, String>> { side_rows(side.0.get(key).unwrap_or(&none)) };
        let (old, new) = (rows(before), rows(after));
        change(key, old, new)
    });
    changes.collect()
}

/// Each target as its labels and its URL.
fn side_rows(rows: &[Row]) -> Vec<BTreeMap<String, String>> {
    let mut shown: Vec<BTreeMap<String, String>> = rows
        .iter()
        .map(|row| {
            let labels = row.labels.iter().map(|(name, value)| (name.clone(), readable(value)));
            labels.chain([(URL.to_owned(), readable(&row.url))]).collect()
        })
        .collect();
    shown.sort_unstable();
    shown
}

/// The label that stands for where a target is scraped. No label of a series is called so.
const URL: &str = "url (of the scrape)";

fn change(
    key: &Key,
    mut old: Vec<BTreeMap<String, String>>,
    mut new: Vec<BTreeMap<String, String>>,
) -> Option<Change> {
    let (before, after) = (old.len(), new.len());
    // What is the same on both sides goes away first, so that the rest is compared with the rest.
    let mut at = 0;
    while at < old.len() {
        match new.binary_search(&old[at]) {
            Ok(same) => {
                new.remove(same);
                old.remove(at);
            }
            Err(_) => at += 1,
        }
    }
    if old.is_empty() && new.is_empty() {
        return None;
    }
    let stay = old.len().min(new.len());
    let mut changed: Vec<Difference> =
        old.iter().zip(&new).flat_map(|(old, new)| differences(old, new)).collect();
    changed.sort_unstable();
    changed.dedup();
    Some(Change {
        key: key.clone(),
        before,
        after,
        lost: old.len() - stay,
        gained: new.len() - stay,
        changed,
    })
}

fn differences(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<Difference> {
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let differing = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    differing
        .map(|name| Difference {
            label: if name == URL { "url".to_owned() } else { name.clone() },
            before: old.get(name).cloned(),
            after: new.get(name).cloned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(targets: &[&[(&str, &str)]]) -> Vec<BTreeMap<String, String>> {
        let mut side: Vec<BTreeMap<String, String>> = targets
            .iter()
            .map(|labels| {
                labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
            })
            .collect();
        side.sort();
        side
    }

    fn key() -> Key {
        Key {
            prometheus: "p".to_owned(),
            job: "j".to_owned(),
            workload: "w".to_owned(),
            port: "web".to_owned(),
        }
    }

    #[test]
    fn what_is_the_same_is_no_change() {
        let one = side(&[&[("pod", "a")], &[("pod", "b")]]);
        assert_eq!(change(&key(), one.clone(), one), None);
    }

    #[test]
    fn lost_gained_and_changed_are_told_apart() {
        let old = side(&[&[("pod", "a")], &[("pod", "b")], &[("pod", "c")]]);
        let change_to = |new| change(&key(), old.clone(), new).expect("they differ");
        let less = change_to(side(&[&[("pod", "a")]]));
        assert_eq!((less.lost, less.gained, less.changed.len()), (2, 0, 0));
        let more = change_to(side(&[&[("pod", "a")], &[("pod", "b")], &[("pod", "c")], &[("pod", "d")]]));
        assert_eq!((more.lost, more.gained, more.changed.len()), (0, 1, 0));
        let other = change_to(side(&[&[("pod", "a")], &[("pod", "b")], &[("pod", "c"), ("team", "x")]]));
        let expected = Difference { label: "team".to_owned(), before: None, after: Some("x".to_owned()) };
        assert_eq!((other.lost, other.gained, other.changed), (0, 0, vec![expected]));
    }
}
