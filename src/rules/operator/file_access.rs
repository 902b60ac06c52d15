use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;
use crate::rules::verdicts::{Cause, rejected};

rule! {
    /// A Prometheus has `arbitraryFSAccessThroughSMs: {deny: true}` and selects a ServiceMonitor with `bearerTokenFile`, or with a
    /// file in `tlsConfig`.
    ///
    /// ## Why it matters
    ///
    /// The operator rejects the whole ServiceMonitor. OpenShift forbids files for the monitors of users.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    ///   arbitraryFSAccessThroughSMs: {deny: true}
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    ///     bearerTokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token
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
    ///   arbitraryFSAccessThroughSMs: {deny: true}
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
    FILE_ACCESS, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    rejected(chain, Cause::Files)
        .map(|rejected| {
            rejected
                .finding(Code::FILE_ACCESS, "")
                .help("put the token or the certificates into a Secret of the monitor's namespace, and name it in `authorization` or `tlsConfig`")
        })
        .collect()
}
