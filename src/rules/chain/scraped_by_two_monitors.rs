use super::wording;
use crate::chain::Chain;
use crate::chain::duplicates::Duplicate;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;

rule! {
    /// Two monitors that one Prometheus selects scrape the same port and path of the same pods.
    ///
    /// ## Why it matters
    ///
    /// Every pod is scraped twice, in two jobs: sums and counts are doubled, and the load is too.
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
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web-too, namespace: shop}
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
    TWO_MONITORS, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for duplicate in &chain.duplicates {
        let Duplicate::Monitors { prometheus, monitors: [one, other], target } = duplicate else { continue };
        let message = format!(
            "`{}` and `{}` scrape the same port of `{}`",
            one.identity(),
            other.identity(),
            target.identity()
        );
        found.push(
            Diagnostic::new(Code::TWO_MONITORS, message)
                .about(other.subject())
                .at(other.place(), "this monitor")
                .with(one.place(), "and this one")
                .with(wording::ports_of(*target), "find this")
                .note(format!("`{}` selects both", prometheus.identity()))
                .help("remove one, or let them ask for different ports or paths"),
        );
    }
    found
}
