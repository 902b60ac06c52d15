use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::object::Object;
use crate::operator::MonitorKind;
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// A Service without selector has EndpointSlices only, and Prometheus discovers Endpoints; or it has Endpoints that are not to
    /// be mirrored, and Prometheus discovers EndpointSlices.
    ///
    /// ## Why it matters
    ///
    /// Without `serviceDiscoveryRole` the operator lets Prometheus discover Endpoints. Kubernetes makes EndpointSlices of
    /// Endpoints, and never Endpoints of EndpointSlices.
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
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: db, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: db}}
    ///   endpoints: [{port: metrics}]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: db, namespace: shop, labels: {app: db}}
    /// spec:
    ///   ports: [{name: metrics, port: 9187}]
    /// ---
    /// apiVersion: discovery.k8s.io/v1
    /// kind: EndpointSlice
    /// metadata: {name: db-1, namespace: shop, labels: {kubernetes.io/service-name: db}}
    /// addressType: IPv4
    /// endpoints: [{addresses: [192.0.2.7]}]
    /// ports: [{name: metrics, port: 9187}]
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
    ///   serviceDiscoveryRole: EndpointSlice
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: db, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: db}}
    ///   endpoints: [{port: metrics}]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: db, namespace: shop, labels: {app: db}}
    /// spec:
    ///   ports: [{name: metrics, port: 9187}]
    /// ---
    /// apiVersion: discovery.k8s.io/v1
    /// kind: EndpointSlice
    /// metadata: {name: db-1, namespace: shop, labels: {kubernetes.io/service-name: db}}
    /// addressType: IPv4
    /// endpoints: [{addresses: [192.0.2.7]}]
    /// ports: [{name: metrics, port: 9187}]
    /// ```
    DISCOVERY_ROLE, Stable, Files, check
}

/// The label that keeps Endpoints from being mirrored.
const SKIP_MIRROR: &str = "endpointslice.kubernetes.io/skip-mirror";

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let by = |monitor: Object<'_>| {
        chain
            .selections
            .iter()
            .find(|selected| selected.monitor.id() == monitor.id())
            .and_then(|selected| selected.by.first())
    };
    for targets in chain.targets.iter().filter(|targets| targets.kind == MonitorKind::Service) {
        let monitor = targets.monitor;
        let written = targets.found.iter().filter_map(|service| chain.backings.get(*service));
        let mut written =
            written.filter(|backing| !backing.has_selector() && backing.has_addresses()).peekable();
        if written.peek().is_none() {
            continue;
        }
        let Some(prometheus) = by(monitor) else { continue };
        let role = |object: Object<'_>| {
            object.at(&["spec", "serviceDiscoveryRole"]).and_then(Node::as_str).map(str::to_owned)
        };
        let role = role(monitor).or_else(|| role(*prometheus)).unwrap_or_else(|| "Endpoints".to_owned());
        for backing in written {
            let lost = match (role.as_str(), backing.endpoints) {
                ("Endpoints", None) => backing.slices.first().copied(),
                ("EndpointSlice", Some(endpoints)) if backing.slices.is_empty() => {
                    (endpoints.labels().get(SKIP_MIRROR) == Some("true")).then_some(endpoints)
                }
                _ => None,
            };
            let Some(lost) = lost else { continue };
            let message = format!(
                "`{}` has no targets behind `{}`: its addresses are in an object that is not discovered",
                monitor.identity(),
                backing.service.identity()
            );
            found.push(
                Diagnostic::new(Code::DISCOVERY_ROLE, message)
                    .about(monitor.subject())
                    .at(monitor.place_at(&["spec", "selector"]), "")
                    .with(lost.place(), "the addresses are here")
                    .with(
                        prometheus.place_at(&["spec", "serviceDiscoveryRole"]),
                        format!("`{}` discovers {role}", prometheus.identity()),
                    )
                    .help("set `serviceDiscoveryRole` of the ServiceMonitor, or of the Prometheus, to the kind of the object"),
            );
        }
    }
    found
}
