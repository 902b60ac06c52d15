use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::parts::{is_true, relabelings, text};
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// A monitor of the kube-controllers of Calico sets the label `node`, which their metrics (`ipam_allocations_…`) carry
    /// themselves.
    ///
    /// ## Why it matters
    ///
    /// The label of the target wins: the exporter's own becomes `exported_node`, and every sum by node is of the node that runs the
    /// exporter.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: calico-kube-controllers, namespace: calico-system}
    /// spec:
    ///   selector: {matchLabels: {k8s-app: calico-kube-controllers}}
    ///   endpoints:
    ///   - port: metrics-port
    ///     relabelings:
    ///     - {sourceLabels: [__meta_kubernetes_pod_node_name], targetLabel: node}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: calico-kube-controllers, namespace: calico-system}
    /// spec:
    ///   selector: {matchLabels: {k8s-app: calico-kube-controllers}}
    ///   endpoints:
    ///   - port: metrics-port
    /// ```
    LABEL_OF_EXPORTER, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    relabelings(chain)
        .filter(|rule| !rule.of_samples && text(rule.node, "targetLabel") == "node")
        .filter(|rule| !is_true(rule.part.node, "honorLabels"))
        .filter_map(|rule| {
            let monitor = rule.part.monitor();
            let mut labels =
                monitor.at(&["spec", "selector", "matchLabels"]).into_iter().flat_map(Node::entries);
            labels.find(|entry| entry.value.as_str() == Some("calico-kube-controllers"))?;
            let message = format!("`{}` sets `node`, which the metrics have themselves", monitor.identity());
            Some(
                Diagnostic::new(Code::LABEL_OF_EXPORTER, message)
                    .about(monitor.subject())
                    .at(rule.node.get("targetLabel")?.place(), "")
                    .help("leave it out, or add `honorLabels: true`"),
            )
        })
        .collect()
}
