//! Labels that satisfy a selector: the inverse of matching.
//!
//! Requirements of a label selector speak of one key each, so each key is solved alone and the answer is exact:
//! labels are found if and only if some exist.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::selector::{Requirement, Selector};

/// Labels as an object carries them.
pub type Labels = BTreeMap<String, String>;

/// Why no labels satisfy a selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsatisfiable {
    /// The requirement that cannot be met.
    pub requirement: Requirement,
    /// What stands against it.
    pub against: Against,
}

/// What stands against a requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Against {
    /// Other requirements of the same selector, which together exclude it.
    Requirements(Vec<Requirement>),
    /// A label the user asked for, with this value.
    Given(String),
}

/// Finds labels that satisfy a selector.
///
/// `given` are the user's own and stay as they are. `defaults` are ours: kept where the selector allows them,
/// changed or dropped where it does not. Where several values would do, the default is taken, else the first the
/// selector lists, else `promwire`; the result is the same at every call.
///
/// # Errors
/// The first requirement that cannot be met, and what stands against it.
pub fn solve(selector: &Selector, given: &Labels, defaults: &Labels) -> Result<Labels, Box<Unsatisfiable>> {
    let requirements = selector.requirements();
    let mut labels = defaults.clone();
    labels.extend(given.clone());
    let keys: BTreeSet<&str> = requirements.iter().map(Requirement::key).collect();
    for key in keys {
        let of_key: Vec<&Requirement> =
            requirements.iter().filter(|requirement| requirement.key() == key).collect();
        let unmet =
            |found: Option<&str>| of_key.iter().find(|requirement| !requirement.is_met_by_value(found));
        if let Some(value) = given.get(key) {
            if let Some(requirement) = unmet(Some(value)) {
                let against = Against::Given(value.clone());
                return Err(Box::new(Unsatisfiable { requirement: (*requirement).clone(), against }));
            }
            continue;
        }
        let answer = candidates(&of_key, defaults.get(key).map(String::as_str))
            .into_iter()
            .find(|candidate| unmet(candidate.as_deref()).is_none());
        match answer {
            Some(Some(value)) => {
                labels.insert(key.to_owned(), value);
            }
            Some(None) => {
                labels.remove(key);
            }
            None => return Err(Box::new(conflict(&of_key))),
        }
    }
    Ok(labels)
}

/// The values worth trying for a key, in order of preference; `None` is the absent label.
///
/// They are enough to be exact: a value no requirement names is as good as any other such value, so one fresh
/// value stands for all of them.
fn candidates(requirements: &[&Requirement], default: Option<&str>) -> Vec<Option<String>> {
    let listed: Vec<&String> = requirements.iter().flat_map(|requirement| requirement.values()).collect();
    // One more than are listed, so that one of them is free.
    let fresh = (0..=listed.len())
        .map(|number| if number == 0 { "promwire".to_owned() } else { format!("promwire-{number}") })
        .find(|value| !listed.contains(&value));
    let mut candidates: Vec<Option<String>> = Vec::new();
    candidates.extend(default.map(|value| Some(value.to_owned())));
    // A key that only must not have certain values is better left alone.
    if default.is_none_or(|value| listed.iter().any(|listed| *listed == value)) {
        candidates.push(None);
    }
    candidates.extend(listed.into_iter().cloned().map(Some));
    candidates.push(fresh);
    candidates.push(None);
    candidates
}

/// The first requirement that cannot be met beside those before it, and which of those it takes to exclude it.
fn conflict(requirements: &[&Requirement]) -> Unsatisfiable {
    let possible = |together: &[&Requirement]| {
        candidates(together, None)
            .iter()
            .any(|value| together.iter().all(|requirement| requirement.is_met_by_value(value.as_deref())))
    };
    let first =
        (1..requirements.len()).find(|&end| !possible(&requirements[..end])).unwrap_or(requirements.len());
    let (last, before) = requirements[..first].split_last().expect("a conflict needs requirements");
    let mut against = before.to_vec();
    let mut position = 0;
    while position < against.len() {
        let mut together = against.clone();
        together.remove(position);
        together.push(last);
        if possible(&together) {
            position += 1;
        } else {
            against.remove(position);
        }
    }
    let against = Against::Requirements(against.into_iter().cloned().collect());
    Unsatisfiable { requirement: (*last).clone(), against }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::selector::Operator;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn selector(pairs: &[(&str, &str)], expressions: &[(&str, Operator, &[&str])]) -> Selector {
        let pairs = pairs.iter().map(|(key, value)| Requirement::new(*key, Operator::Equals, [*value]));
        let expressions = expressions
            .iter()
            .map(|(key, operator, values)| Requirement::new(*key, *operator, values.iter().copied()));
        let requirements: Result<Vec<_>, _> = pairs.chain(expressions).collect();
        Selector::new(requirements.expect("the requirements are valid"))
    }

    #[test]
    fn takes_what_the_selector_says_and_keeps_the_rest() {
        let selector = selector(
            &[("release", "kps")],
            &[
                ("team", Operator::In, &["a", "b"]),
                ("tier", Operator::Exists, &[]),
                ("legacy", Operator::DoesNotExist, &[]),
            ],
        );
        let defaults = labels(&[("app.kubernetes.io/name", "api"), ("legacy", "yes")]);
        let solved = solve(&selector, &labels(&[]), &defaults).expect("it can be solved");
        let expected =
            [("app.kubernetes.io/name", "api"), ("release", "kps"), ("team", "a"), ("tier", "promwire")];
        assert_eq!(solved, labels(&expected));
    }

    #[test]
    fn a_default_gives_way_and_a_given_label_does_not() {
        let not_in = selector(&[], &[("team", Operator::NotIn, &["x"])]);
        assert_eq!(solve(&not_in, &labels(&[]), &labels(&[("team", "x")])), Ok(labels(&[])));
        assert_eq!(solve(&not_in, &labels(&[]), &labels(&[("team", "y")])), Ok(labels(&[("team", "y")])));
        let refused = solve(&not_in, &labels(&[("team", "x")]), &labels(&[])).expect_err("given labels stay");
        assert_eq!(refused.against, Against::Given("x".to_owned()));
        assert_eq!(refused.requirement.to_string(), "team notin (x)");
    }

    #[test]
    fn names_the_two_requirements_that_exclude_each_other() {
        let selector = selector(
            &[("team", "x")],
            &[
                ("team", Operator::Exists, &[]),
                ("team", Operator::In, &["y", "z"]),
                ("other", Operator::Exists, &[]),
            ],
        );
        let refused = solve(&selector, &labels(&[]), &labels(&[])).expect_err("x is neither y nor z");
        assert_eq!(refused.requirement.to_string(), "team in (y,z)");
        assert_eq!(refused.against, Against::Requirements(vec![selector.requirements()[0].clone()]));
    }

    #[test]
    fn names_all_that_it_takes_to_exclude_a_requirement() {
        let selector = selector(
            &[],
            &[
                ("team", Operator::In, &["a", "b"]),
                ("team", Operator::Exists, &[]),
                ("team", Operator::NotIn, &["a"]),
                ("team", Operator::NotIn, &["b"]),
            ],
        );
        let refused = solve(&selector, &labels(&[]), &labels(&[])).expect_err("a and b are both excluded");
        assert_eq!(refused.requirement.to_string(), "team notin (b)");
        let Against::Requirements(against) = refused.against else { panic!("{:?}", refused.against) };
        let against: Vec<String> = against.iter().map(ToString::to_string).collect();
        assert_eq!(against, ["team in (a,b)", "team notin (a)"]);
    }

    fn arbitrary_selector() -> impl Strategy<Value = Selector> {
        let key = prop::sample::select(vec!["a", "b"]);
        let value = || prop::sample::select(vec!["x", "y", "z"]);
        let pairs = prop::collection::btree_map(key.clone(), value(), 0..2);
        let values = prop::collection::vec(value(), 1..3);
        let operator = prop::sample::select(vec![
            Operator::In,
            Operator::NotIn,
            Operator::Exists,
            Operator::DoesNotExist,
        ]);
        let expressions = prop::collection::vec((key, operator, values), 0..5);
        (pairs, expressions).prop_map(|(pairs, expressions)| {
            let pairs: Vec<(&str, &str)> = pairs.into_iter().collect();
            let expressions: Vec<(&str, Operator, &[&str])> = expressions
                .iter()
                .map(|(key, operator, values)| {
                    let takes_values = matches!(operator, Operator::In | Operator::NotIn);
                    let values = if takes_values { values.as_slice() } else { &[] };
                    (*key, *operator, values)
                })
                .collect();
            selector(&pairs, &expressions)
        })
    }

    proptest! {
        /// Exact: an answer satisfies every requirement, and a refusal means that no labels over all values
        /// that matter (and one that does not) would do.
        #[test]
        fn solves_exactly_what_can_be_solved(selector in arbitrary_selector()) {
            let meets = |labels: &Labels| selector.matches(labels);
            if let Ok(solved) = solve(&selector, &labels(&[]), &labels(&[("a", "x")])) {
                prop_assert!(meets(&solved), "{solved:?}");
            } else {
                let values = [None, Some("x"), Some("y"), Some("z"), Some("w")];
                for (a, b) in values.iter().flat_map(|a| values.iter().map(move |b| (*a, *b))) {
                    let tried = [("a", a), ("b", b)];
                    let tried: Vec<(&str, &str)> =
                        tried.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
                    prop_assert!(!meets(&labels(&tried)), "{tried:?} would do");
                }
            }
        }
    }
}
