use crate::chain::Chain;
use crate::chain::material::Material;
use crate::chain::references::Role;
use crate::diagnostic::{Code, Diagnostic};
use crate::pki::pair_matches;
use crate::rules::rule;

rule! {
    /// A monitor names a certificate and a key as files, and the key is that of another certificate.
    ///
    /// ## Why it matters
    ///
    /// Of what a monitor refers to by Secret and key the operator says so ([PW401](PW401.md)). Of files it knows nothing: every scrape
    /// fails with `tls: private key does not match public key`.
    /// Where the examples say `CA`, `EXPIRED-CA` and the like, a certificate stands.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    ///   secrets: [web-tls]
    /// ---
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
    ///       caFile: /etc/prometheus/secrets/web-tls/ca.crt
    ///       certFile: /etc/prometheus/secrets/web-tls/tls.crt
    ///       keyFile: /etc/prometheus/secrets/web-tls/tls.key
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web-tls, namespace: shop}
    /// stringData:
    ///   ca.crt: CA
    ///   tls.crt: CLIENT-CERTIFICATE
    ///   tls.key: SERVER-KEY
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
    ///   secrets: [web-tls]
    /// ---
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
    ///       caFile: /etc/prometheus/secrets/web-tls/ca.crt
    ///       certFile: /etc/prometheus/secrets/web-tls/tls.crt
    ///       keyFile: /etc/prometheus/secrets/web-tls/tls.key
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web-tls, namespace: shop}
    /// stringData:
    ///   ca.crt: CA
    ///   tls.crt: CLIENT-CERTIFICATE
    ///   tls.key: CLIENT-KEY
    /// ```
    KEY_MISMATCH, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let of =
        |role: Role| chain.material.iter().filter(move |material| material.is_file && material.role == role);
    of(Role::Certificate)
        .filter_map(|certificate| {
            // The pair of one endpoint: both stand in one `tlsConfig`.
            let is_beside = |key: &&Material<'_>| {
                key.monitor.id() == certificate.monitor.id() && key.object.id() == certificate.object.id()
            };
            let key = of(Role::Key).find(is_beside)?;
            let wrong = pair_matches(certificate.bytes(), key.bytes()).err()?;
            let message = format!(
                "`{}` and `{}` of `{}` are no pair",
                certificate.key,
                key.key,
                certificate.object.identity()
            );
            let finding = Diagnostic::new(Code::KEY_MISMATCH, message)
                .about(certificate.object.subject())
                .at(key.place(), "")
                .with(certificate.place(), "")
                .with(certificate.node.place(), format!("`{}` names them", certificate.monitor.identity()))
                .note(wrong.to_string());
            Some(finding.help("put the key of this certificate there"))
        })
        .collect()
}
