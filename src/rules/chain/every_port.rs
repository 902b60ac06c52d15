use super::wording;
use crate::chain::Chain;
use crate::chain::ports::{Asked, endpoints};
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;

rule! {
    /// An endpoint names neither `port` nor `targetPort`.
    ///
    /// ## Why it matters
    ///
    /// Then every port is a target: those of the Service, and every other port that a container of the pods declares. Most of them
    /// serve no metrics, and are down for ever. An endpoint that only holds relabelings is often a `-` too many.
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
    ///   - interval: 30s
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
    ///     interval: 30s
    /// ```
    EVERY_PORT, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let open = chain.ports.iter().filter(|port| port.asked == Asked::Any);
    open.filter_map(|port| {
        let monitor = port.monitor;
        let endpoint = endpoints(monitor, port.kind).nth(port.endpoint)?;
        // What the relabelings keep, only tracing the targets tells.
        let keeps =
            endpoint.get("relabelings").into_iter().flat_map(crate::source::Node::items).any(|rule| {
                let action = rule.get("action").and_then(crate::source::Node::as_str).unwrap_or_default();
                action.eq_ignore_ascii_case("keep")
                    || action.eq_ignore_ascii_case("drop")
                    || rule.get("targetLabel").and_then(crate::source::Node::as_str) == Some("__address__")
            });
        // A number where a name belongs asks for a port, and is told for what it is.
        let asks = ["port", "targetPort", "portNumber"].into_iter().filter_map(|field| endpoint.get(field));
        if keeps || asks.into_iter().any(|value| !value.is_null() && value.as_str() != Some("")) {
            return None;
        }
        let message = format!("`{}` asks for no port, so that every port is scraped", monitor.identity());
        Some(
            Diagnostic::new(Code::EVERY_PORT, message)
                .about(monitor.subject())
                .at(wording::first_line(endpoint.place()), "this endpoint")
                .help("name the port that serves metrics"),
        )
    })
    .collect()
}
