use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;
use crate::rules::verdicts::{Fault, of_refusal, refused};

rule! {
    /// A `kubernetesSDConfigs` of a ScrapeConfig has authentication, TLS, a proxy, `followRedirects` or `enableHTTP2`, and no
    /// `apiServer`.
    ///
    /// ## Why it matters
    ///
    /// The operator does not look at it and writes it into the configuration. Prometheus takes a configuration as a whole or not at
    /// all: no job of any team changes any more, and new pods do not start.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1alpha1
    /// kind: ScrapeConfig
    /// metadata: {name: nodes, namespace: shop}
    /// spec:
    ///   kubernetesSDConfigs:
    ///   - {role: Node, followRedirects: false}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1alpha1
    /// kind: ScrapeConfig
    /// metadata: {name: nodes, namespace: shop}
    /// spec:
    ///   kubernetesSDConfigs:
    ///   - {role: Node}
    /// ```
    CLIENT_WITHOUT_SERVER, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    refused(chain, Fault::NoServer)
        .map(|part| {
            of_refusal(Code::CLIENT_WITHOUT_SERVER, part).help("name `apiServer`, or leave the options out")
        })
        .collect()
}
