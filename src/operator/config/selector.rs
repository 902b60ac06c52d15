//! Selectors of monitors, as relabel rules or as selectors of the discovery.

use serde_json::Value;

use super::relabel;
use crate::kubernetes::label_selector;
use crate::model::selector::{Operator, Requirement};
use crate::operator::fields::Fields;
use crate::prom::label_name::sanitise;
use crate::source::Ordered;

/// The rules that keep what a selector selects. Values are regular expressions here, and keys that sanitise alike are one.
pub(super) fn rules(selector: Fields<'_>, resource: &str) -> Vec<Ordered> {
    let value_and_presence = |key: &str| {
        let key = sanitise(key);
        [
            format!("__meta_kubernetes_{resource}_label_{key}"),
            format!("__meta_kubernetes_{resource}_labelpresent_{key}"),
        ]
    };
    let mut rules = Vec::new();
    for (key, value) in selector.entries("matchLabels") {
        let [label, present] = value_and_presence(key);
        let value = value.as_str().unwrap_or_default();
        rules.push(relabel::filter("keep", &[&label, &present], format!("({value});true")));
    }
    for expression in selector.items("matchExpressions") {
        let [label, present] = value_and_presence(expression.str("key"));
        let values = || {
            let values: Vec<&str> = expression.strings("values").collect();
            format!("({});true", values.join("|"))
        };
        rules.push(match expression.str("operator") {
            "In" => relabel::filter("keep", &[&label, &present], values()),
            "NotIn" => relabel::filter("drop", &[&label, &present], values()),
            "Exists" => relabel::filter("keep", &[&present], "true"),
            "DoesNotExist" => relabel::filter("drop", &[&present], "true"),
            _ => continue,
        });
    }
    rules
}

/// A selector as Kubernetes writes it: `!a,b notin (x,y),c,z=1`. Requirements are sorted by key, `matchLabels` first, and
/// values too.
pub(super) fn text(selector: &Value) -> String {
    // Admission has read it before.
    let selector = label_selector::read(selector).unwrap_or_default();
    let mut requirements: Vec<&Requirement> = selector.requirements().iter().collect();
    requirements.sort_by(|a, b| a.key().cmp(b.key()));
    let texts: Vec<String> = requirements
        .into_iter()
        .map(|requirement| {
            let mut values: Vec<&str> = requirement.values().iter().map(String::as_str).collect();
            values.sort_unstable();
            let (key, values) = (requirement.key(), values.join(","));
            match requirement.operator() {
                Operator::Equals => format!("{key}={values}"),
                Operator::In => format!("{key} in ({values})"),
                Operator::NotIn => format!("{key} notin ({values})"),
                Operator::Exists => key.to_owned(),
                Operator::DoesNotExist => format!("!{key}"),
            }
        })
        .collect();
    texts.join(",")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn selectors_are_written_sorted() {
        let selector = json!({"matchLabels": {"z": "1", "app.kubernetes.io/name": "n"}, "matchExpressions": [
            {"key": "c", "operator": "Exists"}, {"key": "a", "operator": "DoesNotExist"},
            {"key": "b", "operator": "NotIn", "values": ["y", "x"]},
        ]});
        assert_eq!(text(&selector), "!a,app.kubernetes.io/name=n,b notin (x,y),c,z=1");
        assert_eq!(text(&json!({})), "");
    }
}
