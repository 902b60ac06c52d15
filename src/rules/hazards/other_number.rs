use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::chain::wording;
use crate::rules::rule;

rule! {
    /// A port of a Service leads to a number that no container of its pods declares, and a container declares another number under
    /// the name of that port.
    ///
    /// ## Why it matters
    ///
    /// Declaring a port opens nothing, so that the Service may be right. Mostly the number was changed in one place only, and the
    /// target is down.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9248}]
    /// ---
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec:
    ///       containers:
    ///       - {name: web, image: "web:1", ports: [{name: metrics, containerPort: 9249}]}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9248, targetPort: metrics}]
    /// ---
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   template:
    ///     metadata: {labels: {app: web}}
    ///     spec:
    ///       containers:
    ///       - {name: web, image: "web:1", ports: [{name: metrics, containerPort: 9249}]}
    /// ```
    OTHER_PORT_NUMBER, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for backing in chain.backings.all() {
        let workloads: Vec<_> = backing.workloads.iter().map(|item| chain.workloads.get(*item)).collect();
        for port in backing.ports.iter().filter(|port| !port.name.is_empty()) {
            let Some(number) = port.target_number else { continue };
            let declared = || {
                workloads.iter().flat_map(|workload| {
                    workload.template.ports().into_iter().map(move |port| (workload, port))
                })
            };
            if declared().any(|(_, port)| i64::from(port.number) == number) {
                continue;
            }
            let Some((workload, other)) = declared().find(|(_, other)| other.name == Some(port.name)) else {
                continue;
            };
            let message = format!(
                "the port `{}` of `{}` leads to {number}, and its pods have it at {}",
                port.name,
                backing.service.identity(),
                other.number
            );
            let place = port.node.get("targetPort").or_else(|| port.node.get("port")).unwrap_or(port.node);
            found.push(
                Diagnostic::new(Code::OTHER_PORT_NUMBER, message)
                    .about(backing.service.subject())
                    .at(wording::first_line(place.place()), "")
                    .with(
                        wording::first_line(other.node.place()),
                        format!("`{}` declares it here", workload.object.identity()),
                    )
                    .help(format!("lead to the name: `targetPort: {}`", port.name)),
            );
        }
    }
    found
}
