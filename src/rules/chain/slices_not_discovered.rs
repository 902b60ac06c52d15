use crate::chain::Chain;
use crate::chain::rights;
use crate::chain::services::Backing;
use crate::diagnostic::{Code, Diagnostic, Verdict};
use crate::model::object::Object;
use crate::operator::MonitorKind;
use crate::prom::config::Role;
use crate::rules::rule;

rule! {
    /// The addresses of a Service are written down in `EndpointSlices` only, and the Prometheus that selects its monitor discovers
    /// `Endpoints`, or the other way round where nothing mirrors them.
    ///
    /// ## Why it matters
    ///
    /// `serviceDiscoveryRole` of a Prometheus or monitor says which of the two is read; without it that is `Endpoints`. Kubernetes makes
    /// slices from `Endpoints` (unless they are labelled `endpointslice.kubernetes.io/skip-mirror: "true"`), and never `Endpoints` from
    /// slices. So there are no targets, and no error.
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
    /// metadata: {name: etcd, namespace: shop, labels: {app: etcd}}
    /// spec:
    ///   clusterIP: None
    ///   ports: [{name: metrics, port: 2381}]
    /// ---
    /// apiVersion: discovery.k8s.io/v1
    /// kind: EndpointSlice
    /// metadata: {name: etcd-1, namespace: shop, labels: {kubernetes.io/service-name: etcd}}
    /// addressType: IPv4
    /// ports: [{name: metrics, port: 2381}]
    /// endpoints: [{addresses: [10.0.0.1]}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: etcd, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: etcd}}
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
    ///   serviceDiscoveryRole: EndpointSlice
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: etcd, namespace: shop, labels: {app: etcd}}
    /// spec:
    ///   clusterIP: None
    ///   ports: [{name: metrics, port: 2381}]
    /// ---
    /// apiVersion: discovery.k8s.io/v1
    /// kind: EndpointSlice
    /// metadata: {name: etcd-1, namespace: shop, labels: {kubernetes.io/service-name: etcd}}
    /// addressType: IPv4
    /// ports: [{name: metrics, port: 2381}]
    /// endpoints: [{addresses: [10.0.0.1]}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: etcd, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: etcd}}
    ///   endpoints: [{port: metrics}]
    /// ```
    SLICES_NOT_DISCOVERED, Stable, Files, check
}

const SKIP_MIRROR: &str = "endpointslice.kubernetes.io/skip-mirror";

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (targets, selected) in chain.targets.iter().zip(&chain.selections) {
        if targets.kind != MonitorKind::Service || targets.verdict(&chain.setting) != Verdict::Holds {
            continue;
        }
        for prometheus in &selected.by {
            let role = rights::endpoints_role(&chain.setting, *prometheus, targets.monitor);
            for service in &targets.found {
                let Some(backing) = chain.backings.get(*service) else { continue };
                found.extend(judge(backing, *prometheus, targets.monitor, role));
            }
        }
    }
    found
}

fn judge(
    backing: &Backing<'_>,
    prometheus: Object<'_>,
    monitor: Object<'_>,
    role: Role,
) -> Option<Diagnostic> {
    if backing.has_selector() {
        return None;
    }
    let is_mirrored = |endpoints: &Object<'_>| endpoints.labels().get(SKIP_MIRROR) != Some("true");
    let (written, reads) = match (role, backing.endpoints, backing.slices.first()) {
        (Role::Endpoints, None, Some(slice)) => (*slice, "Endpoints"),
        (Role::EndpointSlice, Some(endpoints), None) if !is_mirrored(&endpoints) => {
            (endpoints, "EndpointSlices")
        }
        _ => return None,
    };
    let message = format!(
        "`{}` has its addresses in `{}`, and `{}` discovers {reads}",
        backing.service.identity(),
        written.identity(),
        prometheus.identity()
    );
    let finding = Diagnostic::new(Code::SLICES_NOT_DISCOVERED, message)
        .about(monitor.subject())
        .at(written.place(), "")
        .with(prometheus.place_at(&["spec", "serviceDiscoveryRole"]), "this Prometheus")
        .with(monitor.place(), "this monitor");
    Some(match reads {
        "Endpoints" => {
            finding.help("set `serviceDiscoveryRole: EndpointSlice`, of the monitor or the Prometheus")
        }
        _ => finding.help("remove the label, or set `serviceDiscoveryRole: Endpoints`"),
    })
}
