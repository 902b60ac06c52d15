//! What the API server's own Go code says about objects of its own kinds, compared with what promwire says.
//!
//! The objects of `tests/fixtures/builtin/` are valid; then every value of each is changed in every way below, one change at a
//! time. Both have to agree on whether an object has unknown fields and on whether it can be decoded; what promwire refuses
//! besides, the API server has to refuse too. The API server refuses more, which is counted: a wrong error would be worse than a
//! missing one. Without Go the test is skipped, loudly; in CI it then fails.
#![expect(clippy::print_stderr, reason = "what was compared, and what was not, is said")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use generated_crds::schema::Table;
use promwire::diagnostic::{Code, Diagnostic, Level, TextFile};
use promwire::model::inventory::Inventory;
use promwire::model::schema::SchemaSet;
use promwire::source::{self, InputPath, LoadOptions};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Answer {
    unknown: Option<Vec<String>>,
    undecodable: String,
    errors: Option<Vec<String>>,
}

impl Answer {
    fn is_refused(&self) -> bool {
        !self.undecodable.is_empty() || self.errors.as_ref().is_some_and(|errors| !errors.is_empty())
    }

    fn has_unknown(&self) -> bool {
        self.unknown.as_ref().is_some_and(|unknown| !unknown.is_empty())
    }
}

/// What promwire refuses and the API server does not.
const KNOWN: &[fn(&Value, &Diagnostic) -> bool] = &[
    // Go reads a list of numbers as bytes, too. Nobody writes that.
    |_, finding| {
        ["`data.", "`binaryData."].iter().any(|start| finding.message.starts_with(start))
            && finding.message.ends_with("found a list")
    },
    // Nothing looks into the selector of a metric before the autoscaler does, which then has no metric.
    |object, finding| object["kind"] == "HorizontalPodAutoscaler" && finding.code == Code::INVALID_SELECTOR,
];

/// The oracle's program, built anew; none where there is no Go.
fn oracle() -> Option<PathBuf> {
    let required = std::env::var_os("CI").is_some_and(|value| value == "true");
    let module = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/builtin-oracle");
    let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("builtin-oracle");
    // As the rig builds the API server, so that both share what is compiled.
    let mut build = Command::new("go");
    build
        .args(["build", "-trimpath", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(module)
        .env("CGO_ENABLED", "0");
    match build.output() {
        Ok(output) if output.status.success() => Some(program),
        Ok(output) => panic!("the oracle does not build: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            assert!(!required, "CI needs Go for the oracle: {error}");
            eprintln!("SKIPPED: no Go, so nothing was compared with the API server's own kinds ({error})");
            None
        }
    }
}

fn ask(program: &Path, objects: &[Value]) -> Vec<Answer> {
    let mut child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let answers = std::thread::scope(|scope| {
        scope.spawn(move || {
            for object in objects {
                writeln!(stdin, "{object}").unwrap();
            }
        });
        stdout.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
    });
    assert!(child.wait().unwrap().success());
    answers
}

/// The valid objects.
fn objects() -> Vec<Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/builtin");
    let reading = source::load(&[InputPath::from(folder)], &LoadOptions::default());
    assert!(reading.findings.is_empty(), "{:?}", reading.findings);
    reading.documents.iter().map(|document| document.root().to_json()).collect()
}

/// The paths of all values of an object.
fn paths(value: &Value, at: &str, found: &mut Vec<String>) {
    let step = |key: &str| format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            found.push(step(key));
            paths(value, &step(key), found);
        }),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, value)| {
            found.push(step(&index.to_string()));
            paths(value, &step(&index.to_string()), found);
        }),
        _ => {}
    }
}

/// The object with every single change.
fn changed(object: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    let mut places = vec![String::new()];
    paths(object, "", &mut places);
    for place in &places {
        // What an object is and what it is called are the inventory's to judge.
        if ["", "/apiVersion", "/kind", "/metadata", "/metadata/name", "/metadata/namespace"]
            .contains(&place.as_str())
        {
            continue;
        }
        let values = [
            Value::Null,
            json!(true),
            json!(-1),
            json!(1.5),
            json!(3_000_000_000_u64),
            json!(""),
            json!("Odd Text!"),
            json!("7"),
            json!({}),
            json!([]),
            json!([null]),
            json!({"bogus": 1}),
        ];
        for value in values {
            let mut next = object.clone();
            *next.pointer_mut(place).expect("it is a path of the object") = value;
            all.push(next);
        }
        let (parent, key) = place.rsplit_once('/').expect("it is not the root");
        let mut without = object.clone();
        match without.pointer_mut(parent).expect("it has a parent") {
            Value::Object(map) => drop(map.remove(&key.replace("~1", "/").replace("~0", "~"))),
            Value::Array(items) => drop(items.remove(key.parse().expect("an index"))),
            _ => unreachable!("only collections have children"),
        }
        all.push(without);
        let mut more = object.clone();
        match more.pointer_mut(place).expect("it is a path of the object") {
            Value::Object(map) => drop(map.insert("bogus".to_owned(), json!(1))),
            Value::Array(items) if !items.is_empty() => items.push(items[0].clone()),
            _ => continue,
        }
        all.push(more);
    }
    all
}

fn findings(schemas: &SchemaSet, object: &Value) -> Vec<Diagnostic> {
    let reading = source::read(Arc::new(TextFile::new("object.json", object.to_string())));
    let (inventory, mut findings) = Inventory::builder().documents(reading.documents).build();
    findings.extend(schemas.validate_all(&inventory));
    findings.retain(|finding| finding.level == Level::Error);
    findings
}

#[test]
fn every_kind_of_the_table_has_an_object() {
    let objects = objects();
    let has: BTreeSet<_> =
        objects.iter().map(|object| (object["apiVersion"].as_str(), object["kind"].as_str())).collect();
    for kind in &Table::kubernetes().kinds {
        let version = kind.api_version();
        assert!(has.contains(&(Some(version.as_str()), Some(kind.kind.as_str()))), "{version} {}", kind.kind);
    }
}

#[test]
fn the_api_server_agrees_about_its_own_kinds() {
    let Some(program) = oracle() else { return };
    let mut objects = objects();
    let valid = objects.len();
    objects.extend(objects.clone().iter().flat_map(changed));
    let answers = ask(&program, &objects);
    assert_eq!(answers.len(), objects.len());
    let schemas = SchemaSet::default();
    let (mut refused, mut missed) = (0, 0);
    let mut problems = Vec::new();
    for (number, (object, answer)) in objects.iter().zip(answers).enumerate() {
        let findings = findings(&schemas, object);
        let told: Vec<_> = findings.iter().map(|finding| &finding.message).collect();
        let unknown = findings.iter().any(|finding| finding.code == Code::UNKNOWN_FIELD);
        let other = findings.iter().any(|finding| {
            finding.code != Code::UNKNOWN_FIELD && !KNOWN.iter().any(|known| known(object, finding))
        });
        refused += usize::from(answer.is_refused());
        missed += usize::from(answer.is_refused() && findings.is_empty());
        let undecodable = !answer.undecodable.is_empty();
        let agrees = if number < valid {
            !answer.is_refused() && !answer.has_unknown() && findings.is_empty()
        } else {
            // What cannot be decoded has no fields that could be known.
            (undecodable || unknown == answer.has_unknown())
                && (!undecodable || !findings.is_empty())
                && (!other || answer.is_refused())
        };
        if !agrees {
            let Answer { unknown, undecodable, errors } = &answer;
            problems.push(format!(
                "{object}\n  API server: {unknown:?} {undecodable:?} {errors:?}\n  promwire: {told:?}"
            ));
        }
    }
    eprintln!("{} objects, {refused} refused, {missed} of them only by the API server", objects.len());
    let first: Vec<_> = problems.iter().take(20).map(String::as_str).collect();
    assert!(problems.is_empty(), "{} of {} differ:\n{}", problems.len(), objects.len(), first.join("\n"));
}
