use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::Verdict;
use crate::rules::rule;

rule! {
    /// The operator cannot write a configuration for a Prometheus.
    ///
    /// ## Why it matters
    ///
    /// The Prometheus keeps the configuration it has, or gets none. The error is in the log of the operator and in a condition of the
    /// object; the Prometheus itself looks healthy. The message is the operator's.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    ///   version: latest
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
    ///   endpoints: [{port: metrics}]
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
    ///   endpoints: [{port: metrics}]
    /// ```
    RECONCILIATION_FAILS, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for prometheus in &chain.prometheuses {
        let Verdict::Failed(refusal) = &prometheus.outcome.verdict else { continue };
        let object = prometheus.object;
        let message = format!("the operator cannot reconcile `{}`: {refusal}", object.identity());
        let path: Vec<&str> = refusal.path.iter().map(String::as_str).collect();
        found.push(
            Diagnostic::new(Code::RECONCILIATION_FAILS, message)
                .about(object.subject())
                .at(object.place_at(&path), ""),
        );
    }
    found
}
