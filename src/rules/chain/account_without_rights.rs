use std::collections::BTreeSet;

use super::wording;
use crate::chain::Chain;
use crate::chain::rights::May;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::kind::GroupKind;
use crate::rules::rule;

rule! {
    /// The `ServiceAccount` of a Prometheus is in the input, and no binding is for it.
    ///
    /// ## Why it matters
    ///
    /// Without rights Prometheus cannot list Services, pods and `Endpoints`: it has no targets at all, and only its own log says
    /// `forbidden`.
    ///
    /// A binding outside of the input may be for it; so this is a warning. Where the input shows all bindings
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
    ACCOUNT_WITHOUT_RIGHTS, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    for discovery in chain.discoveries.iter().filter(|discovery| matches!(discovery.may, May::Unbound)) {
        let (prometheus, account) = (discovery.prometheus, discovery.account);
        if !told.insert(prometheus.id()) {
            continue;
        }
        let message = format!("no binding is for `{account}`, the account of `{}`", prometheus.identity());
        let finding = wording::of_end(
            discovery.verdict(&chain.setting),
            prometheus,
            Diagnostic::new(Code::ACCOUNT_WITHOUT_RIGHTS, message),
        )
        .at(prometheus.place_at(&["spec", "serviceAccountName"]), "");
        let written =
            chain.setting.inventory.get(GroupKind::SERVICE_ACCOUNT, account.namespace, account.name);
        let finding = match written {
            Some(written) => finding.with(written.place(), "this account has no rights"),
            None => finding,
        };
        found.push(finding.help(
            "bind a role in each namespace with targets: get, list and watch services, pods, endpoints and \
             endpointslices.discovery.k8s.io",
        ));
    }
    found
}
