//! Targets as a table for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Looked, rule};
use crate::engine::targets::{Cluster, Subject, readable};
use crate::sd::Pool;

/// A line of the table: what is the same for several targets is one line, with their number.
type Line = [String; 5];

const HEAD: [&str; 5] = ["JOB", "WORKLOAD", "PORT", "URL", "LABELS"];

/// A table for each Prometheus.
pub(super) fn text(looked: &[Looked<'_>], cluster: &Cluster, with_dropped: bool) -> String {
    let mut text = String::new();
    for one in looked {
        if !text.is_empty() {
            text.push('\n');
        }
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", one.prediction.scraper);
        if let Some(message) = &one.prediction.refused {
            let _ = writeln!(text, "  refuses its configuration: {message}");
            continue;
        }
        let lines: Vec<Line> = one.pools.iter().flat_map(|pool| active(pool, cluster)).collect();
        if !lines.is_empty() {
            write_table(&mut text, &HEAD, &lines);
        }
        for pool in one.pools.iter().filter(|pool| pool.active.is_empty()) {
            let name = crate::report::visible::visible(&pool.config.job_name);
            let _ = writeln!(text, "  no targets of {name}: {}", why_none(pool));
        }
        for lost in &one.prediction.lost {
            let _ = writeln!(text, "  no scrape pool for {}: {}", lost.job, lost.message);
        }
        if with_dropped {
            write_dropped(&mut text, one, cluster);
        }
    }
    text
}

fn why_none(pool: &Pool<'_>) -> String {
    let what = |count: usize, word: &str| (count > 0).then(|| format!("{count} {word}"));
    let parts: Vec<String> =
        [what(pool.dropped_count, "dropped"), what(pool.failed.len(), "that cannot be made")]
            .into_iter()
            .flatten()
            .collect();
    match (parts.is_empty(), pool.unknown.is_empty()) {
        (false, _) => parts.join(", "),
        (true, true) => "nothing is discovered".to_owned(),
        (true, false) => "what is discovered is not known".to_owned(),
    }
}

fn active(pool: &Pool<'_>, cluster: &Cluster) -> Vec<Line> {
    let mut lines: BTreeMap<Line, usize> = BTreeMap::new();
    for target in &pool.active {
        let subject = Subject::of(&target.origin.found, cluster.snapshot());
        let address = target.labels.get("__address__");
        let labels: Vec<String> = target
            .labels
            .public()
            // It says again what the URL says.
            .filter(|(name, value)| !(*name == "instance" && *value == address))
            // Symbolic pods differ in nothing else.
            .filter(|(name, _)| !(subject.is_symbolic && *name == "pod"))
            .map(|(name, value)| format!("{name}={}", readable(value)))
            .collect();
        let line = [
            pool.config.job_name.clone(),
            subject.workload,
            subject.port,
            readable(&target.url),
            labels.join(" "),
        ];
        *lines.entry(line).or_default() += 1;
    }
    let lines = lines.into_iter().map(|(mut line, count)| {
        if count > 1 {
            let _ = write!(line[1], " ×{count}");
        }
        line
    });
    lines.collect()
}

fn write_dropped(text: &mut String, one: &Looked<'_>, cluster: &Cluster) {
    let mut lines: BTreeMap<[String; 4], usize> = BTreeMap::new();
    for pool in &one.pools {
        for dropped in &pool.dropped {
            let subject = Subject::of(&dropped.origin.found, cluster.snapshot());
            let why = pool.config.relabel_configs.get(dropped.rule).map(rule::words).unwrap_or_default();
            let line = [
                pool.config.job_name.clone(),
                subject.workload,
                subject.port,
                format!("rule {}: {why}", dropped.rule),
            ];
            *lines.entry(line).or_default() += 1;
        }
        for failed in &pool.failed {
            let subject = Subject::of(&failed.origin.found, cluster.snapshot());
            let why = format!("cannot be made: {}", failed.message);
            let line = [pool.config.job_name.clone(), subject.workload, subject.port, why];
            *lines.entry(line).or_default() += 1;
        }
    }
    if lines.is_empty() {
        text.push_str("  nothing dropped\n");
        return;
    }
    let lines: Vec<[String; 4]> = lines
        .into_iter()
        .map(|(mut line, count)| {
            if count > 1 {
                let _ = write!(line[1], " ×{count}");
            }
            line
        })
        .collect();
    text.push_str("dropped\n");
    write_table(text, &["JOB", "WORKLOAD", "PORT", "WHY"], &lines);
}

/// Columns as wide as they need to be; the last one as it comes.
fn write_table<const N: usize>(text: &mut String, head: &[&str; N], lines: &[[String; N]]) {
    let width = |column: usize| {
        let of_lines = lines.iter().map(|line| line[column].chars().count());
        of_lines.chain([head[column].len()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let head = head.map(str::to_owned);
    for line in std::iter::once(&head).chain(lines) {
        let mut shown = String::new();
        for (cell, width) in line.iter().zip(&widths) {
            let cell = crate::report::visible::visible(cell);
            let _ = write!(shown, "  {cell:<width$}");
        }
        text.push_str(shown.trim_end());
        text.push('\n');
    }
}
