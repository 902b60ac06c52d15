//! What Prometheus' own code makes of relabel rules, compared with what promwire makes of them: which lists are refused, with the
//! message, and what the others do to labels.
//!
//! `PROMWIRE_ORACLE_DOCS` sets how many times labels go through rules (20,000 unless set; CI compares 100,000) and
//! `PROMWIRE_ORACLE_SEED` which. Without Go the test is skipped, loudly; in CI it then fails.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the figures belong to the result")]

mod random;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use promwire::prom::label_name::Scheme;
use promwire::prom::relabel::{Config, Dialect, Labels, RuleError, Rules, Scratch, Verdict};
use promwire::source;
use random::{Random, number_from_environment, relabelling};
use serde::{Deserialize, Serialize};
use serde_json::json;

const SEED: u64 = 20_261_121;
const SETS: usize = 4;

struct Case {
    configs: Vec<Config>,
    scheme: Scheme,
    sets: Vec<Vec<(String, String)>>,
}

#[derive(Serialize)]
struct Question<'a> {
    rules: Vec<String>,
    scheme: &'a str,
    sets: &'a [Vec<(String, String)>],
}

#[derive(Deserialize, PartialEq, Debug, Default)]
struct Answer {
    rule: usize,
    #[serde(default)]
    error: String,
    #[serde(default)]
    results: Vec<Outcome>,
}

#[derive(Deserialize, PartialEq, Debug)]
struct Outcome {
    dropped: bool,
    labels: BTreeMap<String, String>,
}

/// The oracle's program, built anew; none where there is no Go.
fn oracle() -> Option<PathBuf> {
    let required = std::env::var_os("CI").is_some_and(|value| value == "true");
    let module = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/relabel-oracle");
    let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("relabel-oracle");
    match Command::new("go").args(["build", "-o"]).arg(&program).arg(".").current_dir(module).output() {
        Ok(output) if output.status.success() => Some(program),
        Ok(output) => panic!("the oracle does not build: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            assert!(!required, "CI needs Go for the oracle: {error}");
            eprintln!("SKIPPED: no Go, so nothing was compared with Prometheus' own relabelling ({error})");
            None
        }
    }
}

/// The rule as it stands in a configuration, with the fields in the order the operator writes them in: of several mistakes the
/// first counts.
fn yaml(config: &Config) -> String {
    let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
    let fields = [
        ("source_labels", config.source_labels.as_ref().map(|names| json!(names))),
        ("separator", text(&config.separator)),
        ("target_label", text(&config.target_label)),
        ("regex", text(&config.regex)),
        ("modulus", (config.modulus != 0).then(|| json!(config.modulus))),
        ("replacement", text(&config.replacement)),
        ("action", text(&config.action)),
    ];
    let given = fields.into_iter().filter_map(|(name, value)| Some(json!({ name: value? })));
    let yaml: String = given.map(|field| source::emit(&field)).collect();
    if yaml.is_empty() { "{}".to_owned() } else { yaml }
}

/// Asks the oracle about each case, in order.
fn ask(program: &Path, cases: &[Case], mut answered: impl FnMut(usize, Answer)) {
    let mut child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for case in cases {
                let question = Question {
                    rules: case.configs.iter().map(yaml).collect(),
                    scheme: if case.scheme == Scheme::Legacy { "legacy" } else { "utf8" },
                    sets: &case.sets,
                };
                let mut line = serde_json::to_vec(&question).unwrap();
                line.push(b'\n');
                stdin.write_all(&line).unwrap();
            }
        });
        let mut count = 0;
        for line in stdout.lines() {
            answered(count, serde_json::from_str(&line.unwrap()).unwrap());
            count += 1;
        }
        assert_eq!(count, cases.len(), "the oracle stopped early");
    });
    assert!(child.wait().unwrap().success());
}

/// The oracle's question, answered by promwire.
fn ours(case: &Case) -> Answer {
    let dialect = Dialect::of_release(3, 13).with_scheme(case.scheme);
    let rules = match Rules::compile(&case.configs, dialect) {
        Ok(rules) => rules,
        Err(RuleError { rule, message }) => return Answer { rule, error: message, ..Answer::default() },
    };
    let mut scratch = Scratch::default();
    let results = case.sets.iter().map(|set| {
        let mut labels: Labels = set.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let steps = rules.trace(&labels);
        let verdict = rules.apply(&mut labels, &mut scratch);
        // A trace ends as the rules do.
        let last = steps.last().map_or(&labels, |step| &step.after);
        assert_eq!(*last, labels);
        assert_eq!(
            steps
                .iter()
                .find(|step| !step.kept)
                .map_or(Verdict::Kept, |step| Verdict::Dropped { rule: step.rule }),
            verdict
        );
        let labels = labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Outcome { dropped: verdict != Verdict::Kept, labels }
    });
    Answer { results: results.collect(), ..Answer::default() }
}

#[test]
fn rules_do_what_they_do_in_prometheus() {
    let Some(program) = oracle() else { return };
    let wanted = usize::try_from(number_from_environment("PROMWIRE_ORACLE_DOCS", 20_000)).unwrap();
    let seed = number_from_environment("PROMWIRE_ORACLE_SEED", SEED);
    let mut random = Random::new(seed);
    // A quarter of the lists is refused, and counts for nothing.
    let cases: Vec<Case> = (0..wanted.div_ceil(SETS) * 3 / 2)
        .map(|_| Case {
            configs: (0..=random.below(4)).map(|_| relabelling::config(&mut random)).collect(),
            scheme: if random.one_in(3) { Scheme::Legacy } else { Scheme::Utf8 },
            sets: (0..SETS).map(|_| relabelling::labels(&mut random)).collect(),
        })
        .collect();
    let (mut refused, mut compared, mut dropped) = (0, 0, 0);
    let mut too_large = 0;
    let mut differences = Vec::new();
    ask(&program, &cases, |index, prometheus| {
        let case = &cases[index];
        let ours = ours(case);
        refused += usize::from(!prometheus.error.is_empty());
        compared += prometheus.results.len();
        dropped += prometheus.results.iter().filter(|outcome| outcome.dropped).count();
        if ours != prometheus {
            // What the regex oracle lists too.
            if ours.error.contains("too large") || ours.error.starts_with("the automaton of the regex") {
                too_large += 1;
            } else {
                differences.push((case, ours, prometheus));
            }
        }
    });
    println!(
        "{} lists, seed {seed}: {refused} refused, {compared} sets of labels compared ({dropped} dropped), {too_large} regexes too large: {} differences",
        cases.len(),
        differences.len(),
    );
    differences.sort_by_key(|(case, ..)| case.configs.len());
    for (case, ours, prometheus) in differences.iter().take(8) {
        println!(
            "--- {:?} {:?}\n  ours       {ours:?}\n  Prometheus {prometheus:?}\n  {:?}",
            case.scheme, case.configs, case.sets
        );
    }
    assert!(differences.is_empty(), "{} differences", differences.len());
    assert!(compared >= wanted, "too few lists were accepted: {compared} of {wanted}");
}
