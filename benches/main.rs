//! All benchmarks in one run and one table: `cargo xtask bench [--quick] [NAME…]`.
//!
//! One module per subject. Each compares variants that do the same work, interleaved in one process, so that their
//! ratios hold on a busy machine where the absolute times do not.
#![expect(clippy::print_stdout, reason = "the table is this program's output")]

mod harness;
mod inventory;
mod operator;
mod relabel;
mod selection;
mod source;
mod targets;

use std::alloc::System;
use std::process::ExitCode;

use harness::Harness;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The name of a benchmark, and what takes its measurements.
type Benchmark = (&'static str, fn(&mut Harness));

/// The benchmarks, in the order of the table. A new one is a line here and a module.
const BENCHMARKS: &[Benchmark] = &[
    ("selection", selection::run),
    ("inventory", inventory::run),
    ("operator", operator::run),
    ("source", source::run),
    ("targets", targets::run),
    ("relabel", relabel::run),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` starts benchmarks too, unoptimised; their figures would mean nothing.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("benchmarks: `cargo xtask bench`");
        return ExitCode::SUCCESS;
    }
    let names: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|argument| !argument.starts_with("--")).collect();
    let mut harness = Harness::new(ALLOCATOR, arguments.iter().any(|argument| argument == "--quick"));
    for (name, run) in BENCHMARKS {
        if names.is_empty() || names.contains(name) {
            run(&mut harness);
        }
    }
    let table = harness.table();
    print!("{table}");
    // The directory is `target/tmp`; the table goes beside it.
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench.md");
    match std::fs::write(&path, table) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{} cannot be written: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}
