use crate::chain::Chain;
use crate::chain::duplicates::Duplicate;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;

rule! {
    /// A `ServiceMonitor` finds two Services that lead to the same port of the same pods.
    ///
    /// ## Why it matters
    ///
    /// Every pod is scraped twice, as two targets with other labels: sums and counts are doubled, and the load is too. It happens where
    /// a headless Service and one with an address have the same labels.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {app: web}}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9100}]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web-headless, namespace: shop, labels: {app: web}}
    /// spec:
    ///   clusterIP: None
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
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {app: web}}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9100}]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web-headless, namespace: shop, labels: {app: web, headless: "true"}}
    /// spec:
    ///   clusterIP: None
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9100}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector:
    ///     matchLabels: {app: web}
    ///     matchExpressions: [{key: headless, operator: DoesNotExist}]
    ///   endpoints: [{port: metrics}]
    /// ```
    TWO_SERVICES, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for duplicate in &chain.duplicates {
        let Duplicate::Services { monitor, services: [one, other] } = duplicate else { continue };
        let message = format!(
            "`{}` scrapes the same pods through `{}` and `{}`",
            monitor.identity(),
            one.identity(),
            other.identity()
        );
        found.push(
            Diagnostic::new(Code::TWO_SERVICES, message)
                .about(monitor.subject())
                .at(monitor.place_at(&["spec", "selector"]), "this selects both")
                .with(one.place(), "one")
                .with(other.place(), "and the other")
                .help("give one of them a label that the selector tells it by, or use one Service only"),
        );
    }
    found
}
