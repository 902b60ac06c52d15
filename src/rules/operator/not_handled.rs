use crate::chain::Chain;
use crate::chain::prometheus::Prometheus;
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::Verdict;
use crate::rules::rule;

rule! {
    /// The operator leaves a Prometheus alone: it is paused, it names another controller, or it is where the operator does not
    /// look.
    ///
    /// ## Why it matters
    ///
    /// Whatever is changed in it, or in its monitors, has no effect. What runs goes on as it is.
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
    let all = chain.prometheuses.iter();
    all.filter_map(|Prometheus { object: prometheus, outcome, .. }| {
        // What the API server refuses is told where it stands.
        let Verdict::Unhandled(why) = &outcome.verdict else { return None };
        if !outcome.refused.is_empty() {
            return None;
        }
        let place = if why.contains("paused") {
            prometheus.place_at(&["spec", "paused"])
        } else {
            prometheus.place_at(&["metadata", "annotations", "operator.prometheus.io/controller-id"])
        };
        let message = format!("the operator writes no configuration for `{}`: {why}", prometheus.identity());
        Some(Diagnostic::new(Code::NOT_HANDLED, message).about(prometheus.subject()).at(place, ""))
    })
    .collect()
}
