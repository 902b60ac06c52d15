//! What a running Prometheus says of itself.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::http;

/// The HTTP interface of a Prometheus.
#[derive(Debug, Clone)]
pub struct Prometheus {
    base: String,
}

/// `/api/v1/targets`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Targets {
    /// What is scraped.
    #[serde(default)]
    pub active_targets: Vec<ActiveTarget>,
    /// What relabelling dropped.
    #[serde(default)]
    pub dropped_targets: Vec<DroppedTarget>,
    /// How many of them, per scrape pool.
    #[serde(default)]
    pub dropped_target_counts: BTreeMap<String, u64>,
}

/// A target that is scraped.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActiveTarget {
    /// Labels before relabelling.
    pub discovered_labels: BTreeMap<String, String>,
    /// Labels after it.
    pub labels: BTreeMap<String, String>,
    /// The job it belongs to.
    pub scrape_pool: String,
    /// What is asked.
    pub scrape_url: String,
    /// Why the last scrape failed, or nothing.
    pub last_error: String,
    /// `up`, `down` or `unknown` before the first scrape.
    pub health: String,
    /// A duration, such as `30s`.
    pub scrape_interval: String,
    /// A duration.
    pub scrape_timeout: String,
}

/// A target that relabelling dropped.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DroppedTarget {
    /// Labels before relabelling.
    pub discovered_labels: BTreeMap<String, String>,
    /// The job it belongs to.
    #[serde(default)]
    pub scrape_pool: String,
}

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pools {
    scrape_pools: Vec<String>,
}

impl Targets {
    /// In the shape of the recorded worlds, with the names of the scrape pools.
    pub fn recorded(self, pools: &[String]) -> Value {
        let active = self.active_targets.into_iter().map(|target| {
            json!({
                "discoveredLabels": target.discovered_labels,
                "labels": target.labels,
                "scrapePool": target.scrape_pool,
                "scrapeUrl": target.scrape_url,
                "scrapeInterval": target.scrape_interval,
                "scrapeTimeout": target.scrape_timeout,
            })
        });
        let dropped = self.dropped_targets.into_iter();
        let dropped = dropped.map(
            |target| json!({"discoveredLabels": target.discovered_labels, "scrapePool": target.scrape_pool}),
        );
        let (mut active, mut dropped): (Vec<Value>, Vec<Value>) = (active.collect(), dropped.collect());
        active.sort_by_key(Value::to_string);
        dropped.sort_by_key(Value::to_string);
        json!({"active": active, "dropped": dropped, "dropped_counts": self.dropped_target_counts, "pools": pools})
    }
}

impl Prometheus {
    /// The one that listens there (`10.77.8.1:9090`).
    pub fn at(address: &str) -> Self {
        Self { base: format!("http://{address}") }
    }

    async fn ask<T: for<'a> Deserialize<'a>>(&self, path: &str) -> Result<T, String> {
        let text = http::get(format!("{}{path}", self.base)).await?;
        let answer: Answer<T> = serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
        Ok(answer.data)
    }

    /// Active and dropped targets.
    ///
    /// # Errors
    ///
    /// It does not answer.
    pub async fn targets(&self) -> Result<Targets, String> {
        self.ask("/api/v1/targets").await
    }

    /// The names of the scrape pools: the jobs of the configuration that it runs on.
    ///
    /// # Errors
    ///
    /// It does not answer.
    pub async fn pools(&self) -> Result<Vec<String>, String> {
        self.ask::<Pools>("/api/v1/scrape_pools").await.map(|pools| pools.scrape_pools)
    }

    /// Makes it read its configuration again.
    ///
    /// # Errors
    ///
    /// Why it refuses it.
    pub async fn reload(&self) -> Result<(), String> {
        http::post(format!("{}/-/reload", self.base)).await
    }

    /// Its own samples whose series begin so.
    ///
    /// # Errors
    ///
    /// It does not answer.
    pub async fn samples(&self, begin: &str) -> Result<BTreeMap<String, f64>, String> {
        let text = http::get(format!("{}/metrics", self.base)).await?;
        let lines = text.lines().filter(|line| line.starts_with(begin));
        Ok(lines
            .filter_map(|line| {
                let (series, value) = line.rsplit_once(' ')?;
                Some((series.to_owned(), value.parse().ok()?))
            })
            .collect())
    }
}
