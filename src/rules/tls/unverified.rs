use crate::chain::Chain;
use crate::chain::references::requests;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;
use crate::source::Node;

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
    let mut found = Vec::new();
    for selected in &chain.selections {
        for request in requests(selected.monitor, selected.kind) {
            let Some(tls) = request.get("tlsConfig") else { continue };
            let Some(skip) = tls.get("insecureSkipVerify").filter(|skip| skip.as_bool() == Some(true)) else {
                continue;
            };
            let message = format!("`{}` does not verify whom it scrapes", selected.monitor.identity());
            let finding = Diagnostic::new(Code::UNVERIFIED_TLS, message)
                .about(selected.monitor.subject())
                .at(skip.place(), "");
            let finding = match tls.get("serverName").filter(|name| name.as_str().is_some()) {
                Some(name) => finding.with(Node::place(name), "this is ignored then"),
                None => finding,
            };
            found.push(finding.help(
                "give the authority in `ca`, and a name that the server's certificate has in `serverName`",
            ));
        }
    }
    found
}
