use super::containers::containers;
use crate::chain::Chain;
use crate::chain::Container;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::chain::wording;
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// A container of a Prometheus has a memory limit below 256 MiB.
    ///
    /// ## Why it matters
    ///
    /// A Prometheus of a small cluster takes more than that: it is killed, again and again, while it reads its data.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata: {name: prometheus, namespace: monitoring}
    /// spec:
    ///   serviceName: prometheus
    ///   selector: {matchLabels: {app: prometheus}}
    ///   template:
    ///     metadata: {labels: {app: prometheus}}
    ///     spec:
    ///       containers:
    ///       - name: prometheus
    ///         image: prom/prometheus:v3.13.1
    ///         resources: {limits: {memory: 128Mi}}
    ///         securityContext: {readOnlyRootFilesystem: true}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata: {name: prometheus, namespace: monitoring}
    /// spec:
    ///   serviceName: prometheus
    ///   selector: {matchLabels: {app: prometheus}}
    ///   template:
    ///     metadata: {labels: {app: prometheus}}
    ///     spec:
    ///       containers:
    ///       - name: prometheus
    ///         image: prom/prometheus:v3.13.1
    ///         resources: {limits: {memory: 2Gi}}
    ///         securityContext: {readOnlyRootFilesystem: true}
    /// ```
    SMALL_MEMORY, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let own = containers(chain).filter(|container| container.is_of_monitoring());
    own.filter(|container| is_wrong(*container))
        .map(|container| {
            let object = container.object;
            Diagnostic::new(
                Code::SMALL_MEMORY,
                format!("`{}` has less memory than a Prometheus needs", object.identity()),
            )
            .about(object.subject())
            .at(wording::first_line(container.node.place()), "")
            .help("give it 1 GiB or more")
        })
        .collect()
}

fn is_wrong(container: Container<'_>) -> bool {
    let limit =
        container.node.at(&["resources", "limits", "memory"]).and_then(Node::as_str).unwrap_or_default();
    let number: String = limit.chars().take_while(char::is_ascii_digit).collect();
    let (Ok(number), unit) = (number.parse::<u64>(), &limit[number.len()..]) else { return false };
    let scale: u64 = match unit {
        "Mi" => 1 << 20,
        "M" => 1_000_000,
        "Ki" => 1 << 10,
        "k" => 1000,
        "" => 1,
        _ => return false,
    };
    container.program == "prometheus" && number.saturating_mul(scale) < 256 << 20
}
