use std::collections::BTreeSet;

use crate::chain::Chain;
use crate::chain::files::There;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;

rule! {
    /// A monitor names a file of a Secret or `ConfigMap` (`/etc/prometheus/secrets/NAME/KEY`) that a Prometheus which selects it does not
    /// mount.
    ///
    /// ## Why it matters
    ///
    /// The operator mounts what `spec.secrets` and `spec.configMaps` of the Prometheus name, and nothing else. Prometheus leaves out a job
    /// whose file is missing: there is no target, and only its log says why.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
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
    ///       caFile: /etc/prometheus/secrets/web-ca/ca.crt
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
    ///   secrets: [web-ca]
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
    ///       caFile: /etc/prometheus/secrets/web-ca/ca.crt
    /// ```
    FILE_NOT_MOUNTED, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    for file in &chain.files {
        let There::NotMounted { field, name, near } = file.there else { continue };
        let (monitor, Some(prometheus)) = (file.monitor, file.prometheus) else { continue };
        // Several files of one Secret are one mistake.
        if !told.insert((monitor.id(), prometheus.id(), field, name)) {
            continue;
        }
        let message = format!(
            "`{}` names a file in `{name}`, which `{}` does not mount",
            monitor.identity(),
            prometheus.identity()
        );
        let finding = Diagnostic::new(Code::FILE_NOT_MOUNTED, message)
            .about(monitor.subject())
            .at(file.node.place(), "")
            .with(prometheus.place_at(&["spec", field]), format!("`{name}` is not in its `{field}`"));
        found.push(match near {
            Some(near) => finding.help(format!("did you mean `{near}`, which it mounts?")),
            None => finding
                .help(format!("add `{name}` to `spec.{field}` of the Prometheus; its pods restart"))
                .help("or refer to it in the monitor: `tlsConfig.ca`, `cert` and `keySecret` need no mounted files"),
        });
    }
    found
}
