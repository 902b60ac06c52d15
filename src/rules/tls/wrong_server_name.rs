use crate::chain::Chain;
use crate::chain::servers::Mismatch;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::rules::rule;

rule! {
    /// A monitor asks for a name that the certificate of the pods is not for, or for none, and the certificate is for no address.
    ///
    /// ## Why it matters
    ///
    /// Prometheus verifies a server by `serverName`, and without one by the address it connects to, which is that of a pod. The target is
    /// down with `x509: certificate is valid for …, not …`.
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
    ///       serverName: web
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
    WRONG_SERVER_NAME, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for server in &chain.servers {
        let (monitor, secret) = (server.monitor, server.secret);
        let finding = |message: String| {
            Diagnostic::new(Code::WRONG_SERVER_NAME, message)
                .level(Level::Warning)
                .unknown()
                .about(monitor.subject())
        };
        let finding = match &server.wrong {
            Mismatch::Name { node, why } => {
                finding(format!("`{}` asks for a server that its pods are not", monitor.identity()))
                    .at(node.place(), "")
                    .note(why.clone())
            }
            Mismatch::NoAddress { names } => {
                let finding = finding(format!("`{}` verifies pods by their address", monitor.identity()))
                    .at(server.tls.place(), "there is no `serverName`")
                    .note("the certificate is for no address");
                match names.as_slice() {
                    [] => finding,
                    [name, ..] => finding.help(format!("set `serverName: {name}`, which it is for")),
                }
            }
            Mismatch::Authority(_) => continue,
        };
        found.push(finding.with(secret.place(), "the certificate of the pods is here"));
    }
    found
}
