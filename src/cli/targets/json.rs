//! Targets as JSON. The shape is described in `docs/targets.md`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Looked, rule};
use crate::engine::targets::{Cluster, Subject};
use crate::sd::{Origin, Pool};

#[derive(Serialize)]
struct Document<'s> {
    prometheuses: Vec<Prometheus<'s>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Prometheus<'s> {
    kind: &'s str,
    namespace: &'s str,
    name: &'s str,
    #[serde(skip_serializing_if = "Option::is_none")]
    shard: Option<u32>,
    /// Why Prometheus refuses its configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<&'s str>,
    /// Jobs without a scrape pool.
    lost_jobs: Vec<LostJob<'s>>,
    jobs: Vec<Job<'s>>,
}

#[derive(Serialize)]
struct LostJob<'s> {
    #[serde(rename = "job")]
    name: &'s str,
    message: &'s str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Job<'s> {
    #[serde(rename = "job")]
    name: &'s str,
    targets: Vec<Active>,
    dropped_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    dropped: Option<Vec<Dropped>>,
    failed: Vec<Failed<'s>>,
    unknown: Vec<Unknown<'s>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Active {
    #[serde(flatten)]
    of: Of,
    scrape_url: String,
    scrape_interval: String,
    scrape_timeout: String,
    labels: BTreeMap<String, String>,
    discovered_labels: BTreeMap<String, String>,
}

/// What a target is of.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Of {
    workload: String,
    port: String,
    /// Whether its address is one that is not known.
    address_known: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dropped {
    #[serde(flatten)]
    of: Of,
    /// The rule of `relabel_configs`, from 0.
    rule: usize,
    why: String,
    discovered_labels: BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failed<'s> {
    #[serde(flatten)]
    of: Of,
    message: &'s str,
    discovered_labels: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Unknown<'s> {
    mechanism: &'s str,
    reason: &'s str,
}

/// One document for all of them.
pub(super) fn text(looked: &[Looked<'_>], cluster: &Cluster, with_dropped: bool) -> String {
    let prometheuses = looked.iter().map(|one| {
        let scraper = &one.prediction.scraper;
        Prometheus {
            kind: &scraper.kind,
            namespace: &scraper.namespace,
            name: &scraper.name,
            shard: scraper.shard,
            refused: one.prediction.refused.as_deref(),
            lost_jobs: one
                .prediction
                .lost
                .iter()
                .map(|lost| LostJob { name: &lost.job, message: &lost.message })
                .collect(),
            jobs: one.pools.iter().map(|pool| job(one, pool, cluster, with_dropped)).collect(),
        }
    });
    let document = Document { prometheuses: prometheuses.collect() };
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn job<'s>(one: &'s Looked<'_>, pool: &'s Pool<'_>, cluster: &Cluster, with_dropped: bool) -> Job<'s> {
    let of = |origin: &Origin<'_>| {
        let Subject { workload, port, is_symbolic } = Subject::of(&origin.found, cluster.snapshot());
        Of { workload, port, address_known: !is_symbolic }
    };
    let discovered = |origin: &Origin<'_>| owned(one.world.discovered(pool, origin).iter());
    let targets = pool.active.iter().map(|target| Active {
        of: of(&target.origin),
        scrape_url: target.url.clone(),
        scrape_interval: target.interval().to_owned(),
        scrape_timeout: target.timeout().to_owned(),
        labels: owned(target.labels.public()),
        discovered_labels: discovered(&target.origin),
    });
    let dropped = with_dropped.then(|| {
        let dropped = pool.dropped.iter().map(|dropped| Dropped {
            of: of(&dropped.origin),
            rule: dropped.rule,
            why: pool.config.relabel_configs.get(dropped.rule).map(rule::words).unwrap_or_default(),
            discovered_labels: discovered(&dropped.origin),
        });
        dropped.collect()
    });
    let failed = pool.failed.iter().map(|failed| Failed {
        of: of(&failed.origin),
        message: &failed.message,
        discovered_labels: discovered(&failed.origin),
    });
    let unknown = pool.unknown.iter().map(|one| Unknown { mechanism: &one.mechanism, reason: &one.reason });
    Job {
        name: &pool.config.job_name,
        targets: targets.collect(),
        dropped_count: pool.dropped_count,
        dropped,
        failed: failed.collect(),
        unknown: unknown.collect(),
    }
}

/// Labels that belong to nobody else.
pub(super) fn owned<'l>(labels: impl Iterator<Item = (&'l str, &'l str)>) -> BTreeMap<String, String> {
    labels.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
