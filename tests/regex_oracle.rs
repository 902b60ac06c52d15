//! What Go's `regexp` package makes of patterns, compared with what promwire makes of them.
//!
//! `PROMWIRE_ORACLE_DOCS` sets how many pairs of a pattern and a text are compared (20,000 unless set; CI compares 100,000) and
//! `PROMWIRE_ORACLE_SEED` which. Without Go the tests are skipped, loudly; in CI they then fail.
//! What was once read differently is a case in `tests/fixtures/regex/cases.jsonl`, with Go's answer (written by
//! `PROMWIRE_UPDATE=1`), and needs no Go.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the figures belong to the result")]

mod random;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use promwire::prom::regex::{self, ErrorKind};
use random::{Random, number_from_environment, patterns};
use serde::{Deserialize, Serialize};

const SEED: u64 = 20_261_121;
const TEXTS: usize = 4;

#[derive(Serialize, Deserialize, Debug, Clone)]
struct Question {
    pattern: String,
    texts: Vec<String>,
    template: String,
}

/// A line of the fixture: what was once read differently, and what Go answers.
#[derive(Serialize, Deserialize)]
struct Case {
    name: String,
    #[serde(flatten)]
    question: Question,
    #[serde(default)]
    answer: Answer,
}

#[derive(Serialize, Deserialize, PartialEq, Debug, Default, Clone)]
struct Answer {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    error: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    texts: Vec<Found>,
}

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
struct Found {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    positions: Vec<i64>,
    expanded: String,
    replaced: String,
}

/// The oracle's program, built anew; none where there is no Go.
fn oracle() -> Option<PathBuf> {
    let required = std::env::var_os("CI").is_some_and(|value| value == "true");
    let module = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/regex-oracle");
    let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("regex-oracle");
    match Command::new("go").args(["build", "-o"]).arg(&program).arg(".").current_dir(module).output() {
        Ok(output) if output.status.success() => Some(program),
        Ok(output) => panic!("the oracle does not build: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            assert!(!required, "CI needs Go for the oracle: {error}");
            eprintln!("SKIPPED: no Go, so nothing was compared with Go's regexp package ({error})");
            None
        }
    }
}

/// Asks the oracle each question, in order.
fn ask(program: &Path, questions: &[Question], mut answered: impl FnMut(usize, Answer)) {
    let mut child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for question in questions {
                let mut line = serde_json::to_vec(question).unwrap();
                line.push(b'\n');
                stdin.write_all(&line).unwrap();
            }
        });
        let mut count = 0;
        for line in stdout.lines() {
            answered(count, serde_json::from_str(&line.unwrap()).unwrap());
            count += 1;
        }
        assert_eq!(count, questions.len(), "the oracle stopped early");
    });
    assert!(child.wait().unwrap().success());
}

/// The oracle's question, answered by promwire.
fn ours(question: &Question) -> Result<Answer, ErrorKind> {
    let regex = match regex::compile(&question.pattern) {
        Ok(regex) => regex,
        Err(error) if error.kind == ErrorKind::Unbuildable => return Err(error.kind),
        Err(error) => return Ok(Answer { error: error.message, ..Answer::default() }),
    };
    let template = regex.template(&question.template);
    let names: Vec<String> =
        regex.group_names().iter().map(|name| name.clone().unwrap_or_default()).collect();
    let texts = question
        .texts
        .iter()
        .map(|text| {
            let mut expanded = String::new();
            let mut positions = Vec::new();
            let captures = regex.captures(text);
            assert_eq!(captures.is_some(), regex.is_match(text));
            if let Some(captures) = &captures {
                template.expand(captures, &mut expanded);
                for group in 0..names.len() {
                    let (start, end) = captures.span(group).map_or((-1, -1), |(start, end)| {
                        (i64::try_from(start).unwrap(), i64::try_from(end).unwrap())
                    });
                    positions.extend([start, end]);
                }
            }
            Found { positions, expanded, replaced: regex.replace_all(text, &template) }
        })
        .collect();
    Ok(Answer { error: String::new(), names, texts })
}

/// Where promwire may answer otherwise than Go, and why; anything else is an error.
fn listed(ours: &Result<Answer, ErrorKind>, go: &Answer) -> Option<&'static str> {
    match ours {
        Err(_) if go.error.is_empty() => Some("its automaton would be larger than promwire builds"),
        // Go begins to count the size of what it has read when a cheap estimate says so, and the estimate is not always
        // asked: `(?:…){1000}` with 4,000 characters is refused there, and accepted with one character more after it.
        Ok(ours) if go.error.is_empty() && ours.error.contains("expression too large") => {
            Some("more than 3,355,443 instructions, which Go did not count")
        }
        _ => None,
    }
}

#[test]
fn patterns_mean_what_they_mean_to_go() {
    let Some(program) = oracle() else { return };
    let wanted = usize::try_from(number_from_environment("PROMWIRE_ORACLE_DOCS", 20_000)).unwrap();
    let seed = number_from_environment("PROMWIRE_ORACLE_SEED", SEED);
    let mut random = Random::new(seed);
    let questions: Vec<Question> = (0..wanted.div_ceil(TEXTS))
        .map(|_| {
            let pattern = patterns::pattern(&mut random);
            let texts = (0..TEXTS).map(|_| patterns::text_for(&mut random, &pattern)).collect();
            Question { template: patterns::template(&mut random), pattern, texts }
        })
        .collect();
    let (mut refused, mut matched) = (0, 0);
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut differences = Vec::new();
    ask(&program, &questions, |index, go| {
        let question = &questions[index];
        let ours = ours(question);
        refused += usize::from(!go.error.is_empty());
        matched += go.texts.iter().filter(|found| !found.positions.is_empty()).count();
        if ours.as_ref().ok() != Some(&go) {
            match listed(&ours, &go) {
                Some(class) => *classes.entry(class).or_default() += 1,
                None => differences.push((question.clone(), ours, go)),
            }
        }
    });
    println!(
        "{} pairs of {} patterns, seed {seed}: {refused} patterns refused, {matched} texts matched, {} differences, listed: {classes:?}",
        questions.len() * TEXTS,
        questions.len(),
        differences.len(),
    );
    differences.sort_by_key(|(question, ..)| question.pattern.len());
    for (question, ours, go) in differences.iter().take(12) {
        let shown = format!("--- {question:?}\n  ours {ours:?}\n  Go   {go:?}");
        println!(
            "{}",
            if shown.len() < 4_000 {
                shown
            } else {
                format!("{}…{}", &shown[..1_500], &shown[shown.len() - 1_500..])
            }
        );
    }
    assert!(differences.is_empty(), "{} differences", differences.len());
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/regex/cases.jsonl")
}

#[test]
fn cases_are_answered_as_go_answers_them() {
    let text = std::fs::read_to_string(fixture()).unwrap();
    let mut cases: Vec<Case> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    if std::env::var_os("PROMWIRE_UPDATE").is_some()
        && let Some(program) = oracle()
    {
        let questions: Vec<Question> = cases.iter().map(|case| case.question.clone()).collect();
        ask(&program, &questions, |index, answer| cases[index].answer = answer);
        let lines = cases.iter().map(|case| serde_json::to_string(case).unwrap() + "\n");
        std::fs::write(fixture(), lines.collect::<String>()).unwrap();
    }
    for Case { name, question, answer } in &cases {
        assert_eq!(ours(question).as_ref(), Ok(answer), "{name}: {question:?}");
    }
    println!("{} cases", cases.len());
}

#[test]
fn characters_are_those_of_go() {
    let Some(program) = oracle() else { return };
    let output = Command::new(program).arg("tables").output().unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/prom/unicode/go-1.26.txt");
    if std::env::var_os("PROMWIRE_UPDATE").is_some() {
        std::fs::write(&path, &output.stdout).unwrap();
    }
    assert!(output.stdout == std::fs::read(&path).unwrap(), "{} is out of date", path.display());
}
