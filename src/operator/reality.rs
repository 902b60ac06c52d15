//! The reality assumed: which operator runs, with which flags, on which Kubernetes.

use std::collections::BTreeMap;

use super::release::Release;
use crate::model::selector::Selector;
use crate::prom::version::Version;

/// Everything outside the objects that changes what the operator does. The default is a plain operator of the newest known
/// release on Kubernetes 1.36.
#[derive(Debug, Clone)]
pub struct Reality {
    /// The operator.
    pub operator: &'static Release,
    /// The version of Prometheus to assume instead of `spec.version`.
    pub prometheus_version: Option<String>,
    /// The version the API server reports.
    pub kubernetes: Version,
    /// Whether the operator has the right to read `StorageClasses`. If so, a Prometheus has to name one that exists.
    pub reads_storage_classes: bool,
    /// Whether Secrets and `ConfigMaps` that the input does not show are taken to exist with whatever is asked of them.
    pub takes_secrets_for_granted: bool,
    /// Whether Prometheus is taken to have the rights it needs, because the input does not show all there are.
    pub takes_rights_for_granted: bool,
    /// The operator's flags.
    pub flags: Flags,
    /// What to assume of a Prometheus instead of what its `spec` says.
    pub instead: Instead,
}

/// Fields of `spec` that are asked about with other values.
#[derive(Debug, Clone, Default)]
pub struct Instead {
    /// `serviceDiscoveryRole`.
    pub discovery_role: Option<String>,
    /// `shards`.
    pub shards: Option<u32>,
}

/// The flags of the operator (v0.93) that change a configuration, or which resources get one.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--namespaces`: the only ones it looks into; all if empty.
    pub namespaces: Vec<String>,
    /// `--deny-namespaces`: those it does not look into, unless `--namespaces` is given.
    pub deny_namespaces: Vec<String>,
    /// `--prometheus-instance-namespaces`: where Prometheus and `PrometheusAgent` may be; takes precedence over the others.
    pub prometheus_instance_namespaces: Vec<String>,
    /// `--prometheus-instance-selector`: labels Prometheus and `PrometheusAgent` need.
    pub prometheus_instance_selector: Selector,
    /// `--controller-id`.
    pub controller_id: String,
    /// `--disable-unmanaged-prometheus-configuration`.
    pub disable_unmanaged_prometheus_configuration: bool,
    /// `--feature-gates`, those that were set.
    pub feature_gates: BTreeMap<String, bool>,
}

impl Default for Reality {
    fn default() -> Self {
        Self {
            operator: Release::newest(),
            prometheus_version: None,
            kubernetes: Version::new(1, 36, 0),
            reads_storage_classes: true,
            takes_secrets_for_granted: false,
            takes_rights_for_granted: false,
            flags: Flags::default(),
            instead: Instead::default(),
        }
    }
}

impl Reality {
    /// Puts what is assumed into the `spec` of a Prometheus.
    pub(super) fn adjust(&self, spec: &mut serde_json::Value) {
        let Some(spec) = spec.as_object_mut() else { return };
        if let Some(role) = &self.instead.discovery_role {
            spec.insert("serviceDiscoveryRole".to_owned(), role.as_str().into());
        }
        if let Some(shards) = self.instead.shards {
            spec.insert("shards".to_owned(), shards.into());
        }
    }

    /// Whether a feature gate is on; one the operator does not know is off.
    pub fn has_feature(&self, name: &str) -> bool {
        self.flags.feature_gates.get(name).copied().unwrap_or_else(|| {
            self.operator.feature_gates.iter().any(|(known, default)| *known == name && *default)
        })
    }

    /// The version of Prometheus as it is written, for a resource with this `spec.version`.
    pub fn prometheus_version<'a>(&'a self, spec_version: &'a str) -> &'a str {
        match &self.prometheus_version {
            Some(version) => version,
            None if spec_version.is_empty() => self.operator.default_prometheus,
            None => spec_version,
        }
    }

    /// Whether the operator looks into a namespace for monitors, and knows the namespace at all.
    pub fn watches(&self, namespace: &str) -> bool {
        let Flags { namespaces, deny_namespaces, .. } = &self.flags;
        if namespaces.is_empty() {
            !contains(deny_namespaces, namespace)
        } else {
            contains(namespaces, namespace)
        }
    }

    /// Whether the operator looks into a namespace for Prometheus and `PrometheusAgent`.
    pub fn manages(&self, namespace: &str) -> bool {
        let instances = &self.flags.prometheus_instance_namespaces;
        if instances.is_empty() { self.watches(namespace) } else { contains(instances, namespace) }
    }
}

fn contains(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known == name)
}

/// What a reality means for the generator of configurations, which asks nothing else of it.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the operator")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Switches {
    /// `EndpointSlices` may be discovered (Kubernetes 1.21).
    pub endpoint_slices: bool,
    /// Pods carry the zone of their node as a label (Kubernetes 1.35).
    pub pod_topology_labels: bool,
    /// The two rules for shards that are kept after scaling down (gate `PrometheusShardRetentionPolicy`; no agent has them).
    pub shard_retention: bool,
    /// Sharding by zone (gate `PrometheusTopologySharding`).
    pub topology_sharding: bool,
    /// The agent runs as a `DaemonSet`.
    pub daemon_set: bool,
    /// TLS material is written into the configuration instead of naming files. The operator itself never does; it is an
    /// option of its library, which the OpenTelemetry operator uses.
    pub inline_tls: bool,
}

impl Switches {
    /// Those of a Prometheus, or of an agent.
    pub fn of(reality: &Reality, is_agent: bool, daemon_set: bool) -> Self {
        Self {
            endpoint_slices: reality.kubernetes.is_at_least(1, 21, 0),
            pod_topology_labels: reality.kubernetes.is_at_least(1, 35, 0),
            shard_retention: !is_agent && reality.has_feature("PrometheusShardRetentionPolicy"),
            topology_sharding: reality.has_feature("PrometheusTopologySharding"),
            daemon_set,
            inline_tls: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allow_list_makes_the_deny_list_idle() {
        let mut reality = Reality::default();
        assert!(reality.watches("a") && reality.manages("a"));
        reality.flags.deny_namespaces = vec!["a".into()];
        assert!(!reality.watches("a") && reality.watches("b"));
        reality.flags.namespaces = vec!["a".into()];
        assert!(reality.watches("a") && !reality.watches("b"));
        reality.flags.prometheus_instance_namespaces = vec!["b".into()];
        assert!(!reality.manages("a") && reality.manages("b"));
    }

    #[test]
    fn gates_have_the_defaults_of_the_release() {
        let mut reality = Reality::default();
        assert!(reality.has_feature("PrometheusTopologySharding"));
        assert!(!reality.has_feature("PrometheusAgentDaemonSet") && !reality.has_feature("Unheard"));
        reality.flags.feature_gates.insert("PrometheusTopologySharding".into(), false);
        assert!(!reality.has_feature("PrometheusTopologySharding"));
    }
}
