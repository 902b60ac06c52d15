use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::chain::wording;
use crate::rules::parts::{filled, parts};
use crate::rules::rule;

rule! {
    /// A monitor in another namespace than its Prometheus refers to a Secret or ConfigMap.
    ///
    /// ## Why it matters
    ///
    /// By default the operator watches Secrets and ConfigMaps in the namespaces of Prometheuses only. If the Secret comes after the
    /// monitor, or changes, nothing happens before something else does. `--watch-referenced-objects-in-all-namespaces` of the
    /// operator changes that.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    ///   serviceMonitorNamespaceSelector: {}
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: store}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    ///     authorization: {credentials: {name: token, key: token}}
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
    ///   endpoints:
    ///   - port: metrics
    ///     authorization: {credentials: {name: token, key: token}}
    /// ```
    UNWATCHED_REFERENCE, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    parts(chain)
        .filter_map(|part| {
            let monitor = part.monitor();
            let prometheus = part.selected.by.first()?;
            if part.selected.by.iter().any(|prometheus| prometheus.namespace() == monitor.namespace()) {
                return None;
            }
            let paths: [&[&str]; 7] = [
                &["authorization", "credentials"], &["basicAuth", "password"], &["bearerTokenSecret"],
                &["oauth2", "clientSecret"], &["tlsConfig", "ca"], &["tlsConfig", "cert"], &["tlsConfig", "keySecret"],
            ];
            let node = paths.into_iter().find_map(|path| {
                let (last, above) = path.split_last()?;
                filled(part.node.at(above)?, last)
            })?;
            let message = format!("the operator does not watch what `{}` refers to", monitor.identity());
            Some(
                Diagnostic::new(Code::UNWATCHED_REFERENCE, message)
                    .about(monitor.subject())
                    .at(wording::first_line(node.place()), format!("`{}` is in another namespace", prometheus.identity()))
                    .help("set `--watch-referenced-objects-in-all-namespaces` of the operator, or create the Secret first"),
            )
        })
        .collect()
}
