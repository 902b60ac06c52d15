//! Worlds recorded from the real operator (0.93.1) on a real API server: for every Prometheus and agent of every world the
//! command has to print the configuration that was recorded, from the objects as they were written and from those that
//! were read back.
//!
//! `PROMWIRE_WORLDS` names the folder with `worlds.jsonl.gz`; without it, it is expected beside the checkout.
#![allow(clippy::print_stdout, reason = "the counts belong to the result")]

mod recorded;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use recorded::{agree, difference, yaml};
use serde_json::{Value, json};

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_default()
}

/// A run of the command: exit code, standard output, standard error.
fn scrape_config(input: &Path, world: &Value, result: &Value, more: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_promwire"));
    command.args(["scrape-config", "--prometheus"]);
    command.arg(format!("{}/{}", text(result, "namespace"), text(result, "name")));
    command.arg("-f").arg(input).args(more);
    // The flags of its operator, where it had others than a plain one.
    command.args(world["operator"].as_array().into_iter().flatten().filter_map(Value::as_str));
    if text(result, "kind") == "PrometheusAgent" {
        command.arg("--agent");
    }
    let output = command.stdin(Stdio::null()).output().expect("the binary runs");
    let utf8 = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what it writes is UTF-8");
    (output.status.code().unwrap_or(-1), utf8(output.stdout), utf8(output.stderr))
}

/// What is wrong with what the command said about one Prometheus, and whether only other sections differ.
fn judge(input: &Path, world: &Value, result: &Value) -> Result<Option<String>, String> {
    let (code, stdout, stderr) = scrape_config(input, world, result, &["--show-secrets"]);
    if code == 101 || stderr.contains("panicked at") {
        return Err(format!("the command panicked: {stderr}"));
    }
    let Some(config) = result["config"].as_str() else {
        let conditions = result["conditions"].as_array().into_iter().flatten();
        let reconciled = conditions.into_iter().find(|condition| condition["type"] == "Reconciled");
        let message = reconciled.map_or("", |condition| text(condition, "message"));
        if !stdout.is_empty() {
            return Err(format!("a configuration where there is none: {message}"));
        }
        let crashed = world.get("operator_panic").is_some_and(|panic| !panic.is_null());
        let failed = crashed || reconciled.is_some_and(|condition| condition["status"] == "False");
        if failed != (code == 1) {
            return Err(format!("exit code {code}, and the operator said `{message}`: {stderr}"));
        }
        // Text as wide as a terminal is cut.
        let said = |text: &str| text.split_whitespace().collect::<String>();
        if !message.is_empty() && failed && !said(&stderr).contains(&said(message)) {
            // Or a secret is not shown.
            let (_, stdout, _) = scrape_config(input, world, result, &["-o", "json"]);
            let document: Value = serde_json::from_str(&stdout).unwrap_or_default();
            if !agree(message, text(&document, "error")) {
                return Err(format!("the operator said `{message}`, the command: {stderr}"));
            }
        }
        return Ok(None);
    };
    if code != 0 {
        return Err(format!("exit code {code}: {stderr}"));
    }
    if config.is_empty() {
        let told = stderr.contains("PW404") && stdout.is_empty();
        return if told { Ok(None) } else { Err(format!("not told as unmanaged: {stderr}{stdout}")) };
    }
    let (expected, found) = (yaml(config), yaml(&stdout));
    let part = |value: &Value| json!({"global": value["global"], "scrape_configs": value["scrape_configs"]});
    match difference(&part(&expected), &part(&found)) {
        Some(difference) => Err(difference),
        None => Ok(difference(&expected, &found)),
    }
}

/// The rejections of a world that the operator told in Events and the command did not, and the other way round.
fn judge_rejections(input: &Path, world: &Value) -> Vec<String> {
    let mut found = BTreeSet::new();
    for result in world["results"].as_array().into_iter().flatten() {
        let (_, stdout, _) = scrape_config(input, world, result, &["-o", "json"]);
        let Ok(document) = serde_json::from_str::<Value>(&stdout) else { continue };
        let controller = match text(result, "kind") {
            "PrometheusAgent" => "prometheusagent-controller",
            _ => "prometheus-controller",
        };
        for row in document["rejected"].as_array().into_iter().flatten() {
            let name = format!("{}/{}", text(row, "namespace"), text(row, "name"));
            let message =
                format!("{name:?} was rejected due to invalid configuration: {}", text(row, "message"));
            found.insert((controller.to_owned(), text(row, "kind").to_owned(), message));
        }
    }
    let events = world["events"].as_array().into_iter().flatten();
    let told: BTreeSet<(String, String, String)> = events
        .filter(|event| text(event, "reason") == "InvalidConfiguration")
        .filter(|event| text(event, "kind") != "PrometheusRule")
        .map(|event| {
            let field = |name: &str| text(event, name).to_owned();
            (field("controller"), field("kind"), field("message"))
        })
        .collect();
    let describe = |sign: &str, (controller, kind, message): &(String, String, String)| {
        format!("{sign} {controller} {kind} {message}")
    };
    let missed = told.difference(&found).map(|row| describe("not told:", row));
    missed.chain(found.difference(&told).map(|row| describe("too much:", row))).collect()
}

#[derive(Default)]
struct Count {
    passed: usize,
    failed: Vec<String>,
    other: Vec<String>,
    rejections: Vec<String>,
}

fn world(world: &Value, count: &Mutex<Count>) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for source in ["objects", "live"] {
        let path = folder.path().join(format!("{source}.json"));
        let list = json!({"apiVersion": "v1", "kind": "List", "items": world[source]});
        let mut file = File::create(&path).expect("the input can be written");
        file.write_all(list.to_string().as_bytes()).expect("the input can be written");
        for result in world["results"].as_array().into_iter().flatten() {
            let title = format!(
                "world {} {source} {} {}/{}",
                world["seed"],
                text(result, "kind"),
                text(result, "namespace"),
                text(result, "name")
            );
            let judged = judge(&path, world, result);
            let mut count = count.lock().expect("nothing panics while it is held");
            match judged {
                Ok(other) => {
                    count.passed += 1;
                    count.other.extend(other.map(|difference| format!("{title}: {difference}")));
                }
                Err(difference) => count.failed.push(format!("{title}: {difference}")),
            }
        }
        // Events of a world whose operator died are not complete.
        if source == "live" && world.get("operator_panic").is_none_or(Value::is_null) {
            let differences = judge_rejections(&path, world);
            let mut count = count.lock().expect("nothing panics while it is held");
            count
                .rejections
                .extend(differences.into_iter().map(|line| format!("world {} {line}", world["seed"])));
        }
    }
}

#[test]
fn configurations_of_worlds() {
    let Some(worlds) = recorded::worlds() else { return };
    compare(&worlds);
}

/// What the end-to-end cases recorded (`cargo xtask rig record`) is predicted, too.
#[test]
fn configurations_of_recorded_cases() {
    let worlds = recorded::cases(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/cases"));
    compare(&worlds);
}

/// Generated worlds that were once judged otherwise than predicted (`cargo xtask rig test --worlds`) are predicted now.
#[test]
fn configurations_of_generated_cases() {
    compare(&recorded::generated());
}

/// Compares every world, and fails with what differs.
fn compare(worlds: &[Value]) {
    let count = Mutex::new(Count::default());
    let next = Mutex::new(worlds.iter());
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let taken = next.lock().expect("nothing panics while it is held").next();
                    let Some(taken) = taken else { break };
                    world(taken, &count);
                }
            });
        }
    });
    let count = count.into_inner().expect("no thread panicked");
    let all = count.passed + count.failed.len();
    println!(
        "worlds: {} of {all} configurations of {} worlds passed, {} failed",
        count.passed,
        worlds.len(),
        count.failed.len()
    );
    println!("worlds: in {} configurations only other sections differ", count.other.len());
    for difference in &count.other {
        println!("  other section: {difference}");
    }
    println!("worlds: {} rejections are not those of the operator's Events", count.rejections.len());
    for difference in &count.rejections {
        println!("  {difference}");
    }
    assert!(count.failed.is_empty(), "{}", count.failed.join("\n"));
    assert!(count.rejections.is_empty(), "{} rejections differ", count.rejections.len());
}
