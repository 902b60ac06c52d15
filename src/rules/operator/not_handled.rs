use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::Verdict;
use crate::rules::rule;

rule! {
    /// The operator does not handle a Prometheus: it is paused, or meant for another operator.
    ///
    /// ## Why it matters
    ///
    /// Nothing that changes reaches the Prometheus. A pause that was meant for an hour is easily forgotten.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    ///   paused: true
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    /// ```
    NOT_HANDLED, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for prometheus in &chain.prometheuses {
        let Verdict::Unhandled(why) = &prometheus.outcome.verdict else { continue };
        // What the API server refuses the schema tells.
        if !prometheus.outcome.refused.is_empty() {
            continue;
        }
        let object = prometheus.object;
        let message = format!("the operator writes no configuration for `{}`: {why}", object.identity());
        found.push(
            Diagnostic::new(Code::NOT_HANDLED, message)
                .about(object.subject())
                .at(object.place_at(&["spec", "paused"]), ""),
        );
    }
    found
}
