use super::wording;
use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic, Verdict};
use crate::kubernetes::network_policy::Direction;
use crate::rules::rule;

rule! {
    /// NetworkPolicies select the pods of a Prometheus for egress, and none of them lets it reach the pods it scrapes.
    ///
    /// ## Why it matters
    ///
    /// A pod that some policy selects for egress makes the connections that policies allow and no others. The scrape ends with `context
    /// deadline exceeded`.
    ///
    /// A policy outside of the input may let it out; so this is a warning. Where the input shows all of them (`--complete=NetworkPolicy`)
    /// it is an error.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    /// ---
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec: {containers: [{name: web, image: "web:1"}]}
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
    /// ---
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: prometheus, namespace: shop}
    /// spec:
    ///   podSelector: {matchLabels: {app.kubernetes.io/name: prometheus}}
    ///   egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]
    ///   policyTypes: [Egress]
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
    /// ---
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec: {containers: [{name: web, image: "web:1"}]}
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
    /// ---
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata: {name: prometheus, namespace: shop}
    /// spec:
    ///   podSelector: {matchLabels: {app.kubernetes.io/name: prometheus}}
    ///   egress: [{to: [{podSelector: {matchLabels: {app: web}}}]}]
    ///   policyTypes: [Egress]
    /// ```
    EGRESS_DENIED, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    wording::refused_connections(chain, Direction::Egress, |connection| {
        let message = format!(
            "no NetworkPolicy lets `{}` out to port {} of `{}`",
            connection.prometheus.identity(),
            connection.port,
            connection.workload.identity()
        );
        let verdict: Verdict = connection.verdict(&chain.setting);
        wording::of_end(verdict, connection.monitor, Diagnostic::new(Code::EGRESS_DENIED, message))
            .help("add an `egress` rule for the pods that are scraped and the port")
    })
}
