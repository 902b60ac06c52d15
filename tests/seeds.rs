//! Documents that people learned from, as they stand: what `promwire check` has to find in the manifests of their fences.
//!
//! `tests/seeds/` has a file for each document. `expected` lists its mistakes whose evidence stands in a manifest, with code and line;
//! `omitted` the others, with the reason. Nothing else may be an error. The documents are expected in `../shared/seeds`, or where
//! `PROMWIRE_SEEDS` says; absent, the test says so and passes, and fails where `CI=true`.
#![expect(clippy::print_stderr, reason = "what was not compared is said")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use promwire::diagnostic::TextFile;
use promwire::source;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    document: String,
    /// How many mistakes are known of it; each is in one of the lists.
    rows: usize,
    expected: Vec<Expected>,
    omitted: Vec<Omitted>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Expected {
    row: usize,
    code: String,
    line: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Omitted {
    row: usize,
    reason: String,
}

#[derive(Deserialize)]
struct Report {
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    code: String,
    level: String,
    message: String,
    line: Option<usize>,
}

/// Where the documents are; none when they are not there.
fn folder() -> Option<PathBuf> {
    let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/seeds");
    let folder = std::env::var_os("PROMWIRE_SEEDS").map_or_else(|| PathBuf::from(usual), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    let required = std::env::var_os("CI").is_some_and(|value| value == "true");
    assert!(!required, "CI needs the documents; {} is not there", folder.display());
    eprintln!("SKIPPED: {} is not there, so no document was checked", folder.display());
    None
}

fn seeds() -> Vec<Seed> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/seeds");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let reading = source::read(Arc::new(TextFile::new(path.display().to_string(), text)));
        serde_json::from_value(reading.documents[0].root().to_json())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    paths.iter().map(read).collect()
}

fn check(document: &Path) -> Vec<Finding> {
    let output = Command::new(env!("CARGO_BIN_EXE_promwire"))
        .args(["check", "-o", "json", "--now", "2026-06-01T00:00:00Z"])
        .arg(document)
        .output()
        .unwrap();
    let report: Report = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    report.findings
}

#[test]
fn every_known_mistake_is_expected_or_omitted_for_a_reason() {
    for seed in seeds() {
        let rows: BTreeSet<usize> = seed.expected.iter().map(|expected| expected.row).collect();
        let omitted: BTreeSet<usize> = seed.omitted.iter().map(|omitted| omitted.row).collect();
        assert!(rows.is_disjoint(&omitted), "{}: a row is in both lists", seed.document);
        let all: BTreeSet<usize> = rows.union(&omitted).copied().collect();
        assert_eq!(all, (1..=seed.rows).collect(), "{}", seed.document);
        assert!(seed.omitted.iter().all(|omitted| !omitted.reason.is_empty()), "{}", seed.document);
    }
}

#[test]
fn documents_are_found_to_have_their_mistakes() {
    let Some(folder) = folder() else { return };
    for seed in seeds() {
        let findings = check(&folder.join(&seed.document));
        let told: Vec<String> = findings
            .iter()
            .map(|Finding { code, level, message, line }| format!("{level} {code} {line:?} {message}"))
            .collect();
        let is_expected = |finding: &Finding, expected: &Expected| {
            finding.code == expected.code && finding.line == Some(expected.line)
        };
        for expected in &seed.expected {
            let found = findings.iter().any(|finding| is_expected(finding, expected));
            assert!(found, "{}: {expected:?} is not found; found is\n{}", seed.document, told.join("\n"));
        }
        for finding in findings.iter().filter(|finding| finding.level == "error") {
            let is_known = seed.expected.iter().any(|expected| is_expected(finding, expected));
            assert!(is_known, "{}: {} {:?} is too much", seed.document, finding.message, finding.line);
        }
    }
}
