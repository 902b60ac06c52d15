//! Which object: its kind, namespace and name, and when its turn is.

use std::fmt;

use serde_json::Value;

/// An object of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// The group of its kind, empty for the core one.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// The namespace, where the kind has them.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl Reference {
    /// That of an object as it is written.
    pub fn of(object: &Value) -> Self {
        let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
        Self {
            group: text("/apiVersion").rsplit_once('/').map_or("", |(group, _)| group).to_owned(),
            kind: text("/kind").to_owned(),
            namespace: Some(text("/metadata/namespace"))
                .filter(|namespace| !namespace.is_empty())
                .map(str::to_owned),
            name: text("/metadata/name").to_owned(),
        }
    }

    /// Group and kind as kubectl and the inventories of `ApplySets` spell them: `Service`, `ServiceMonitor.monitoring.coreos.com`.
    pub fn group_kind(&self) -> String {
        if self.group.is_empty() { self.kind.clone() } else { format!("{}.{}", self.kind, self.group) }
    }

    /// When its turn is: what others need comes first.
    pub(super) fn rank(&self) -> usize {
        let stands_in = |kinds: &&[&str]| kinds.contains(&self.kind.as_str());
        RANKS.iter().position(stands_in).unwrap_or(WORKLOADS)
    }
}

/// `ServiceMonitor monitoring/etcd`.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

/// Kinds in the order they have to exist. A binding is refused to those without all rights while its role is not there; a
/// Prometheus and its pods need their accounts, Secrets and Services; monitors name all of these.
const RANKS: &[&[&str]] = &[
    &["Namespace"],
    &["CustomResourceDefinition"],
    &["ServiceAccount", "ClusterRole", "Role"],
    &["ClusterRoleBinding", "RoleBinding"],
    &["Secret", "ConfigMap"],
    &["Service"],
    &["EndpointSlice", "Endpoints"],
    // And everything else.
    &["DaemonSet", "Deployment", "StatefulSet", "Prometheus", "PrometheusAgent"],
    &["ServiceMonitor", "PodMonitor", "Probe", "ScrapeConfig"],
    &["PrometheusRule", "AlertmanagerConfig"],
];

/// The rank of workloads, and of whatever has none of its own.
const WORKLOADS: usize = 7;

/// How many ranks there are.
pub(super) const LAST_RANK: usize = RANKS.len();

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_others_need_comes_first() {
        let reference = |kind: &str| Reference::of(&json!({"apiVersion": "v1", "kind": kind}));
        let order = [
            "Namespace",
            "Role",
            "RoleBinding",
            "Secret",
            "Service",
            "EndpointSlice",
            "Ingress",
            "Probe",
            "PrometheusRule",
        ];
        let ranks: Vec<usize> = order.iter().map(|kind| reference(kind).rank()).collect();
        assert!(ranks.is_sorted() && ranks.windows(2).all(|pair| pair[0] < pair[1]), "{ranks:?}");
        assert_eq!(reference("Prometheus").rank(), WORKLOADS);
    }
}
