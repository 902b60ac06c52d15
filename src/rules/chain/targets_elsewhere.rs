use serde_json::json;

use super::wording;
use crate::chain::near::Miss;
use crate::chain::targets::{Targets, base};
use crate::chain::{Chain, alike};
use crate::diagnostic::{Code, Diagnostic, Fix, Verdict};
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::model::workload;
use crate::operator::MonitorKind;
use crate::rules::rule;
use crate::source::edit;

rule! {
    /// The selector of a `ServiceMonitor`, `PodMonitor` or Probe finds nothing in the namespaces it looks into, and what it asks for is in
    /// another one.
    ///
    /// ## Why it matters
    ///
    /// Without a `namespaceSelector` a monitor looks into its own namespace only. Monitors are often kept in the namespace of the
    /// Prometheus, and what they monitor is elsewhere.
    ///
    /// The same labels may also be in this namespace, outside of the input; so this is a warning. Where the input shows all Services
    /// (`--complete=Service`) it is an error.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {app: web}}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9100}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: monitoring}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{port: metrics}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {app: web}}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9100}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: monitoring}
    /// spec:
    ///   namespaceSelector: {matchNames: [shop]}
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{port: metrics}]
    /// ```
    TARGETS_ELSEWHERE, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    chain.targets.iter().filter_map(|targets| judge(chain, targets)).collect()
}

fn judge(chain: &Chain<'_>, targets: &Targets<'_>) -> Option<Diagnostic> {
    let verdict = targets.verdict(&chain.setting);
    let nearest = targets.nearest.as_ref().filter(|nearest| matches!(nearest.why, Miss::Namespace))?;
    if verdict == Verdict::Holds {
        return None;
    }
    let (monitor, object) = (targets.monitor, nearest.object);
    let what = wording::what(targets.kind);
    let namespace = object.namespace();
    let text = format!(
        "`{}` finds no {what} in {}, and there is one in {}",
        monitor.identity(),
        targets.namespaces.describe(),
        namespace.map_or_else(|| "none".to_owned(), |name| format!("`{name}`"))
    );
    let finding = wording::of_end(verdict, monitor, Diagnostic::new(Code::TARGETS_ELSEWHERE, text));
    let selector = monitor
        .at(&[base(targets.kind), &["namespaceSelector"]].concat())
        .filter(|node| node.entries().len() > 0);
    let finding = match selector {
        Some(_) => finding.at(
            monitor.place_at(&[base(targets.kind), &["namespaceSelector", "matchNames"]].concat()),
            "it looks here",
        ),
        None => finding.at(
            monitor.place_at(base(targets.kind)),
            "without a `namespaceSelector` it looks into its own namespace only",
        ),
    };
    let finding = finding.with(object.place(), format!("`{}` has the labels", object.identity()));
    let finding = match targets.confined_by {
        Some(prometheus) => finding
            .with(
                prometheus.place_at(&["spec", "ignoreNamespaceSelectors"]),
                format!("`{}` makes monitors look into their own namespace only", prometheus.identity()),
            )
            .help(format!("move the monitor to the namespace of the {what}")),
        None => match namespace {
            Some(name) => match fix(chain, targets, name) {
                Some(fix) => finding.fix(Some(fix)),
                None => finding.help(format!(
                    "add `namespaceSelector: {{matchNames: [{name}]}}` to its `{}`",
                    base(targets.kind).join(".")
                )),
            },
            None => finding.help("-n says which namespace the objects are in that name none"),
        },
    };
    Some(finding)
}

/// Makes the monitor look into the namespace, where it is the only one that has what it asks for.
fn fix(chain: &Chain<'_>, targets: &Targets<'_>, namespace: &str) -> Option<Fix> {
    let selector = targets.selector.as_ref()?;
    let is_elsewhere = |object: &Object<'_>| object.namespace() != Some(namespace);
    let fits_elsewhere = match targets.kind {
        MonitorKind::Service => {
            let mut services = chain.setting.inventory.of_kind(GroupKind::SERVICE);
            services.any(|service| is_elsewhere(&service) && selector.matches(&service.labels()))
        }
        MonitorKind::Pod => workload::all(chain.setting.inventory)
            .any(|(object, template)| is_elsewhere(&object) && selector.matches(&template.labels())),
        _ => true,
    };
    if fits_elsewhere {
        return None;
    }
    let spec = targets.monitor.at(base(targets.kind))?;
    let Some(written) = spec.get("namespaceSelector") else {
        let value = json!({"matchNames": [namespace]});
        let edit = edit::add_first_entry(spec, "namespaceSelector", &value)?;
        return Some(Fix {
            description: format!("look into the namespace `{namespace}`"),
            edits: vec![edit],
        });
    };
    // A name that is another one with a slip of the pen in it.
    let mut names = written.get("matchNames")?.items();
    let (only, None) = (names.next()?, names.next()) else { return None };
    if !alike::is_slip(only.as_str()?, namespace) {
        return None;
    }
    let edits = vec![edit::replace(only, namespace)?];
    Some(Fix { description: format!("look into the namespace `{namespace}`"), edits })
}
