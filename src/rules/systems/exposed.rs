use crate::chain::Chain;
use crate::chain::Container;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// A Service of `type: LoadBalancer` or `NodePort` leads to a Prometheus or an Alertmanager.
    ///
    /// ## Why it matters
    ///
    /// They ask nobody for a password: everybody who reaches the address reads all metrics, and may silence alerts.
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
    /// metadata: {name: prometheus, namespace: shop}
    /// spec:
    ///   type: LoadBalancer
    ///   selector: {prometheus: main}
    ///   ports: [{name: web, port: 9090}]
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
    /// metadata: {name: prometheus, namespace: shop}
    /// spec:
    ///   selector: {prometheus: main}
    ///   ports: [{name: web, port: 9090}]
    /// ```
    EXPOSED_SERVER, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for backing in chain.backings.all() {
        let service = backing.service;
        let Some(kind) = service
            .at(&["spec", "type"])
            .filter(|kind| matches!(kind.as_str(), Some("LoadBalancer" | "NodePort")))
        else {
            continue;
        };
        let server = backing.workloads.iter().map(|item| chain.workloads.get(*item)).find(|workload| {
            let mut containers = Container::of(workload.object, workload.template);
            containers.any(|container| {
                let name = container.node.get("name").and_then(Node::as_str).unwrap_or_default();
                // Those that the operator makes have no image here.
                let program = if container.node.get("image").is_some() { container.program } else { name };
                matches!(program, "prometheus" | "alertmanager" | "prometheus-agent")
            })
        });
        let Some(server) = server else { continue };
        let message =
            format!("`{}` makes `{}` reachable from outside", service.identity(), server.object.identity());
        found.push(
            Diagnostic::new(Code::EXPOSED_SERVER, message)
                .about(service.subject())
                .at(kind.place(), "it asks nobody for a password")
                .help("leave `type` out, and put an Ingress or a proxy with a login before it"),
        );
    }
    found
}
