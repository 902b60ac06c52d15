//! The alerting section.

use super::http::Tls;
use super::kubernetes_sd::Discovery;
use super::limits::{push_filled, push_scheme};
use super::{Generator, Parts, additional, relabel};
use crate::operator::fields::{Fields, int_or_string};
use crate::operator::refusal::{Check, Context, Refusal, refuse};
use crate::source::{Mapping, Ordered};

impl Generator<'_> {
    pub(super) fn alerting(&self, config: &mut Mapping, parts: Parts<'_>) -> Check {
        let alerting = self.prometheus.opt("alerting");
        let (relabelings, managers) =
            (parts.additional_alert_relabel_configs, parts.additional_alertmanager_configs);
        if alerting.is_none() && relabelings.is_none() && managers.is_none() {
            return Ok(());
        }
        let mut made: Vec<Ordered> = alerting
            .unwrap_or_default()
            .items("alertmanagers")
            .map(|manager| self.alertmanager(manager).into())
            .collect();
        match additional::list(managers.unwrap_or_default()) {
            Ok(more) => made.extend(more.into_iter().map(Ordered::from)),
            Err(_) => return refuse("unmarshalling additional alertmanager configs failed"),
        }
        let mut rules: Vec<Ordered> = Vec::new();
        let replica = self.prometheus.opt_str("replicaExternalLabelName").unwrap_or("prometheus_replica");
        if !replica.is_empty() {
            rules.push(Mapping::new().with("action", "labeldrop").with("regex", quote_meta(replica)).into());
        }
        let more = additional::list(relabelings.unwrap_or_default())
            .map_err(Refusal::new)
            .under("unmarshalling additional alerting relabel configs failed: ")?;
        rules.extend(more.into_iter().map(Ordered::from));
        config.push(
            "alerting",
            Mapping::new().with("alert_relabel_configs", rules).with("alertmanagers", made),
        );
        Ok(())
    }

    fn alertmanager(&self, manager: Fields<'_>) -> Mapping {
        let own = self.subject.namespace;
        let mut made = Mapping::new();
        push_scheme(&mut made, manager);
        super::copy(manager, &mut made, &[("pathPrefix", "path_prefix"), ("timeout", "timeout")]);
        if self.since(2, 35, 0) {
            super::copy(manager, &mut made, &[("enableHttp2", "enable_http2")]);
        }
        self.tls(&mut made, own, manager.opt("tlsConfig").map(Tls::of));
        self.proxy(&mut made, own, manager);
        let role = self.default_endpoints_role();
        self.discovery(
            &mut made,
            &Discovery {
                role,
                namespace: manager.opt_str("namespace").unwrap_or(own),
                assets: own,
                namespace_selector: Fields::default(),
                attach_node: None,
                selectors: None,
            },
        );
        push_filled(&mut made, manager, "bearerTokenFile", "bearer_token_file");
        if self.since(2, 26, 0) {
            self.basic_auth(&mut made, own, manager.opt("basicAuth"));
        }
        self.safe_authorization(&mut made, own, manager.opt("authorization"));
        if self.since(2, 48, 0) {
            self.sigv4(&mut made, manager.opt("sigv4"));
        }
        let version = manager.str("apiVersion").to_lowercase();
        let known = match version.as_str() {
            "v1" => self.version.major <= 2,
            other => other == "v2",
        };
        if known && self.since(2, 11, 0) {
            made.push("api_version", version);
        }
        let mut rules = vec![relabel::filter(
            "keep",
            &["__meta_kubernetes_service_name"],
            manager.str("name").to_owned(),
        )];
        if let Some(port) = manager.value("port") {
            let text = int_or_string(port);
            let source = match (port.is_string(), role) {
                (true, "endpointslice") => "__meta_kubernetes_endpointslice_port_name",
                (true, _) => "__meta_kubernetes_endpoint_port_name",
                (false, _) => "__meta_kubernetes_pod_container_port_number",
            };
            if !text.is_empty() && (port.is_string() || text != "0") {
                rules.push(relabel::filter("keep", &[source], text));
            }
        }
        rules.extend(relabel::of_resource(manager, "relabelings"));
        made.push("relabel_configs", rules);
        let alert_rules: Vec<Ordered> = relabel::of_resource(manager, "alertRelabelings").collect();
        if !alert_rules.is_empty() && self.since(2, 51, 0) {
            made.push("alert_relabel_configs", alert_rules);
        }
        made
    }
}

/// Go's `regexp.QuoteMeta`.
fn quote_meta(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for character in text.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted
}
