use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::Verdict;
use crate::rules::rule;

rule! {
    /// A Prometheus is of a version below 2.26, and something that it selects, or itself, has an `authorization`.
    ///
    /// ## Why it matters
    ///
    /// The operator (0.93) dies when it writes such a configuration, and again after every start. Then it serves no other resource
    /// either, in no namespace.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    ///   version: v2.25.2
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    ///     authorization: {credentials: {name: token, key: token}}
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
    ///   version: v3.13.1
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    ///     authorization: {credentials: {name: token, key: token}}
    /// ```
    OPERATOR_CRASHES, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let all = chain.operated().all.iter();
    all.filter_map(|(prometheus, outcome)| {
        let Verdict::Crashed(words) = &outcome.verdict else { return None };
        let message = format!("the operator crashes on `{}`: {words}", prometheus.identity());
        Some(
            Diagnostic::new(Code::OPERATOR_CRASHES, message)
                .about(prometheus.subject())
                .at(prometheus.place_at(&["spec", "version"]), "this version does not know `authorization`")
                .help("raise `spec.version`, or remove every `authorization` that it selects"),
        )
    })
    .collect()
}
