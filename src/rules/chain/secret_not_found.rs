use super::wording;
use crate::chain::Chain;
use crate::chain::references::Reached;
use crate::diagnostic::{Code, Diagnostic, Verdict};
use crate::rules::rule;

rule! {
    /// A monitor refers to a Secret or `ConfigMap` that is not in its namespace, and one of that name is in another one, or one of a
    /// similar name in this one.
    ///
    /// ## Why it matters
    ///
    /// The operator looks for what a monitor refers to in the namespace of the monitor, and nowhere else. Where it finds nothing it
    /// rejects the whole monitor, with all of its endpoints.
    ///
    /// The Secret may be made by something outside of the input; so this is a warning. Where the input shows all of them
    /// (`--complete=Secret,ConfigMap`) it is an error, also if nothing is near.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {app: web}}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9100}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    ///     basicAuth:
    ///       username: {name: login, key: user}
    ///       password: {name: login, key: password}
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: login, namespace: monitoring}
    /// stringData: {user: prometheus, password: example}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {app: web}}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9100}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    ///     basicAuth:
    ///       username: {name: login, key: user}
    ///       password: {name: login, key: password}
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: login, namespace: shop}
    /// stringData: {user: prometheus, password: example}
    /// ```
    SECRET_NOT_FOUND, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    let mut last = None;
    for reference in &chain.references {
        let Reached::Absent(near) = &reference.to else { continue };
        let (monitor, verdict) = (reference.monitor, reference.verdict(&chain.setting));
        // Several keys of one object are one mistake.
        let this = (monitor.id(), reference.name, reference.is_secret);
        if (near.is_none() && verdict != Verdict::Broken) || last == Some(this) {
            continue;
        }
        last = Some(this);
        let kind = if reference.is_secret { "Secret" } else { "ConfigMap" };
        let namespace =
            monitor.namespace().map_or_else(String::new, |namespace| format!(" in `{namespace}`"));
        let message = format!(
            "`{}` refers to the {kind} `{}`, which is not{namespace}",
            monitor.identity(),
            reference.name
        );
        let place =
            reference.node.get("name").map_or_else(|| reference.node.place(), crate::source::Node::place);
        let finding =
            wording::of_end(verdict, monitor, Diagnostic::new(Code::SECRET_NOT_FOUND, message)).at(place, "").note(
            "the operator rejects a monitor, with all of its endpoints, if something it refers to is missing",
        );
        let finding = match near {
            Some(near) if near.name() == reference.name => {
                finding.with(near.place(), "it is here, in another namespace").help(format!(
                    "make the {kind} in the namespace of the monitor, where the operator looks for it"
                ))
            }
            Some(near) => finding
                .with(near.place(), "this one has a similar name")
                .help(format!("did you mean `{}`?", near.name())),
            None => finding.help(format!("make the {kind}, or correct the name")),
        };
        found.push(finding);
    }
    found
}
