use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;
use crate::rules::verdicts::{Cause, rejected};

rule! {
    /// A relabel rule is invalid: its regex does not compile, it lacks what its action needs, or the Prometheus is too old for it.
    ///
    /// ## Why it matters
    ///
    /// The operator rejects the whole monitor for one rule of one endpoint.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    ///     relabelings:
    ///     - {sourceLabels: [__meta_kubernetes_pod_node_name], targetLabel: node, regex: "(.*"}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    ///     relabelings:
    ///     - {sourceLabels: [__meta_kubernetes_pod_node_name], targetLabel: node, regex: "(.*)"}
    /// ```
    INVALID_RELABELING, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    rejected(chain, Cause::Relabeling)
        .map(|rejected| {
            rejected
                .finding(Code::INVALID_RELABELING, "")
                .help("correct the rule; `promwire rule PW412` has what the operator asks of one")
        })
        .collect()
}
