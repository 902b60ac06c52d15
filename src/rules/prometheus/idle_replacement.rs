use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::parts::{filled, relabelings};
use crate::rules::rule;

rule! {
    /// A rule with `action: keep` or `drop` has a `replacement` or a `targetLabel`.
    ///
    /// ## Why it matters
    ///
    /// They have no effect; whoever reads the rule thinks they do.
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
    ///     - {action: keep, sourceLabels: [__meta_kubernetes_pod_phase], regex: Running, replacement: "$1"}
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
    ///     - {action: keep, sourceLabels: [__meta_kubernetes_pod_phase], regex: Running}
    /// ```
    IDLE_REPLACEMENT, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    relabelings(chain)
        .filter(|rule| matches!(rule.action().as_str(), "keep" | "drop"))
        .filter_map(|rule| {
            let field = ["replacement", "targetLabel"]
                .into_iter()
                .find(|field| filled(rule.node, field).is_some())?;
            let monitor = rule.part.monitor();
            let message = format!("`{field}` has no effect in a rule of `{}`", monitor.identity());
            Some(
                Diagnostic::new(Code::IDLE_REPLACEMENT, message)
                    .about(monitor.subject())
                    .at(rule.node.key_place(field)?, format!("`{}` replaces nothing", rule.action())),
            )
        })
        .collect()
}
