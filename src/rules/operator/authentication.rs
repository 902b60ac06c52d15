use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;
use crate::rules::verdicts::{Cause, rejected};

rule! {
    /// An endpoint has two of `authorization`, `basicAuth`, `bearerTokenSecret` and `oauth2`. An empty one counts, too.
    ///
    /// ## Why it matters
    ///
    /// A request has one `Authorization` header. The operator rejects the whole monitor.
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
    ///     authorization: {credentials: {name: token, key: token}}
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
    ///     authorization: {credentials: {name: token, key: token}}
    /// ```
    SEVERAL_AUTHENTICATIONS, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    rejected(chain, Cause::Authentication)
        .map(|rejected| rejected.finding(Code::SEVERAL_AUTHENTICATIONS, "").help("leave one of them"))
        .collect()
}
