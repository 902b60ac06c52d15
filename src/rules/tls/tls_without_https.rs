use crate::chain::Chain;
use crate::chain::references::requests;
use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::operator::MonitorKind;
use crate::rules::rule;
use crate::source::{Node, edit};

rule! {
    /// An endpoint has a `tlsConfig`, and its scheme is not `https`.
    ///
    /// ## Why it matters
    ///
    /// Without `scheme: https` Prometheus speaks plain HTTP, and `tlsConfig` says nothing. A server that expects TLS answers with 400 or
    /// `malformed HTTP response`.
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
    ///     tlsConfig:
    ///       ca: {secret: {name: web-tls, key: ca.crt}}
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
    /// ```
    TLS_WITHOUT_HTTPS, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let monitors = chain
        .selections
        .iter()
        .filter(|selected| matches!(selected.kind, MonitorKind::Service | MonitorKind::Pod));
    for selected in monitors {
        for request in requests(selected.monitor, selected.kind) {
            let Some(tls) = request.get("tlsConfig").filter(|tls| tls.entries().len() > 0) else { continue };
            let scheme = request.get("scheme").filter(|scheme| !scheme.is_null());
            let is_https =
                scheme.and_then(Node::as_str).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
            if is_https || sets_scheme(request) {
                continue;
            }
            let place = request.key_place("tlsConfig").unwrap_or_else(|| tls.place());
            let message =
                format!("`{}` has a `tlsConfig` and does not speak TLS", selected.monitor.identity());
            let finding = Diagnostic::new(Code::TLS_WITHOUT_HTTPS, message)
                .about(selected.monitor.subject())
                .at(place, "this says nothing without `scheme: https`");
            let edit = match scheme {
                Some(scheme) => edit::replace(scheme, "https"),
                None => edit::add_first_entry(request, "scheme", "https"),
            };
            found.push(match edit {
                Some(edit) => {
                    finding.fix(Some(Fix { description: "speak TLS".to_owned(), edits: vec![edit] }))
                }
                None => finding.help("set `scheme: https`"),
            });
        }
    }
    found
}

/// Whether relabelling says which scheme it is.
fn sets_scheme(request: Node<'_>) -> bool {
    let rules = request.get("relabelings").into_iter().flat_map(Node::items);
    rules.filter_map(|rule| rule.get("targetLabel")?.as_str()).any(|label| label == "__scheme__")
}
