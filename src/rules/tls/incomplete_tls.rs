use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;
use crate::rules::verdicts::{Cause, rejected};

rule! {
    /// A `tlsConfig` has a certificate and no key, a key and no certificate, or the same thing twice: `ca` and `caFile`, a Secret
    /// and a ConfigMap.
    ///
    /// ## Why it matters
    ///
    /// The operator rejects the whole monitor.
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
    ///     scheme: https
    ///     tlsConfig:
    ///       cert: {secret: {name: client, key: tls.crt}}
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
    ///     scheme: https
    ///     tlsConfig:
    ///       cert: {secret: {name: client, key: tls.crt}}
    ///       keySecret: {name: client, key: tls.key}
    /// ```
    INCOMPLETE_TLS, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    rejected(chain, Cause::Tls)
        .map(|rejected| {
            rejected
                .finding(Code::INCOMPLETE_TLS, "")
                .help("a certificate goes with its key, and everything is named once")
        })
        .collect()
}
