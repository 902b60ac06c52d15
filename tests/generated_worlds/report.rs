//! What the worlds of a run showed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use promwire_rig::manifests::title;
use promwire_rig::worlds::{Coverage, NOT_SHAPING, World, generate};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::apply::Refused;
use crate::predict::Prediction;
use crate::running::Count;

/// Objects the server may refuse, of a hundred.
const REFUSED_AT_MOST: usize = 4;

/// Refused objects that are shown.
const REFUSED_SHOWN: usize = 12;

/// Counts and differences; batches write theirs, and the outer half adds them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    seeds: Vec<u64>,
    objects: usize,
    intents: usize,
    prometheuses: usize,
    pub(crate) variants: usize,
    /// Predictions that were compared.
    pub(crate) compared: usize,
    configurations: usize,
    jobs: usize,
    unmanaged: usize,
    unhandled: usize,
    failed: usize,
    /// What the operator said where it could not reconcile, and how often; names left out.
    failures: BTreeMap<String, usize>,
    pub(crate) crashes: usize,
    pub(crate) commands: usize,
    pub(crate) rejections: usize,
    pub(crate) refused: Vec<Refused>,
    differences: Vec<Value>,
    /// Worlds that were written down.
    pub(crate) written: Vec<String>,
    /// Targets of Prometheuses that ran.
    pub(crate) targets: Count,
    /// Prometheuses that had no pod to run in.
    pub(crate) not_run: usize,
    /// Monitors that turned up as jobs: what job names begin with.
    scraped: BTreeSet<String>,
}

impl Report {
    pub(crate) fn new(worlds: &[World]) -> Self {
        Self {
            seeds: worlds.iter().map(|world| world.seed).collect(),
            objects: worlds.iter().map(|world| world.objects.len()).sum(),
            intents: worlds.iter().map(|world| world.intents.len()).sum(),
            ..Self::default()
        }
    }

    /// Counts what the server took.
    pub(crate) fn count(&mut self, worlds: &[World]) {
        let all = worlds.iter().flat_map(|world| &world.objects);
        self.prometheuses = all.filter(|object| crate::predict::Subject::of(object).is_some()).count();
    }

    pub(crate) fn differ(&mut self, difference: Value) {
        self.differences.push(difference);
    }

    /// Counts what came out for a Prometheus.
    pub(crate) fn results(&mut self, prediction: &Result<Prediction, String>, config: Option<&str>) {
        match (prediction, config) {
            (_, Some("")) => self.unmanaged += 1,
            (_, Some(text)) => {
                self.configurations += 1;
                let jobs = text.lines().filter_map(|line| line.strip_prefix("- job_name: "));
                let mut jobs: Vec<&str> = jobs.collect();
                self.jobs += jobs.len();
                jobs.retain(|job| job.contains('/'));
                let of = |job: &str| job.split('/').take(3).collect::<Vec<_>>().join("/");
                self.scraped.extend(jobs.into_iter().map(of));
            }
            (Ok(prediction), None) if prediction.unhandled => self.unhandled += 1,
            (Ok(Prediction { error: Some(error), .. }), None) => {
                self.failed += 1;
                let words: Vec<&str> =
                    error.split(' ').filter(|word| !word.contains(['"', '`', '/'])).take(14).collect();
                *self.failures.entry(words.join(" ")).or_default() += 1;
            }
            (_, None) => self.failed += 1,
        }
    }

    pub(crate) fn worlds(&self) -> usize {
        self.seeds.len()
    }

    pub(crate) fn differences(&self) -> &[Value] {
        &self.differences
    }

    pub(crate) fn write(&self, path: &Path) -> Result<(), String> {
        let text = serde_json::to_string(self).map_err(|error| error.to_string())?;
        std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
    }

    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        serde_json::from_str(&text).map_err(|error| error.to_string())
    }

    /// Adds another batch.
    pub(crate) fn add(&mut self, other: Self) {
        self.seeds.extend(other.seeds);
        self.refused.extend(other.refused);
        self.differences.extend(other.differences);
        self.written.extend(other.written);
        self.scraped.extend(other.scraped);
        self.targets.add(other.targets);
        for (words, count) in other.failures {
            *self.failures.entry(words).or_default() += count;
        }
        macro_rules! sum {
            ($($field:ident)*) => { $(self.$field += other.$field;)* };
        }
        sum! {
            objects intents prometheuses variants compared configurations jobs unmanaged unhandled failed crashes commands
            rejections not_run
        }
    }

    /// The verdict, after what was seen has been told. `complete` demands that every property turned up.
    pub(crate) fn judge(&self, complete: bool) -> Result<(), String> {
        let (mut coverage, mut scraped) = (Coverage::new(), Coverage::new());
        for world in self.seeds.iter().copied().map(generate) {
            let is_refused = |object: &&Value| {
                let title = title(object);
                self.refused.iter().any(|refused| refused.seed == world.seed && refused.title == title)
            };
            for object in world.objects.iter().filter(|object| !is_refused(object)) {
                coverage.count(object);
                if self.scraped.contains(&job(object)) {
                    scraped.count(object);
                }
            }
        }
        self.tell(&coverage, &scraped);
        let mut wrong: Vec<String> = self.differences.iter().map(described).collect();
        if self.refused.len() * 100 > self.objects * REFUSED_AT_MOST {
            wrong.push(format!("the API server refused {} of {} objects", self.refused.len(), self.objects));
        }
        if complete {
            wrong.extend(coverage.missing());
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n\n")) }
    }

    fn tell(&self, coverage: &Coverage, scraped: &Coverage) {
        #[expect(clippy::print_stdout, reason = "the counts belong to the result")]
        {
            println!(
                "worlds: {} with {} objects ({} refused by the API server) and {} mistakes, {} Prometheuses",
                self.seeds.len(),
                self.objects,
                self.refused.len(),
                self.intents,
                self.prometheuses
            );
            println!(
                "worlds: {} configurations with {} jobs, {} left to users, {} failed, {} not handled, {} crashes, {} rejections",
                self.configurations,
                self.jobs,
                self.unmanaged,
                self.failed,
                self.unhandled,
                self.crashes,
                self.rejections
            );
            println!(
                "worlds: {} predictions compared, {} of the command, {} differences",
                self.compared,
                self.commands,
                self.differences.len()
            );
            println!("worlds: targets: {}; {} had no pod to run in", self.targets, self.not_run);
            for (words, count) in &self.failures {
                println!("worlds: {count} failed with: {words}");
            }
            for refused in self.refused.iter().take(REFUSED_SHOWN) {
                println!("worlds: the API server refused {}", refused.message);
            }
            for path in &self.written {
                println!("worlds: written to {path}");
            }
            println!("worlds: properties {coverage}");
            println!("worlds: of monitors that became jobs: {scraped}");
            for (reason, names) in NOT_SHAPING {
                println!("worlds: not counted, because {reason}: {}", names.join(", "));
            }
        }
    }
}

/// What the names of an object's jobs begin with.
fn job(object: &Value) -> String {
    let prefix = match object["kind"].as_str().unwrap_or_default() {
        "ServiceMonitor" => "serviceMonitor",
        "PodMonitor" => "podMonitor",
        "Probe" => "probe",
        "ScrapeConfig" => "scrapeConfig",
        _ => return String::new(),
    };
    let text = |name: &str| object["metadata"][name].as_str().unwrap_or_default();
    format!("{prefix}/{}/{}", text("namespace"), text("name"))
}

/// A difference for people, with the command that repeats it.
fn described(difference: &Value) -> String {
    let mut text = String::new();
    for (key, value) in difference.as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        // Writing to a string does not fail.
        let _ = writeln!(text, "{key}: {value}");
    }
    if let Some(seed) = difference["seed"].as_u64() {
        let _ = write!(text, "again: cargo xtask rig test --seed {seed}");
    }
    text
}
