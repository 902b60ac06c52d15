//! Targets of worlds recorded from the real Prometheus (3.13.5), operator and API server: from the objects that were read back,
//! for every Prometheus and agent and every shard that was run, the targets that Prometheus had.
//!
//! `PROMWIRE_WORLDS` names the folder with `worlds.jsonl.gz`; without it, it is expected beside the checkout. What is not compared,
//! because it is not determined, is said where it is left out.
#![allow(clippy::print_stdout, reason = "the counts belong to the result")]

mod recorded;
#[path = "recorded/targets.rs"]
mod running;

use std::path::Path;
use std::sync::Mutex;

use running::{Count, Recorded};
use serde_json::Value;

/// Compares every world, and fails with what differs.
fn compare(what: &str, worlds: &[Value], judge: impl Fn(&Recorded, &Value) -> Count + Sync) {
    let count = Mutex::new(Count::default());
    let next = Mutex::new(worlds.iter());
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let taken = next.lock().expect("nothing panics while it is held").next();
                    let Some(taken) = taken else { break };
                    let recorded = Recorded::read(taken);
                    for result in taken["results"].as_array().into_iter().flatten() {
                        let judged = judge(&recorded, result);
                        count.lock().expect("nothing panics while it is held").add(judged);
                    }
                }
            });
        }
    });
    let count = count.into_inner().expect("no thread panicked");
    println!("targets of {} {what}: {count}; {} differ", worlds.len(), count.differences.len());
    assert!(count.runs > 0, "nothing was compared");
    assert!(count.differences.is_empty(), "{}", count.differences.join("\n"));
}

#[test]
fn targets_of_worlds() {
    let Some(worlds) = recorded::worlds() else { return };
    compare("recorded worlds", &worlds, Recorded::judge_all);
}

/// Cases whose targets do not follow from what was recorded, with the reason.
const UNDECIDED: &[(&str, &str)] = &[
    (
        "certificate-of-the-node",
        "a file outside the operator's folders: what the image holds is not recorded",
    ),
    ("no-rights", "no RBAC object was there to be recorded, so that the recording says nothing of rights"),
];

/// What the end-to-end cases recorded (`cargo xtask rig record`) is predicted, too.
#[test]
fn targets_of_recorded_cases() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/cases");
    let mut cases = recorded::cases(&cases);
    cases.retain(|case| !UNDECIDED.iter().any(|(name, _)| case["seed"] == *name));
    compare("end-to-end cases", &cases, |recorded, result| {
        recorded.judge_whole(result).unwrap_or_else(|message| panic!("{}: {message}", result["name"]))
    });
}
