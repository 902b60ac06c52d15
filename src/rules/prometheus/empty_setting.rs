use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;
use crate::rules::verdicts::{Fault, of_refusal, refused};

rule! {
    /// An entry of `targetLabels` or `podTargetLabels` is empty, or the `scrapeInterval` of a Prometheus is.
    ///
    /// ## Why it matters
    ///
    /// The operator does not look at it and writes it into the configuration. Prometheus takes a configuration as a whole or not at
    /// all: no job of any team changes any more, and new pods do not start.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   targetLabels: [team, ""]
    ///   endpoints: [{port: metrics}]
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
    ///   targetLabels: [team]
    ///   endpoints: [{port: metrics}]
    /// ```
    EMPTY_SETTING, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    refused(chain, Fault::Empty)
        .map(|part| of_refusal(Code::EMPTY_SETTING, part).help("remove the empty text"))
        .collect()
}
