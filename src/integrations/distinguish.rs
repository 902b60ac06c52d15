//! The smallest selector that matches one object and none of its rivals.
//!
//! A monitor's selector is read twice: by anybody who evaluates it as Kubernetes does, and by Prometheus, for
//! which the operator turns it into relabelling (prometheus-operator 0.93): keys are sanitised (`a.b/c` becomes
//! `a_b_c`) and values are regular expressions. A selector is chosen here only if it tells the objects apart in
//! both readings.

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

use super::solve::Labels;
use crate::model::workload;

/// Keys that name the application, best first: people read them, and they survive upgrades.
const NAMING_KEYS: &[&str] = &[
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/component",
    "k8s-app",
    "app",
    "name",
    "component",
    "release",
];

/// Keys whose values change with a release or say who made the object: used only when nothing else will do.
const VOLATILE_KEYS: &[&str] = &[
    "app.kubernetes.io/version",
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/part-of",
    "version",
    "chart",
    "helm.sh/chart",
    "heritage",
    "kubernetes.io/cluster-service",
    "addonmanager.kubernetes.io/mode",
];

/// How far all combinations are tried before a greedy choice is pruned instead.
const EXHAUSTIVE_SIZE: usize = 3;

/// Why no selector was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Indistinct {
    /// The object has no usable label at all.
    NoLabels,
    /// This rival (its position in what was given) carries every label of the object, and none besides that
    /// could be excluded.
    From(usize),
}

/// A requirement that the object meets, and the rivals it excludes.
struct Candidate {
    key: String,
    test: Test,
    excludes: BTreeSet<usize>,
}

/// What a requirement asks of its key.
enum Test {
    Equals(String),
    Exists,
    DoesNotExist,
    NotIn(String),
}

/// Whether a label changes with every release, or says who made the object: a selector on it does not last.
pub fn is_volatile(key: &str) -> bool {
    VOLATILE_KEYS.contains(&key) || workload::is_added_by_controllers(key)
}

/// Chooses the smallest selector that matches `labels` and none of `rivals`, with at least one positive
/// requirement: a selector that only says what must be absent would match whatever comes next.
///
/// # Errors
/// When the labels are none, or a rival cannot be told apart.
pub fn distinguish(labels: &Labels, rivals: &[&Labels]) -> Result<LabelSelector, Indistinct> {
    let positive = positive_candidates(labels, rivals);
    if positive.is_empty() {
        return Err(Indistinct::NoLabels);
    }
    let negative = negative_candidates(labels, rivals);
    let (lasting, volatile): (Vec<_>, Vec<_>) =
        positive.iter().partition(|candidate| !is_volatile(&candidate.key));
    let (lasting_negative, _): (Vec<_>, Vec<_>) =
        negative.iter().partition(|candidate| !is_volatile(&candidate.key));
    choose(&lasting, &lasting_negative, rivals.len())
        .or_else(|| {
            let positive: Vec<_> = lasting.iter().chain(&volatile).copied().collect();
            choose(&positive, &negative.iter().collect::<Vec<_>>(), rivals.len())
        })
        .map(selector)
        .ok_or_else(|| {
            let excluded: BTreeSet<usize> =
                positive.iter().chain(&negative).flat_map(|candidate| &candidate.excludes).copied().collect();
            Indistinct::From((0..rivals.len()).find(|rival| !excluded.contains(rival)).unwrap_or_default())
        })
}

/// The smallest choice that excludes every rival, if there is one: at least one of `positive`, then any.
fn choose<'c>(
    positive: &[&'c Candidate],
    negative: &[&'c Candidate],
    rivals: usize,
) -> Option<Vec<&'c Candidate>> {
    let candidates: Vec<&Candidate> = positive.iter().chain(negative).copied().collect();
    let excluded: BTreeSet<usize> =
        candidates.iter().flat_map(|candidate| &candidate.excludes).copied().collect();
    if positive.is_empty() || excluded.len() < rivals {
        return None;
    }
    let chosen = smallest(&candidates, positive.len(), rivals)
        .unwrap_or_else(|| greedy(&candidates, positive.len(), rivals));
    Some(chosen.into_iter().map(|index| candidates[index]).collect())
}

fn positive_candidates(labels: &Labels, rivals: &[&Labels]) -> Vec<Candidate> {
    let sanitised: Vec<String> = labels.keys().map(|key| sanitise(key)).collect();
    let mut candidates: Vec<Candidate> = labels
        .iter()
        .map(|(key, value)| {
            let meta = sanitise(key);
            // Two keys that become one meta label have one value between them: only its presence can be relied on.
            let alone = sanitised.iter().filter(|other| **other == meta).count() == 1;
            let excludes = positions(rivals, |rival| {
                if alone {
                    !may_match(rival, key, value)
                } else {
                    rival.keys().all(|other| sanitise(other) != meta)
                }
            });
            let test = if alone { Test::Equals(value.clone()) } else { Test::Exists };
            Candidate { key: key.clone(), test, excludes }
        })
        .collect();
    candidates.sort_by_key(|candidate| (rank(&candidate.key), candidate.key.clone()));
    candidates
}

fn negative_candidates(labels: &Labels, rivals: &[&Labels]) -> Vec<Candidate> {
    let own: BTreeSet<String> = labels.keys().map(|key| sanitise(key)).collect();
    let foreign: BTreeSet<&String> = rivals
        .iter()
        .flat_map(|rival| rival.keys())
        .filter(|key| !own.contains(&sanitise(key)) && !workload::is_added_by_controllers(key))
        .collect();
    let absent = foreign.into_iter().map(|key| Candidate {
        key: key.clone(),
        test: Test::DoesNotExist,
        excludes: positions(rivals, |rival| rival.contains_key(key)),
    });
    // Where the object's value, read as a regular expression, also matches a rival's, that value can be excluded.
    let confusable: BTreeSet<(&String, &String)> = rivals
        .iter()
        .flat_map(|rival| rival.iter())
        .filter(|(key, value)| {
            labels
                .get(*key)
                .is_some_and(|own| own != *value && regex_matches(own, value) && !regex_matches(value, own))
        })
        .collect();
    let other = confusable.into_iter().map(|(key, value)| Candidate {
        key: key.clone(),
        test: Test::NotIn(value.clone()),
        excludes: positions(rivals, |rival| rival.get(key) == Some(value)),
    });
    absent.chain(other).collect()
}

fn positions(rivals: &[&Labels], excluded: impl Fn(&Labels) -> bool) -> BTreeSet<usize> {
    rivals.iter().enumerate().filter(|(_, rival)| excluded(rival)).map(|(index, _)| index).collect()
}

/// The first combination, in order of preference, of the smallest size up to [`EXHAUSTIVE_SIZE`].
fn smallest(candidates: &[&Candidate], positives: usize, rivals: usize) -> Option<Vec<usize>> {
    fn extend(
        candidates: &[&Candidate],
        chosen: &mut Vec<usize>,
        left: &BTreeSet<usize>,
        more: usize,
    ) -> bool {
        if left.is_empty() {
            return true;
        }
        if more == 0 {
            return false;
        }
        let start = chosen.last().map_or(0, |last| last + 1);
        for index in start..candidates.len() {
            let still: BTreeSet<usize> = left.difference(&candidates[index].excludes).copied().collect();
            if still.len() < left.len() {
                chosen.push(index);
                if extend(candidates, chosen, &still, more - 1) {
                    return true;
                }
                chosen.pop();
            }
        }
        false
    }
    let all: BTreeSet<usize> = (0..rivals).collect();
    (1..=EXHAUSTIVE_SIZE).find_map(|size| {
        (0..positives).find_map(|first| {
            let left: BTreeSet<usize> = all.difference(&candidates[first].excludes).copied().collect();
            let mut chosen = vec![first];
            extend(candidates, &mut chosen, &left, size - 1).then_some(chosen)
        })
    })
}

/// Takes what excludes most until no rival is left, then drops what turned out not to be needed.
fn greedy(candidates: &[&Candidate], positives: usize, rivals: usize) -> Vec<usize> {
    let mut left: BTreeSet<usize> = (0..rivals).collect();
    let mut chosen: Vec<usize> = Vec::new();
    while !left.is_empty() {
        // The first choice is a positive one; ties go to the better-ranked candidate.
        let range = if chosen.is_empty() { 0..positives } else { 0..candidates.len() };
        let gain = |index: usize| candidates[index].excludes.intersection(&left).count();
        let best = range.max_by_key(|&index| (gain(index), std::cmp::Reverse(index)));
        let Some(best) = best.filter(|&index| gain(index) > 0 || chosen.is_empty()) else { break };
        left = left.difference(&candidates[best].excludes).copied().collect();
        chosen.push(best);
    }
    let covers = |chosen: &[usize]| {
        chosen.iter().any(|&index| index < positives)
            && (0..rivals)
                .all(|rival| chosen.iter().any(|&index| candidates[index].excludes.contains(&rival)))
    };
    let mut position = 0;
    while position < chosen.len() {
        let mut fewer = chosen.clone();
        fewer.remove(position);
        if covers(&fewer) {
            chosen = fewer;
        } else {
            position += 1;
        }
    }
    chosen
}

fn selector(chosen: Vec<&Candidate>) -> LabelSelector {
    let mut match_labels = Labels::new();
    let mut match_expressions = Vec::new();
    for candidate in chosen {
        let (operator, values) = match &candidate.test {
            Test::Equals(value) => {
                match_labels.insert(candidate.key.clone(), value.clone());
                continue;
            }
            Test::Exists => ("Exists", None),
            Test::DoesNotExist => ("DoesNotExist", None),
            Test::NotIn(value) => ("NotIn", Some(vec![value.clone()])),
        };
        match_expressions.push(LabelSelectorRequirement {
            key: candidate.key.clone(),
            operator: operator.to_owned(),
            values,
        });
    }
    match_expressions.sort_by(|left, right| left.key.cmp(&right.key));
    LabelSelector {
        match_labels: (!match_labels.is_empty()).then_some(match_labels),
        match_expressions: (!match_expressions.is_empty()).then_some(match_expressions),
    }
}

fn rank(key: &str) -> usize {
    NAMING_KEYS.iter().position(|known| *known == key).unwrap_or(NAMING_KEYS.len())
}

/// Whether `key: value` as the operator writes it could keep an object with these labels.
fn may_match(labels: &Labels, key: &str, value: &str) -> bool {
    let key = sanitise(key);
    labels.iter().any(|(other, found)| sanitise(other) == key && regex_matches(value, found))
}

/// Every character outside `[a-zA-Z0-9_]` as `_`, one for one (Prometheus' and the operator's rule).
fn sanitise(key: &str) -> String {
    key.chars().map(|character| if character.is_ascii_alphanumeric() { character } else { '_' }).collect()
}

/// Whether a label value, read as an anchored regular expression, matches another. Of the characters a label
/// value may hold only the dot means something else there.
fn regex_matches(pattern: &str, found: &str) -> bool {
    pattern.len() == found.len()
        && pattern.bytes().zip(found.bytes()).all(|(expected, byte)| expected == b'.' || expected == byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn chosen(own: &[(&str, &str)], rivals: &[&[(&str, &str)]]) -> Result<String, Indistinct> {
        let rivals: Vec<Labels> = rivals.iter().map(|rival| labels(rival)).collect();
        let rivals: Vec<&Labels> = rivals.iter().collect();
        distinguish(&labels(own), &rivals).map(|selector| {
            crate::model::selector::Selector::try_from(&selector).expect("it is valid").to_string()
        })
    }

    #[test]
    fn one_label_where_one_will_do_and_the_one_people_know() {
        let own = &[("app.kubernetes.io/version", "1.2"), ("app", "api"), ("team", "x")];
        assert_eq!(chosen(own, &[]), Ok("app=api".to_owned()));
        assert_eq!(chosen(own, &[&[("app", "api")]]), Ok("team=x".to_owned()));
        assert_eq!(chosen(own, &[&[("app", "api")], &[("team", "x")]]), Ok("app=api,team=x".to_owned()));
    }

    #[test]
    fn a_twin_with_one_label_more_is_excluded_by_it() {
        let own = &[("app", "api")];
        let twin: &[(&str, &str)] = &[("app", "api"), ("service.kubernetes.io/headless", "")];
        assert_eq!(chosen(own, &[twin]), Ok("app=api,!service.kubernetes.io/headless".to_owned()));
    }

    #[test]
    fn what_prometheus_reads_otherwise_is_told_apart_for_it_too() {
        assert_eq!(
            chosen(&[("version", "1.0"), ("app", "api")], &[&[("version", "1x0"), ("app", "api")]]),
            Ok("app=api,version notin (1x0)".to_owned()),
            "the dot is any character there"
        );
        assert_eq!(
            chosen(&[("version", "1x0"), ("app", "api")], &[&[("version", "1.0"), ("app", "api")]]),
            Ok("version=1x0".to_owned()),
            "and here it is not"
        );
        assert_eq!(
            chosen(&[("a.b", "x"), ("a_b", "y"), ("app", "api")], &[&[("app", "api"), ("a.b", "z")]]),
            Err(Indistinct::From(0)),
            "a.b and a_b are one meta label there"
        );
        assert_eq!(
            chosen(&[("a.b", "x"), ("a_b", "y"), ("app", "api")], &[&[("app", "api")]]),
            Ok("a.b".to_owned()),
            "but it is there or not"
        );
    }

    #[test]
    fn an_empty_value_is_a_value() {
        assert_eq!(
            chosen(&[("app", "api"), ("headless", "")], &[&[("app", "api")]]),
            Ok("headless=".to_owned())
        );
    }

    #[test]
    fn labels_of_controllers_exclude_nothing() {
        assert_eq!(
            chosen(&[("app", "api")], &[&[("app", "api"), ("pod-template-hash", "5d8")]]),
            Err(Indistinct::From(0))
        );
    }

    #[test]
    fn equal_labels_and_no_labels_are_errors() {
        assert_eq!(chosen(&[], &[]), Err(Indistinct::NoLabels));
        assert_eq!(
            chosen(&[("app", "api")], &[&[("app", "web")], &[("app", "api")]]),
            Err(Indistinct::From(1))
        );
    }

    fn arbitrary_labels() -> impl Strategy<Value = Labels> {
        let key = prop::sample::select(vec!["a", "b", "c", "d", "e"]).prop_map(str::to_owned);
        let value = prop::sample::select(vec!["x", "y", ""]).prop_map(str::to_owned);
        prop::collection::btree_map(key, value, 0..5)
    }

    proptest! {
        /// Matches the object, none of the rivals, and no requirement can be left out.
        #[test]
        fn exact_and_without_a_superfluous_requirement(
            own in arbitrary_labels(),
            rivals in prop::collection::vec(arbitrary_labels(), 0..12),
        ) {
            let rivals: Vec<&Labels> = rivals.iter().collect();
            let meets = |labels: &Labels, selector: &LabelSelector| {
                crate::model::selector::Selector::try_from(selector).expect("it is valid").matches(labels)
            };
            match distinguish(&own, &rivals) {
                Ok(selector) => {
                    prop_assert!(meets(&own, &selector));
                    prop_assert!(rivals.iter().all(|rival| !meets(rival, &selector)));
                    let positives = selector.match_labels.clone().unwrap_or_default();
                    for key in positives.keys().filter(|_| positives.len() > 1) {
                        let mut fewer = selector.clone();
                        fewer.match_labels.as_mut().expect("it has labels").remove(key);
                        prop_assert!(rivals.iter().any(|rival| meets(rival, &fewer)), "{key} is not needed");
                    }
                    for index in 0..selector.match_expressions.as_ref().map_or(0, Vec::len) {
                        let mut fewer = selector.clone();
                        fewer.match_expressions.as_mut().expect("it has some").remove(index);
                        prop_assert!(rivals.iter().any(|rival| meets(rival, &fewer)));
                    }
                }
                Err(Indistinct::NoLabels) => prop_assert!(own.is_empty()),
                // Such a rival carries all labels of the object and no other key.
                Err(Indistinct::From(rival)) => prop_assert_eq!(rivals[rival], &own),
            }
        }
    }
}
