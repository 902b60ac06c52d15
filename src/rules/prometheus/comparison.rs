use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;
use crate::rules::verdicts::{Fault, of_refusal, refused};

rule! {
    /// A rule with `action: keepequal` or `dropequal` writes out the default `regex: (.*)`.
    ///
    /// ## Why it matters
    ///
    /// The operator does not look at it and writes it into the configuration. Prometheus takes a configuration as a whole or not at
    /// all: no job of any team changes any more, and new pods do not start.
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
    ///     - {sourceLabels: [__meta_kubernetes_pod_ip], targetLabel: __tmp_ip, action: keepequal, regex: "(.*)"}
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
    ///     - {sourceLabels: [__meta_kubernetes_pod_ip], targetLabel: __tmp_ip, action: keepequal}
    /// ```
    COMPARISON_WITH_REGEX, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    refused(chain, Fault::Comparison)
        .map(|part| of_refusal(Code::COMPARISON_WITH_REGEX, part).help("leave out `regex`"))
        .collect()
}
