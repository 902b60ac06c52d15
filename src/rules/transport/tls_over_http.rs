use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::MonitorKind;
use crate::rules::parts::{filled, parts, text};
use crate::rules::rule;

rule! {
    /// An endpoint has a `tlsConfig`, and its `scheme` is not `https`.
    ///
    /// ## Why it matters
    ///
    /// The scheme is `http` where nobody says otherwise. The `tlsConfig` has no effect then, and a target that speaks TLS answers
    /// `400 Bad Request`.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    ///     tlsConfig: {ca: {configMap: {name: authority, key: ca.crt}}}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    ///     scheme: https
    ///     tlsConfig: {ca: {configMap: {name: authority, key: ca.crt}}}
    /// ```
    TLS_OVER_HTTP, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    parts(chain)
        .filter(|part| matches!(part.selected.kind, MonitorKind::Service | MonitorKind::Pod))
        .filter(|part| {
            matches!(text(part.node, "scheme"), "" | "http" | "HTTP") && !part.sets(&["__scheme__"])
        })
        .filter_map(|part| {
            filled(part.node, "tlsConfig")?;
            let monitor = part.monitor();
            let message = format!("`{}` has a `tlsConfig`, and speaks HTTP", monitor.identity());
            Some(
                Diagnostic::new(Code::TLS_OVER_HTTP, message)
                    .about(monitor.subject())
                    .at(part.node.key_place("tlsConfig")?, "this has no effect")
                    .help("add `scheme: https`"),
            )
        })
        .collect()
}
