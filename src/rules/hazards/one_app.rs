use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::kind::GroupKind;
use crate::operator::MonitorKind;
use crate::rules::rule;

rule! {
    /// The `serviceMonitorSelector` of a Prometheus selects one ServiceMonitor of its namespace, and others there are selected by
    /// none.
    ///
    /// ## Why it matters
    ///
    /// A selector that is made for one application leaves out the next one without a word.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {matchLabels: {team: web}}
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop, labels: {team: web}}
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
    /// metadata: {name: main, namespace: shop}
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
    SELECTOR_OF_ONE_APP, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let monitors = || chain.selections.iter().filter(|selected| selected.kind == MonitorKind::Service);
    let prometheuses = chain.setting.inventory.of_kind(GroupKind::PROMETHEUS);
    prometheuses
        .filter_map(|prometheus| {
            let mut mine = monitors().filter(|selected| selected.by.iter().any(|by| by.id() == prometheus.id()));
            let (only, None) = (mine.next()?, mine.next()) else { return None };
            let left = monitors().find(|selected| {
                selected.by.is_empty()
                    && selected.perhaps.is_empty()
                    && selected.monitor.namespace() == prometheus.namespace()
            })?;
            let message = format!(
                "`{}` selects `{}` only, and `{}` is selected by none",
                prometheus.identity(), only.monitor.identity(), left.monitor.identity()
            );
            Some(
                Diagnostic::new(Code::SELECTOR_OF_ONE_APP, message)
                    .about(prometheus.subject())
                    .at(prometheus.place_at(&["spec", "serviceMonitorSelector"]), "")
                    .help("select by a label that all monitors of this Prometheus have, or everything with `{}`"),
            )
        })
        .collect()
}
