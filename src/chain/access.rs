//! Prometheus → metrics: whether its `ServiceAccount` may ask components that ask the API server back.
//!
//! The kubelet asks whether the bearer of a token may `get` `nodes/metrics`, and the API server, the controller manager and the scheduler
//! whether it may `get` the path (Kubernetes 1.36). Without the right they answer 403, and the target is down.

use std::collections::BTreeSet;

use super::listening::Listening;
use super::prometheus::{self, Prometheus};
use super::rights::{self, May};
use super::selection::Selected;
use super::services::Backings;
use super::setting::Setting;
use super::workloads::Workloads;
use crate::diagnostic::Verdict;
use crate::kubernetes::rbac::needs::{KUBELET_METRICS, METRICS_PATHS};
use crate::kubernetes::rbac::{Account, Answer, Request, Rights, Scope};
use crate::model::object::Object;
use crate::source::Node;

/// Something that shows its metrics to whom the API server allows it.
#[derive(Debug)]
pub struct Access<'w> {
    /// The Prometheus.
    pub prometheus: Object<'w>,
    /// Its account.
    pub account: Account<'w>,
    /// The monitor by which it asks.
    pub monitor: Object<'w>,
    /// The Service it asks.
    pub service: Object<'w>,
    /// Whether it may.
    pub may: May,
}

impl Access<'_> {
    /// Whether it may. What is bound elsewhere may allow it, unless the input shows all bindings.
    pub fn verdict(&self, setting: &Setting<'_>) -> Verdict {
        match self.may {
            May::Yes => Verdict::Holds,
            May::No { .. } if setting.completeness.shows_all_of("ClusterRoleBinding") => Verdict::Broken,
            May::Unknown | May::Unbound | May::No { .. } => Verdict::Unknown,
        }
    }
}

/// The file with the token of a pod's account.
const TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// What every Prometheus asks with the token of its account, each right once for a monitor.
pub fn trace<'w>(
    setting: &Setting<'w>,
    (prometheuses, selections): (&[Prometheus<'w>], &[Selected<'w>]),
    listening: &[Listening<'w>],
    (backings, workloads): (&Backings<'w>, &Workloads<'w>),
) -> Vec<Access<'w>> {
    let asking: Vec<(&Listening<'w>, Request<'w>)> = listening
        .iter()
        .filter(|listening| listening.endpoint.get("bearerTokenFile").and_then(Node::as_str) == Some(TOKEN))
        .filter_map(|listening| Some((listening, request(listening, backings, workloads)?)))
        .collect();
    let mut found = Vec::new();
    if asking.is_empty() {
        return found;
    }
    for prometheus in prometheuses {
        let account = rights::account(prometheus.object);
        let rights = Rights::of(setting.inventory, account);
        let accepted: BTreeSet<_> = prometheus::accepted(prometheus, selections).collect();
        let mut told = BTreeSet::new();
        for (listening, request) in &asking {
            let monitor = listening.monitor;
            if !accepted.contains(&monitor.id()) || !told.insert((monitor.id(), request.to_string())) {
                continue;
            }
            found.push(Access {
                prometheus: prometheus.object,
                account,
                monitor,
                service: listening.service,
                may: may(&rights, request),
            });
        }
    }
    found
}

fn may(rights: &Rights<'_>, request: &Request<'_>) -> May {
    if !rights.is_bound() {
        // That an account has no rights at all is told where it may not discover.
        return May::Unknown;
    }
    match rights.may(request) {
        Answer::Allowed(_) => May::Yes,
        Answer::Unknown(_) => May::Unknown,
        Answer::Denied => May::No {
            requests: vec![request.to_string()],
            near: rights.near_misses(request).iter().map(ToString::to_string).collect(),
        },
    }
}

/// What a component asks the API server, if it is one that does.
fn request<'w>(
    listening: &Listening<'w>,
    backings: &Backings<'w>,
    workloads: &Workloads<'w>,
) -> Option<Request<'w>> {
    let path = listening.endpoint.get("path").and_then(Node::as_str).unwrap_or("/metrics");
    let service = listening.service;
    let is_called =
        |namespace: &str, name: &str| service.namespace() == Some(namespace) && service.name() == name;
    let is_kubelet =
        is_called("kube-system", "kubelet") || service.labels().get("k8s-app") == Some("kubelet");
    if is_kubelet && path.starts_with("/metrics") {
        return Some(Request::objects("get", "", KUBELET_METRICS, Scope::Cluster));
    }
    let mut behind = backings.get(service).into_iter().flat_map(|backing| &backing.workloads);
    let is_component = |item: &u32| {
        let labels = &workloads.get(*item).labels;
        let component = labels.get("component").map(String::as_str);
        matches!(component, Some("kube-apiserver" | "kube-controller-manager" | "kube-scheduler"))
    };
    let asks = is_called("default", "kubernetes")
        || (service.namespace() == Some("kube-system") && behind.any(is_component));
    (asks && METRICS_PATHS.contains(&path)).then_some(Request::Url { verb: "get", path })
}
