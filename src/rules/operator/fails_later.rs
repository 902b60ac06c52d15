use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;

rule! {
    /// A Prometheus gets its configuration, and what the operator does after that fails.
    ///
    /// ## Why it matters
    ///
    /// The configuration is written, and the pods are not made or not changed: a name with dots is no name of a StatefulSet, for example.
    /// The error is in the log of the operator and in a condition of the object.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main.shop, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
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
    FAILS_LATER, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let shows_services = chain.setting.completeness.shows_all_of("Service");
    let mut found = Vec::new();
    for prometheus in &chain.prometheuses {
        for refusal in &prometheus.outcome.afterwards {
            let path: Vec<&str> = refusal.path.iter().map(String::as_str).collect();
            // Another Service may be outside of the input.
            if path == ["spec", "serviceName"] && !shows_services {
                continue;
            }
            let object = prometheus.object;
            let message =
                format!("`{}` fails after its configuration is written: {refusal}", object.identity());
            found.push(
                Diagnostic::new(Code::FAILS_LATER, message)
                    .about(object.subject())
                    .at(object.place_at(&path), ""),
            );
        }
    }
    found
}
