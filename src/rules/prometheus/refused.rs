use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;
use crate::rules::verdicts::{Fault, of_refusal, refused};

rule! {
    /// The operator accepts a monitor, or a setting of a Prometheus, and Prometheus refuses the configuration that is made of it.
    /// Frequent causes have rules of their own.
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
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    ///   additionalScrapeConfigs: {name: jobs, key: jobs.yaml}
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: jobs, namespace: shop}
    /// stringData:
    ///   jobs.yaml: |
    ///     - job_name: legacy
    ///       scrap_interval: 30s
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
    ///   additionalScrapeConfigs: {name: jobs, key: jobs.yaml}
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: jobs, namespace: shop}
    /// stringData:
    ///   jobs.yaml: |
    ///     - job_name: legacy
    ///       scrape_interval: 30s
    /// ```
    PROMETHEUS_REFUSES, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    refused(chain, Fault::Other)
        .map(|part| {
            of_refusal(Code::PROMETHEUS_REFUSES, part).help("change what Prometheus' words are about")
        })
        .collect()
}
