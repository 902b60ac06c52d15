use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;
use crate::rules::verdicts::{Fault, of_refusal, refused};

rule! {
    /// A ServiceMonitor has `bearerTokenFile` beside another way of authentication, a Probe has two ways, or a scrape class adds an
    /// `authorization` to a monitor that has another one.
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
    ///   endpoints:
    ///   - port: metrics
    ///     bearerTokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token
    ///     basicAuth: {username: {name: login, key: user}, password: {name: login, key: password}}
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
    ///   endpoints:
    ///   - port: metrics
    ///     basicAuth: {username: {name: login, key: user}, password: {name: login, key: password}}
    /// ```
    AUTHENTICATION_TWICE, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    refused(chain, Fault::Authentication)
        .map(|part| of_refusal(Code::AUTHENTICATION_TWICE, part).help("leave one of them"))
        .collect()
}
