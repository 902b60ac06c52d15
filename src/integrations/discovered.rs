//! The systems that are found in an inventory, and what would have to be generated for them.

use super::{calico, etcd, node_exporter};
use crate::diagnostic::Diagnostic;
use crate::model::inventory::Inventory;
use crate::model::object::Object;
use crate::source::Node;

/// A system that is there, or is not and could be generated.
#[derive(Debug, Default)]
pub struct Discovered {
    /// The integration that makes its monitoring.
    pub integration: &'static str,
    /// The options it needs, by the names of their flags.
    pub options: Vec<(&'static str, Vec<String>)>,
    /// Whether it should be generated, as far as the system itself tells.
    pub is_wanted: bool,
    /// What was found, one sentence each.
    pub remarks: Vec<String>,
    /// What its owner has to know.
    pub findings: Vec<Diagnostic>,
    /// How its targets are known.
    pub targets: TargetsOf,
}

/// How the targets of a system are known among those of a Prometheus.
#[derive(Debug, Default)]
pub struct TargetsOf {
    /// A label of its pods.
    pub labels: Vec<(&'static str, &'static str)>,
    /// Namespace and name of what makes its pods.
    pub workloads: Vec<(String, String)>,
    /// Addresses of its machines.
    pub addresses: Vec<String>,
}

/// Every system that an inventory shows, in the order of the help.
pub fn all(inventory: &Inventory) -> Vec<Discovered> {
    let others = [etcd::discover(inventory), calico::discover::discover(inventory)];
    [node_exporter::discover(inventory)].into_iter().chain(others.into_iter().flatten()).collect()
}

/// What set a cluster up, where its Nodes tell: as `--distribution` names it.
pub fn distribution(inventory: &Inventory) -> Option<&'static str> {
    use crate::model::kind::GroupKind;

    const MANAGED: &[&str] =
        &["eks.amazonaws.com/nodegroup", "cloud.google.com/gke-nodepool", "kubernetes.azure.com/cluster"];
    inventory.of_kind(GroupKind::NODE).find_map(|node| {
        let version = node.at(&["status", "nodeInfo", "kubeletVersion"]).and_then(Node::as_str);
        let version = version.unwrap_or_default();
        let has = |label: &str| node.labels().get(label).is_some();
        if version.contains("+k3s") {
            Some("k3s")
        } else if version.contains("+rke2") {
            Some("rke2")
        } else if has("node.openshift.io/os_id") {
            Some("openshift")
        } else if MANAGED.iter().any(|label| has(label)) {
            Some("managed")
        } else if node.annotation("kubeadm.alpha.kubernetes.io/cri-socket").is_some() {
            Some("kubeadm")
        } else {
            None
        }
    })
}

/// Who looks after an object, by the marks that Helm, Argo CD and Flux leave: `the Helm release monitoring/stack`.
pub fn owner(object: Object<'_>) -> Option<String> {
    let label = |key: &str| object.labels().get(key);
    if let Some(release) = object.annotation("meta.helm.sh/release-name") {
        let namespace = object.annotation("meta.helm.sh/release-namespace").unwrap_or_default();
        return Some(format!("the Helm release {namespace}/{release}"));
    }
    if let Some(name) = label("helm.toolkit.fluxcd.io/name") {
        return Some(format!("the HelmRelease {name} of Flux"));
    }
    if let Some(name) = label("kustomize.toolkit.fluxcd.io/name") {
        return Some(format!("the Kustomization {name} of Flux"));
    }
    let tracked = object.annotation("argocd.argoproj.io/tracking-id").and_then(|id| id.split(':').next());
    let application = tracked.or_else(|| label("argocd.argoproj.io/instance"));
    application.map(|name| format!("the Application {name} of Argo CD"))
}

/// The words that the containers of a pod are started with.
pub(super) fn words(spec: Node<'_>) -> impl Iterator<Item = &str> {
    let containers = spec.get("containers").into_iter().flat_map(Node::items);
    let lists = containers
        .flat_map(|container| ["command", "args"].into_iter().filter_map(move |field| container.get(field)));
    lists.flat_map(Node::items).filter_map(Node::as_str)
}

/// The value of a flag among them: `--flag=value`.
pub(super) fn flag<'n>(spec: Node<'n>, name: &str) -> Option<&'n str> {
    words(spec).find_map(|word| word.trim_start_matches('-').strip_prefix(name)?.strip_prefix('='))
}
