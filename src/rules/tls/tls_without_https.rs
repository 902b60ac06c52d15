use serde_json::json;

use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::operator::MonitorKind;
use crate::rules::parts::{filled, parts, text};
use crate::rules::rule;
use crate::source::edit;

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
    let parts =
        parts(chain).filter(|part| matches!(part.selected.kind, MonitorKind::Service | MonitorKind::Pod));
    for part in parts {
        let Some(tls) = filled(part.node, "tlsConfig") else { continue };
        if text(part.node, "scheme").eq_ignore_ascii_case("https") || part.sets(&["__scheme__"]) {
            continue;
        }
        let place = part.node.key_place("tlsConfig").unwrap_or_else(|| tls.place());
        let message = format!("`{}` has a `tlsConfig` and does not speak TLS", part.monitor().identity());
        let finding = Diagnostic::new(Code::TLS_WITHOUT_HTTPS, message)
            .about(part.monitor().subject())
            .at(place, "this says nothing without `scheme: https`");
        let edit = match part.node.get("scheme").filter(|scheme| !scheme.is_null()) {
            Some(scheme) => edit::replace(scheme, "https"),
            None => edit::add_first_entry(part.node, "scheme", &json!("https")),
        };
        found.push(match edit {
            Some(edit) => finding.fix(Some(Fix { description: "speak TLS".to_owned(), edits: vec![edit] })),
            None => finding.help("set `scheme: https`"),
        });
    }
    found
}
