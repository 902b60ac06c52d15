use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::Verdict;
use crate::rules::rule;

rule! {
    /// The process of the operator dies when it reconciles a Prometheus, again after every start.
    ///
    /// ## Why it matters
    ///
    /// Nothing is reconciled any more, for any Prometheus. With `spec.version` below 2.26.0 an `authorization` of a monitor does this to
    /// prometheus-operator 0.93.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    ///   version: v2.25.0
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {app: web}}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9100}]
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
    ///   version: v3.5.0
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {app: web}}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9100}]
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
    let mut found = Vec::new();
    for prometheus in &chain.prometheuses {
        let Verdict::Crashed(words) = &prometheus.outcome.verdict else { continue };
        let object = prometheus.object;
        let message = format!("the operator crashes on `{}`: {words}", object.identity());
        found.push(
            Diagnostic::new(Code::OPERATOR_CRASHES, message)
                .about(object.subject())
                .at(object.place_at(&["spec", "version"]), "")
                .note("an `authorization` with a version below 2.26.0, which does not know it")
                .help("raise `spec.version`, or remove the `authorization`"),
        );
    }
    found
}
