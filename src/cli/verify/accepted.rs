//! What the operator has written for a Prometheus.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::sync::Arc;

use flate2::read::GzDecoder;

use crate::cli::beneath::Beneath;
use crate::diagnostic::TextFile;
use crate::engine::targets::Scraper;
use crate::kubernetes::data;
use crate::model::kind::GroupKind;
use crate::source::{self, Node};

/// The key of the configuration in its Secret (operator 0.93).
const KEY: &str = "prometheus.yaml.gz";

/// A configuration larger than this is not looked into.
const MOST: u64 = 64 << 20;

/// A configuration the operator wrote. Only the names of its jobs are kept: it may hold passwords.
pub(super) struct Written {
    pub(super) jobs: BTreeSet<String>,
}

impl Written {
    /// That of a Prometheus; None where its Secret is not there or not shown.
    pub(super) fn find(beneath: &Beneath, scraper: &Scraper) -> Option<Self> {
        let prefix =
            if scraper.kind == GroupKind::PROMETHEUS_AGENT.kind { "prom-agent" } else { "prometheus" };
        let name = format!("{prefix}-{}", scraper.name);
        let world = beneath.alone();
        let secret = world.inventory().get(GroupKind::SECRET, Some(&scraper.namespace), &name)?;
        let mut text = String::new();
        let compressed = data::of_secret(secret).remove(KEY)?;
        GzDecoder::new(&compressed[..]).take(MOST).read_to_string(&mut text).ok()?;
        let reading = source::read(Arc::new(TextFile::new(KEY, text)));
        let document = reading.documents.first()?;
        let jobs = document.root().get("scrape_configs").into_iter().flat_map(Node::items);
        let jobs = jobs.filter_map(|job| job.get("job_name")?.as_str().map(str::to_owned));
        Some(Self { jobs: jobs.collect() })
    }
}
