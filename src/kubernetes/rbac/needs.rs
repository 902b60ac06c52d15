//! What Prometheus asks the API server for (Prometheus 3.13.5, `discovery/kubernetes`; client-go 0.35).
//!
//! A discovery keeps a cache per kind of object, filled by `list` and kept by `watch`, and gives no target before all the caches it
//! waits for are filled. A namespace that is named has caches of its own; without names the whole cluster is asked, and rights in
//! single namespaces count for nothing. So one right that is missing costs every target of that namespace, or all.

use super::answer::Answer;
use super::request::{Request, Scope};
use super::rights::Rights;
use crate::prom::config::{AttachMetadata, Role};
use crate::prom::version::Version;

/// A kind of object that a discovery lists and watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// API group, empty for the core group.
    pub group: &'static str,
    /// The resource in the plural.
    pub resource: &'static str,
    /// Whether its objects are in namespaces; others are asked for in the whole cluster.
    pub namespaced: bool,
    /// Whether there is no target without it; otherwise only the labels it would bring are missing.
    pub required: bool,
}

/// The part of Nodes whose `get` the kubelet asks the API server about before it shows `/metrics` and what is below it.
pub const KUBELET_METRICS: &str = "nodes/metrics";

/// The paths that components of the control plane show to whom the API server allows `get`.
pub const METRICS_PATHS: [&str; 2] = ["/metrics", "/metrics/slis"];

const fn need(group: &'static str, resource: &'static str) -> Need {
    Need { group, resource, namespaced: true, required: true }
}

const fn of_cluster(resource: &'static str) -> Need {
    Need { namespaced: false, ..need("", resource) }
}

/// What a discovery of this role asks for.
pub fn of_discovery(role: Role, attach: AttachMetadata) -> Vec<Need> {
    let is_endpoints = matches!(role, Role::Endpoints | Role::EndpointSlice);
    let has_pods = is_endpoints || role == Role::Pod;
    let mut needs = match role {
        Role::Node => vec![of_cluster("nodes")],
        Role::Pod => vec![need("", "pods")],
        Role::Service => vec![need("", "services")],
        Role::Ingress => vec![need("networking.k8s.io", "ingresses")],
        Role::Endpoints => vec![need("", "endpoints"), need("", "services"), need("", "pods")],
        Role::EndpointSlice => {
            vec![need("discovery.k8s.io", "endpointslices"), need("", "services"), need("", "pods")]
        }
    };
    if attach.node && has_pods {
        needs.push(of_cluster("nodes"));
    }
    if attach.namespace && role != Role::Node {
        needs.push(of_cluster("namespaces"));
    }
    // The roles of endpoints do not wait for what only names the owners of pods.
    if attach.deployment && has_pods {
        needs.push(Need { required: !is_endpoints, ..need("apps", "replicasets") });
    }
    if (attach.job || attach.cronjob) && has_pods {
        needs.push(Need { required: !is_endpoints, ..need("batch", "jobs") });
    }
    needs
}

/// Whether an account has what a discovery needs of one kind of object.
#[derive(Debug, Clone)]
pub struct Met<'i> {
    /// The need.
    pub need: Need,
    /// Whether it may list the objects.
    pub list: Answer<'i>,
    /// Whether it may watch them.
    pub watch: Answer<'i>,
}

impl Need {
    /// The request by which it is met in a namespace, or in all.
    pub const fn request<'a>(&self, verb: &'a str, scope: Scope<'a>) -> Request<'a> {
        let scope = if self.namespaced { scope } else { Scope::Cluster };
        Request::objects(verb, self.group, self.resource, scope)
    }
}

impl Met<'_> {
    /// Whether it is certain that the cache stays empty, so that nothing is discovered: `list` is denied. From Prometheus 3.10 on
    /// (client-go 0.35, `WatchListClient`) `watch` is enough to fill it, as it brings what is there already (Kubernetes 1.34).
    pub fn is_denied(&self, prometheus: &Version) -> bool {
        let watch_is_enough = prometheus.is_at_least(3, 10, 0) && !self.watch.is_denied();
        self.need.required && self.list.is_denied() && !watch_is_enough
    }
}

impl<'i> Rights<'i> {
    /// What the account may do of what a discovery needs in a namespace, or in all.
    pub fn of_discovery(&self, role: Role, attach: AttachMetadata, scope: Scope<'_>) -> Vec<Met<'i>> {
        let met = |need: Need| Met {
            need,
            list: self.may(&need.request("list", scope)),
            watch: self.may(&need.request("watch", scope)),
        };
        of_discovery(role, attach).into_iter().map(met).collect()
    }
}
