use super::wording;
use crate::chain::Chain;
use crate::chain::near::Miss;
use crate::chain::targets::Targets;
use crate::diagnostic::{Code, Diagnostic, Verdict};
use crate::rules::rule;

rule! {
    /// The selector of a `ServiceMonitor` asks for the labels of pods, or for the name of a Service, and no Service has such labels.
    ///
    /// ## Why it matters
    ///
    /// A `ServiceMonitor` selects Services by `metadata.labels` of the Service. What stands in `spec.selector` of the Service is about
    /// its pods, and its name is no label; a Service without labels can be selected by none.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9100}]
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
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: web, namespace: shop, labels: {app: web}}
    /// spec:
    ///   selector: {app: web}
    ///   ports: [{name: metrics, port: 9100}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{port: metrics}]
    /// ```
    LABELS_OF_PODS, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    chain.targets.iter().filter_map(|targets| judge(chain, targets)).collect()
}

fn judge(chain: &Chain<'_>, targets: &Targets<'_>) -> Option<Diagnostic> {
    let verdict = targets.verdict(&chain.setting);
    let nearest = targets.nearest.as_ref().filter(|_| verdict != Verdict::Holds)?;
    let (monitor, service) = (targets.monitor, nearest.object);
    let (what, place, label) = match &nearest.why {
        Miss::PodLabels => (
            "the labels of pods",
            monitor.place_at(&["spec", "selector"]),
            (
                service.place_at(&["spec", "selector"]),
                format!("`{}` selects its pods by them", service.identity()),
            ),
        ),
        Miss::Name { requirement } => (
            "the name of a Service",
            wording::place_of(monitor, requirement),
            (service.place(), format!("`{}` has the name, and not the label", service.identity())),
        ),
        _ => return None,
    };
    let text = format!(
        "`{}` asks for {what}, and no Service in {} has such labels",
        monitor.identity(),
        targets.namespaces.describe()
    );
    let finding = wording::of_end(verdict, monitor, Diagnostic::new(Code::LABELS_OF_PODS, text));
    Some(
        finding
            .at(place, "")
            .with(label.0, label.1)
            .note("a ServiceMonitor selects by `metadata.labels` of Services")
            .help(format!(
                "give `{}` the labels that are asked for, or ask for those it has",
                service.identity()
            )),
    )
}
