use serde_json::json;

use super::wording;
use crate::chain::Chain;
use crate::chain::alike;
use crate::chain::selection::{Cause, Selected, Unmet};
use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::model::object::Object;
use crate::model::selector::{Requirement, Selector};
use crate::rules::rule;
use crate::source::edit;

rule! {
    /// A `ServiceMonitor`, `PodMonitor`, `Probe` or `ScrapeConfig` has labels that no Prometheus of the input asks for in its
    /// `serviceMonitorSelector` (`podMonitorSelector`, `probeSelector`, `scrapeConfigSelector`).
    ///
    /// ## Why it matters
    ///
    /// The operator leaves the monitor out and says so nowhere: no event, no target, no error. Charts make Prometheuses ask for a
    /// label such as `release`, and a label with a letter missing looks right to everybody.
    ///
    /// Another Prometheus, outside of the input, may select it; so this is a warning. Where the input shows every Prometheus
    /// (`--complete=Prometheus,PrometheusAgent`) it is an error.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: Prometheus
    /// metadata: {name: main, namespace: shop}
    /// spec:
    ///   serviceMonitorSelector: {matchLabels: {team: etcd-exporter}}
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata:
    ///   name: etcd
    ///   namespace: shop
    ///   labels:
    ///     team: etcd-expoter
    /// spec:
    ///   selector: {matchLabels: {app: etcd}}
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
    ///   serviceMonitorSelector: {matchLabels: {team: etcd-exporter}}
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata:
    ///   name: etcd
    ///   namespace: shop
    ///   labels:
    ///     team: etcd-exporter
    /// spec:
    ///   selector: {matchLabels: {app: etcd}}
    ///   endpoints: [{port: metrics}]
    /// ```
    MONITOR_NOT_SELECTED, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    chain.selections.iter().filter_map(|selected| judge(chain, selected)).collect()
}

fn judge(chain: &Chain<'_>, selected: &Selected<'_>) -> Option<Diagnostic> {
    let (nearest, unmet) = match wording::nearest_of_none(selected)? {
        unselected if matches!(unselected.cause, Cause::Labels(_)) => match &unselected.cause {
            Cause::Labels(unmet) => (unselected, unmet),
            _ => return None,
        },
        _ => return None,
    };
    let (monitor, prometheus) = (selected.monitor, nearest.prometheus);
    let message = format!("`{}` is selected by no Prometheus", monitor.identity());
    let first = unmet.first()?;
    let labels = monitor.at(&["metadata", "labels"]);
    let written = labels.and_then(|labels| labels.get(first.requirement.key()));
    let mut finding =
        wording::of_selection(chain, selected, Diagnostic::new(Code::MONITOR_NOT_SELECTED, message));
    finding = match (written, first.meant()) {
        (Some(value), Some(meant)) => finding.at(value.place(), format!("did you mean `{meant}`?")),
        (Some(value), None) => finding.at(value.place(), format!("`{}` is not met", first.requirement)),
        (None, _) => {
            let place = monitor.at(&["metadata"]).and_then(|metadata| metadata.key_place("labels"));
            let place = place.unwrap_or_else(|| monitor.place());
            finding.at(place, format!("the label `{}` is missing", first.requirement.key()))
        }
    };
    for unmet in unmet {
        let at = unmet.requirement.node().map(|node| prometheus.document().node(node).place());
        let text = format!("`{}` asks for `{}`", prometheus.identity(), unmet.requirement);
        finding = finding.with(at.unwrap_or_else(|| prometheus.place()), text);
    }
    let finding = match first
        .found
        .as_deref()
        .filter(|_| first.meant().is_none())
        .and_then(|found| slip(monitor, first, found))
    {
        Some(meant) => {
            finding.note(format!("its own selector asks for `{meant}`: is this a slip of the pen?"))
        }
        None => finding,
    };
    let finding = wording::others(finding, selected, nearest);
    let fix = fix(monitor, unmet);
    Some(if fix.is_none() { finding.help(remedy(unmet)) } else { finding.fix(fix) })
}

/// What the value of a label may be a slip of: the value that the monitor's own selector asks for under the same key.
fn slip(monitor: Object<'_>, unmet: &Unmet, found: &str) -> Option<String> {
    let selector = Selector::read(monitor.at(&["spec", "selector"])?).selector;
    let same_key = selector.requirements().iter().filter(|own| own.key() == unmet.requirement.key());
    let values = same_key.flat_map(Requirement::values).map(String::as_str);
    alike::closest(found, values).map(|meant| format!("{}: {meant}", unmet.requirement.key()))
}

fn remedy(unmet: &[Unmet]) -> String {
    let asked: Vec<String> = unmet.iter().map(|unmet| format!("`{}`", unmet.requirement)).collect();
    format!(
        "give the monitor labels that meet {}, or widen the selector of the Prometheus",
        asked.join(" and ")
    )
}

/// Gives the monitor the labels it lacks, where each has one value to choose.
fn fix(monitor: Object<'_>, unmet: &[Unmet]) -> Option<Fix> {
    let [unmet] = unmet else { return None };
    let (key, value) = (unmet.requirement.key(), unmet.remedy()?);
    let metadata = monitor.at(&["metadata"])?;
    let added = format!("add the label `{key}: {value}`");
    let (description, edit) = match metadata.get("labels") {
        None => (added, edit::add_behind(metadata, "name", "labels", &json!({key: value}))?),
        Some(labels) => match labels.get(key) {
            Some(written) => {
                (format!("change the label to `{key}: {value}`"), edit::replace(written, value)?)
            }
            None => (added, edit::add_entry(labels, key, value)?),
        },
    };
    Some(Fix { description, edits: vec![edit] })
}
