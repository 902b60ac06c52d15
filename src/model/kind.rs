//! Kinds: their names, and what is known about them without asking a cluster.

use std::fmt;

/// A kind within its API group. The version is not part of it: all versions of a kind show the same objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKind<'a> {
    /// API group, empty for the core group.
    pub group: &'a str,
    /// Kind: `Service`.
    pub kind: &'a str,
}

impl<'a> GroupKind<'a> {
    /// A kind of a group; `""` is the core group.
    pub const fn new(group: &'a str, kind: &'a str) -> Self {
        Self { group, kind }
    }
}

/// `Service`, `ServiceMonitor.monitoring.coreos.com`.
impl fmt::Display for GroupKind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind)?;
        if self.group.is_empty() { Ok(()) } else { write!(f, ".{}", self.group) }
    }
}

/// The group of the Prometheus Operator.
pub const MONITORING: &str = "monitoring.coreos.com";

/// The group of roles and their bindings.
const RBAC: &str = "rbac.authorization.k8s.io";

macro_rules! kinds {
    ($($name:ident = $group:expr, $kind:literal;)*) => {
        impl GroupKind<'static> {
            $(#[doc = concat!("`", $kind, "`")] pub const $name: Self = Self::new($group, $kind);)*
        }
    };
}

kinds! {
    ALERTMANAGER = MONITORING, "Alertmanager";
    CLUSTER_LOCK = "promwire.dev", "ClusterLock";
    CLUSTER_ROLE = RBAC, "ClusterRole";
    CLUSTER_ROLE_BINDING = RBAC, "ClusterRoleBinding";
    CONFIG_MAP = "", "ConfigMap";
    CRON_JOB = "batch", "CronJob";
    CUSTOM_RESOURCE_DEFINITION = "apiextensions.k8s.io", "CustomResourceDefinition";
    DAEMON_SET = "apps", "DaemonSet";
    DEPLOYMENT = "apps", "Deployment";
    ENDPOINTS = "", "Endpoints";
    ENDPOINT_SLICE = "discovery.k8s.io", "EndpointSlice";
    HORIZONTAL_POD_AUTOSCALER = "autoscaling", "HorizontalPodAutoscaler";
    INGRESS = "networking.k8s.io", "Ingress";
    JOB = "batch", "Job";
    NAMESPACE = "", "Namespace";
    NETWORK_POLICY = "networking.k8s.io", "NetworkPolicy";
    NODE = "", "Node";
    POD = "", "Pod";
    POD_MONITOR = MONITORING, "PodMonitor";
    PROBE = MONITORING, "Probe";
    PROMETHEUS = MONITORING, "Prometheus";
    PROMETHEUS_AGENT = MONITORING, "PrometheusAgent";
    PROMETHEUS_RULE = MONITORING, "PrometheusRule";
    REPLICA_SET = "apps", "ReplicaSet";
    REPLICATION_CONTROLLER = "", "ReplicationController";
    ROLE = RBAC, "Role";
    ROLE_BINDING = RBAC, "RoleBinding";
    SCRAPE_CONFIG = MONITORING, "ScrapeConfig";
    SECRET = "", "Secret";
    SERVICE = "", "Service";
    SERVICE_ACCOUNT = "", "ServiceAccount";
    SERVICE_MONITOR = MONITORING, "ServiceMonitor";
    STATEFUL_SET = "apps", "StatefulSet";
}

/// Cluster-scoped kinds by group: those of Kubernetes 1.36, and of systems whose manifests stand beside monitoring and
/// whose definitions often do not. Kinds that are not here have namespaces, unless a definition in the input says otherwise.
const CLUSTER_SCOPED: &[(&str, &[&str])] = &[
    ("", &["Namespace", "Node", "PersistentVolume", "ComponentStatus"]),
    (
        "admissionregistration.k8s.io",
        &[
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
    ),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io", &["APIService"]),
    ("certificates.k8s.io", &["CertificateSigningRequest", "ClusterTrustBundle"]),
    ("flowcontrol.apiserver.k8s.io", &["FlowSchema", "PriorityLevelConfiguration"]),
    ("networking.k8s.io", &["IngressClass", "IPAddress", "ServiceCIDR"]),
    ("node.k8s.io", &["RuntimeClass"]),
    ("policy", &["PodSecurityPolicy"]),
    ("rbac.authorization.k8s.io", &["ClusterRole", "ClusterRoleBinding"]),
    ("resource.k8s.io", &["DeviceClass", "DeviceTaintRule", "ResourceSlice"]),
    ("scheduling.k8s.io", &["PriorityClass"]),
    (
        "storage.k8s.io",
        &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"],
    ),
    ("storagemigration.k8s.io", &["StorageVersionMigration"]),
    ("gateway.networking.k8s.io", &["GatewayClass"]),
    ("cert-manager.io", &["ClusterIssuer"]),
    ("crd.projectcalico.org", CALICO),
    ("projectcalico.org", CALICO),
    ("operator.tigera.io", &["APIServer", "Goldmane", "ImageSet", "Installation", "TigeraStatus", "Whisker"]),
];

const CALICO: &[&str] = &[
    "BGPConfiguration",
    "BGPFilter",
    "BGPPeer",
    "BlockAffinity",
    "CalicoNodeStatus",
    "ClusterInformation",
    "FelixConfiguration",
    "GlobalNetworkPolicy",
    "GlobalNetworkSet",
    "HostEndpoint",
    "IPAMBlock",
    "IPAMConfig",
    "IPAMConfiguration",
    "IPAMHandle",
    "IPPool",
    "IPReservation",
    "KubeControllersConfiguration",
    "Tier",
];

impl GroupKind<'_> {
    /// Whether objects of the kind are known to have no namespace. A definition in the input knows better, see
    /// [`Inventory`](super::inventory::Inventory).
    pub fn is_known_cluster_scoped(&self) -> bool {
        CLUSTER_SCOPED.iter().any(|(group, kinds)| *group == self.group && kinds.contains(&self.kind))
    }

    /// Whether this is the configuration file of some tool in the shape of an object: it is never sent to a cluster and need not
    /// have a name.
    pub(super) fn is_tool_configuration(&self) -> bool {
        const GROUPS: &[&str] = &[
            "audit.k8s.io",
            "client.authentication.k8s.io",
            "kind.x-k8s.io",
            "kubeadm.k8s.io",
            "promwire.dev",
            "skaffold",
        ];
        GROUPS.contains(&self.group)
            || self.group == "config.k8s.io"
            || self.group.ends_with(".config.k8s.io")
            || (self.group.is_empty() && self.kind == "Config")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_depends_on_group_and_kind() {
        assert!(GroupKind::NAMESPACE.is_known_cluster_scoped());
        assert!(GroupKind::new("rbac.authorization.k8s.io", "ClusterRole").is_known_cluster_scoped());
        assert!(!GroupKind::new("example.com", "Node").is_known_cluster_scoped());
        assert!(!GroupKind::SERVICE_MONITOR.is_known_cluster_scoped());
    }

    #[test]
    fn tool_configuration_is_told_from_objects() {
        for (group, kind) in [
            ("kustomize.config.k8s.io", "Kustomization"),
            ("", "Config"),
            ("kubelet.config.k8s.io", "KubeletConfiguration"),
        ] {
            assert!(GroupKind::new(group, kind).is_tool_configuration(), "{group} {kind}");
        }
        assert!(!GroupKind::new("", "ConfigMap").is_tool_configuration());
    }

    #[test]
    fn kinds_of_the_core_group_are_shown_without_it() {
        assert_eq!(GroupKind::SERVICE.to_string(), "Service");
        assert_eq!(GroupKind::SERVICE_MONITOR.to_string(), "ServiceMonitor.monitoring.coreos.com");
    }
}
