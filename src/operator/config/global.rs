//! The global section, and the small ones beside it.

use super::{Generator, limits::push_filled};
use crate::source::{Mapping, Ordered};

impl Generator<'_> {
    pub(super) fn global(&self) -> Mapping {
        let spec = self.prometheus;
        let mut global = Mapping::new().with("scrape_interval", spec.str("scrapeInterval").to_owned());
        push_filled(&mut global, spec, "scrapeTimeout", "scrape_timeout");
        self.protocols(&mut global, spec);
        global.push("external_labels", self.external_labels());
        if self.since(2, 45, 0) {
            // Of both, not the smaller one but the first.
            let size = spec.opt_str("bodySizeLimit");
            let enforced = Some(spec.str("enforcedBodySizeLimit")).filter(|size| !size.is_empty());
            global.push_some("body_size_limit", size.or(enforced).map(str::to_owned));
        }
        self.global_limits(&mut global);
        if self.since(2, 55, 0) {
            global.push_some("scrape_failure_log_file", spec.opt_str("scrapeFailureLogFile").map(log_file));
        }
        self.name_validation(&mut global, spec);
        self.name_escaping(&mut global, spec);
        for (known, field, key) in [
            (self.since(3, 4, 0), "convertClassicHistogramsToNHCB", "convert_classic_histograms_to_nhcb"),
            (self.since(3, 5, 0), "scrapeClassicHistograms", "always_scrape_classic_histograms"),
            (self.since(3, 8, 0), "scrapeNativeHistograms", "scrape_native_histograms"),
        ] {
            if known {
                super::copy(spec, &mut global, &[(field, key)]);
            }
        }
        if !self.subject.is_agent {
            global.push("evaluation_interval", spec.str("evaluationInterval").to_owned());
            if self.since(2, 53, 0) {
                super::copy(spec, &mut global, &[("ruleQueryOffset", "rule_query_offset")]);
            }
            let log = spec.str("queryLogFile");
            if !log.is_empty() && self.since(2, 16, 0) {
                global.push("query_log_file", log_file(log));
            }
        }
        global
    }

    /// Those of the operator first: a label of the user that collides with one of them is ignored.
    fn external_labels(&self) -> Mapping {
        let name = |field, default| self.prometheus.opt_str(field).unwrap_or(default);
        let subject = format!("{}/{}", self.subject.namespace, self.subject.name);
        let own = [
            (name("prometheusExternalLabelName", "prometheus"), subject),
            (name("replicaExternalLabelName", "prometheus_replica"), "$(POD_NAME)".to_owned()),
            (self.zone_label().unwrap_or_default(), "$(TOPOLOGY_ZONE)".to_owned()),
        ];
        let mut labels: std::collections::BTreeMap<&str, Ordered> = own
            .into_iter()
            .filter(|(name, _)| !name.is_empty())
            .map(|(name, value)| (name, Ordered::from(value)))
            .collect();
        for (name, value) in self.prometheus.entries("externalLabels") {
            labels.entry(name).or_insert_with(|| Ordered::from(value));
        }
        labels.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    pub(super) fn runtime(&self, config: &mut Mapping) {
        if let Some(runtime) = self.prometheus.opt("runtime")
            && self.since(2, 53, 0)
        {
            let mut made = Mapping::new();
            super::copy(runtime, &mut made, &[("goGC", "gogc")]);
            config.push("runtime", made);
        }
    }

    pub(super) fn rule_files(&self, config: &mut Mapping, config_maps: &[String]) {
        if self.prometheus.has("ruleSelector") {
            let files: Vec<Ordered> = config_maps
                .iter()
                .map(|name| Ordered::from(format!("/etc/prometheus/rules/{name}/*.yaml")))
                .collect();
            config.push("rule_files", files);
        }
    }
}

/// A file without a folder is put where the operator mounts one for logs.
fn log_file(path: &str) -> String {
    let has_folder = path.is_empty() || path.trim_start_matches("./").contains('/');
    if has_folder {
        path.to_owned()
    } else {
        format!("/var/log/prometheus/{}", path.trim_start_matches("./"))
    }
}
