use super::judge::{self, Judged};
use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::pki::Validity;
use crate::rules::rule;

rule! {
    /// A certificate that a monitor uses expires within 30 days.
    ///
    /// ## Why it matters
    ///
    /// A certificate that was copied into a Secret once is not renewed with the original. Every target is down from the second it
    /// expires.
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
    ///   ca.crt: SOON-EXPIRED-CA
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
    EXPIRES_SOON, Stable, Files, check
}

/// Days.
const SOON: i64 = 30;

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let now = chain.setting.now;
    judge::certificates(chain)
        .into_iter()
        .filter(|judged| judged.certificate.validity(now) == Validity::Valid)
        .filter_map(|Judged { material, certificate }| {
            let days = now.days_until(certificate.not_after());
            (days <= SOON).then(|| {
                let message = format!(
                    "the {} in `{}` of `{}` expires on {}",
                    judge::name(material.role),
                    material.key,
                    material.object.identity(),
                    certificate.not_after().day()
                );
                Diagnostic::new(Code::EXPIRES_SOON, message)
                    .about(material.object.subject())
                    .at(material.place(), "")
                    .with(material.node.place(), format!("`{}` uses it", material.monitor.identity()))
                    .help("renew it, and let something do so in time")
            })
        })
        .collect()
}
