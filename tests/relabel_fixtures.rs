//! What prometheus-operator 0.93.1 says about relabel rules, recorded from its own validation: every line of
//! `tests/fixtures/relabel/operator.jsonl` is a list of rules as a monitor has it, a version of Prometheus, and the error or nothing.
#![allow(clippy::print_stdout, reason = "the figures belong to the result")]

use promwire::prom::relabel::{Config, Dialect, admit_all};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    version: String,
    rules: Vec<Rule>,
    error: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Rule {
    source_labels: Vec<String>,
    separator: Option<String>,
    regex: String,
    modulus: u64,
    target_label: String,
    replacement: Option<String>,
    action: String,
}

impl From<Rule> for Config {
    /// The operator does not tell an empty text from an absent one in these.
    fn from(rule: Rule) -> Self {
        let given = |text: String| (!text.is_empty()).then_some(text);
        Self {
            source_labels: (!rule.source_labels.is_empty()).then_some(rule.source_labels),
            separator: rule.separator,
            regex: given(rule.regex),
            modulus: rule.modulus,
            target_label: given(rule.target_label),
            replacement: rule.replacement,
            action: given(rule.action),
        }
    }
}

#[test]
fn the_operator_admits_and_refuses_as_recorded() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/relabel/operator.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    let (mut count, mut refused) = (0, 0);
    for line in text.lines() {
        let Case { version, rules, error } = serde_json::from_str(line).unwrap();
        let mut numbers = version.split('.').map(|number| number.parse().unwrap());
        let dialect = Dialect::of_release(numbers.next().unwrap(), numbers.next().unwrap());
        let rules: Vec<Config> = rules.into_iter().map(Config::from).collect();
        assert_eq!(admit_all(&rules, dialect).err().unwrap_or_default(), error, "{line}");
        count += 1;
        refused += usize::from(!error.is_empty());
    }
    println!("{count} lists, {refused} refused");
}
