use super::loose::strays;
use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::chain::wording;
use crate::rules::rule;

rule! {
    /// A value of a selector has a dot, and something in the namespaces of the monitor has a label with another character in its
    /// place.
    ///
    /// ## Why it matters
    ///
    /// The operator writes selectors into the configuration as relabel rules, where values are regular expressions: `v1.2` is met
    /// by `v1-2`, too. What it selects besides is scraped under the same job.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {release: v1.2}}
    ///   endpoints: [{port: metrics}]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {release: v1.2}}
    /// spec:
    ///   ports: [{name: metrics, port: 9100}]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: other, namespace: shop, labels: {release: v1-2}}
    /// spec:
    ///   ports: [{name: metrics, port: 9100}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {release: v1.2}}
    ///   selectorMechanism: RoleSelector
    ///   endpoints: [{port: metrics}]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {release: v1.2}}
    /// spec:
    ///   ports: [{name: metrics, port: 9100}]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: other, namespace: shop, labels: {release: v1-2}}
    /// spec:
    ///   ports: [{name: metrics, port: 9100}]
    /// ```
    SELECTOR_VALUE_IS_PATTERN, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let strays = strays(chain).into_iter().filter(|stray| stray.keys.is_none());
    strays
        .map(|stray| {
            let monitor = stray.targets.monitor;
            let message =
                format!("`{}` also finds `{}`, which its selector does not select", monitor.identity(), stray.object.identity());
            Diagnostic::new(Code::SELECTOR_VALUE_IS_PATTERN, message)
                .about(monitor.subject())
                .at(wording::first_line(monitor.place_at(&["spec", "selector"])), "")
                .with(stray.object.place(), "its value meets the pattern")
                .note("the selector becomes rules of Prometheus: characters of keys other than letters and digits become `_`, and values are regular expressions")
                .help("use another label, or `selectorMechanism: RoleSelector` (Prometheus 2.17), which selects as Kubernetes does")
        })
        .collect()
}
