use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::parts::is_true;
use crate::rules::rule;
use crate::source::Node;

rule! {
    /// A `namespaceSelector` has `any: true` and `matchNames`.
    ///
    /// ## Why it matters
    ///
    /// `any: true` wins: the names have no effect, and the monitor looks into every namespace.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   namespaceSelector: {any: true, matchNames: [shop]}
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
    ///   namespaceSelector: {matchNames: [shop]}
    ///   endpoints: [{port: metrics}]
    /// ```
    ANY_BESIDE_NAMES, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let monitors = chain.selections.iter().map(|selected| selected.monitor);
    monitors
        .filter_map(|monitor| {
            let paths: [&[&str]; 2] =
                [&["spec", "namespaceSelector"], &["spec", "targets", "ingress", "namespaceSelector"]];
            let path = paths.into_iter().find(|path| {
                monitor.at(path).is_some_and(|selector| {
                    is_true(selector, "any")
                        && selector.get("matchNames").is_some_and(|names| names.items().len() > 0)
                })
            })?;
            let selector: Node<'_> = monitor.at(path)?;
            let message = format!("`{}` names namespaces, and looks into all of them", monitor.identity());
            Some(
                Diagnostic::new(Code::ANY_BESIDE_NAMES, message)
                    .about(monitor.subject())
                    .at(selector.key_place("matchNames")?, "these names have no effect")
                    .with(selector.key_place("any")?, "this wins")
                    .help("remove one of them"),
            )
        })
        .collect()
}
