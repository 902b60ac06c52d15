//! The job of an endpoint of a `PodMonitor`.

use super::kubernetes_sd::{Discovery, uses_rules};
use super::limits::{push_filled, push_scheme};
use super::service_monitor::{container_port, job_label, port_text};
use super::{Generator, natural, relabel, selector};
use crate::operator::fields::Fields;
use crate::operator::monitor::Monitor;
use crate::source::{Mapping, Ordered};

impl Generator<'_> {
    pub(super) fn pod_monitor(&self, monitor: &Monitor, endpoint: Fields<'_>, index: usize) -> Mapping {
        let (spec, namespace) = (monitor.fields(), monitor.namespace.as_str());
        let class = self.scrape_class(spec);
        let mut job =
            Mapping::new().with("job_name", format!("podMonitor/{namespace}/{}/{index}", monitor.name));
        self.honor_labels(&mut job, endpoint.is_true("honorLabels"));
        self.honor_timestamps(&mut job, endpoint.bool("honorTimestamps"));
        self.track_staleness(&mut job, endpoint);
        self.discovery(
            &mut job,
            &Discovery {
                role: "pod",
                namespace,
                assets: namespace,
                namespace_selector: spec.at("namespaceSelector"),
                attach_node: self.attach_node(spec, class, (2, 35)),
                selectors: Some((spec, vec!["pod"])),
            },
        );
        push_filled(&mut job, endpoint, "interval", "scrape_interval");
        push_filled(&mut job, endpoint, "scrapeTimeout", "scrape_timeout");
        push_filled(&mut job, endpoint, "path", "metrics_path");
        if endpoint.has("params") {
            job.push("params", natural::map(endpoint, "params"));
        }
        push_scheme(&mut job, endpoint);
        self.redirects_and_http2(&mut job, endpoint);
        self.tls(&mut job, namespace, self.merged_safe_tls(endpoint.opt("tlsConfig"), class));
        let token = endpoint.at("bearerTokenSecret");
        if !token.str("name").is_empty() {
            self.bearer_token(&mut job, namespace, token);
        }
        self.basic_auth(&mut job, namespace, endpoint.opt("basicAuth"));
        self.oauth2(&mut job, namespace, endpoint.opt("oauth2"));
        self.proxy(&mut job, namespace, endpoint);
        self.authorization(
            &mut job,
            namespace,
            self.merged_authorization(endpoint.opt("authorization"), class),
        );
        job.push("relabel_configs", self.pod_rules(monitor, endpoint, class));
        self.limits(&mut job, spec);
        self.histograms(&mut job, spec);
        self.protocols(&mut job, spec);
        self.fallback_protocol(&mut job, spec, class);
        self.body_size(&mut job, spec);
        job.push_some("metric_relabel_configs", self.metric_relabelings(monitor, endpoint, class));
        job
    }

    fn pod_rules(&self, monitor: &Monitor, endpoint: Fields<'_>, class: Fields<'_>) -> Vec<Ordered> {
        let spec = monitor.fields();
        let (port, target_port) = (endpoint.str("port"), endpoint.value("targetPort"));
        let mut rules = vec![relabel::job_name()];
        if endpoint.bool("filterRunning").unwrap_or(true) {
            rules.push(relabel::running());
        }
        if uses_rules(spec) {
            rules.extend(selector::rules(spec.at("selector"), "pod"));
        }
        let number = endpoint.value("portNumber").filter(|number| number.as_i64() != Some(0));
        if !port.is_empty() {
            rules.push(relabel::filter(
                "keep",
                &["__meta_kubernetes_pod_container_port_name"],
                port.to_owned(),
            ));
        } else if let Some(number) = number {
            rules.extend(container_port(number));
        } else {
            rules.extend(target_port.and_then(container_port));
        }
        rules.push(relabel::copy("__meta_kubernetes_namespace", "namespace"));
        rules.push(relabel::copy("__meta_kubernetes_pod_container_name", "container"));
        rules.push(relabel::copy("__meta_kubernetes_pod_name", "pod"));
        rules.extend(self.pod_target_labels(spec));
        rules.push(relabel::set("job", monitor.key()));
        rules.extend(job_label(spec, "pod"));
        // A port given by its number alone sets no label.
        let name = if port.is_empty() { target_port.map(port_text) } else { Some(port.to_owned()) };
        rules.extend(name.filter(|name| !name.is_empty()).map(|name| relabel::set("endpoint", name)));
        rules.extend(relabel::of_resource(class, "relabelings"));
        rules.extend(relabel::of_resource(endpoint, "relabelings"));
        rules.extend(self.enforced_label(monitor));
        if !self.switches.daemon_set {
            rules.extend(self.sharding("__address__"));
        }
        rules
    }
}
