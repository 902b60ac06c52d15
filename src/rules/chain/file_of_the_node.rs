use crate::chain::Chain;
use crate::chain::files::There;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::rules::rule;

rule! {
    /// A monitor names a file at a path where nothing is mounted in the pods of the Prometheus that selects it.
    ///
    /// ## Why it matters
    ///
    /// A path such as `/etc/kubernetes/pki` is one of the node. In the pod of the Prometheus there is nothing: Prometheus leaves out the
    /// job, there is no target, and only its log says why.
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
    ///       caFile: /etc/kubernetes/pki/etcd/ca.crt
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
    ///       ca: {secret: {name: etcd-ca, key: ca.crt}}
    /// ```
    FILE_OF_THE_NODE, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let lost = chain.files.iter().filter(|file| matches!(file.there, There::Nothing));
    lost.map(|file| {
        let monitor = file.monitor.identity();
        let help = "put the file into a Secret in the namespace of the monitor, and refer to it: `ca: {secret: {name, key}}`";
        let at = |message: String| {
            Diagnostic::new(Code::FILE_OF_THE_NODE, message).about(file.monitor.subject()).at(file.node.place(), "")
        };
        match file.prometheus {
            Some(prometheus) => at(format!(
                "`{monitor}` names the file `{}`, and nothing is mounted there in `{}`",
                file.path,
                prometheus.identity()
            ))
            .with(prometheus.place(), "this Prometheus")
            .help(help),
            None => at(format!("`{monitor}` names the file `{}`, where the operator mounts nothing", file.path))
                .level(Level::Warning)
                .unknown()
                .note("a path of the node is not one of the pod; a Prometheus outside of the input may mount something there")
                .help(help),
        }
    })
    .collect()
}
