//! What each relabel rule does to a target.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::json::owned;
use super::{Format, Looked, Seen, TargetsArgs, counted, rule, unwritable, usage};
use crate::cli::{Exit, Failure, terminal};
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::targets::{Subject, readable};
use crate::sd::{Details, Origin, Pool, Target, TargetLabels};

/// More targets than these are counted only: who wants others names them by their address.
const MOST: usize = 20;

/// Shows the way of the targets of a job that are meant.
pub(super) fn run(args: &TargetsArgs, seen: &Seen, job: &str, target: &str) -> Result<Exit, Failure> {
    if args.output == Format::Prometheus {
        return Err(usage("Prometheus answers with no trace: take table or json"));
    }
    let looked = seen.look(Details { dropped: true });
    let mut ways = Vec::new();
    let mut jobs: Vec<&str> = Vec::new();
    let mut candidates: Vec<String> = Vec::new();
    for one in &looked {
        for pool in &one.pools {
            let name = pool.config.job_name.as_str();
            jobs.push(name);
            if name != job {
                continue;
            }
            for (origin, end, target_labels) in origins(pool) {
                let subject = Subject::of(&origin.found, seen.cluster.snapshot());
                let discovered = one.world.discovered(pool, &origin);
                let address = discovered.get("__address__");
                if is_meant(target, &subject, address) {
                    let labels = target_labels.map(|labels| owned(labels.public())).unwrap_or_default();
                    ways.push(Way { labels, ..Way::of(one, pool, &origin, &subject, end) });
                } else if !candidates.contains(&subject.workload) {
                    candidates.push(subject.workload);
                }
            }
        }
    }
    if ways.is_empty() {
        let mut findings = seen.findings(&looked);
        findings.push(nothing(job, target, &jobs, &candidates));
        return Err(Failure::Findings(findings));
    }
    let more = ways.len().saturating_sub(MOST);
    ways.truncate(MOST);
    let text = match args.output {
        Format::Json => {
            let mut text = serde_json::to_string_pretty(&ways).unwrap_or_default();
            text.push('\n');
            text
        }
        _ => ways.iter().map(Way::text).collect::<Vec<_>>().join("\n"),
    };
    terminal::write_stdout(&text).map_err(|error| unwritable(&error))?;
    if more > 0 {
        terminal::say(&format!("and {} more: name one by its address", counted(more, "target")));
    }
    Ok(Exit::Clean)
}

/// Everything a job discovers, with what becomes of it.
fn origins<'p>(pool: &'p Pool<'p>) -> Vec<(Origin<'p>, End, Option<&'p TargetLabels>)> {
    let is = |target: &'p Target<'p>| (End::Active(target.url.clone()), Some(&target.labels));
    let active = pool.active.iter().map(|target| (target.origin, is(target)));
    let same = pool.duplicates.iter().filter_map(|(at, origin)| Some((*origin, is(pool.active.get(*at)?))));
    let dropped = pool.dropped.iter().map(|dropped| (dropped.origin, (End::Dropped, None)));
    let failed =
        pool.failed.iter().map(|failed| (failed.origin, (End::Failed(failed.message.clone()), None)));
    let all = active.chain(same).chain(dropped).chain(failed);
    all.map(|(origin, (end, labels))| (origin, end, labels)).collect()
}

/// What becomes of a target.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
enum End {
    /// It is scraped here.
    Active(String),
    /// The last rule dropped it.
    Dropped,
    /// It cannot be made, for this reason.
    Failed(String),
}

/// Whether a target is meant: by its address, with or without the port, or by its workload, with or without the namespace.
fn is_meant(target: &str, subject: &Subject, address: &str) -> bool {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    target == address
        || target == host
        || target == readable(address)
        || target == subject.workload
        || subject.workload.split_once('/').is_some_and(|(_, rest)| rest == target)
}

fn nothing(job: &str, target: &str, jobs: &[&str], candidates: &[String]) -> Diagnostic {
    let quoted = |names: &[String]| -> String {
        let shown: Vec<String> = names.iter().take(10).map(|name| format!("`{name}`")).collect();
        shown.join(", ")
    };
    if jobs.contains(&job) {
        let message = format!("job `{job}` discovers no `{target}`");
        let finding = Diagnostic::new(Code::NO_SUCH_OBJECT, message);
        return if candidates.is_empty() {
            finding.note("it discovers nothing at all")
        } else {
            finding.help(format!("it discovers {}", quoted(candidates)))
        };
    }
    let finding = Diagnostic::new(Code::NO_SUCH_OBJECT, format!("there is no job `{job}`"));
    let mut names: Vec<String> = jobs.iter().map(|name| (*name).to_owned()).collect();
    names.sort_by_key(|name| strsim::damerau_levenshtein(name, job));
    if names.is_empty() { finding } else { finding.help(format!("there is {}", quoted(&names))) }
}

/// The way of one target through the rules.
#[derive(Serialize)]
struct Way {
    prometheus: String,
    job: String,
    workload: String,
    port: String,
    discovered: BTreeMap<String, String>,
    steps: Vec<Step>,
    /// The labels of its series, if it is scraped.
    labels: BTreeMap<String, String>,
    end: End,
}

#[derive(Serialize)]
struct Step {
    /// The rule's place in `relabel_configs`, from 0.
    rule: usize,
    what: String,
    kept: bool,
    before: BTreeMap<String, String>,
    after: BTreeMap<String, String>,
}

impl Way {
    fn of(one: &Looked<'_>, pool: &Pool<'_>, origin: &Origin<'_>, subject: &Subject, end: End) -> Self {
        let steps = one.world.trace(pool, origin).into_iter().map(|step| Step {
            rule: step.rule,
            what: pool.config.relabel_configs.get(step.rule).map(rule::words).unwrap_or_default(),
            kept: step.kept,
            before: owned(step.before.iter()),
            after: owned(step.after.iter()),
        });
        Self {
            prometheus: one.prediction.scraper.to_string(),
            job: pool.config.job_name.clone(),
            workload: subject.workload.clone(),
            port: subject.port.clone(),
            discovered: owned(one.world.discovered(pool, origin).iter()),
            steps: steps.collect(),
            labels: BTreeMap::new(),
            end,
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let port = if self.port.is_empty() { String::new() } else { format!(" port {}", self.port) };
        let _ = writeln!(text, "{}: {} {}{port}", self.prometheus, self.job, self.workload);
        text.push_str("discovered\n");
        for (name, value) in &self.discovered {
            let _ = writeln!(text, "    {}", shown(name, value));
        }
        for step in &self.steps {
            let _ = writeln!(text, "rule {}: {}", step.rule, crate::report::visible::visible(&step.what));
            if !step.kept {
                text.push_str("  x dropped\n");
                continue;
            }
            step.write_changes(&mut text);
        }
        match &self.end {
            End::Active(url) => {
                let _ = writeln!(text, "scraped at {}", readable(url));
                for (name, value) in &self.labels {
                    let _ = writeln!(text, "    {}", shown(name, value));
                }
            }
            End::Dropped => {}
            End::Failed(message) => {
                let _ = writeln!(text, "cannot be made a target: {message}");
            }
        }
        text
    }
}

fn shown(name: &str, value: &str) -> String {
    format!("{}={}", crate::report::visible::visible(name), crate::prom::quote::quote(&readable(value)))
}

impl Step {
    /// What the rule takes away, adds and sets.
    fn write_changes(&self, text: &mut String) {
        for (name, value) in &self.before {
            match self.after.get(name) {
                None => {
                    let _ = writeln!(text, "  - {}", shown(name, value));
                }
                Some(now) if now != value => {
                    let now = crate::prom::quote::quote(&readable(now));
                    let _ = writeln!(text, "  ~ {} → {now}", shown(name, value));
                }
                Some(_) => {}
            }
        }
        for (name, value) in self.after.iter().filter(|(name, _)| !self.before.contains_key(*name)) {
            let _ = writeln!(text, "  + {}", shown(name, value));
        }
    }
}
