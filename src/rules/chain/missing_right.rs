use super::wording;
use crate::chain::Chain;
use crate::chain::rights::May;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;

rule! {
    /// The roles bound to the `ServiceAccount` of a Prometheus do not allow what it has to discover for one of its monitors.
    ///
    /// ## Why it matters
    ///
    /// Prometheus lists and watches Services, pods and `Endpoints` (or `EndpointSlices`) in every namespace it has targets in. Without
    /// the right to, it has no targets there, and only its own log says `forbidden`.
    ///
    /// A binding outside of the input may allow it; so this is a warning. Where the input shows all bindings
    /// (`--complete=RoleBinding,ClusterRoleBinding`) it is an error.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    ///   serviceAccountName: prometheus
    /// ---
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: prometheus, namespace: shop}
    /// ---
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: prometheus, namespace: shop}
    /// rules:
    /// - {apiGroups: [""], resources: [services, pods], verbs: [get, list, watch]}
    /// ---
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: prometheus, namespace: shop}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: prometheus}
    /// subjects: [{kind: ServiceAccount, name: prometheus, namespace: shop}]
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
    ///   endpoints: [{port: metrics}]
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
    ///   serviceAccountName: prometheus
    /// ---
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: prometheus, namespace: shop}
    /// ---
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata: {name: prometheus, namespace: shop}
    /// rules:
    /// - {apiGroups: [""], resources: [services, pods, endpoints], verbs: [get, list, watch]}
    /// ---
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata: {name: prometheus, namespace: shop}
    /// roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: prometheus}
    /// subjects: [{kind: ServiceAccount, name: prometheus, namespace: shop}]
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
    ///   endpoints: [{port: metrics}]
    /// ```
    MISSING_RIGHT, Stable, Files, check
}

/// Near misses that are told.
const MOST: usize = 2;

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for discovery in &chain.discoveries {
        let May::No { requests, near } = &discovery.may else { continue };
        let (prometheus, verdict) = (discovery.prometheus, discovery.verdict(&chain.setting));
        let message = format!("`{}` may not {}", discovery.account, requests.join(", nor "));
        let finding = wording::of_end(verdict, prometheus, Diagnostic::new(Code::MISSING_RIGHT, message)).at(
            prometheus.place_at(&["spec", "serviceAccountName"]),
            format!("the account of `{}`", prometheus.identity()),
        );
        let finding = match discovery.monitors.as_slice() {
            [first, rest @ ..] => {
                let more =
                    if rest.is_empty() { String::new() } else { format!(", and {} others", rest.len()) };
                finding.with(first.place(), format!("`{}` needs it{more}", first.identity()))
            }
            [] => finding,
        };
        let finding = near.iter().take(MOST).fold(finding, |finding, near| finding.note(near.clone()));
        found.push(finding.help("add the rule to a role that is bound to the account there"));
    }
    found
}
