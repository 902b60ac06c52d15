use crate::chain::Chain;
use crate::chain::prometheus::Prometheus;
use crate::diagnostic::{Code, Diagnostic};
use crate::operator::Verdict;
use crate::rules::chain::wording;
use crate::rules::rule;

rule! {
    /// The operator gives up on a Prometheus: its version is none, one of its selectors is invalid, its scrape classes contradict
    /// each other, its remote write is incomplete, and the like.
    ///
    /// ## Why it matters
    ///
    /// Nothing is written then: a new Prometheus gets no pods, and one that runs keeps its old configuration, whatever else
    /// changes. Only the condition `Reconciled` of the resource and the log of the operator say so.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    ///   version: "1.8"
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
    ///   version: v3.13.1
    /// ```
    RECONCILIATION_FAILS, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let all = chain.prometheuses.iter();
    all.filter_map(|Prometheus { object: prometheus, outcome, .. }| {
        let Verdict::Failed(refusal) = &outcome.verdict else { return None };
        let path: Vec<&str> = refusal.path.iter().map(String::as_str).collect();
        let message = format!("the operator cannot reconcile `{}`: {refusal}", prometheus.identity());
        Some(
            Diagnostic::new(Code::RECONCILIATION_FAILS, message)
                .about(prometheus.subject())
                .at(wording::first_line(prometheus.place_at(&path)), "")
                .help("change what the operator's words are about"),
        )
    })
    .collect()
}
