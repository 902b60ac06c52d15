//! Finding what was recorded from real components, and comparing with it.

use std::env;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::read::GzDecoder;
use promwire::diagnostic::TextFile;
use serde_json::Value;

/// The folder of recordings: named by a variable, or else beside the checkout. None where it is absent, which is said, and
/// is a failure where `CI=true`.
pub(crate) fn folder(variable: &str, beside: &str) -> Option<PathBuf> {
    let path = env::var_os(variable).map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus").join(beside),
        PathBuf::from,
    );
    if path.is_dir() {
        return Some(path);
    }
    assert!(
        env::var("CI").as_deref() != Ok("true"),
        "{} is not there; {variable} says where the recordings are",
        path.display()
    );
    println!("SKIPPED: {} is not there; {variable} says where the recordings are", path.display());
    None
}

/// The recorded worlds. None where they are absent, as [`folder`] says.
#[allow(dead_code, reason = "not every test compares worlds")]
pub(crate) fn worlds() -> Option<Vec<Value>> {
    let folder = folder("PROMWIRE_WORLDS", "worlds-0.93.1")?;
    let mut names: Vec<_> = fs::read_dir(&folder)
        .expect("the folder can be read")
        .map(|entry| entry.expect("its entries can be read").path())
        .filter(|path| path.to_string_lossy().ends_with(".jsonl.gz"))
        .collect();
    names.sort();
    let worlds: Vec<Value> = names
        .iter()
        .flat_map(|path| BufReader::new(GzDecoder::new(File::open(path).expect("it can be opened"))).lines())
        .map(|line| serde_json::from_str(&line.expect("it can be unpacked")).expect("a line is JSON"))
        .collect();
    assert!(!worlds.is_empty(), "{} holds no worlds", folder.display());
    Some(worlds)
}

/// The end-to-end cases that were recorded (`cargo xtask rig record`), each with its name as its seed.
#[allow(dead_code, reason = "not every test compares cases")]
pub(crate) fn cases(folder: &Path) -> Vec<Value> {
    let cases: Vec<Value> = fs::read_dir(folder)
        .expect("there are cases")
        .map(|entry| entry.expect("its entries can be read").path())
        .filter_map(|case| Some((fs::read(case.join("recorded.json")).ok()?, case)))
        .map(|(text, case)| named(serde_json::from_slice(&text).expect("a recording is JSON"), &case))
        .collect();
    assert!(!cases.is_empty(), "no case was recorded");
    cases
}

/// Generated worlds that were once judged otherwise than predicted (`cargo xtask rig test --worlds`), each with its name as its
/// seed.
#[allow(dead_code, reason = "not every test compares cases")]
pub(crate) fn generated() -> Vec<Value> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/generated_worlds/cases");
    let cases: Vec<Value> = fs::read_dir(folder)
        .expect("there are cases")
        .map(|entry| entry.expect("its entries can be read").path())
        .filter(|path| path.to_string_lossy().ends_with(".json.gz"))
        .map(|path| {
            let file = GzDecoder::new(File::open(&path).expect("it can be opened"));
            named(serde_json::from_reader(file).expect("a recording is JSON"), &path)
        })
        .collect();
    assert!(!cases.is_empty(), "there is no case");
    cases
}

fn named(mut world: Value, path: &Path) -> Value {
    world["seed"] = path.file_name().expect("it has a name").to_string_lossy().into();
    world
}

/// The first document of a YAML text as JSON; null for none.
#[allow(dead_code, reason = "not every test compares configurations")]
pub(crate) fn yaml(text: &str) -> Value {
    let reading = promwire::source::read(Arc::new(TextFile::new("recorded.yaml", text)));
    reading.documents.first().map_or(Value::Null, |document| document.root().to_json())
}

/// Whether the operator's words are those predicted, where a secret is not shown.
#[allow(dead_code, reason = "not every test compares words and configurations")]
pub(crate) fn agree(told: &str, predicted: &str) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<String>();
    let (told, predicted) = (words(told), words(predicted));
    let mut rest = told.as_str();
    for part in predicted.split("<secret>") {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

/// Where two values differ first, in a line; none where they are equal.
#[allow(dead_code, reason = "not every test compares words and configurations")]
pub(crate) fn difference(expected: &Value, found: &Value) -> Option<String> {
    fn walk(path: &str, expected: &Value, found: &Value) -> Option<String> {
        match (expected, found) {
            (Value::Object(a), Value::Object(b)) => {
                let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
                keys.into_iter().find_map(|key| {
                    let nothing = Value::String("(absent)".to_owned());
                    let (a, b) = (a.get(key).unwrap_or(&nothing), b.get(key).unwrap_or(&nothing));
                    walk(&format!("{path}.{key}"), a, b)
                })
            }
            (Value::Array(a), Value::Array(b)) => {
                let unequal = a
                    .iter()
                    .zip(b)
                    .enumerate()
                    .find_map(|(index, (a, b))| walk(&format!("{path}[{index}]"), a, b));
                unequal.or_else(|| {
                    (a.len() != b.len()).then(|| format!("{path}: {} items, found {}", a.len(), b.len()))
                })
            }
            _ => (expected != found).then(|| format!("{path}: expected {expected}, found {found}")),
        }
    }
    walk("", expected, found)
}
