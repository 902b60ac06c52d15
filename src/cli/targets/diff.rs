//! Two worlds compared by their targets.

use std::fmt::Write as _;

use clap::ArgMatches;
use serde::Serialize;

use super::{Format, Seen, TargetsArgs, counted, unwritable, usage};
use crate::cli::{Exit, Failure, side, terminal};
use crate::diagnostic::{Diagnostic, Level};
use crate::engine::targets::{Change, Keyed, compare};

/// Compares the targets of two sides.
pub(super) fn run(args: &TargetsArgs, matches: &ArgMatches, sides: [&str; 2]) -> Result<Exit, Failure> {
    if args.output == Format::Prometheus {
        return Err(usage("what Prometheus answers is no comparison: take table, json or markdown"));
    }
    let [base, head] = side::both(&args.input, matches, sides, usage)?;
    let base = Seen::of(args, base.world, &base.reality)?;
    let head = Seen::of(args, head.world, &head.reality)?;
    let mut findings: Vec<Diagnostic> = Vec::new();
    for seen in [&base, &head] {
        for finding in seen.findings(&seen.look(crate::sd::Details::default())) {
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
    }
    let before = Keyed::of(&base.predictions, &base.cluster);
    let after = Keyed::of(&head.predictions, &head.cluster);
    let changes = compare(&before, &after);
    let counts = Counts::of(&changes, &before, &after);
    let text = match args.output {
        Format::Json => json(&changes, counts),
        Format::Markdown => markdown(&changes, counts),
        Format::Table | Format::Prometheus => table(&changes),
    };
    // What is wrong on either side is told; that the sides differ is what was asked for.
    terminal::print(&findings);
    terminal::write_stdout(&text).map_err(|error| unwritable(&error))?;
    terminal::say(&counts.words());
    let lost = args.fail_on_lost && counts.lost > 0;
    let wrong = findings.iter().any(|finding| finding.level == Level::Error);
    Ok(if lost || wrong && !args.fail_on_lost { Exit::Findings } else { Exit::Clean })
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Counts {
    before: usize,
    after: usize,
    lost: usize,
    gained: usize,
    /// Keys whose targets have other labels.
    changed: usize,
}

impl Counts {
    fn of(changes: &[Change], before: &Keyed, after: &Keyed) -> Self {
        Self {
            before: before.len(),
            after: after.len(),
            lost: changes.iter().map(|change| change.lost).sum(),
            gained: changes.iter().map(|change| change.gained).sum(),
            changed: changes.iter().filter(|change| !change.changed.is_empty()).count(),
        }
    }

    fn words(self) -> String {
        let Self { before, after, lost, gained, changed } = self;
        if lost + gained + changed == 0 {
            return format!("no difference: {}", counted(after, "target"));
        }
        let total = if before == after {
            counted(after, "target")
        } else {
            format!("{before} to {}", counted(after, "target"))
        };
        format!("{lost} lost, {gained} gained, {changed} with other labels ({total})")
    }
}

/// What became of the targets of a change, in a word for each thing.
fn parts(change: &Change) -> Vec<(&'static str, String)> {
    let mut parts = Vec::new();
    if change.lost > 0 {
        parts.push(("-", format!("lost {}", of(change.lost, change.before))));
    }
    if change.gained > 0 {
        parts.push(("+", format!("gained {}", counted(change.gained, "target"))));
    }
    for difference in &change.changed {
        let value = |value: &Option<String>| {
            value.as_ref().map_or_else(|| "nothing".to_owned(), |value| format!("`{value}`"))
        };
        let (before, after) = (value(&difference.before), value(&difference.after));
        parts.push(("~", format!("{}: {before} → {after}", difference.label)));
    }
    parts
}

fn of(some: usize, all: usize) -> String {
    if some == all { counted(some, "target") } else { format!("{some} of {}", counted(all, "target")) }
}

fn table(changes: &[Change]) -> String {
    let mut text = String::new();
    for change in changes {
        let key = &change.key;
        let port = if key.port.is_empty() { String::new() } else { format!(" port {}", key.port) };
        for (sign, what) in parts(change) {
            let line = format!("{sign} {}: {} {}{port}: {what}", key.prometheus, key.job, key.workload);
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}", crate::report::visible::visible(&line));
        }
    }
    text
}

#[derive(Serialize)]
struct Document<'c> {
    counts: Counts,
    changes: &'c [Change],
}

fn json(changes: &[Change], counts: Counts) -> String {
    let mut text = serde_json::to_string_pretty(&Document { counts, changes }).unwrap_or_default();
    text.push('\n');
    text
}

/// Rows of a comment; what follows is only counted, as nobody reads on.
const MOST_ROWS: usize = 200;

fn markdown(changes: &[Change], counts: Counts) -> String {
    let mut text = format!("### Prometheus targets\n\n{}\n", capital(&counts.words()));
    let mut rows: Vec<(&Change, &'static str, String)> = changes
        .iter()
        .flat_map(|change| parts(change).into_iter().map(move |(sign, what)| (change, sign, what)))
        .collect();
    if rows.is_empty() {
        return text;
    }
    // Who reads a comment looks for what is lost, and reads no further than it is shown.
    rows.sort_by_key(|(_, sign, _)| match *sign {
        "-" => 0,
        "+" => 2,
        _ => 1,
    });
    text.push_str("\n| | Prometheus | Job | Workload | Port | |\n|---|---|---|---|---|---|\n");
    for (change, sign, what) in rows.iter().take(MOST_ROWS) {
        let key = &change.key;
        let cells = [&key.prometheus, &key.job, &key.workload, &key.port, what].map(|cell| cell_text(cell));
        let mark = match *sign {
            "-" => "❌",
            "+" => "✅",
            _ => "✏️",
        };
        let _ = writeln!(text, "| {mark} | {} |", cells.join(" | "));
    }
    if rows.len() > MOST_ROWS {
        let _ = writeln!(text, "\n… and {} more", rows.len() - MOST_ROWS);
    }
    text
}

/// A text as it can stand in a cell of a table.
fn cell_text(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for character in crate::report::visible::visible(text).chars() {
        match character {
            '|' => cell.push_str("\\|"),
            '<' => cell.push_str("&lt;"),
            '\n' => cell.push(' '),
            other => cell.push(other),
        }
    }
    cell
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}
