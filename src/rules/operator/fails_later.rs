use crate::chain::Chain;
use crate::chain::prometheus::Prometheus;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::rules::rule;

rule! {
    /// The operator writes the configuration of a Prometheus, and then fails: the name of the Prometheus has a dot, which a
    /// StatefulSet of the operator may not have.
    ///
    /// ## Why it matters
    ///
    /// There is a Secret with a configuration, and no pod that reads it.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main.v2, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main-v2, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    /// ```
    FAILS_LATER, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let shows_services = chain.setting.completeness.shows_all_of("Service");
    let all = chain.prometheuses.iter();
    all.flat_map(|Prometheus { object: prometheus, outcome, .. }| {
        outcome.afterwards.iter().map(move |refusal| (prometheus, refusal))
    })
    .filter_map(|(prometheus, refusal)| {
        let path: Vec<&str> = refusal.path.iter().map(String::as_str).collect();
        // Another Service may be outside of the input.
        if path == ["spec", "serviceName"] && !shows_services {
            return None;
        }
        let message =
            format!("`{}` fails after its configuration is written: {refusal}", prometheus.identity());
        Some(
            Diagnostic::new(Code::FAILS_LATER, message)
                .level(Level::Error)
                .about(prometheus.subject())
                .at(prometheus.place_at(&path), ""),
        )
    })
    .collect()
}
