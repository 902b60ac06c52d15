use super::judge;
use crate::chain::Chain;
use crate::chain::references::Role;
use crate::diagnostic::{Code, Diagnostic};
use crate::pki::Certificate;
use crate::rules::rule;

rule! {
    /// A file that a monitor names as a certificate or authority holds none.
    ///
    /// ## Why it matters
    ///
    /// Of what a monitor refers to by Secret and key the operator says so ([PW401](PW401.md)). Of files it knows nothing: Prometheus leaves
    /// out the job, and its log says why.
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
    ///   ca.crt: not a certificate
    ///   tls.crt: CLIENT-CERTIFICATE
    ///   tls.key: CLIENT-KEY
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
    UNUSABLE_CERTIFICATE, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let files = chain.material.iter().filter(|material| material.is_file);
    files
        .filter_map(|material| {
            let wrong = match material.role {
                Role::Authority | Role::Certificate => Certificate::first_from_pem(material.bytes()).err()?,
                Role::Key | Role::Credential => return None,
            };
            let message = format!(
                "`{}` of `{}` is no {}: {}",
                material.key,
                material.object.identity(),
                judge::name(material.role),
                wrong.reason()
            );
            let finding = Diagnostic::new(Code::UNUSABLE_CERTIFICATE, message)
                .about(material.object.subject())
                .at(material.place(), "")
                .with(material.node.place(), format!("`{}` names it", material.monitor.identity()));
            Some(finding.help("put a certificate there, as PEM"))
        })
        .collect()
}
