use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::parts::{filled, is_true, parts, text};
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// A scrape class has certificates or keys in its `tlsConfig`, and a monitor of another namespace than that of the Prometheus
    /// uses it.
    ///
    /// ## Why it matters
    ///
    /// The operator puts the files under the namespace of the Prometheus, and names them in the job under that of the monitor.
    /// Prometheus does not find the file, and has no targets for the job.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    ///   serviceMonitorNamespaceSelector: {}
    ///   scrapeClasses:
    ///   - name: mtls
    ///     default: true
    ///     tlsConfig: {ca: {secret: {name: authority, key: ca.crt}}}
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: store}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{port: metrics, scheme: https}]
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
    ///   serviceMonitorNamespaceSelector: {}
    ///   scrapeClasses:
    ///   - name: mtls
    ///     default: true
    ///     tlsConfig: {caFile: /etc/prometheus/secrets/authority/ca.crt}
    ///   secrets: [authority]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: store}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{port: metrics, scheme: https}]
    /// ```
    FOREIGN_TLS, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for part in parts(chain) {
        let monitor = part.monitor();
        let named =
            monitor.at(&["spec", "scrapeClass"]).and_then(Node::as_str).filter(|name| !name.is_empty());
        for prometheus in
            part.selected.by.iter().filter(|prometheus| prometheus.namespace() != monitor.namespace())
        {
            let mut classes = prometheus.at(&["spec", "scrapeClasses"]).into_iter().flat_map(Node::items);
            let class = classes.find(|class| match named {
                Some(name) => text(*class, "name") == name,
                None => is_true(*class, "default"),
            });
            let Some(tls) = class.and_then(|class| filled(class, "tlsConfig")) else { continue };
            // What the monitor says itself counts instead.
            let own = filled(part.node, "tlsConfig");
            let part_of_class = ["ca", "cert", "keySecret"].into_iter().find(|field| {
                filled(tls, field).is_some() && own.is_none_or(|own| filled(own, field).is_none())
            });
            let Some(field) = part_of_class.filter(|_| own.is_none()) else { continue };
            let Some(place) = tls.key_place(field) else { continue };
            let message = format!(
                "`{}` is in another namespace than the files of its scrape class",
                monitor.identity()
            );
            if found.iter().any(|told| told.message == message) {
                continue;
            }
            found.push(
                Diagnostic::new(Code::FOREIGN_TLS, message)
                    .about(monitor.subject())
                    .at(monitor.place(), "")
                    .with(place, format!("`{}` has it from a Secret or ConfigMap of its own namespace", prometheus.identity()))
                    .help("mount the Secret with `secrets` of the Prometheus and name the file in the class (`caFile`), or give the monitor a `tlsConfig` of its own"),
            );
        }
    }
    found
}
