//! A job.

use std::collections::BTreeMap;
use std::time::Duration;

use super::discovery::{FileSd, HttpSd, KubernetesSd, OtherSd, StaticConfig};
use crate::prom::relabel;

/// One entry of `scrape_configs`, with what it inherits from `global`.
#[expect(clippy::struct_excessive_bools, reason = "as in a configuration")]
#[derive(Debug, Clone, PartialEq)]
pub struct ScrapeConfig {
    /// The name of the job, and of its scrape pool. Never empty.
    pub job_name: String,
    /// Whether scraped labels win over the target's.
    pub honor_labels: bool,
    /// Whether scraped timestamps are taken.
    pub honor_timestamps: bool,
    /// How often its targets are scraped.
    pub scrape_interval: Duration,
    /// How long a scrape may take; never longer than the interval.
    pub scrape_timeout: Duration,
    /// The path of the URL: `/metrics` unless given, and empty where it is given so.
    pub metrics_path: String,
    /// The scheme of the URL: `http` unless given.
    pub scheme: String,
    /// The parameters of the URL, by name. A parameter may have no value at all.
    pub params: BTreeMap<String, Vec<String>>,
    /// `scrape_native_histograms`.
    pub scrape_native_histograms: bool,
    /// `always_scrape_classic_histograms`; before Prometheus 3.0 `scrape_classic_histograms`.
    pub always_scrape_classic_histograms: bool,
    /// `convert_classic_histograms_to_nhcb`.
    pub convert_classic_histograms_to_nhcb: bool,
    /// How its rules are read: by the version and the job's name validation scheme.
    pub dialect: relabel::Dialect,
    /// What makes targets of what is discovered. All rules are valid in [`dialect`](Self::dialect).
    pub relabel_configs: Vec<relabel::Config>,
    /// What is done to scraped series. All rules are valid in [`dialect`](Self::dialect).
    pub metric_relabel_configs: Vec<relabel::Config>,
    /// What a scrape may bring.
    pub limits: Limits,
    /// `static_configs`, in their order.
    pub static_configs: Vec<StaticConfig>,
    /// `kubernetes_sd_configs`, in their order.
    pub kubernetes_sd_configs: Vec<KubernetesSd>,
    /// `http_sd_configs`, in their order.
    pub http_sd_configs: Vec<HttpSd>,
    /// `file_sd_configs`, in their order.
    pub file_sd_configs: Vec<FileSd>,
    /// Every other discovery, in the order of the mechanisms' names.
    pub other_sd_configs: Vec<OtherSd>,
    /// The certificates it is scraped with.
    pub tls: Tls,
}

impl ScrapeConfig {
    /// The files without which Prometheus makes no scrape pool for the job.
    pub fn needed_files(&self) -> impl Iterator<Item = NeededFile<'_>> {
        self.tls.files()
    }
}

/// What a scrape may bring; 0 is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Bytes of a response, uncompressed.
    pub body_size: u64,
    /// Samples of a scrape.
    pub sample: u64,
    /// Targets of the job. With more every scrape of it fails.
    pub target: u64,
    /// Labels of a series.
    pub label: u64,
    /// Bytes of a label's name.
    pub label_name_length: u64,
    /// Bytes of a label's value.
    pub label_value_length: u64,
    /// Dropped targets that are kept to be shown.
    pub keep_dropped_targets: u64,
}

/// The certificates of a client.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tls {
    /// `ca_file`.
    pub ca_file: Option<String>,
    /// `cert_file`.
    pub cert_file: Option<String>,
    /// `key_file`.
    pub key_file: Option<String>,
}

impl Tls {
    /// The files that are read when the client is made.
    pub fn files(&self) -> impl Iterator<Item = NeededFile<'_>> {
        [
            (&self.ca_file, Purpose::Authority),
            (&self.cert_file, Purpose::Certificate),
            (&self.key_file, Purpose::Key),
        ]
        .into_iter()
        .filter_map(|(path, purpose)| path.as_deref().map(|path| NeededFile { path, purpose }))
    }
}

/// A file without which there is no scrape pool, or no discovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeededFile<'c> {
    /// The path, as it is written.
    pub path: &'c str,
    /// What it is for.
    pub purpose: Purpose,
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The certificates that are trusted.
    Authority,
    /// The certificate of the client.
    Certificate,
    /// The key of the client.
    Key,
}
