//! What others say about promwire's reports: the JSON Schema of the SARIF standard and go-sarif's reader about `-o sarif`, the
//! published schema about `-o json`. What they are asked about are the reports of every transcript and example that is checked.
//!
//! Without Go the test is skipped, loudly; in CI it then fails.
#![expect(clippy::print_stderr, reason = "what was not judged is said")]

#[allow(dead_code, reason = "other tests look at more of a run")]
mod support;

#[path = "support/report_oracle.rs"]
mod oracle;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The folders of input there are: each transcript's files, and the examples.
fn inputs() -> Vec<(String, tempfile::TempDir)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let transcripts = fs::read_dir(root.join("tests/transcripts")).expect("there are transcripts");
    let mut paths: Vec<PathBuf> = transcripts.map(|entry| entry.expect("it can be read").path()).collect();
    paths.sort();
    let mut inputs = Vec::new();
    for path in paths {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if !["check_", "report_", "suppressed_", "secret_", "fix_"]
            .iter()
            .any(|start| name.starts_with(start))
        {
            continue;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let mut open: Option<PathBuf> = None;
        for line in fs::read_to_string(&path).expect("it can be read").split_inclusive('\n') {
            match line.trim_end().strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --")) {
                Some("exit" | "stdout" | "stderr" | "ls" | "pki" | "stdin") => open = None,
                Some(file) => {
                    let file = folder.path().join(file);
                    fs::create_dir_all(file.parent().expect("a folder")).expect("it can be made");
                    fs::write(&file, "").expect("it can be written");
                    open = Some(file);
                }
                None => {
                    if let Some(file) = &open {
                        let text = fs::read_to_string(file).expect("it can be read") + line;
                        fs::write(file, text).expect("it can be written");
                    }
                }
            }
        }
        inputs.push((name, folder));
    }
    inputs
}

#[test]
fn reports_are_what_their_schemas_say() {
    let mut asked = Vec::new();
    let mut names = Vec::new();
    for (name, folder) in inputs() {
        for (format, kind) in [("sarif", "sarif"), ("json", "json")] {
            let run = support::promwire(
                &format!("check . -o {format} --now 2026-06-01T00:00:00Z"),
                folder.path(),
                None,
            );
            if run.stdout.is_empty() {
                continue;
            }
            let again = support::promwire(
                &format!("check . -o {format} --now 2026-06-01T00:00:00Z"),
                folder.path(),
                None,
            );
            assert_eq!(run.stdout, again.stdout, "{name}: two runs print the same");
            asked.push((kind, run.stdout));
            names.push(format!("{name} {format}"));
        }
    }
    assert!(asked.len() > 30, "{} reports", asked.len());
    // The judges see mistakes.
    let (mut sarif, mut json): (Value, Value) = {
        let first = |kind: &str| {
            let (_, text) = asked.iter().find(|(found, _)| *found == kind).expect("there is one");
            serde_json::from_str(text).expect("it is JSON")
        };
        (first("sarif"), first("json"))
    };
    sarif["runs"][0]["columnKind"] = Value::from("bytes");
    json["summary"]["suppressed"] = Value::from(-1);
    let wrong = asked.len();
    asked.extend([("sarif", sarif.to_string()), ("json", json.to_string())]);
    let Some(answers) = oracle::ask(&asked) else { return };
    eprintln!("{} reports were judged", asked.len());
    let refused: Vec<String> = names
        .iter()
        .zip(&answers)
        .filter_map(|(name, answer)| answer.as_ref().map(|error| format!("{name}: {error}")))
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert!(answers[wrong..].iter().all(Option::is_some), "what is wrong is refused");
}
