use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::MonitorKind;
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// A ServiceMonitor has `selectorMechanism: RoleSelector`, and selects a Service whose addresses are written down without its
    /// labels.
    ///
    /// ## Why it matters
    ///
    /// With this mechanism the API server selects, and Prometheus sends it the same selector for Services and for their Endpoints
    /// or EndpointSlices. Those that Kubernetes makes have the labels of their Service; those that are written by hand need them.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: db, namespace: shop}
    /// spec:
    ///   selectorMechanism: RoleSelector
    ///   selector: {matchLabels: {app: db}}
    ///   endpoints: [{port: metrics}]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: db, namespace: shop, labels: {app: db}}
    /// spec:
    ///   ports: [{name: metrics, port: 9187}]
    /// ---
    /// apiVersion: v1
    /// kind: Endpoints
    /// metadata: {name: db, namespace: shop}
    /// subsets:
    /// - addresses: [{ip: 192.0.2.7}]
    ///   ports: [{name: metrics, port: 9187}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: db, namespace: shop}
    /// spec:
    ///   selectorMechanism: RoleSelector
    ///   selector: {matchLabels: {app: db}}
    ///   endpoints: [{port: metrics}]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: db, namespace: shop, labels: {app: db}}
    /// spec:
    ///   ports: [{name: metrics, port: 9187}]
    /// ---
    /// apiVersion: v1
    /// kind: Endpoints
    /// metadata: {name: db, namespace: shop, labels: {app: db}}
    /// subsets:
    /// - addresses: [{ip: 192.0.2.7}]
    ///   ports: [{name: metrics, port: 9187}]
    /// ```
    ROLE_SELECTOR_LOSES, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for targets in chain.targets.iter().filter(|targets| targets.kind == MonitorKind::Service) {
        let monitor = targets.monitor;
        let mechanism = monitor.at(&["spec", "selectorMechanism"]);
        let Some(selector) = &targets.selector else { continue };
        if mechanism.and_then(Node::as_str) != Some("RoleSelector") {
            continue;
        }
        for service in &targets.found {
            let Some(backing) = chain.backings.get(*service) else { continue };
            if backing.has_selector() || !backing.has_addresses() {
                continue;
            }
            let written = || backing.endpoints.iter().chain(&backing.slices);
            if written().any(|object| selector.matches(&object.labels())) {
                continue;
            }
            let message = format!("`{}` loses the addresses of `{}`", monitor.identity(), service.identity());
            let finding = Diagnostic::new(Code::ROLE_SELECTOR_LOSES, message).about(monitor.subject()).at(
                monitor.place_at(&["spec", "selectorMechanism"]),
                "this selects addresses by their own labels",
            );
            let finding = written().fold(finding, |finding, object| {
                finding.with(object.place(), "it lacks labels that are asked for")
            });
            found.push(finding.help("give it the labels of the Service"));
        }
    }
    found
}
