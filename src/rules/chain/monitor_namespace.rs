use super::wording;
use crate::chain::Chain;
use crate::chain::selection::{Cause, Selected};
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::rule;

rule! {
    /// A monitor has the labels a Prometheus of the input asks for, and is in a namespace that no Prometheus looks into.
    ///
    /// ## Why it matters
    ///
    /// Without a `serviceMonitorNamespaceSelector` (`podMonitorNamespaceSelector`, …) a Prometheus looks into its own namespace
    /// only; with `{}` into all. A monitor anywhere else is left out without a word.
    ///
    /// Another Prometheus, outside of the input, may look there; so this is a warning. Where the input shows every Prometheus
    /// (`--complete=Prometheus,PrometheusAgent`) it is an error.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: monitoring}
    /// spec:
    ///   serviceMonitorSelector: {}
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{port: metrics}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: monitoring}
    /// spec:
    ///   serviceMonitorSelector: {}
    ///   serviceMonitorNamespaceSelector: {}
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{port: metrics}]
    /// ```
    MONITOR_NAMESPACE, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    chain.selections.iter().filter_map(|selected| judge(chain, selected)).collect()
}

fn judge(chain: &Chain<'_>, selected: &Selected<'_>) -> Option<Diagnostic> {
    let nearest = wording::nearest_of_none(selected)?;
    let (monitor, prometheus) = (selected.monitor, nearest.prometheus);
    let field = selected.kind.namespace_selector_field();
    let message = format!("`{}` is in a namespace no Prometheus looks into", monitor.identity());
    let finding = wording::of_selection(chain, selected, Diagnostic::new(Code::MONITOR_NAMESPACE, message))
        .at(monitor.place_at(&["metadata", "namespace"]), "");
    let finding = match &nearest.cause {
        Cause::OtherNamespace => {
            let text = format!(
                "`{}` has no `{field}`, and looks into its own namespace only",
                prometheus.identity()
            );
            finding
                .with(prometheus.place(), text)
                .help(format!("set `{field}: {{}}` to look into all, or move the monitor"))
        }
        Cause::NamespaceLabels(unmet) => {
            let finding = unmet.iter().fold(finding, |finding, unmet| {
                let node = unmet.requirement.node();
                let place = node.map(|node| prometheus.document().node(node).place());
                let text =
                    format!("`{}` asks the namespace for `{}`", prometheus.identity(), unmet.requirement);
                finding.with(place.unwrap_or_else(|| prometheus.place()), text)
            });
            finding.help("give the Namespace the labels, or widen the selector of the Prometheus")
        }
        Cause::Labels(_) | Cause::NoSelector => return None,
    };
    Some(wording::others(finding, selected, nearest))
}
