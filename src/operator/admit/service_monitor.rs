//! `ServiceMonitors` (`checkServiceMonitor`).

use super::Admission;
use crate::kubernetes::label_selector;
use crate::operator::assets::Reference;
use crate::operator::fields::Fields;
use crate::operator::monitor::Monitor;
use crate::operator::refusal::{Check, Context, refuse};

impl Admission<'_> {
    pub(super) fn service_monitor(&self, monitor: &Monitor) -> Check {
        let spec = monitor.fields();
        if let Some(selector) = spec.value("selector") {
            label_selector::read(selector).within("spec.selector")?;
        }
        self.selector_mechanism(spec).within("spec.selectorMechanism")?;
        for (index, endpoint) in spec.items("endpoints").enumerate() {
            self.endpoint(&monitor.namespace, endpoint, &format!("endpoints[{index}]: "))
                .within(format!("spec.endpoints.{index}"))?;
        }
        self.scrape_class(spec).under("scrapeClassName: ").within("spec.scrapeClass")
    }

    fn endpoint(&self, namespace: &str, endpoint: Fields<'_>, prefix: &str) -> Check {
        if self.prometheus.at("arbitraryFSAccessThroughSMs").is_true("deny") {
            no_file_access(endpoint).under(prefix)?;
        }
        self.http_without_tls(endpoint).under(prefix)?;
        super::http::validate_tls(endpoint.opt("tlsConfig"))
            .under("tlsConfig: ")
            .under(prefix)
            .within("tlsConfig")?;
        super::http::validate_proxy(endpoint).under(prefix)?;
        let token = endpoint.at("bearerTokenSecret");
        if !token.str("name").is_empty() {
            self.assets
                .load(namespace, Reference::secret(token))
                .under("bearerTokenSecret: ")
                .under(prefix)
                .within("bearerTokenSecret")?;
        }
        self.load_basic_auth(namespace, endpoint).under("basicAuth: ").under(prefix).within("basicAuth")?;
        self.load_tls(namespace, endpoint).under("tlsConfig: ").under(prefix).within("tlsConfig")?;
        self.load_oauth2(namespace, endpoint).under("oauth2: ").under(prefix).within("oauth2")?;
        self.load_safe_authorization(namespace, endpoint)
            .under("authorization: ")
            .under(prefix)
            .within("authorization")?;
        self.timing(endpoint.str("interval"), endpoint.str("scrapeTimeout"))
            .under(prefix)
            .within("scrapeTimeout")?;
        self.relabelings(endpoint, "relabelings").under("relabelConfigs: ").under(prefix)?;
        self.relabelings(endpoint, "metricRelabelings").under("metricRelabelConfigs: ").under(prefix)?;
        // This one has no prefix in the operator either.
        self.load_proxy_checked(namespace, endpoint)
    }
}

/// `testForArbitraryFSAccess`.
fn no_file_access(endpoint: Fields<'_>) -> Check {
    if !endpoint.str("bearerTokenFile").is_empty() {
        return refuse(
            "it accesses file system via bearer token file which Prometheus specification prohibits",
        );
    }
    let tls = endpoint.at("tlsConfig");
    if ["caFile", "certFile", "keyFile"].iter().any(|file| !tls.str(file).is_empty()) {
        return refuse("it accesses file system via tls config which Prometheus specification prohibits");
    }
    Ok(())
}
