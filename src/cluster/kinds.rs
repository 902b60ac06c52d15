//! The kinds that are read of a cluster: those the chain, the predictor and the rules look at, and no others. The rights in
//! `deploy/` are these.

/// A kind to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedKind {
    /// API group, empty for the core group.
    pub group: &'static str,
    /// Kind: `Service`.
    pub kind: &'static str,
    /// What rights call it: `services`.
    pub resource: &'static str,
    /// Whether its objects are in namespaces.
    pub is_namespaced: bool,
}

const fn namespaced(group: &'static str, kind: &'static str, resource: &'static str) -> ListedKind {
    ListedKind { group, kind, resource, is_namespaced: true }
}

const fn of_cluster(group: &'static str, kind: &'static str, resource: &'static str) -> ListedKind {
    ListedKind { group, kind, resource, is_namespaced: false }
}

const MONITORING: &str = crate::model::kind::MONITORING;
const RBAC: &str = "rbac.authorization.k8s.io";

/// Every kind that is read where the cluster serves it.
pub const LISTED: &[ListedKind] = &[
    namespaced("", "ConfigMap", "configmaps"),
    namespaced("", "Endpoints", "endpoints"),
    of_cluster("", "Namespace", "namespaces"),
    of_cluster("", "Node", "nodes"),
    namespaced("", "Pod", "pods"),
    namespaced("", "ReplicationController", "replicationcontrollers"),
    namespaced("", "Secret", "secrets"),
    namespaced("", "Service", "services"),
    namespaced("", "ServiceAccount", "serviceaccounts"),
    namespaced("apps", "DaemonSet", "daemonsets"),
    namespaced("apps", "Deployment", "deployments"),
    namespaced("apps", "ReplicaSet", "replicasets"),
    namespaced("apps", "StatefulSet", "statefulsets"),
    namespaced("autoscaling", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
    namespaced("batch", "CronJob", "cronjobs"),
    namespaced("batch", "Job", "jobs"),
    of_cluster("crd.projectcalico.org", "FelixConfiguration", "felixconfigurations"),
    of_cluster("crd.projectcalico.org", "KubeControllersConfiguration", "kubecontrollersconfigurations"),
    namespaced("discovery.k8s.io", "EndpointSlice", "endpointslices"),
    namespaced(MONITORING, "Alertmanager", "alertmanagers"),
    namespaced(MONITORING, "PodMonitor", "podmonitors"),
    namespaced(MONITORING, "Probe", "probes"),
    namespaced(MONITORING, "Prometheus", "prometheuses"),
    namespaced(MONITORING, "PrometheusAgent", "prometheusagents"),
    namespaced(MONITORING, "PrometheusRule", "prometheusrules"),
    namespaced(MONITORING, "ScrapeConfig", "scrapeconfigs"),
    namespaced(MONITORING, "ServiceMonitor", "servicemonitors"),
    namespaced(MONITORING, "ThanosRuler", "thanosrulers"),
    namespaced("networking.k8s.io", "Ingress", "ingresses"),
    namespaced("networking.k8s.io", "NetworkPolicy", "networkpolicies"),
    of_cluster("operator.tigera.io", "Installation", "installations"),
    of_cluster(RBAC, "ClusterRole", "clusterroles"),
    of_cluster(RBAC, "ClusterRoleBinding", "clusterrolebindings"),
    namespaced(RBAC, "Role", "roles"),
    namespaced(RBAC, "RoleBinding", "rolebindings"),
    namespaced("security.istio.io", "PeerAuthentication", "peerauthentications"),
    of_cluster("storage.k8s.io", "StorageClass", "storageclasses"),
];

impl ListedKind {
    /// As rights and kubectl name it: `services`, `roles.rbac.authorization.k8s.io`.
    pub fn full_resource(&self) -> String {
        if self.group.is_empty() {
            self.resource.to_owned()
        } else {
            format!("{}.{}", self.resource, self.group)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::source::{self, Node};

    #[test]
    fn the_rights_that_are_deployed_are_these() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/read-only.yaml");
        let reading = source::read_bytes("read-only.yaml", fs::read(path).unwrap());
        let role = reading.documents.iter().find(|document| document.root().get("rules").is_some()).unwrap();
        let texts = |node: Node<'_>, field: &str| -> Vec<String> {
            let items = node.get(field).into_iter().flat_map(Node::items);
            items.filter_map(Node::as_str).map(str::to_owned).collect()
        };
        let mut granted = BTreeSet::new();
        for rule in role.root().get("rules").unwrap().items() {
            assert_eq!(texts(rule, "verbs"), ["list"]);
            for group in texts(rule, "apiGroups") {
                granted
                    .extend(texts(rule, "resources").into_iter().map(|resource| (group.clone(), resource)));
            }
        }
        let needed: BTreeSet<_> =
            LISTED.iter().map(|kind| (kind.group.to_owned(), kind.resource.to_owned())).collect();
        assert_eq!(granted, needed);
    }
}
