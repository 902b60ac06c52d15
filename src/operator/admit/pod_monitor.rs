//! `PodMonitors` (`checkPodMonitor`).

use super::Admission;
use crate::kubernetes::label_selector;
use crate::operator::assets::Reference;
use crate::operator::fields::Fields;
use crate::operator::monitor::Monitor;
use crate::operator::refusal::{Check, Context};

impl Admission<'_> {
    pub(super) fn pod_monitor(&self, monitor: &Monitor) -> Check {
        let spec = monitor.fields();
        if let Some(selector) = spec.value("selector") {
            label_selector::read(selector)
                .under("failed to parse label selector: ")
                .within("spec.selector")?;
        }
        self.selector_mechanism(spec).within("spec.selectorMechanism")?;
        for (index, endpoint) in spec.items("podMetricsEndpoints").enumerate() {
            self.pod_endpoint(&monitor.namespace, endpoint)
                .under(format_args!("endpoint[{index}]: "))
                .within(format!("spec.podMetricsEndpoints.{index}"))?;
        }
        self.scrape_class(spec).under("scrapeClassName: ").within("spec.scrapeClass")
    }

    fn pod_endpoint(&self, namespace: &str, endpoint: Fields<'_>) -> Check {
        self.timing(endpoint.str("interval"), endpoint.str("scrapeTimeout")).within("scrapeTimeout")?;
        self.relabelings(endpoint, "relabelings").under("relabelConfigs: ")?;
        self.relabelings(endpoint, "metricRelabelings").under("metricRelabelConfigs: ")?;
        self.http_without_tls(endpoint)?;
        super::http::validate_safe_tls(endpoint.opt("tlsConfig")).under("tlsConfig: ").within("tlsConfig")?;
        super::http::validate_proxy(endpoint)?;
        let token = endpoint.at("bearerTokenSecret");
        if !token.str("name").is_empty() && !token.str("key").is_empty() {
            self.assets
                .load(namespace, Reference::secret(token))
                .under("bearerTokenSecret: ")
                .within("bearerTokenSecret")?;
        }
        self.load_basic_auth(namespace, endpoint).under("basicAuth: ").within("basicAuth")?;
        self.load_safe_tls(namespace, endpoint).under("tlsConfig: ").within("tlsConfig")?;
        self.load_oauth2(namespace, endpoint).under("oauth2: ").within("oauth2")?;
        self.load_safe_authorization(namespace, endpoint).under("authorization: ").within("authorization")?;
        self.load_proxy_checked(namespace, endpoint).under("proxyConfig: ")
    }
}
