use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;
use crate::rules::verdicts::{Cause, rejected};

rule! {
    /// The operator rejects a monitor for something in it: an OAuth 2 client without an id, a proxy that is configured twice, a
    /// discovery that its Prometheus is too old for, and the like. Frequent causes have rules of their own.
    ///
    /// ## Why it matters
    ///
    /// The operator takes a monitor as a whole or not at all: one mistake in one endpoint, and none of its endpoints is scraped. It
    /// says so in an Event of the monitor and in its log, and nowhere else.
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
    ///     proxyFromEnvironment: true
    ///     proxyUrl: "http://proxy.shop.svc:3128"
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
    ///     proxyUrl: "http://proxy.shop.svc:3128"
    /// ```
    REJECTED, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    rejected(chain, Cause::Other)
        .map(|rejected| {
            rejected.finding(Code::REJECTED, "").help("change what the operator's words are about")
        })
        .collect()
}
