//! How long a program runs, how long it computes, and how much memory it has at most, as Linux tells.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What one run took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured {
    pub(super) wall: Duration,
    pub(super) cpu: Duration,
    /// Bytes.
    pub(super) peak: u64,
}

/// Between two looks at a running program.
const PAUSE: Duration = Duration::from_millis(1);

/// Runs a program to its end, and measures it. Its output is thrown away.
pub(super) fn run(command: &mut Command, expected: &[i32]) -> Result<Measured, String> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
    let id = child.id();
    let mut peak = 0;
    // A program that has ended is there until somebody waits for it, so that its times can be read.
    let cpu = loop {
        let (ended, cpu) = times(id)?;
        if ended {
            break cpu;
        }
        peak = peak.max(high_water(id).unwrap_or(0));
        std::thread::sleep(PAUSE);
    };
    let wall = started.elapsed();
    let status = child.wait().map_err(|error| error.to_string())?;
    if !status.code().is_some_and(|code| expected.contains(&code)) {
        return Err(format!("{command:?} ended with {status}; run it to see why"));
    }
    Ok(Measured { wall, cpu, peak })
}

/// Whether a program has ended, and the time it has computed.
fn times(id: u32) -> Result<(bool, Duration), String> {
    let path = format!("/proc/{id}/stat");
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    // The name may hold anything but ends with the last parenthesis.
    let fields: Vec<&str> =
        text.rsplit_once(')').map_or("", |(_, rest)| rest).split_ascii_whitespace().collect();
    let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    // Hundredths of a second, user and system.
    let ticks = number(11) + number(12);
    Ok((fields.first() == Some(&"Z"), Duration::from_millis(ticks * 10)))
}

/// The most memory a running program has had.
fn high_water(id: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// The middle of each figure.
pub(super) fn median(all: &[Measured]) -> Measured {
    let middle = |mut values: Vec<u128>| {
        values.sort_unstable();
        values.get(values.len() / 2).copied().unwrap_or(0)
    };
    let nanoseconds = |pick: fn(&Measured) -> Duration| {
        let value = middle(all.iter().map(|one| pick(one).as_nanos()).collect());
        Duration::from_nanos(u64::try_from(value).unwrap_or(u64::MAX))
    };
    let peak = middle(all.iter().map(|one| u128::from(one.peak)).collect());
    Measured {
        wall: nanoseconds(|one| one.wall),
        cpu: nanoseconds(|one| one.cpu),
        peak: u64::try_from(peak).unwrap_or(u64::MAX),
    }
}
