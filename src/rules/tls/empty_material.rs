use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::kubernetes::data;
use crate::model::kind::GroupKind;
use crate::rules::parts::{filled, parts, text};
use crate::rules::rule;

rule! {
    /// The `tlsConfig` of a monitor refers to a key of a Secret or ConfigMap, and the key is empty.
    ///
    /// ## Why it matters
    ///
    /// The operator takes it, and writes no file for it. Prometheus does not find the file, and has no targets for the job.
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
    ///     scheme: https
    ///     tlsConfig: {ca: {configMap: {name: authority, key: ca.crt}}}
    /// ---
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: authority, namespace: shop}
    /// data: {ca.crt: ""}
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
    EMPTY_TLS_MATERIAL, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for part in parts(chain) {
        let monitor = part.monitor();
        let Some(tls) = filled(part.node, "tlsConfig") else { continue };
        let selectors = [tls.at(&["ca", "secret"]), tls.at(&["cert", "secret"]), tls.get("keySecret")];
        let maps = [tls.at(&["ca", "configMap"]), tls.at(&["cert", "configMap"])];
        let selectors = selectors.into_iter().flatten().map(|node| (GroupKind::SECRET, node));
        let maps = maps.into_iter().flatten().map(|node| (GroupKind::CONFIG_MAP, node));
        for (kind, selector) in selectors.chain(maps) {
            let (name, key) = (text(selector, "name"), text(selector, "key"));
            let Some(object) = chain.setting.inventory.get(kind, monitor.namespace(), name) else { continue };
            let values =
                if kind == GroupKind::SECRET { data::of_secret(object) } else { data::of_config_map(object) };
            if values.get(key).is_none_or(|value| !value.is_empty()) {
                continue;
            }
            let message = format!("the key `{key}` of `{}` is empty", object.identity());
            found.push(
                Diagnostic::new(Code::EMPTY_TLS_MATERIAL, message)
                    .about(monitor.subject())
                    .at(
                        selector.place(),
                        format!("`{}` expects a certificate or a key there", monitor.identity()),
                    )
                    .with(object.place(), ""),
            );
        }
    }
    found
}
