use crate::chain::Chain;
use crate::chain::servers::Mismatch;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::rules::rule;

rule! {
    /// The authority in `ca` of a monitor did not sign the certificate of the pods.
    ///
    /// ## Why it matters
    ///
    /// Prometheus trusts what this authority has signed and nothing else. The target is down with `x509: certificate signed by unknown
    /// authority`.
    ///
    /// The certificate is taken from the only `kubernetes.io/tls` Secret that the pods mount; they may show another one, so this is a
    /// warning.
    /// Where the examples say `CA`, `SERVER-CERTIFICATE` and the like, a certificate or key stands; that of the server is for `web.shop.svc`.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec:
    ///       containers: [{name: web, image: "web:1"}]
    ///       volumes: [{name: tls, secret: {secretName: web-tls}}]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {app: web}}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9100}]
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web-tls, namespace: shop}
    /// type: kubernetes.io/tls
    /// stringData:
    ///   ca.crt: OTHER-CA
    ///   tls.crt: SERVER-CERTIFICATE
    ///   tls.key: SERVER-KEY
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
    ///       serverName: web.shop.svc
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec:
    ///       containers: [{name: web, image: "web:1"}]
    ///       volumes: [{name: tls, secret: {secretName: web-tls}}]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {app: web}}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9100}]
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web-tls, namespace: shop}
    /// type: kubernetes.io/tls
    /// stringData:
    ///   ca.crt: CA
    ///   tls.crt: SERVER-CERTIFICATE
    ///   tls.key: SERVER-KEY
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
    ///       serverName: web.shop.svc
    /// ```
    WRONG_AUTHORITY, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for server in &chain.servers {
        let Mismatch::Authority(why) = &server.wrong else { continue };
        let message = format!(
            "the authority of `{}` did not sign the certificate of its pods",
            server.monitor.identity()
        );
        let place = server.tls.key_place("ca").unwrap_or_else(|| server.tls.place());
        found.push(
            Diagnostic::new(Code::WRONG_AUTHORITY, message)
                .level(Level::Warning)
                .unknown()
                .about(server.monitor.subject())
                .at(place, "")
                .with(server.secret.place(), "the certificate of the pods is here")
                .note(why.clone())
                .help("refer to the authority that signed it"),
        );
    }
    found
}
