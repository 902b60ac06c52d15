use super::loose::strays;
use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::chain::wording;
use crate::rules::rule;

rule! {
    /// Something in the namespaces of a monitor has a label whose key differs from the one asked for only in its dots, dashes and
    /// slashes.
    ///
    /// ## Why it matters
    ///
    /// The names of labels in Prometheus have letters, digits and underscores: `app.kubernetes.io/name` becomes
    /// `app_kubernetes_io_name`, and so does `app-kubernetes-io/name`.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {shop.example/app: web}}
    ///   endpoints: [{port: metrics}]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {shop.example/app: web}}
    /// spec:
    ///   ports: [{name: metrics, port: 9100}]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: other, namespace: shop, labels: {shop-example/app: web}}
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
    ///   selector: {matchLabels: {shop.example/app: web}}
    ///   endpoints: [{port: metrics}]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {shop.example/app: web}}
    /// spec:
    ///   ports: [{name: metrics, port: 9100}]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: other, namespace: shop, labels: {shop-example/app: other}}
    /// spec:
    ///   ports: [{name: metrics, port: 9100}]
    /// ```
    SELECTOR_KEYS_COLLIDE, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let strays = strays(chain).into_iter().filter(|stray| stray.keys.is_some());
    strays
        .map(|stray| {
            let monitor = stray.targets.monitor;
            let message =
                format!("`{}` also finds `{}`, which its selector does not select", monitor.identity(), stray.object.identity());
            Diagnostic::new(Code::SELECTOR_KEYS_COLLIDE, message)
                .about(monitor.subject())
                .at(wording::first_line(monitor.place_at(&["spec", "selector"])), "")
                .with(stray.object.place(), "the key of its label becomes the same")
                .note("the selector becomes rules of Prometheus: characters of keys other than letters and digits become `_`, and values are regular expressions")
                .help("use another label, or `selectorMechanism: RoleSelector` (Prometheus 2.17), which selects as Kubernetes does")
        })
        .collect()
}
