use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;
use crate::rules::verdicts::{Cause, rejected};

rule! {
    /// A monitor names a `scrapeClass`, and the Prometheus that selects it has none of this name.
    ///
    /// ## Why it matters
    ///
    /// The operator rejects the monitor. Classes are of one Prometheus: where two select the monitor, both need it.
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
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   scrapeClass: mtls
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
    ///   scrapeClasses: [{name: mtls}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   scrapeClass: mtls
    ///   endpoints: [{port: metrics}]
    /// ```
    UNKNOWN_SCRAPE_CLASS, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    rejected(chain, Cause::ScrapeClass)
        .map(|rejected| {
            rejected
                .finding(Code::UNKNOWN_SCRAPE_CLASS, "")
                .help("add the class to `scrapeClasses` of the Prometheus, or correct the name")
        })
        .collect()
}
