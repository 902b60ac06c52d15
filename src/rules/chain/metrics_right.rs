use super::wording;
use crate::chain::Chain;
use crate::chain::rights::May;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;

rule! {
    /// A monitor asks the kubelet, the API server, the controller manager or the scheduler for metrics with the token of its
    /// Prometheus' `ServiceAccount`, and the roles bound to that do not allow it.
    ///
    /// ## Why it matters
    ///
    /// These components ask the API server whether the bearer of the token may `get` `nodes/metrics`, or the path `/metrics`. They
    /// answer 403 where it may not: the target is there, and down.
    ///
    /// A binding outside of the input may allow it; so this is a warning. Where the input shows all bindings
    /// (`--complete=ClusterRoleBinding`) it is an error.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: monitoring}
    /// spec:
    ///   serviceMonitorSelector: {}
    ///   serviceAccountName: prometheus
    /// ---
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: prometheus, namespace: monitoring}
    /// ---
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: prometheus}
    /// rules:
    /// - {apiGroups: [""], resources: [services, pods, endpoints], verbs: [get, list, watch]}
    /// ---
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: prometheus}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: prometheus}
    /// subjects: [{kind: ServiceAccount, name: prometheus, namespace: monitoring}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: kubelet, namespace: monitoring}
    /// spec:
    ///   namespaceSelector: {matchNames: [kube-system]}
    ///   selector: {matchLabels: {k8s-app: kubelet}}
    ///   endpoints:
    ///   - port: https-metrics
    ///     scheme: https
    ///     bearerTokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token
    ///     tlsConfig: {caFile: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: monitoring}
    /// spec:
    ///   serviceMonitorSelector: {}
    ///   serviceAccountName: prometheus
    /// ---
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: prometheus, namespace: monitoring}
    /// ---
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: {name: prometheus}
    /// rules:
    /// - {apiGroups: [""], resources: [services, pods, endpoints], verbs: [get, list, watch]}
    /// - {apiGroups: [""], resources: [nodes/metrics], verbs: [get]}
    /// ---
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata: {name: prometheus}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: prometheus}
    /// subjects: [{kind: ServiceAccount, name: prometheus, namespace: monitoring}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: kubelet, namespace: monitoring}
    /// spec:
    ///   namespaceSelector: {matchNames: [kube-system]}
    ///   selector: {matchLabels: {k8s-app: kubelet}}
    ///   endpoints:
    ///   - port: https-metrics
    ///     scheme: https
    ///     bearerTokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token
    ///     tlsConfig: {caFile: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt}
    /// ```
    METRICS_RIGHT, Stable, Files, check
}

/// Near misses that are told.
const MOST: usize = 2;

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for access in &chain.accesses {
        let May::No { requests, near } = &access.may else { continue };
        let (monitor, prometheus) = (access.monitor, access.prometheus);
        let message = format!(
            "`{}` may not {}, so that `{}` answers `{}` with 403",
            access.account,
            requests.join(", nor "),
            access.service.identity(),
            prometheus.identity()
        );
        let finding = Diagnostic::new(Code::METRICS_RIGHT, message);
        let finding = wording::of_end(access.verdict(&chain.setting), monitor, finding)
            .at(monitor.place(), "this monitor asks for the metrics")
            .with(prometheus.place_at(&["spec", "serviceAccountName"]), "with the token of this account");
        let finding = near.iter().take(MOST).fold(finding, |finding, near| finding.note(near.clone()));
        found.push(
            finding.help("add the rule to a ClusterRole that a ClusterRoleBinding binds to the account"),
        );
    }
    found
}
