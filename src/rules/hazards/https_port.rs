use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::MonitorKind;
use crate::rules::parts::{parts, text};
use crate::rules::rule;

rule! {
    /// The name of the port of an endpoint begins with `https`, and its `scheme` is not `https`.
    ///
    /// ## Why it matters
    ///
    /// The target answers `400 Bad Request: client sent an HTTP request to an HTTPS server`.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{port: https-metrics}]
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
    ///   endpoints: [{port: https-metrics, scheme: https}]
    /// ```
    HTTP_TO_HTTPS_PORT, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    parts(chain)
        .filter(|part| matches!(part.selected.kind, MonitorKind::Service | MonitorKind::Pod))
        .filter(|part| {
            let port = text(part.node, "port");
            (port == "https" || port.starts_with("https-"))
                && matches!(text(part.node, "scheme"), "" | "http" | "HTTP")
                && !part.sets(&["__scheme__"])
        })
        .filter_map(|part| {
            let monitor = part.monitor();
            let message =
                format!("`{}` speaks HTTP to the port `{}`", monitor.identity(), text(part.node, "port"));
            Some(
                Diagnostic::new(Code::HTTP_TO_HTTPS_PORT, message)
                    .about(monitor.subject())
                    .at(part.node.get("port")?.place(), "by its name this is HTTPS")
                    .help("add `scheme: https`"),
            )
        })
        .collect()
}
