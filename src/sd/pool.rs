//! The targets of a job.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::World;
use super::found::{Found, Group, Listed, Point, Source};
use super::index::{Index, stretches};
use super::job::{Fate, Job, Jobs};
use super::label::{Meta, Wanted, Writer};
use super::roles;
use super::shortcut::Shortcut;
use super::target::{Dropped, Failure, Origin, Target};
use super::view::View;
use crate::prom::config::{KubernetesSd, ScrapeConfig};
use crate::prom::relabel::{Labels, RuleError, Scratch, Step};
use crate::prom::url;

/// What discovery and relabelling make of a job: its scrape pool.
#[derive(Debug)]
pub struct Pool<'s> {
    /// The job.
    pub config: &'s ScrapeConfig,
    /// The file without which there is no such pool, where it is missing. Then nothing of the job is scraped.
    pub missing_file: Option<&'s str>,
    /// What is scraped, each once. Of several that are the same the last one is shown; which one is the last Prometheus leaves to
    /// chance where they are of different groups.
    pub active: Vec<Target<'s>>,
    /// What is the same as one of the active targets, by its number.
    pub duplicates: Vec<(usize, Origin<'s>)>,
    /// What rules drop, if it was asked for.
    pub dropped: Vec<Dropped<'s>>,
    /// How many targets rules drop.
    pub dropped_count: usize,
    /// What cannot be made a target.
    pub failed: Vec<Failure<'s>>,
    /// Discoveries whose answer is not known: there may be more targets than these.
    pub unknown: Vec<Unknown>,
    discoveries: Vec<Discovery<'s>>,
}

/// A discovery whose answer is not known, or that finds nothing because it cannot work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The mechanism: `kubernetes`, `dns`.
    pub mechanism: String,
    /// Why nothing is known of it.
    pub reason: String,
}

/// One discovery of a job.
#[derive(Debug)]
enum Discovery<'s> {
    Kubernetes(Box<View<'s>>),
    Listed(Vec<(Listed<'s>, &'s [String])>),
}

/// What is asked for besides what is scraped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Details {
    /// Each target that is dropped, with the rule that drops it.
    pub dropped: bool,
}

impl Pool<'_> {
    /// Whether there are more targets than `target_limit` allows: then every scrape of the job fails.
    pub fn is_over_limit(&self) -> bool {
        let limit = self.config.limits.target;
        limit > 0 && self.active.len() as u64 > limit
    }
}

impl<'s> World<'s> {
    /// The pools of jobs, in their order.
    pub fn pools(&self, configs: &'s [ScrapeConfig], details: Details) -> Vec<Pool<'s>> {
        let (mut jobs, index) = (Jobs::default(), Index::default());
        let jobs: Vec<_> = configs.iter().map(|config| (config, jobs.job(config, &self.release))).collect();
        jobs.into_par_iter().map(|(config, job)| self.pool(config, job, &index, details)).collect()
    }

    fn pool(
        &self,
        config: &'s ScrapeConfig,
        job: Result<Job<'s>, RuleError>,
        index: &Index,
        details: Details,
    ) -> Pool<'s> {
        let missing = |path: &&str| self.missing_files.contains(*path);
        let missing_file = config.needed_files().map(|file| file.path).find(missing);
        let (discoveries, unknown) =
            if missing_file.is_none() { self.discoveries(config) } else { Default::default() };
        let mut pool = Pool {
            config,
            missing_file,
            active: Vec::new(),
            duplicates: Vec::new(),
            dropped: Vec::new(),
            dropped_count: 0,
            failed: Vec::new(),
            unknown,
            discoveries,
        };
        match job {
            Ok(job) => self.fill(&job, &mut pool, index, details),
            Err(error) => pool.unknown.push(Unknown {
                mechanism: "relabelling".to_owned(),
                reason: format!("rule {}: {}", error.rule, error.message),
            }),
        }
        pool
    }

    fn discoveries(&self, config: &'s ScrapeConfig) -> (Vec<Discovery<'s>>, Vec<Unknown>) {
        let (mut discoveries, mut unknown) = (Vec::new(), Vec::new());
        let mut say = |mechanism: &str, reason: String| {
            unknown.push(Unknown { mechanism: mechanism.to_owned(), reason });
        };
        // Equal discoveries of a job are one.
        let mut seen: Vec<&KubernetesSd> = Vec::new();
        for sd in &config.kubernetes_sd_configs {
            if seen.contains(&sd) {
                continue;
            }
            seen.push(sd);
            if let Some(path) = &sd.kubeconfig_file {
                say("kubernetes", format!("what `{path}` leads to is not part of the input"));
                continue;
            }
            if let Some(file) = sd.tls.files().find(|file| self.missing_files.contains(file.path)) {
                say("kubernetes", format!("it cannot work: `{}` is not there", file.path));
                continue;
            }
            match View::new(self.snapshot, sd, self.own_namespace) {
                Ok(view) => discoveries.push(Discovery::Kubernetes(Box::new(view))),
                Err(reason) => say("kubernetes", reason),
            }
        }
        let written = config.static_configs.iter().enumerate().map(|(number, group)| {
            (Listed { source: None, number, labels: &group.labels }, group.targets.as_slice())
        });
        discoveries.push(Discovery::Listed(written.collect()));
        let listed = |source, groups: &'s [super::TargetGroup]| {
            let groups = groups.iter().enumerate().map(|(number, group)| {
                (Listed { source: Some(source), number, labels: &group.labels }, group.targets.as_slice())
            });
            Discovery::Listed(groups.collect())
        };
        for sd in &config.http_sd_configs {
            if let Some((url, groups)) = self.answers.http.get_key_value(&sd.url) {
                discoveries.push(listed(Source::Url(url), groups));
            } else {
                let url = url::redacted(&sd.url);
                say("http", format!("what `{url}` answers is not part of the input"));
            }
        }
        for sd in &config.file_sd_configs {
            let mut found = FxHashSet::default();
            for pattern in &sd.files {
                let matching = self.answers.files.iter().filter(|(path, _)| matches(pattern, path));
                let before = found.len();
                for (path, groups) in matching {
                    if found.insert(path) {
                        discoveries.push(listed(Source::File(path), groups));
                    }
                }
                if found.len() == before {
                    say("file", format!("what `{pattern}` holds is not part of the input"));
                }
            }
        }
        for sd in &config.other_sd_configs {
            say(sd.mechanism, "only its own server knows what it finds".to_owned());
        }
        (discoveries, unknown)
    }

    fn fill(&self, job: &Job<'_>, pool: &mut Pool<'s>, index: &Index, details: Details) {
        let discoveries = std::mem::take(&mut pool.discoveries);
        let mut filler = Filler {
            world: self,
            job,
            writer: Writer::new(&job.needed),
            scratch: Scratch::default(),
            known: FxHashMap::default(),
            details,
            pool,
        };
        for (number, discovery) in discoveries.iter().enumerate() {
            match discovery {
                Discovery::Kubernetes(view) => {
                    let mut take = |group| {
                        roles::targets(view, &self.release, group, &mut |found| {
                            filler.add(discovery, number, found);
                        });
                    };
                    let left_out = if details.dropped {
                        let places = stretches(view).into_iter().flatten();
                        places.filter_map(|place| roles::at(view, place)).for_each(take);
                        0
                    } else {
                        let shortcut = Shortcut::new(&job.rules, view.role);
                        shortcut.groups(view, &self.release, index, &mut take)
                    };
                    filler.pool.dropped_count += usize::try_from(left_out).unwrap_or(usize::MAX);
                }
                Discovery::Listed(groups) => {
                    for (listed, addresses) in groups {
                        for address in *addresses {
                            let found = Found { group: Group::Listed(*listed), point: Point::Plain(address) };
                            filler.add(discovery, number, found);
                        }
                    }
                }
            }
        }
        pool.discoveries = discoveries;
    }

    fn write(&self, discovery: &Discovery<'_>, found: &Found<'_>, writer: &mut Writer<'_>) {
        writer.labels.clear();
        match (discovery, &found.group) {
            (Discovery::Kubernetes(view), group) => {
                roles::write_target(view, &self.release, found, writer);
                roles::write_group(view, &self.release, group, writer);
            }
            (Discovery::Listed(_), Group::Listed(listed)) => write_listed(listed, found.point, writer),
            (Discovery::Listed(_), _) => {}
        }
    }

    /// The labels of a target before relabelling.
    pub fn discovered(&self, pool: &Pool<'_>, origin: &Origin<'_>) -> Labels {
        let mut writer = Writer::new(&Wanted::All);
        if let Some(discovery) = pool.discoveries.get(origin.discovery) {
            self.write(discovery, &origin.found, &mut writer);
        }
        if let Ok(job) = Jobs::default().job(pool.config, &self.release) {
            job.complete_discovered(&self.release, &mut writer.labels);
        }
        writer.labels
    }

    /// What each rule of its job does to a target.
    pub fn trace(&self, pool: &Pool<'_>, origin: &Origin<'_>) -> Vec<Step> {
        let labels = self.discovered(pool, origin);
        Jobs::default()
            .job(pool.config, &self.release)
            .map_or_else(|_| Vec::new(), |job| job.rules.trace(&labels))
    }
}

/// An address that is written down: it wins over a label of the group with the name of the address.
fn write_listed(listed: &Listed<'_>, point: Point<'_>, writer: &mut Writer<'_>) {
    for (name, value) in listed.labels.iter().filter(|(name, _)| name != "__address__") {
        writer.set_other(name, value);
    }
    if let Point::Plain(address) = point {
        writer.set_with(Meta::Address, || address.into());
    }
    match listed.source {
        Some(Source::Url(url)) => writer.set_with(Meta::Url, || url.into()),
        Some(Source::File(path)) => writer.set_with(Meta::FilePath, || path.into()),
        None => {}
    }
}

/// Whether a path is one of a pattern of `file_sd_configs`: its last part may hold one `*`.
fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((before, after)) => path
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .is_some_and(|middle| !middle.contains('/')),
    }
}

struct Filler<'f, 's> {
    world: &'f World<'s>,
    job: &'f Job<'f>,
    writer: Writer<'f>,
    scratch: Scratch,
    /// Targets by the digest of their labels.
    known: FxHashMap<u64, Vec<usize>>,
    details: Details,
    pool: &'f mut Pool<'s>,
}

impl<'s> Filler<'_, 's> {
    fn add(&mut self, from: &Discovery<'s>, discovery: usize, found: Found<'s>) {
        let world = self.world;
        let origin = Origin { found, discovery };
        world.write(from, &found, &mut self.writer);
        match self.job.judge(&world.release, &mut self.writer, &mut self.scratch) {
            Fate::Dropped(rule) => {
                self.pool.dropped_count += 1;
                if self.details.dropped {
                    self.pool.dropped.push(Dropped { origin, rule });
                }
            }
            Fate::Failed(message) => self.pool.failed.push(Failure { origin, message }),
            Fate::Active(labels, url) => {
                let same = self.known.entry(labels.digest()).or_default();
                // The URL follows from the labels.
                let known = same.iter().copied().find(|at| self.pool.active[*at].labels == labels);
                if let Some(at) = known {
                    let earlier = std::mem::replace(&mut self.pool.active[at].origin, origin);
                    self.pool.duplicates.push((at, earlier));
                } else {
                    same.push(self.pool.active.len());
                    self.pool.active.push(Target { origin, labels, url });
                }
            }
        }
    }
}
