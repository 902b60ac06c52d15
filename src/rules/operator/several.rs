use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;

rule! {
    /// More than one Prometheus of the input selects a monitor.
    ///
    /// ## Why it matters
    ///
    /// Its targets are scraped by each of them. That is meant for a pair of Prometheuses, and a surprise where the selectors of two
    /// teams overlap.
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
    /// kind: Prometheus
    /// metadata: {name: other, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
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
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{port: metrics}]
    /// ```
    SELECTED_BY_SEVERAL, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let shared = chain.selections.iter().filter(|selected| selected.by.len() > 1);
    shared
        .map(|selected| {
            let monitor = selected.monitor;
            let names: Vec<String> =
                selected.by.iter().map(|prometheus| format!("`{}`", prometheus.identity())).collect();
            let message = format!("`{}` is selected by {}", monitor.identity(), names.join(" and "));
            Diagnostic::new(Code::SELECTED_BY_SEVERAL, message)
                .about(monitor.subject())
                .at(monitor.place(), "each of them scrapes its targets")
        })
        .collect()
}
