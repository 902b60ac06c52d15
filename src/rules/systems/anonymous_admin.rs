use super::containers::containers;
use crate::chain::Chain;
use crate::chain::Container;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::chain::wording;
use crate::rules::rule;

rule! {
    /// A Grafana has `GF_AUTH_ANONYMOUS_ENABLED` and the role `Admin` for whoever is not logged in.
    ///
    /// ## Why it matters
    ///
    /// Everybody who reaches it reads every data source, and changes and deletes what is there.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: grafana, namespace: monitoring}
    /// spec:
    ///   selector: {matchLabels: {app: grafana}}
    ///   template:
    ///     metadata: {labels: {app: grafana}}
    ///     spec:
    ///       containers:
    ///       - name: grafana
    ///         image: grafana/grafana:12.0.0
    ///         env:
    ///         - {name: GF_AUTH_ANONYMOUS_ENABLED, value: "true"}
    ///         - {name: GF_AUTH_ANONYMOUS_ORG_ROLE, value: Admin}
    ///         resources: {limits: {memory: 256Mi}}
    ///         securityContext: {readOnlyRootFilesystem: true}
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: grafana, namespace: monitoring}
    /// spec:
    ///   selector: {matchLabels: {app: grafana}}
    ///   template:
    ///     metadata: {labels: {app: grafana}}
    ///     spec:
    ///       containers:
    ///       - name: grafana
    ///         image: grafana/grafana:12.0.0
    ///         env:
    ///         - {name: GF_AUTH_ANONYMOUS_ENABLED, value: "true"}
    ///         - {name: GF_AUTH_ANONYMOUS_ORG_ROLE, value: Viewer}
    ///         resources: {limits: {memory: 256Mi}}
    ///         securityContext: {readOnlyRootFilesystem: true}
    /// ```
    ANONYMOUS_ADMIN, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let own = containers(chain).filter(|container| container.is_of_monitoring());
    own.filter(|container| is_wrong(*container))
        .map(|container| {
            let object = container.object;
            Diagnostic::new(
                Code::ANONYMOUS_ADMIN,
                format!("`{}` makes everybody an administrator", object.identity()),
            )
            .about(object.subject())
            .at(wording::first_line(container.node.place()), "")
            .help("let them log in, or use the role `Viewer`")
        })
        .collect()
}

fn is_wrong(container: Container<'_>) -> bool {
    let is_on =
        container.variable("GF_AUTH_ANONYMOUS_ENABLED").is_some_and(|word| word.eq_ignore_ascii_case("true"));
    is_on
        && container
            .variable("GF_AUTH_ANONYMOUS_ORG_ROLE")
            .is_some_and(|role| role.eq_ignore_ascii_case("admin"))
}
