use super::judge;
use crate::chain::Chain;
use crate::chain::references::Role;
use crate::diagnostic::{Code, Diagnostic};
use crate::pki::Usage;
use crate::rules::rule;

rule! {
    /// The certificate a monitor shows as a client is one for servers only.
    ///
    /// ## Why it matters
    ///
    /// A server that asks for a client certificate (etcd with `--client-cert-auth`) refuses one whose extended key usage lacks `clientAuth`:
    /// the target is down with `remote error: tls: bad certificate`.
    /// Where the examples say `CA`, `EXPIRED-CA` and the like, a certificate stands.
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
    ///     tlsConfig:
    ///       ca: {secret: {name: web-tls, key: ca.crt}}
    ///       cert: {secret: {name: web-tls, key: tls.crt}}
    ///       keySecret: {name: web-tls, key: tls.key}
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web-tls, namespace: shop}
    /// stringData:
    ///   ca.crt: CA
    ///   tls.crt: SERVER-CERTIFICATE
    ///   tls.key: SERVER-KEY
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
    ///       cert: {secret: {name: web-tls, key: tls.crt}}
    ///       keySecret: {name: web-tls, key: tls.key}
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web-tls, namespace: shop}
    /// stringData:
    ///   ca.crt: CA
    ///   tls.crt: CLIENT-CERTIFICATE
    ///   tls.key: CLIENT-KEY
    /// ```
    WRONG_USAGE, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    judge::certificates(chain)
        .into_iter()
        .filter(|judged| {
            judged.material.role == Role::Certificate && !judged.certificate.is_for(Usage::Client)
        })
        .map(|judged| {
            let material = judged.material;
            let message = format!(
                "the certificate in `{}` of `{}` is not for clients",
                material.key,
                material.object.identity()
            );
            Diagnostic::new(Code::WRONG_USAGE, message)
                .about(material.monitor.subject())
                .at(material.node.place(), format!("`{}` shows it as a client", material.monitor.identity()))
                .with(material.place(), "this one")
                .note("its extended key usage lacks `clientAuth`")
                .help("issue one for clients")
        })
        .collect()
}
