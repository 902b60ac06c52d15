use super::wording;
use crate::chain::Chain;
use crate::chain::ports::Lack;
use crate::diagnostic::{Code, Diagnostic, Verdict};
use crate::rules::rule;

rule! {
    /// A `ServiceMonitor` finds a Service of `type: ExternalName` only.
    ///
    /// ## Why it matters
    ///
    /// Such a Service is a name in the cluster's DNS. It has no endpoints, and Prometheus discovers targets through endpoints.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: db, namespace: shop, labels: {app: db}}
    /// spec:
    ///   type: ExternalName
    ///   externalName: db.example.com
    ///   ports: [{name: metrics, port: 9187}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: db, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: db}}
    ///   endpoints: [{port: metrics}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1alpha1
    /// kind: ScrapeConfig
    /// metadata: {name: db, namespace: shop}
    /// spec:
    ///   staticConfigs: [{targets: ["db.example.com:9187"]}]
    /// ```
    EXTERNAL_NAME, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for port in chain.ports.iter().filter(|port| port.verdict() == Verdict::Broken && port.endpoint == 0) {
        let Some(at) = port.at.iter().find(|at| at.why == Lack::ExternalName) else { continue };
        let (monitor, service) = (port.monitor, at.object);
        let message =
            format!("`{}` finds `{}`, which has no endpoints", monitor.identity(), service.identity());
        found.push(
            Diagnostic::new(Code::EXTERNAL_NAME, message)
                .about(monitor.subject())
                .at(monitor.place_at(&["spec", "selector"]), "")
                .with(wording::first_line(service.place_at(&["spec", "type"])), "an ExternalName Service is a name only")
                .help("use a Service without selector and an EndpointSlice, or a ScrapeConfig with static targets"),
        );
    }
    found
}
