//! What kustomize's own code makes of kustomizations, compared with the objects promwire takes from them.
//!
//! Random trees: a base, layers above it and components, each with names, namespaces, labels, annotations, patches, replicas and
//! generators. `PROMWIRE_ORACLE_TREES` sets how many (500 unless set; CI compares 3,000) and `PROMWIRE_ORACLE_SEED` which. Without
//! Go the test is skipped, loudly; in CI it then fails.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the figures belong to the result")]

mod random;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use promwire::engine::worlds::Worlds;
use promwire::source::{InputPath, LoadOptions};
use random::kustomizations::{TOP, tree};
use random::{Random, number_from_environment};
use serde::Deserialize;
use serde_json::{Value, json};

const SEED: u64 = 20_261_121;

type Tree = BTreeMap<String, String>;

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    error: String,
    #[serde(default)]
    objects: Vec<Value>,
}

/// The oracle's program, built anew; none where there is no Go.
fn oracle() -> Option<PathBuf> {
    let required = std::env::var_os("CI").is_some_and(|value| value == "true");
    let module = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kustomize-oracle");
    let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("kustomize-oracle");
    match Command::new("go").args(["build", "-o"]).arg(&program).arg(".").current_dir(module).output() {
        Ok(output) if output.status.success() => Some(program),
        Ok(output) => panic!("the oracle does not build: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            assert!(!required, "CI needs Go for the oracle: {error}");
            eprintln!("SKIPPED: no Go, so nothing was compared with kustomize ({error})");
            None
        }
    }
}

/// Asks the oracle about every tree.
fn ask(program: &Path, trees: &[Tree]) -> Vec<Answer> {
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let answers = std::thread::scope(|scope| {
        scope.spawn(move || {
            for files in trees {
                let question = json!({"files": files, "folder": TOP});
                writeln!(stdin, "{question}").unwrap();
            }
        });
        stdout.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect::<Vec<Answer>>()
    });
    assert!(child.wait().unwrap().success());
    assert_eq!(answers.len(), trees.len(), "the oracle stopped early");
    answers
}

/// The objects promwire takes from a tree, and what it says of the kustomizations.
fn ours(files: &Tree) -> (Vec<Value>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let input = InputPath::Path(folder.path().join(TOP));
    let worlds = Worlds::load(&[input], &LoadOptions::default(), None, &[]);
    let [only] = &worlds.iter().collect::<Vec<_>>()[..] else { panic!("one kustomization is one world") };
    let objects = only.world.inventory().objects().map(|object| object.node().to_json()).collect();
    let findings = only.world.findings().iter().map(|finding| finding.message.clone()).collect();
    (objects, findings)
}

/// Objects in one order. Values that a generator puts into a `ConfigMap` are not kept by promwire: they may be secret.
fn in_order(mut objects: Vec<Value>) -> Vec<Value> {
    for object in &mut objects {
        let is_generated = object["metadata"]["name"].as_str().is_some_and(|name| name.contains("generated"));
        if let Some(data) = object.get_mut("data").and_then(Value::as_object_mut).filter(|_| is_generated) {
            data.values_mut().for_each(|value| *value = json!(""));
        }
    }
    objects.sort_by_key(|object| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let metadata = &object["metadata"];
        (text(&object["kind"]), text(&metadata["namespace"]), text(&metadata["name"]))
    });
    objects
}

#[test]
fn kustomizations_have_the_objects_that_kustomize_makes() {
    let Some(program) = oracle() else { return };
    let is_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
    let wanted = number_from_environment("PROMWIRE_ORACLE_TREES", if is_ci { 3_000 } else { 500 });
    let seed = number_from_environment("PROMWIRE_ORACLE_SEED", SEED);
    let mut random = Random::new(seed);
    let trees: Vec<Tree> = (0..wanted).map(|_| tree(&mut random)).collect();
    let (mut refused, mut compared, mut untold) = (0, 0, 0);
    let mut differences = Vec::new();
    for (files, answer) in trees.iter().zip(ask(&program, &trees)) {
        let (objects, findings) = ours(files);
        if answer.error.is_empty() {
            compared += answer.objects.len();
            let (objects, kustomize) = (in_order(objects), in_order(answer.objects));
            if objects != kustomize || !findings.is_empty() {
                differences.push((files, objects, kustomize, findings));
            }
        } else {
            refused += 1;
            untold += usize::from(findings.is_empty());
        }
    }
    println!(
        "{wanted} trees, seed {seed}: {refused} refused by kustomize, {untold} of them without a finding; {compared} objects compared, {} trees differ",
        differences.len(),
    );
    differences.sort_by_key(|(files, ..)| files.values().map(String::len).sum::<usize>());
    for (files, objects, kustomize, findings) in differences.iter().take(8) {
        show(files);
        println!("findings {findings:?}");
        for (ours, theirs) in objects.iter().zip(kustomize).filter(|(ours, theirs)| ours != theirs) {
            println!("  promwire  {ours}\n  kustomize {theirs}");
        }
        println!("  {} objects, kustomize has {}", objects.len(), kustomize.len());
    }
    assert!(differences.is_empty(), "{} trees differ", differences.len());
    assert!(refused * 2 < wanted, "too many trees were refused: {refused} of {wanted}");
}

fn show(files: &Tree) {
    println!("---");
    for (name, text) in files {
        println!("-- {name} --\n{text}");
    }
}
