//! What Kubernetes' own Go code makes of YAML, compared with what promwire makes of it.
//!
//! `PROMWIRE_ORACLE_DOCS` sets how many documents are compared (20,000 unless set; CI compares 100,000) and
//! `PROMWIRE_ORACLE_SEED` which. Without Go the test is skipped, loudly; in CI it then fails.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the figures belong to the result")]

mod random;

#[path = "go-oracle/differences.rs"]
mod differences;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use differences::{Case, DIFFERENCES, same};
use promwire::diagnostic::{Code, TextFile};
use promwire::source;
use random::{Random, generate, manifests, number_from_environment, texts};
use serde::Deserialize;
use serde_json::Value;

const SEED: u64 = 20_261_121;

#[derive(Deserialize)]
struct Answer {
    documents: Vec<Answered>,
    separator: Option<String>,
    /// Nothing was read after the last document, which is an error.
    #[serde(default)]
    stopped: bool,
}

#[derive(Deserialize)]
struct Answered {
    /// `null` is an answer too.
    #[serde(default, deserialize_with = "present")]
    json: Option<Value>,
    #[serde(default)]
    error: String,
    /// Accepted, too deep to be sent.
    #[serde(default)]
    deep: bool,
    #[serde(default)]
    collision: bool,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// The oracle's program, built anew; none where there is no Go.
fn oracle() -> Option<PathBuf> {
    let required = std::env::var_os("CI").is_some_and(|value| value == "true");
    let module = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/go-oracle");
    let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("go-oracle");
    match Command::new("go").args(["build", "-o"]).arg(&program).arg(".").current_dir(module).output() {
        Ok(output) if output.status.success() => Some(program),
        Ok(output) => panic!("the oracle does not build: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            assert!(!required, "CI needs Go for the oracle: {error}");
            eprintln!("SKIPPED: no Go, so nothing was compared with Kubernetes' own YAML reader ({error})");
            None
        }
    }
}

/// Asks the oracle about each stream, in order.
fn ask(program: &PathBuf, streams: &[String], mut answered: impl FnMut(usize, Answer)) {
    let mut child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut text = String::new();
            for stream in streams {
                text.push_str(&base64(stream.as_bytes()));
                text.push('\n');
                if text.len() > 1 << 16 {
                    stdin.write_all(text.as_bytes()).unwrap();
                    text.clear();
                }
            }
            stdin.write_all(text.as_bytes()).unwrap();
        });
        let mut count = 0;
        for line in stdout.lines() {
            answered(count, serde_json::from_str(&line.unwrap()).unwrap());
            count += 1;
        }
        assert_eq!(count, streams.len(), "the oracle stopped early");
    });
    assert!(child.wait().unwrap().success());
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let value =
            group.iter().fold(0, |value, &byte| value << 8 | u32::from(byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = DIGITS[(value >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= group.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

/// Compares the documents of one stream; what differs and is not listed is an error.
fn compare(
    stream: &str,
    answer: &Answer,
    classes: &mut BTreeMap<&'static str, usize>,
) -> Result<usize, String> {
    let reading = source::read(Arc::new(TextFile::new("stream", stream)));
    let mut refusals =
        reading.findings.iter().filter(|finding| matches!(finding.code, Code::SYNTAX | Code::TEMPLATE)).map(
            |finding| {
                finding
                    .notes
                    .iter()
                    .find_map(|note| match note {
                        promwire::diagnostic::Note::Info(text) if finding.code == Code::TEMPLATE => {
                            Some(text.as_str())
                        }
                        _ => None,
                    })
                    .unwrap_or(&finding.message)
            },
        );
    let bad_separator =
        reading.findings.iter().any(|finding| finding.message == "invalid YAML document separator");
    let answered = answer.documents.iter().filter(|go| go.json != Some(Value::Null)).count();
    let mut documents = reading.documents.iter().peekable();
    let mut count = 0;
    for (index, go) in answer.documents.iter().filter(|go| go.json != Some(Value::Null)).enumerate() {
        count += 1;
        let ours =
            documents.next_if(|document| document.index() == index).map(|document| document.root().to_json());
        let message = if ours.is_none() { refusals.next() } else { None };
        if ours.is_none() && message.is_none() {
            return Err(format!("we lack document {index}: Go says {:?} {}", go.json, go.error));
        }
        let equal = match (&ours, &go.json) {
            (Some(ours), Some(go)) => same(ours, go),
            (Some(_), None) if go.deep => true,
            (None, None) => !go.deep,
            _ => false,
        };
        if equal {
            continue;
        }
        let case = Case {
            stream,
            ours: ours.as_ref(),
            message: message.unwrap_or_default(),
            go: go.json.as_ref(),
            go_accepts: go.json.is_some() || go.deep,
            go_error: &go.error,
            collision: go.collision,
            at_bad_separator: bad_separator && answer.stopped && index + 1 == answered,
        };
        match DIFFERENCES.iter().find(|difference| (difference.applies)(&case)) {
            Some(difference) => *classes.entry(difference.name).or_default() += 1,
            None => {
                return Err(format!(
                    "document {index}: ours {:?} {}\n      Go {:?} {}",
                    case.ours, case.message, case.go, case.go_error
                ));
            }
        }
    }
    match &answer.separator {
        // kubectl stops at such a line; we go on after it.
        Some(separator) => {
            if !bad_separator {
                return Err(format!("we did not notice: {separator}"));
            }
        }
        None if answer.stopped => {}
        None => {
            if let Some(document) = documents.next() {
                return Err(format!("Go lacks our document {}", document.index()));
            }
            if let Some(message) = refusals.next() {
                // Go makes nothing of some documents that begin with two byte order marks.
                if message == "two byte order marks at the start of the document" {
                    *classes.entry("two byte order marks").or_default() += 1;
                    return Ok(count);
                }
                return Err(format!("Go lacks the document we refuse: {message}"));
            }
        }
    }
    Ok(count)
}

#[test]
fn documents_are_read_as_kubernetes_reads_them() {
    let Some(program) = oracle() else { return };
    let wanted = number_from_environment("PROMWIRE_ORACLE_DOCS", 20_000);
    let seed = number_from_environment("PROMWIRE_ORACLE_SEED", SEED);
    let manifests = manifests();
    let mut random = Random::new(seed);
    let mut streams: Vec<String> = manifests.clone();
    streams.extend(texts("source"));
    streams.extend(generate::SCALARS.iter().map(|scalar| format!("{scalar}\n")));
    while (streams.len() as u64) < wanted {
        streams.push(generate::document(&mut random, &manifests));
    }
    let mut classes = BTreeMap::new();
    let mut documents = 0;
    let mut accepted = 0;
    let mut failures: Vec<(String, String)> = Vec::new();
    ask(&program, &streams, |index, answer| {
        accepted += answer.documents.iter().filter(|document| document.json.is_some()).count();
        match compare(&streams[index], &answer, &mut classes) {
            Ok(count) => documents += count,
            Err(difference) => failures.push((streams[index].clone(), difference)),
        }
    });
    let listed: Vec<String> = classes.iter().map(|(name, count)| format!("{count} {name}")).collect();
    println!(
        "{} streams, seed {seed}, {documents} documents ({accepted} accepted by Go): {} differences, {} in listed classes: {}",
        streams.len(),
        failures.len(),
        classes.values().sum::<usize>(),
        if listed.is_empty() { "none".to_owned() } else { listed.join(", ") },
    );
    for difference in DIFFERENCES.iter().filter(|difference| classes.contains_key(difference.name)) {
        println!("  {}: {}", difference.name, difference.reason);
    }
    failures.sort_by_key(|(stream, _)| stream.len());
    for (stream, difference) in failures.iter().take(12) {
        println!("--- {stream:?}\n    {difference}");
    }
    assert!(failures.is_empty(), "{} differences", failures.len());
}

#[test]
fn what_is_emitted_is_read_back_equal_by_kubernetes() {
    let Some(program) = oracle() else { return };
    let wanted = number_from_environment("PROMWIRE_ORACLE_DOCS", 20_000) / 4;
    let seed = number_from_environment("PROMWIRE_ORACLE_SEED", SEED);
    let mut random = Random::new(seed);
    let mut values: Vec<Value> = Vec::new();
    for scalar in generate::SCALARS {
        values.push(serde_json::json!({"value": scalar, *scalar: "key", "list": [scalar, [scalar]]}));
    }
    while (values.len() as u64) < wanted {
        values.push(generate::object(&mut random, 3));
    }
    let streams: Vec<String> = values.iter().map(source::emit).collect();
    let mut failures = Vec::new();
    ask(&program, &streams, |index, answer| {
        let expected = without_nulls(&values[index]);
        let back = match answer.documents.as_slice() {
            [document] => document.json.clone(),
            _ => None,
        };
        if !back.as_ref().is_some_and(|back| same(&expected, back)) {
            failures.push(format!(
                "{expected}\n{:?}\n{back:?} {:?}",
                streams[index],
                answer.documents.iter().map(|document| &document.error).collect::<Vec<_>>()
            ));
        }
    });
    println!("{} values, seed {seed}: {} damaged", values.len(), failures.len());
    failures.sort_by_key(String::len);
    for failure in failures.iter().take(8) {
        println!("--- {failure}");
    }
    assert!(failures.is_empty(), "{} values damaged", failures.len());
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(entries) => Value::Object(
            entries
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key.clone(), without_nulls(value)))
                .collect(),
        ),
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}
