use super::wording;
use crate::chain::Chain;
use crate::chain::ports::{Asked, Lack, Port};
use crate::diagnostic::{Code, Diagnostic, Verdict};
use crate::rules::rule;

rule! {
    /// An endpoint asks for a port of a container (`targetPort`, or `portNumber` of a `PodMonitor`) that no container of the pods
    /// declares.
    ///
    /// ## Why it matters
    ///
    /// Prometheus knows the ports of a container from `ports` in its manifest. A container that listens and declares nothing works
    /// with `curl`, and is dropped from the targets. Behind a Service without pods (addresses that are written down) there is no
    /// container at all.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec:
    ///       containers:
    ///       - {name: web, image: "web:1"}
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {app: web}}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: http, port: 80, targetPort: 8080}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{targetPort: 8080}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec:
    ///       containers:
    ///       - {name: web, image: "web:1"}
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {app: web}}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: http, port: 80, targetPort: 8080}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{port: http}]
    /// ```
    UNDECLARED_PORT, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    chain.ports.iter().filter_map(judge).collect()
}

fn judge(port: &Port<'_>) -> Option<Diagnostic> {
    if port.verdict() != Verdict::Broken {
        return None;
    }
    let at = port.at.iter().find(|at| matches!(at.why, Lack::Undeclared | Lack::NoPods))?;
    let monitor = port.monitor;
    let index = port.endpoint.to_string();
    let field = wording::endpoints_field(port.kind);
    let endpoint = monitor.at(&["spec", field, &index])?;
    let key = if matches!(port.asked, Asked::Number(_)) && endpoint.get("portNumber").is_some() {
        "portNumber"
    } else {
        "targetPort"
    };
    let message = format!(
        "`{}` asks for the {}, which no container declares",
        monitor.identity(),
        port.asked.describe()
    );
    let finding = Diagnostic::new(Code::UNDECLARED_PORT, message)
        .about(monitor.subject())
        .at(monitor.place_at(&["spec", field, &index, key]), "");
    let target = at.object;
    let text = if at.why == Lack::NoPods {
        format!("behind `{}` are addresses and no pods", target.identity())
    } else {
        format!("`{}` is what it finds", target.identity())
    };
    Some(
        finding.with(wording::ports_of(target), text).help(
            "ask for a port of the Service by its name with `port`, or declare the port in the container",
        ),
    )
}
