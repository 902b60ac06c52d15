//! What must hold for every input: called by the fuzz target in `fuzz/` and by `tests/fuzz_replay.rs`.

use super::{Assumed, Question, World, check, explain};
use crate::chain::runtime::MADE_AT_RUN_TIME;
use crate::diagnostic::{Level, Verdict};
use crate::operator::Reality;
use crate::pki::Moment;
use crate::source::read_bytes;

/// Checks the bytes, and explains each of their objects. Nothing panics; two checks say the same; errors are certain; nothing is
/// said about what nobody wrote.
pub fn checked(bytes: &[u8]) {
    let world = World::of(read_bytes("fuzz.yaml", bytes.to_vec()), None);
    let assumed = Assumed {
        reality: Reality::default(),
        complete: Vec::new(),
        listed: Vec::new(),
        now: Moment::from_unix(1_780_272_000),
    };
    let checked = check(&world, &assumed);
    for finding in &checked.findings {
        assert!(
            finding.level != Level::Error || finding.verdict == Verdict::Broken,
            "an error that is not certain: {}",
            finding.message
        );
        let place = finding.place.as_ref().map(|at| at.place.file.name());
        assert_ne!(place, Some(MADE_AT_RUN_TIME), "about something nobody wrote: {}", finding.message);
    }
    let again = check(&world, &assumed);
    assert_eq!(checked.findings, again.findings, "two checks say the same");
    for object in world.inventory().objects().take(8) {
        let text = format!("{}/{}", object.kind(), object.name());
        let Ok(mut question) = text.parse::<Question>() else { continue };
        question.namespace = object.namespace().map(str::to_owned);
        if let Ok(explained) = explain(&world, &assumed, &question) {
            assert!(!explained.tree.title.is_empty());
        }
    }
}
