use crate::chain::Chain;
use crate::chain::prometheus::Prometheus;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::operator::Verdict;
use crate::rules::rule;

rule! {
    /// None of the four selectors for monitors of a Prometheus is set.
    ///
    /// ## Why it matters
    ///
    /// The operator takes that for the wish to write the configuration by hand: it makes an empty Secret, and
    /// `additionalScrapeConfigs` and everything else is ignored. Where the Prometheus has `additionalScrapeConfigs`, this is a
    /// warning.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   replicas: 1
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
    let all = chain.prometheuses.iter();
    all.filter(|Prometheus { outcome, .. }| matches!(outcome.verdict, Verdict::Unmanaged))
        .map(|Prometheus { object: prometheus, .. }| {
            let message =
                format!("the operator leaves the configuration of `{}` to its user", prometheus.identity());
            let finding = Diagnostic::new(Code::UNMANAGED, message).about(prometheus.subject());
            let jobs = prometheus.at(&["spec", "additionalScrapeConfigs"]).filter(|jobs| !jobs.is_null());
            let finding = match jobs {
                Some(_) => finding
                    .level(Level::Warning)
                    .at(prometheus.place_at(&["spec", "additionalScrapeConfigs"]), "this is ignored"),
                None => finding.at(prometheus.place(), ""),
            };
            finding
                .note("none of its four monitor selectors is set, so the operator only makes an empty Secret")
                .help("set `serviceMonitorSelector: {}` to select every ServiceMonitor of its namespace")
        })
        .collect()
}
