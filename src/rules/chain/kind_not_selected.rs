use super::wording;
use crate::chain::Chain;
use crate::chain::selection::{Cause, Selected};
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;

rule! {
    /// There are monitors of a kind, and no Prometheus of the input has a selector for the kind.
    ///
    /// ## Why it matters
    ///
    /// A selector that is absent or null selects nothing; `{}` selects everything. Of a Prometheus that only has a
    /// `serviceMonitorSelector`, no `PodMonitor`, `Probe` or `ScrapeConfig` gets anywhere, and nothing says so.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {}
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: PodMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   podMetricsEndpoints: [{port: metrics}]
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
    ///   podMonitorSelector: {}
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: PodMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   podMetricsEndpoints: [{port: metrics}]
    /// ```
    KIND_NOT_SELECTED, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    chain.selections.iter().filter_map(|selected| judge(chain, selected)).collect()
}

fn judge(chain: &Chain<'_>, selected: &Selected<'_>) -> Option<Diagnostic> {
    let nearest = wording::nearest_of_none(selected)?;
    if !matches!(nearest.cause, Cause::NoSelector) {
        return None;
    }
    let (monitor, prometheus, field) = (selected.monitor, nearest.prometheus, selected.kind.selector_field());
    let message = format!("`{}` is selected by no Prometheus: none has a `{field}`", monitor.identity());
    let finding = Diagnostic::new(Code::KIND_NOT_SELECTED, message)
        .at(monitor.place_at(&["kind"]), "")
        .with(prometheus.place_at(&["spec"]), format!("`{}` has no `{field}`", prometheus.identity()))
        .note("a selector that is absent selects nothing, and `{}` everything")
        .help(format!("set `{field}: {{}}`, or one that asks for labels of the monitor"));
    Some(wording::others(wording::of_selection(chain, selected, finding), selected, nearest))
}
