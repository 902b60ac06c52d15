use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::Verdict;
use crate::rules::rule;

rule! {
    /// A Prometheus has none of the four selectors for monitors.
    ///
    /// ## Why it matters
    ///
    /// The operator then leaves the configuration to the user: it makes an empty Secret, and `additionalScrapeConfigs` count for nothing.
    /// Sometimes that is meant.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec: {replicas: 1}
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
    UNMANAGED, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let unmanaged = chain
        .prometheuses
        .iter()
        .filter(|prometheus| matches!(prometheus.outcome.verdict, Verdict::Unmanaged));
    unmanaged
        .map(|prometheus| {
            let object = prometheus.object;
            let message =
                format!("the operator leaves the configuration of `{}` to its user", object.identity());
            Diagnostic::new(Code::UNMANAGED, message)
                .about(object.subject())
                .at(object.place_at(&["spec"]), "")
                .note("none of its four monitor selectors is set, so the operator only makes an empty Secret")
        })
        .collect()
}
