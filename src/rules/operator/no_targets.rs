use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;
use crate::rules::verdicts::{Cause, rejected};

rule! {
    /// A Probe has neither `targets.staticConfig` nor `targets.ingress`.
    ///
    /// ## Why it matters
    ///
    /// The operator rejects it.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Probe
    /// metadata: {name: site, namespace: shop}
    /// spec:
    ///   prober: {url: "blackbox.shop.svc:9115"}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Probe
    /// metadata: {name: site, namespace: shop}
    /// spec:
    ///   prober: {url: "blackbox.shop.svc:9115"}
    ///   targets: {staticConfig: {static: [example.com]}}
    /// ```
    PROBE_WITHOUT_TARGETS, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    rejected(chain, Cause::NoTargets)
        .map(|rejected| {
            rejected
                .finding(Code::PROBE_WITHOUT_TARGETS, "")
                .help("say what to probe in `targets.staticConfig.static`")
        })
        .collect()
}
