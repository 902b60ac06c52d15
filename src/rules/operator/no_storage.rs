use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::kind::GroupKind;
use crate::rules::rule;

rule! {
    /// A Prometheus has no `storage`.
    ///
    /// ## Why it matters
    ///
    /// The operator gives it an `emptyDir`: when the pod moves to another node, everything measured so far is gone.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    ///   storage:
    ///     volumeClaimTemplate:
    ///       spec: {resources: {requests: {storage: 20Gi}}}
    /// ```
    NO_STORAGE, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let all = chain.setting.inventory.of_kind(GroupKind::PROMETHEUS);
    all.filter(|prometheus| prometheus.at(&["spec", "storage"]).is_none_or(crate::source::Node::is_null))
        .map(|prometheus| {
            let message = format!("the data of `{}` does not survive its pod", prometheus.identity());
            Diagnostic::new(Code::NO_STORAGE, message)
                .about(prometheus.subject())
                .at(prometheus.place(), "")
                .help("add `storage.volumeClaimTemplate`, or send the data on with `remoteWrite`")
        })
        .collect()
}
