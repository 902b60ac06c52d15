use super::judge::{self, Judged};
use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::pki::Validity;
use crate::rules::rule;

rule! {
    /// A certificate that a monitor uses has expired, or is not valid yet.
    ///
    /// ## Why it matters
    ///
    /// Prometheus verifies a server by the authority in `ca`; one that has expired vouches for nobody. A server refuses a client whose
    /// certificate has expired. Every target is down from one second to the next.
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
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web-tls, namespace: shop}
    /// stringData:
    ///   ca.crt: EXPIRED-CA
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
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: web-tls, namespace: shop}
    /// stringData:
    ///   ca.crt: CA
    /// ```
    NOT_VALID_NOW, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    judge::certificates(chain)
        .into_iter()
        .filter_map(|Judged { material, certificate }| {
            let what = match certificate.validity(chain.setting.now) {
                Validity::Expired => format!("expired on {}", certificate.not_after().day()),
                Validity::NotYet => format!("is valid from {} on", certificate.not_before().day()),
                Validity::Valid => return None,
            };
            let message = format!(
                "the {} in `{}` of `{}` {what}",
                judge::name(material.role),
                material.key,
                material.object.identity()
            );
            let finding = Diagnostic::new(Code::NOT_VALID_NOW, message)
                .about(material.object.subject())
                .at(material.place(), "")
                .with(material.node.place(), format!("`{}` uses it", material.monitor.identity()))
                .note(format!("it is that of `{}`", certificate.subject()));
            Some(finding.help("put a new certificate there, and let something renew it"))
        })
        .collect()
}
