//! What must hold for every input: called by the fuzz target `relabel` in `fuzz/` and by `tests/fuzz_replay.rs`.

use serde_json::Value;

use super::{Config, Dialect, Labels, Rules, Scratch, Verdict, admit_all};
use crate::prom::label_name::Scheme;

/// Takes the bytes for JSON, `{"rules": [{"source_labels": […], …}], "labels": {…}}`, and panics where a promise of this module is
/// broken. What is missing or of another type is left out.
pub fn rules(bytes: &[u8]) {
    let Ok(input) = serde_json::from_slice::<Value>(bytes) else { return };
    let configs: Vec<Config> = input["rules"].as_array().into_iter().flatten().map(config).collect();
    let pairs = input["labels"].as_object().into_iter().flatten();
    let labels: Labels = pairs.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect();
    for dialect in [
        Dialect::of_release(2, 35),
        Dialect::of_release(2, 55),
        Dialect::of_release(3, 1),
        Dialect::of_release(3, 13),
        Dialect::of_release(3, 13).with_scheme(Scheme::Legacy),
    ] {
        let _ = admit_all(&configs, dialect);
        let rules = match Rules::compile(&configs, dialect) {
            Ok(rules) => rules,
            Err(error) => {
                assert!(error.rule < configs.len() && !error.message.is_empty());
                continue;
            }
        };
        let mut after = labels.clone();
        let verdict = rules.apply(&mut after, &mut Scratch::default());
        let sorted = after.sorted();
        assert!(sorted.windows(2).all(|pair| pair[0].0 != pair[1].0), "a name is there once: {after:?}");
        assert!(sorted.iter().all(|(_, value)| !value.is_empty()), "no value is empty: {after:?}");
        assert!(sorted.iter().all(|(name, value)| after.get(name) == *value), "labels are found: {after:?}");
        let steps = rules.trace(&labels);
        assert_eq!(steps.last().map_or(&labels, |step| &step.after), &after);
        assert_eq!(
            steps
                .iter()
                .find(|step| !step.kept)
                .map_or(Verdict::Kept, |step| Verdict::Dropped { rule: step.rule }),
            verdict
        );
    }
}

fn config(rule: &Value) -> Config {
    let text = |field: &str| rule[field].as_str().map(str::to_owned);
    let names = |names: &Vec<Value>| names.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    Config {
        source_labels: rule["source_labels"].as_array().map(names),
        separator: text("separator"),
        regex: text("regex"),
        modulus: rule["modulus"].as_u64().unwrap_or_default(),
        target_label: text("target_label"),
        replacement: text("replacement"),
        action: text("action"),
    }
}
