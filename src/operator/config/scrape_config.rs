//! The job of a `ScrapeConfig`.

use super::limits::push_scheme;
use super::{Generator, relabel};
use crate::operator::monitor::Monitor;
use crate::operator::refusal::Check;
use crate::source::{Mapping, Ordered};

impl Generator<'_> {
    pub(super) fn scrape_config(&self, monitor: &Monitor) -> Check<Mapping> {
        let (spec, namespace) = (monitor.fields(), monitor.namespace.as_str());
        let class = self.scrape_class(spec);
        let name = format!("scrapeConfig/{namespace}/{}", monitor.name);
        let mut job = Mapping::new().with("job_name", name.clone());
        if let Some(honor) = spec.bool("honorTimestamps") {
            self.honor_timestamps(&mut job, Some(honor));
        }
        self.track_staleness(&mut job, spec);
        if let Some(honor) = spec.bool("honorLabels") {
            self.honor_labels(&mut job, honor);
        }
        super::copy(spec, &mut job, &[("metricsPath", "metrics_path")]);
        let params: Mapping = spec
            .entries("params")
            .map(|(key, values)| {
                let values = values.as_array().into_iter().flatten().map(Ordered::from).collect();
                (key.to_owned(), Ordered::List(values))
            })
            .collect();
        if !params.is_empty() {
            job.push("params", params);
        }
        if self.since(2, 49, 0) {
            super::copy(spec, &mut job, &[("enableCompression", "enable_compression")]);
        }
        if self.since(2, 35, 0) {
            super::copy(spec, &mut job, &[("enableHTTP2", "enable_http2")]);
        }
        super::copy(
            spec,
            &mut job,
            &[("scrapeInterval", "scrape_interval"), ("scrapeTimeout", "scrape_timeout")],
        );
        self.protocols(&mut job, spec);
        self.fallback_protocol(&mut job, spec, class);
        push_scheme(&mut job, spec);
        self.proxy(&mut job, namespace, spec);
        self.basic_auth(&mut job, namespace, spec.opt("basicAuth"));
        self.authorization(&mut job, namespace, self.merged_authorization(spec.opt("authorization"), class));
        self.oauth2(&mut job, namespace, spec.opt("oauth2"));
        self.tls(&mut job, namespace, self.merged_safe_tls(spec.opt("tlsConfig"), class));
        self.limits(&mut job, spec);
        self.histograms(&mut job, spec);
        self.body_size(&mut job, spec);
        self.discoveries(&mut job, &name, namespace, spec)?;
        job.push("relabel_configs", self.scrape_config_rules(monitor));
        job.push_some("metric_relabel_configs", self.metric_relabelings(monitor, spec, class));
        self.name_validation(&mut job, spec);
        self.name_escaping(&mut job, spec);
        Ok(job)
    }

    fn scrape_config_rules(&self, monitor: &Monitor) -> Vec<Ordered> {
        let spec = monitor.fields();
        let mut rules = vec![relabel::job_name()];
        rules.extend(relabel::of_resource(self.scrape_class(spec), "relabelings"));
        if let Some(name) = spec.opt_str("jobName") {
            let job = Mapping::new()
                .with("target_label", "job")
                .with("action", "replace")
                .with("replacement", name.to_owned());
            rules.push(job.into());
        }
        // Without rules of its own the enforced label does not reach its targets either.
        if !spec.list("relabelings").is_empty() {
            rules.extend(relabel::of_resource(spec, "relabelings"));
            rules.extend(self.enforced_label(monitor));
        }
        if self.shards != 1 {
            self.shard_unless_hashed(&mut rules);
        }
        rules
    }
}
