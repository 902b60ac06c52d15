use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;
use crate::rules::verdicts::{Cause, rejected};

rule! {
    /// `prober.url` of a Probe is to be `HOST` or `HOST:PORT`, and is something else: mostly a whole URL.
    ///
    /// ## Why it matters
    ///
    /// The operator rejects the Probe. The scheme has a field of its own, and so has the path.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Probe
    /// metadata: {name: site, namespace: shop}
    /// spec:
    ///   prober: {url: "http://blackbox.shop.svc:9115"}
    ///   targets: {staticConfig: {static: [example.com]}}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Probe
    /// metadata: {name: site, namespace: shop}
    /// spec:
    ///   prober: {url: "blackbox.shop.svc:9115", scheme: http}
    ///   targets: {staticConfig: {static: [example.com]}}
    /// ```
    PROBER_URL, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    rejected(chain, Cause::Prober)
        .map(|rejected| {
            rejected
                .finding(Code::PROBER_URL, "")
                .help("write `HOST:PORT`; scheme and path go to `prober.scheme` and `prober.path`")
        })
        .collect()
}
