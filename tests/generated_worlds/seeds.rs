//! Which worlds are run.

use std::process::Command;

use promwire_rig::worlds::ROUND;

/// How many worlds to run; 60 without it.
const COUNT: &str = "PROMWIRE_RIG_WORLDS";
/// Runs this world alone.
const ONE: &str = "PROMWIRE_RIG_SEED";
/// Fixed seeds of a run, and as many that change with every commit.
const USUAL: u64 = 2 * ROUND;
/// Where the seeds of commits begin: far from the fixed ones, and short enough for names.
const CHANGING: u64 = 1_000_000;

/// The seeds that the environment asks for.
pub(crate) fn wanted() -> Result<Vec<u64>, String> {
    let number = |name: &str| -> Result<Option<u64>, String> {
        let Some(text) = std::env::var_os(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        let text = text.to_string_lossy();
        text.parse().map(Some).map_err(|_| format!("{name} is a whole number, not `{text}`"))
    };
    if let Some(seed) = number(ONE)? {
        return Ok(vec![seed]);
    }
    let count = number(COUNT)?.unwrap_or(USUAL);
    let start = CHANGING + of_commit() % CHANGING / ROUND * ROUND;
    Ok((0..count).map(|index| if index < ROUND { index } else { start + index }).collect())
}

/// A number that every commit has one of.
fn of_commit() -> u64 {
    let said = Command::new("git").args(["rev-parse", "HEAD"]).current_dir(crate::root()).output();
    let text = said.map(|said| String::from_utf8_lossy(&said.stdout).into_owned()).unwrap_or_default();
    text.get(..12).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default()
}

/// Whether these are enough to have every property.
pub(crate) fn is_round(seeds: &[u64]) -> bool {
    u64::try_from(seeds.len()).is_ok_and(|count| count >= ROUND)
}

pub(crate) fn text(seeds: &[u64]) -> String {
    seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(",")
}

pub(crate) fn parse(text: &str) -> Vec<u64> {
    text.split(',').filter_map(|seed| seed.parse().ok()).collect()
}
