use crate::chain::Chain;
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
    let all = chain.operated().all.iter();
    all.flat_map(|(prometheus, outcome)| outcome.afterwards.iter().map(move |refusal| (prometheus, refusal)))
        .map(|(prometheus, refusal)| {
            let path: Vec<&str> = refusal.path.iter().map(String::as_str).collect();
            let message =
                format!("`{}` fails after its configuration is written: {refusal}", prometheus.identity());
            Diagnostic::new(Code::FAILS_LATER, message)
                .level(Level::Error)
                .about(prometheus.subject())
                .at(prometheus.place_at(&path), "")
        })
        .collect()
}
