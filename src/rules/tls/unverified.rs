use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::parts::{filled, parts};
use crate::rules::rule;

rule! {
    /// A monitor has `insecureSkipVerify: true`.
    ///
    /// ## Why it matters
    ///
    /// Prometheus then takes any server for the right one and shows it its token or certificate. A `serverName` beside it says nothing
    /// any more.
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
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    ///     scheme: https
    ///     tlsConfig: {insecureSkipVerify: true}
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
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    ///     scheme: https
    ///     tlsConfig:
    ///       ca: {secret: {name: web-tls, key: ca.crt}}
    /// ```
    UNVERIFIED_TLS, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let skipping = parts(chain).filter_map(|part| {
        let tls = filled(part.node, "tlsConfig")?;
        let skip = tls.get("insecureSkipVerify").filter(|skip| skip.as_bool() == Some(true))?;
        Some((part.monitor(), tls, skip))
    });
    skipping
        .map(|(monitor, tls, skip)| {
            let message = format!("`{}` does not verify whom it scrapes", monitor.identity());
            let finding =
                Diagnostic::new(Code::UNVERIFIED_TLS, message).about(monitor.subject()).at(skip.place(), "");
            let idle = ["serverName", "ca", "caFile"].into_iter().filter_map(|field| {
                filled(tls, field)?;
                tls.key_place(field)
            });
            idle.fold(finding, |finding, place| finding.with(place, "this is ignored then")).help(
                "give the authority in `ca`, and a name that the server's certificate has in `serverName`",
            )
        })
        .collect()
}
