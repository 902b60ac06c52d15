use crate::chain::{Chain, TargetNamespaces};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::rules::chain::wording;
use crate::rules::rule;

rule! {
    /// The `selector` of a ServiceMonitor or PodMonitor is empty. In all namespaces, this is a warning.
    ///
    /// ## Why it matters
    ///
    /// For a monitor an empty selector is everything in its namespaces; there is none that selects nothing. Every Service with a
    /// port of that name becomes targets.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {}
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
    ///   endpoints: [{port: metrics}]
    /// ```
    SELECTS_EVERYTHING, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let open = chain.targets.iter().filter(|targets| {
        targets.selector.as_ref().is_some_and(crate::model::selector::Selector::is_everything)
    });
    open.map(|targets| {
        let monitor = targets.monitor;
        let what = wording::what(targets.kind);
        let everywhere = targets.namespaces == TargetNamespaces::All;
        let message =
            format!("`{}` selects every {what} in {}", monitor.identity(), targets.namespaces.describe());
        Diagnostic::new(Code::SELECTS_EVERYTHING, message)
            .level(if everywhere { Level::Warning } else { Level::Info })
            .about(monitor.subject())
            .at(
                wording::first_line(monitor.place_at(&["spec", "selector"])),
                "an empty selector is everything",
            )
    })
    .collect()
}
