use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;
use crate::rules::verdicts::{Cause, rejected};

rule! {
    /// An endpoint has a `scrapeTimeout` above its `interval`, or, where it names none, above the `scrapeInterval` of the
    /// Prometheus (30s if that says nothing).
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
    ///     interval: 15s
    ///     scrapeTimeout: 20s
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
    ///     interval: 30s
    ///     scrapeTimeout: 20s
    /// ```
    TIMEOUT_ABOVE_INTERVAL, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    rejected(chain, Cause::Timing)
        .map(|rejected| {
            rejected
                .finding(Code::TIMEOUT_ABOVE_INTERVAL, "")
                .help("raise `interval`, or lower `scrapeTimeout`")
        })
        .collect()
}
