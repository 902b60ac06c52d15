//! A configuration of Prometheus as Prometheus itself loads it, with its defaults in effect.
//!
//! One form for all that becomes one: what the operator writes, a hand-written `prometheus.yml`, the same inside a `ConfigMap`.
//! Only what decides about targets is kept; of the rest only what Prometheus refuses is of interest.

mod decode;
mod discovery;
mod egress;
#[doc(hidden)]
pub mod fuzz;
mod global;
mod http;
mod job;
mod load;
mod mechanisms;
mod rule;
mod scrape;
mod sd;

pub use decode::Selectors;
pub use discovery::{
    AttachMetadata, FileSd, HttpSd, KubernetesSd, Namespaces, OtherSd, Role, RoleSelector, StaticConfig,
};
pub use load::{Loader, Refused};
pub use scrape::{Limits, NeededFile, Purpose, ScrapeConfig, Tls};

use std::time::Duration;

use crate::diagnostic::Span;

/// A configuration that Prometheus takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The section `global`.
    pub global: Global,
    /// The jobs in their order. Their names are unique.
    pub scrape_configs: Vec<ScrapeConfig>,
    /// Patterns of files with more jobs (`scrape_config_files`), as they are written.
    pub scrape_config_files: Vec<String>,
    /// Where each job stands in its text, in the order of the jobs.
    pub spans: Vec<Span>,
    /// What the regex of all rules that name none has become, and where: a rule in the file has `"null"` or `"~"` for its own, and
    /// by a mistake of Prometheus that is then the one of all. It is in effect in the rules already.
    pub default_regex: Option<(String, Span)>,
}

/// What holds for all jobs that do not say otherwise. It is in effect in each [`ScrapeConfig`] already.
#[derive(Debug, Clone, PartialEq)]
pub struct Global {
    /// How often targets are scraped.
    pub scrape_interval: Duration,
    /// How long a scrape may take.
    pub scrape_timeout: Duration,
    /// What is added to series that leave Prometheus, in the order of the names, as it is written.
    pub external_labels: Vec<(String, String)>,
}

impl Config {
    /// No jobs, and nothing that would hold for them.
    fn nothing() -> Self {
        let global = Global {
            scrape_interval: Duration::ZERO,
            scrape_timeout: Duration::ZERO,
            external_labels: Vec::new(),
        };
        Self {
            global,
            scrape_configs: Vec::new(),
            scrape_config_files: Vec::new(),
            spans: Vec::new(),
            default_regex: None,
        }
    }
}
