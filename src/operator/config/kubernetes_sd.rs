//! The discovery of monitors: one entry of `kubernetes_sd_configs`.

use super::http::{Authorization, Tls};
use super::{Generator, selector};
use crate::operator::fields::Fields;
use crate::source::{Mapping, Ordered};

/// What an entry is made of.
pub(super) struct Discovery<'m> {
    pub(super) role: &'static str,
    /// The namespace to look into where nothing else is said.
    pub(super) namespace: &'m str,
    /// The namespace credentials are taken from.
    pub(super) assets: &'m str,
    pub(super) namespace_selector: Fields<'m>,
    /// Whether to attach metadata of nodes, if that is said at all, and the version that knows it.
    pub(super) attach_node: Option<(bool, (u64, u64))>,
    /// The monitor's `spec` and the roles to select by, where roles may be selected.
    pub(super) selectors: Option<(Fields<'m>, Vec<&'static str>)>,
}

impl Generator<'_> {
    /// Which role finds the endpoints of Services. `Endpoints` is the default still.
    pub(super) fn endpoints_role(&self, asked: Option<&str>) -> &'static str {
        let slices = self.switches.endpoint_slices && self.since(2, 21, 0);
        if slices && asked == Some("EndpointSlice") { "endpointslice" } else { "endpoints" }
    }

    /// The role of the Prometheus.
    pub(super) fn default_endpoints_role(&self) -> &'static str {
        self.endpoints_role(self.prometheus.opt_str("serviceDiscoveryRole"))
    }

    /// Whether to attach metadata of nodes: as the monitor says, or else its class; always for sharding by zone where pods do
    /// not know their zone.
    pub(super) fn attach_node(
        &self,
        spec: Fields<'_>,
        class: Fields<'_>,
        since: (u64, u64),
    ) -> Option<(bool, (u64, u64))> {
        let metadata = spec.opt("attachMetadata").or_else(|| class.opt("attachMetadata"));
        let node = metadata.map(|metadata| metadata.is_true("node"));
        let needed = self.shards_by_zone() && !self.switches.pod_topology_labels;
        if needed { Some((true, since)) } else { node.map(|node| (node, since)) }
    }

    pub(super) fn discovery(&self, to: &mut Mapping, discovery: &Discovery<'_>) {
        let Discovery { role, namespace, assets, namespace_selector, attach_node, selectors } = discovery;
        let mut entry = Mapping::new().with("role", *role);
        if let Some(names) = self.namespaces(namespace, *namespace_selector) {
            entry.push("namespaces", Mapping::new().with("names", names));
        }
        if let Some(server) = self.prometheus.opt("apiserverConfig") {
            self.api_server(&mut entry, assets, server);
        }
        if let Some((node, (major, minor))) = attach_node
            && self.since(*major, *minor, 0)
        {
            entry.push("attach_metadata", Mapping::new().with("node", *node));
        }
        let mut by_role: Vec<Ordered> = Vec::new();
        if self.switches.daemon_set {
            let own_node = Mapping::new().with("role", "pod").with("field", "spec.nodeName=$(NODE_NAME)");
            by_role.push(own_node.into());
        }
        let mut has_selectors = self.switches.daemon_set;
        if let Some((spec, roles)) = selectors
            && !uses_rules(*spec)
        {
            has_selectors = true;
            let empty = serde_json::Value::Null;
            let label = selector::text(spec.value("selector").unwrap_or(&empty));
            by_role.extend(
                roles.iter().map(|role| {
                    Ordered::from(Mapping::new().with("role", *role).with("label", label.clone()))
                }),
            );
        }
        if has_selectors {
            entry.push("selectors", by_role);
        }
        to.push("kubernetes_sd_configs", [entry]);
    }

    /// The namespaces to look into; none for all.
    fn namespaces(&self, own: &str, selector: Fields<'_>) -> Option<Vec<Ordered>> {
        let own = || Some(vec![Ordered::from(own.to_owned())]);
        if self.prometheus.is_true("ignoreNamespaceSelectors") {
            return own();
        }
        if selector.is_true("any") {
            return None;
        }
        let names: Vec<Ordered> =
            selector.strings("matchNames").map(|name| Ordered::from(name.to_owned())).collect();
        if names.is_empty() { own() } else { Some(names) }
    }

    fn api_server(&self, entry: &mut Mapping, namespace: &str, server: Fields<'_>) {
        entry.push("api_server", server.str("host").to_owned());
        self.basic_auth(entry, namespace, server.opt("basicAuth"));
        let token = server.str("bearerToken");
        if !token.is_empty() {
            entry.push("bearer_token", Ordered::from(token.to_owned()).secret());
        }
        super::limits::push_filled(entry, server, "bearerTokenFile", "bearer_token_file");
        self.authorization(entry, namespace, server.opt("authorization").map(Authorization::of));
        self.tls(entry, namespace, server.opt("tlsConfig").map(Tls::of));
        self.proxy(entry, namespace, server);
    }
}

/// Whether a monitor's selector becomes relabel rules, which is the default.
pub(super) fn uses_rules(spec: Fields<'_>) -> bool {
    matches!(spec.opt_str("selectorMechanism"), None | Some("RelabelConfig"))
}
