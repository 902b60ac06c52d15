//! Targets as `/api/v1/targets` of Prometheus 3.13 has them in its `data`, before the first scrape.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Looked;
use super::json::owned;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    active_targets: Vec<Active>,
    dropped_targets: Vec<Dropped>,
    dropped_target_counts: BTreeMap<String, usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Active {
    discovered_labels: BTreeMap<String, String>,
    labels: BTreeMap<String, String>,
    scrape_pool: String,
    scrape_url: String,
    /// Of an address on Prometheus' own host it is the name of that host, which nobody knows here.
    #[serde(skip_serializing_if = "Option::is_none")]
    global_url: Option<String>,
    last_error: &'static str,
    last_scrape: &'static str,
    last_scrape_duration: u8,
    health: &'static str,
    scrape_interval: String,
    scrape_timeout: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dropped {
    discovered_labels: BTreeMap<String, String>,
    scrape_pool: String,
}

/// The targets of one Prometheus.
pub(super) fn text(one: &Looked<'_>) -> String {
    let mut data = Data {
        active_targets: Vec::new(),
        dropped_targets: Vec::new(),
        dropped_target_counts: BTreeMap::new(),
    };
    let mut pools: Vec<_> = one.pools.iter().collect();
    pools.sort_by_key(|pool| &pool.config.job_name);
    for pool in pools {
        let name = &pool.config.job_name;
        let active = pool.active.iter().map(|target| Active {
            discovered_labels: owned(one.world.discovered(pool, &target.origin).iter()),
            labels: owned(target.labels.public()),
            scrape_pool: name.clone(),
            scrape_url: target.url.clone(),
            global_url: Some(target.url.clone()).filter(|_| !is_own_host(target.labels.get("__address__"))),
            last_error: "",
            last_scrape: "0001-01-01T00:00:00Z",
            last_scrape_duration: 0,
            health: "unknown",
            scrape_interval: target.interval().to_owned(),
            scrape_timeout: target.timeout().to_owned(),
        });
        data.active_targets.extend(active);
        let limit = usize::try_from(pool.config.limits.keep_dropped_targets).unwrap_or(usize::MAX);
        let kept = if limit == 0 { pool.dropped.len() } else { limit };
        let dropped = pool.dropped.iter().take(kept).map(|dropped| Dropped {
            discovered_labels: owned(one.world.discovered(pool, &dropped.origin).iter()),
            scrape_pool: name.clone(),
        });
        data.dropped_targets.extend(dropped);
        data.dropped_target_counts.insert(name.clone(), pool.dropped_count);
    }
    let mut text = serde_json::to_string_pretty(&data).unwrap_or_default();
    text.push('\n');
    text
}

/// Addresses whose host is replaced in global URLs (`LocalhostRepresentations`).
fn is_own_host(address: &str) -> bool {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    matches!(host, "127.0.0.1" | "localhost" | "::1" | "[::1]")
}
