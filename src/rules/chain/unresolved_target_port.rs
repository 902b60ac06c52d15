use super::wording;
use crate::chain::Chain;
use crate::chain::alike;
use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::rules::rule;
use crate::source::edit;

rule! {
    /// A port of a Service leads to a port of its pods by name (`targetPort`), and no container of them declares that name.
    ///
    /// ## Why it matters
    ///
    /// The endpoints of the Service do not have the port then: nobody reaches it, and a `ServiceMonitor` that asks for it has no
    /// targets. A number works without a declaration, a name does not.
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
    ///       - {name: web, image: "web:1", ports: [{name: metrics, containerPort: 9100}]}
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9100, targetPort: metric}]
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
    ///       - {name: web, image: "web:1", ports: [{name: metrics, containerPort: 9100}]}
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9100, targetPort: metrics}]
    /// ```
    UNRESOLVED_TARGET_PORT, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for backing in chain.backings.all() {
        let service = backing.service;
        for port in &backing.unresolved {
            let (Some(name), Some(written)) = (port.target_name, port.node.get("targetPort")) else {
                continue;
            };
            let Some(first) = backing.workloads.first().map(|item| chain.workloads.get(*item)) else {
                continue;
            };
            let declared: Vec<&str> =
                first.template.ports().into_iter().filter_map(|port| port.name).collect();
            let message = format!(
                "`{}` leads to the port `{name}`, which no container of its pods declares",
                service.identity()
            );
            let finding =
                Diagnostic::new(Code::UNRESOLVED_TARGET_PORT, message).about(service.subject()).with(
                    wording::ports_of(first.object),
                    format!("`{}` makes its pods", first.object.identity()),
                );
            let meant = alike::closest(name, declared.iter().copied());
            let fix = meant.and_then(|meant| {
                let edits = vec![edit::replace(written, meant)?];
                Some(Fix { description: format!("lead to the port `{meant}`"), edits })
            });
            let label = meant.map(|meant| format!("did you mean `{meant}`?")).unwrap_or_default();
            let finding = finding.at(written.place(), label);
            found.push(if fix.is_none() {
                finding.help("name the port in the container, or use its number")
            } else {
                finding.fix(fix)
            });
        }
    }
    found
}
