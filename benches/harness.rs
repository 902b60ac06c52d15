//! Measures variants of the same work against each other.
//!
//! Variants take turns, and the median of their turns counts: what disturbs the machine disturbs all of them alike. CPU
//! time (all threads) is compared rather than time passed, because other programs hardly change it. Allocations are counted
//! over one further turn; they are the same in every run and on every machine.

use std::alloc::System;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use stats_alloc::{Region, StatsAlloc};

/// What one turn of every variant works through, for the throughput column.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    /// Bytes of input.
    Bytes(u64),
    /// A number of things, and what one is called.
    Items(u64, &'static str),
}

/// A way to do the work.
pub(crate) struct Variant<'a> {
    name: &'static str,
    run: Box<dyn FnMut() + 'a>,
}

impl<'a> Variant<'a> {
    /// The result is kept from being optimised away; dropping it is part of the turn.
    pub(crate) fn new<R>(name: &'static str, mut run: impl FnMut() -> R + 'a) -> Self {
        Self { name, run: Box::new(move || drop(black_box(run()))) }
    }
}

/// Takes the measurements and keeps the rows of the table.
pub(crate) struct Harness {
    allocator: &'static StatsAlloc<System>,
    quick: bool,
    rows: Vec<Row>,
    remarks: Vec<String>,
}

struct Row {
    subject: String,
    variant: &'static str,
    wall: Duration,
    cpu: Duration,
    /// How many times faster than the first variant.
    ratio: f64,
    throughput: String,
    allocations: usize,
    allocated: usize,
}

impl Harness {
    pub(crate) fn new(allocator: &'static StatsAlloc<System>, quick: bool) -> Self {
        Self { allocator, quick, rows: Vec::new(), remarks: Vec::new() }
    }

    /// Whether to use small inputs and few turns: to see that a benchmark works, not what it says.
    pub(crate) fn is_quick(&self) -> bool {
        self.quick
    }

    /// Measures the variants; ratios are against the first one.
    pub(crate) fn compare(&mut self, subject: &str, work: Work, mut variants: Vec<Variant<'_>>) {
        let (most_turns, budget) =
            if self.quick { (3, Duration::from_millis(500)) } else { (21, Duration::from_secs(8)) };
        let repeats: Vec<u32> = variants.iter_mut().map(calibrate).collect();
        let mut samples = vec![Vec::new(); variants.len()];
        let start = Instant::now();
        for turn in 0..most_turns {
            if turn >= 3 && start.elapsed() > budget {
                break;
            }
            for ((variant, &repeats), samples) in variants.iter_mut().zip(&repeats).zip(&mut samples) {
                samples.push(measure(variant, repeats));
            }
        }
        let medians: Vec<_> = samples
            .into_iter()
            .map(|samples| {
                let (wall, cpu): (Vec<_>, Vec<_>) = samples.into_iter().unzip();
                (median(wall), median(cpu))
            })
            .collect();
        for (variant, (wall, cpu)) in variants.iter_mut().zip(&medians) {
            let region = Region::new(self.allocator);
            (variant.run)();
            let change = region.change();
            self.rows.push(Row {
                subject: subject.to_owned(),
                variant: variant.name,
                wall: *wall,
                cpu: *cpu,
                ratio: medians[0].1.as_secs_f64() / cpu.as_secs_f64().max(1e-9),
                throughput: throughput(work, *wall),
                allocations: change.allocations + change.reallocations,
                allocated: change.bytes_allocated,
            });
        }
    }

    /// Adds the most memory this program has had so far, where Linux tells it. It means something where the benchmark runs alone.
    pub(crate) fn remark_peak(&mut self, subject: &str) {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        if let Some(peak) = status.lines().find_map(|line| line.strip_prefix("VmHWM:")) {
            self.remarks.push(format!("{subject}: at most {} in memory so far", peak.trim()));
        }
    }

    /// The Markdown table of everything measured.
    pub(crate) fn table(&self) -> String {
        let mut table = String::from(
            "| benchmark | variant | time | CPU time | times faster | throughput | allocations | allocated |\n\
             |---|---|---:|---:|---:|---:|---:|---:|\n",
        );
        for row in &self.rows {
            let Row { subject, variant, wall, cpu, ratio, throughput, allocations, allocated } = row;
            let _ = writeln!(
                table,
                "| {subject} | {variant} | {} | {} | {ratio:.2} | {throughput} | {allocations} | {} |",
                milliseconds(*wall),
                milliseconds(*cpu),
                kibibytes(*allocated),
            );
        }
        for remark in &self.remarks {
            let _ = writeln!(table, "\n{remark}");
        }
        table
    }
}

/// How often to run a variant in one turn, so that the clocks' resolution does not matter.
fn calibrate(variant: &mut Variant<'_>) -> u32 {
    let mut repeats = 1;
    while repeats < 1 << 16 && measure(variant, repeats).0 * repeats < Duration::from_millis(5) {
        repeats *= 2;
    }
    repeats
}

/// Time passed and CPU time of one run, averaged over the repeats.
fn measure(variant: &mut Variant<'_>, repeats: u32) -> (Duration, Duration) {
    let (wall, cpu) = (Instant::now(), ProcessTime::now());
    for _ in 0..repeats {
        (variant.run)();
    }
    let (cpu, wall) = (cpu.elapsed(), wall.elapsed());
    (wall / repeats, cpu / repeats)
}

fn median(mut samples: Vec<Duration>) -> Duration {
    samples.sort_unstable();
    samples[samples.len() / 2]
}

fn milliseconds(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1e3)
}

#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn kibibytes(bytes: usize) -> String {
    format!("{:.1} KiB", bytes as f64 / 1024.0)
}

#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn throughput(work: Work, time: Duration) -> String {
    let per_second = |amount: u64| amount as f64 / time.as_secs_f64().max(1e-9);
    match work {
        Work::Bytes(bytes) => format!("{:.1} MB/s", per_second(bytes) / 1e6),
        Work::Items(items, unit) => format!("{:.0} {unit}/s", per_second(items)),
    }
}
