use super::named_service::what;
use super::wording;
use crate::chain::Chain;
use crate::chain::addresses::{Address, Reached};
use crate::chain::ports;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;

rule! {
    /// The prober of a Probe, or a static target of a `ScrapeConfig`, is a Service, asked at a port that it does not have.
    ///
    /// ## Why it matters
    ///
    /// Nobody listens there: every probe or scrape fails. Where no port is written, it is the port of the scheme, 80 or 443.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: monitoring}
    /// spec:
    ///   probeSelector: {}
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: blackbox-exporter, namespace: monitoring}
    /// spec:
    ///   selector: {app: blackbox-exporter}
    ///   ports: [{name: http, port: 9115}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Probe
    /// metadata: {name: site, namespace: monitoring}
    /// spec:
    ///   prober: {url: "blackbox-exporter.monitoring.svc:19115"}
    ///   targets: {staticConfig: {static: [example.com]}}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: monitoring}
    /// spec:
    ///   probeSelector: {}
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: blackbox-exporter, namespace: monitoring}
    /// spec:
    ///   selector: {app: blackbox-exporter}
    ///   ports: [{name: http, port: 9115}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Probe
    /// metadata: {name: site, namespace: monitoring}
    /// spec:
    ///   prober: {url: "blackbox-exporter.monitoring.svc:9115"}
    ///   targets: {staticConfig: {static: [example.com]}}
    /// ```
    NAMED_SERVICE_PORT, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let judge = |address: &Address<'_>| {
        let Reached::NoPort(service) = address.to else { return None };
        let (monitor, port) = (address.monitor, address.port);
        let message = format!(
            "the {} of `{}` is asked at port {port}, which `{}` does not have",
            what(address.role),
            monitor.identity(),
            service.identity()
        );
        let finding = Diagnostic::new(Code::NAMED_SERVICE_PORT, message);
        let finding = wording::of_end(address.verdict(&chain.setting), monitor, finding)
            .at(address.node.place(), "")
            .with(wording::ports_of(service), format!("the ports of `{}`", service.identity()));
        let ports: Vec<String> =
            ports::of_service(service).iter().map(|port| port.number.to_string()).collect();
        Some(match ports.as_slice() {
            [only] => finding.help(format!("ask for port {only}, the only one it has")),
            several => finding.help(format!("ask for one of its ports: {}", several.join(", "))),
        })
    };
    chain.addresses.iter().filter_map(judge).collect()
}
