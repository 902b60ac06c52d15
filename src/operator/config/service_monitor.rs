//! The job of an endpoint of a `ServiceMonitor`.

use serde_json::Value;

use super::kubernetes_sd::{Discovery, uses_rules};
use super::limits::{push_filled, push_scheme};
use super::{Generator, natural, relabel, selector};
use crate::operator::fields::{Fields, int_or_string};
use crate::operator::monitor::Monitor;
use crate::prom::label_name::sanitise;
use crate::source::{Mapping, Ordered};

impl Generator<'_> {
    pub(super) fn service_monitor(&self, monitor: &Monitor, endpoint: Fields<'_>, index: usize) -> Mapping {
        let (spec, namespace) = (monitor.fields(), monitor.namespace.as_str());
        let class = self.scrape_class(spec);
        let mut job =
            Mapping::new().with("job_name", format!("serviceMonitor/{namespace}/{}/{index}", monitor.name));
        self.honor_labels(&mut job, endpoint.is_true("honorLabels"));
        self.honor_timestamps(&mut job, endpoint.bool("honorTimestamps"));
        self.track_staleness(&mut job, endpoint);
        let role = match spec.opt_str("serviceDiscoveryRole") {
            Some(asked) => self.endpoints_role(Some(asked)),
            None => self.default_endpoints_role(),
        };
        self.discovery(
            &mut job,
            &Discovery {
                role,
                namespace,
                assets: namespace,
                namespace_selector: spec.at("namespaceSelector"),
                attach_node: self.attach_node(spec, class, (2, 37)),
                selectors: Some((spec, vec![role, "service"])),
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
        self.proxy(&mut job, namespace, endpoint);
        self.oauth2(&mut job, namespace, endpoint.opt("oauth2"));
        self.tls(&mut job, namespace, self.merged_tls(endpoint.opt("tlsConfig"), class));
        push_filled(&mut job, endpoint, "bearerTokenFile", "bearer_token_file");
        let token = endpoint.at("bearerTokenSecret");
        if !token.str("name").is_empty() {
            self.bearer_token(&mut job, namespace, token);
        }
        self.basic_auth(&mut job, namespace, endpoint.opt("basicAuth"));
        self.authorization(
            &mut job,
            namespace,
            self.merged_authorization(endpoint.opt("authorization"), class),
        );
        job.push("relabel_configs", self.service_rules(monitor, endpoint, class, role));
        self.limits(&mut job, spec);
        self.histograms(&mut job, spec);
        self.protocols(&mut job, spec);
        self.fallback_protocol(&mut job, spec, class);
        self.body_size(&mut job, spec);
        job.push_some("metric_relabel_configs", self.metric_relabelings(monitor, endpoint, class));
        job
    }

    fn service_rules(
        &self,
        monitor: &Monitor,
        endpoint: Fields<'_>,
        class: Fields<'_>,
        role: &str,
    ) -> Vec<Ordered> {
        let spec = monitor.fields();
        // The meta labels of both roles are in the singular.
        let prefix = if role == "endpointslice" {
            "__meta_kubernetes_endpointslice"
        } else {
            "__meta_kubernetes_endpoint"
        };
        let (port, target_port) = (endpoint.str("port"), endpoint.value("targetPort"));
        let mut rules = vec![relabel::job_name()];
        if uses_rules(spec) {
            rules.extend(selector::rules(spec.at("selector"), "service"));
        }
        if port.is_empty() {
            rules.extend(target_port.and_then(container_port));
        } else {
            rules.push(relabel::filter("keep", &[&format!("{prefix}_port_name")], port.to_owned()));
        }
        let target = [&*format!("{prefix}_address_target_kind"), &*format!("{prefix}_address_target_name")];
        rules.push(relabel::extract(&target, "Node;(.*)", "node"));
        rules.push(relabel::extract(&target, "Pod;(.*)", "pod"));
        rules.push(relabel::copy("__meta_kubernetes_namespace", "namespace"));
        rules.push(relabel::copy("__meta_kubernetes_service_name", "service"));
        rules.push(relabel::copy("__meta_kubernetes_pod_name", "pod"));
        rules.push(relabel::copy("__meta_kubernetes_pod_container_name", "container"));
        if endpoint.bool("filterRunning").unwrap_or(true) {
            rules.push(relabel::running());
        }
        for label in spec.strings("targetLabels").map(sanitise) {
            rules.push(relabel::copy_filled(&format!("__meta_kubernetes_service_label_{label}"), &label));
        }
        rules.extend(self.pod_target_labels(spec));
        let job = Mapping::new()
            .with("source_labels", ["__meta_kubernetes_service_name"])
            .with("target_label", "job")
            .with("replacement", "${1}");
        rules.push(job.into());
        rules.extend(job_label(spec, "service"));
        let name = if port.is_empty() { target_port.map(port_text) } else { Some(port.to_owned()) };
        rules.extend(name.filter(|name| !name.is_empty()).map(|name| relabel::set("endpoint", name)));
        rules.extend(relabel::of_resource(class, "relabelings"));
        rules.extend(relabel::of_resource(endpoint, "relabelings"));
        rules.extend(self.enforced_label(monitor));
        rules.extend(self.sharding("__address__"));
        rules
    }

    /// Labels of pods to be copied: those the monitor names, then those of the Prometheus.
    pub(super) fn pod_target_labels(&self, spec: Fields<'_>) -> impl Iterator<Item = Ordered> {
        let labels: Vec<String> = spec
            .strings("podTargetLabels")
            .chain(self.prometheus.strings("podTargetLabels"))
            .map(|label| sanitise(label).into_owned())
            .collect();
        labels
            .into_iter()
            .map(|label| relabel::copy_filled(&format!("__meta_kubernetes_pod_label_{label}"), &label))
    }
}

/// The label of a resource that names the job.
pub(super) fn job_label(spec: Fields<'_>, resource: &str) -> Option<Ordered> {
    let label = spec.str("jobLabel");
    let source = || format!("__meta_kubernetes_{resource}_label_{}", sanitise(label));
    (!label.is_empty()).then(|| relabel::copy_filled(&source(), "job"))
}

/// Keeps targets of a port of a container, by its name or its number; 0 and the empty name are any.
pub(super) fn container_port(port: &Value) -> Option<Ordered> {
    match port {
        Value::String(name) if name.is_empty() => None,
        Value::String(name) => {
            Some(relabel::filter("keep", &["__meta_kubernetes_pod_container_port_name"], name.clone()))
        }
        number => {
            let number = number.as_i64().filter(|number| *number != 0)?;
            Some(relabel::filter("keep", &["__meta_kubernetes_pod_container_port_number"], number))
        }
    }
}

/// A port as text.
pub(super) fn port_text(port: &Value) -> String {
    int_or_string(port)
}
