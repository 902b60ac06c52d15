use crate::chain::Chain;
use crate::chain::runtime;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::chain::wording;
use crate::rules::rule;

rule! {
    /// A Service without selector has a port whose name no port of its Endpoints or EndpointSlices has.
    ///
    /// ## Why it matters
    ///
    /// The two go together by the name of the port, not by its number: the Service leads nowhere, and a ServiceMonitor that asks
    /// for the name has no targets.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: db, namespace: shop, labels: {app: db}}
    /// spec:
    ///   ports: [{name: http-metrics, port: 9187}]
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
    ENDPOINT_PORT_NAMES, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for backing in chain.backings.all() {
        let service = backing.service;
        if backing.has_selector() || !backing.has_addresses() || runtime::is_made(service) {
            continue;
        }
        let names = backing.port_names();
        for port in backing.ports.iter().filter(|port| !names.is_empty() && !names.contains(&port.name)) {
            let message = format!("no address of `{}` has its port `{}`", service.identity(), port.name);
            let place = port.node.get("name").unwrap_or(port.node).place();
            let finding = Diagnostic::new(Code::ENDPOINT_PORT_NAMES, message)
                .about(service.subject())
                .at(wording::first_line(place), "");
            let written = backing.endpoints.iter().chain(&backing.slices);
            let finding = written.fold(finding, |finding, object| {
                finding.with(object.place(), format!("its ports are called {}", list(&names)))
            });
            found.push(finding.help("give the port the same name in both"));
        }
    }
    found
}

fn list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
