//! Where a job's targets come from.

use std::time::Duration;

use super::scrape::Tls;

/// One entry of `static_configs`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StaticConfig {
    /// The addresses.
    pub targets: Vec<String>,
    /// The labels all of them have, in the order of their names.
    pub labels: Vec<(String, String)>,
}

/// One entry of `kubernetes_sd_configs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubernetesSd {
    /// What is discovered.
    pub role: Role,
    /// Where it is looked for.
    pub namespaces: Namespaces,
    /// What the API server filters by, one entry for a role at most.
    pub selectors: Vec<RoleSelector>,
    /// What is added to the labels of targets.
    pub attach_metadata: AttachMetadata,
    /// The URL of the API server; without one it is that of the cluster Prometheus runs in.
    pub api_server: Option<String>,
    /// The path of a kubeconfig.
    pub kubeconfig_file: Option<String>,
    /// The certificates the API server is asked with.
    pub tls: Tls,
}

/// What Kubernetes discovery looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// `node`
    Node,
    /// `pod`
    Pod,
    /// `service`
    Service,
    /// `endpoints`
    Endpoints,
    /// `endpointslice`
    EndpointSlice,
    /// `ingress`
    Ingress,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] =
        [Self::Node, Self::Pod, Self::Service, Self::Endpoints, Self::EndpointSlice, Self::Ingress];

    /// The role of this name.
    pub fn from_spelling(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.spelling() == text)
    }

    /// How Prometheus spells it.
    pub const fn spelling(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Pod => "pod",
            Self::Service => "service",
            Self::Endpoints => "endpoints",
            Self::EndpointSlice => "endpointslice",
            Self::Ingress => "ingress",
        }
    }
}

/// The namespaces of a discovery: all where neither names are given nor the own one is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Namespaces {
    /// The names, as they are written: one may stand twice.
    pub names: Vec<String>,
    /// Whether to add the namespace Prometheus runs in.
    pub own_namespace: bool,
}

/// Selectors for the objects of a role, in the words of the Kubernetes API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSelector {
    /// The role.
    pub role: Role,
    /// A label selector; empty selects everything.
    pub label: String,
    /// A field selector; empty selects everything.
    pub field: String,
}

/// What Kubernetes discovery adds to the labels of targets.
#[expect(clippy::struct_excessive_bools, reason = "as in a configuration")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AttachMetadata {
    /// The node's name, labels and annotations.
    pub node: bool,
    /// The namespace's labels and annotations.
    pub namespace: bool,
    /// The name of the `Deployment` a pod belongs to.
    pub deployment: bool,
    /// The name of the `Job` a pod belongs to.
    pub job: bool,
    /// The name of the `CronJob` a pod belongs to.
    pub cronjob: bool,
}

/// One entry of `http_sd_configs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSd {
    /// Where the target groups are fetched.
    pub url: String,
    /// How often.
    pub refresh_interval: Duration,
    /// The certificates it is fetched with.
    pub tls: Tls,
}

/// One entry of `file_sd_configs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSd {
    /// Patterns of files with target groups.
    pub files: Vec<String>,
}

/// One entry of any other discovery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherSd {
    /// The mechanism, as in the name of the field: `consul` of `consul_sd_configs`.
    pub mechanism: &'static str,
    /// The certificates it is asked with.
    pub tls: Tls,
}
