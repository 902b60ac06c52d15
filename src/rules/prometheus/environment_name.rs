use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;
use crate::source::{Node, Value};

rule! {
    /// A text of a monitor has `$(NAME)` with the name of a variable that the config-reloader has in its environment.
    ///
    /// ## Why it matters
    ///
    /// The config-reloader replaces these in the whole configuration, also where a monitor means a regular expression or a
    /// template.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    ///     relabelings:
    ///     - {targetLabel: shard, replacement: "$(SHARD)"}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    ///     relabelings:
    ///     - {targetLabel: shard, replacement: "first"}
    /// ```
    ENVIRONMENT_NAME, Stable, Files, check
}

/// Variables that every config-reloader has (operator 0.93, Kubernetes 1.36).
const NAMES: [&str; 8] =
    ["POD_NAME", "SHARD", "HOSTNAME", "HOME", "PATH", "TOPOLOGY_ZONE", "INZONE_SHARD", "NODE_NAME"];

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for selected in &chain.selections {
        let monitor = selected.monitor;
        let text = monitor.document().file().text().as_bytes();
        if memchr::memmem::find(text, b"$(").is_none() {
            continue;
        }
        if let Some((node, name)) = monitor.at(&["spec"]).and_then(variable) {
            let message =
                format!("`$({name})` of `{}` is replaced by the config-reloader", monitor.identity());
            found.push(
                Diagnostic::new(Code::ENVIRONMENT_NAME, message)
                    .about(monitor.subject())
                    .at(node.place(), "it takes the value that the pod of Prometheus has"),
            );
        }
    }
    found
}

/// The first text with a variable in it, and its name.
fn variable(node: Node<'_>) -> Option<(Node<'_>, &str)> {
    match node.value() {
        Value::Mapping(mut entries) => entries.find_map(|entry| variable(entry.value)),
        Value::Sequence(mut items) => items.find_map(variable),
        Value::String(text) => text.split("$(").skip(1).find_map(|rest| {
            let (name, _) = rest.split_once(')')?;
            (NAMES.contains(&name) || name.starts_with("KUBERNETES_")).then_some((node, name))
        }),
        _ => None,
    }
}
