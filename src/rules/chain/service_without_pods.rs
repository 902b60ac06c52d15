use super::wording;
use crate::chain::Chain;
use crate::chain::near::Miss;
use crate::chain::services::Backing;
use crate::diagnostic::{Code, Diagnostic, Fix, Verdict};
use crate::rules::rule;
use crate::source::edit;

rule! {
    /// The selector of a Service selects no pods, and nearly selects those of some workload in its namespace.
    ///
    /// ## Why it matters
    ///
    /// A Service without pods has no endpoints, so that nobody reaches it and Prometheus has no targets.
    ///
    /// The pods may be made by something outside of the input; so this is a warning. Where the input shows all workloads
    /// (`--complete`) it is an error, also if nothing is near.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: checkout, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: checkout}}
    ///   template:
    ///     metadata: {labels: {app: checkout}}
    ///     spec:
    ///       containers: [{name: checkout, image: "checkout:1"}]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: checkout, namespace: shop}
    /// spec:
    ///   selector:
    ///     app: checkuot
    ///   ports: [{name: http, port: 80, targetPort: 8080}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: checkout, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: checkout}}
    ///   template:
    ///     metadata: {labels: {app: checkout}}
    ///     spec:
    ///       containers: [{name: checkout, image: "checkout:1"}]
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: checkout, namespace: shop}
    /// spec:
    ///   selector:
    ///     app: checkout
    ///   ports: [{name: http, port: 80, targetPort: 8080}]
    /// ```
    SERVICE_WITHOUT_PODS, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    chain.backings.all().filter_map(|backing| judge(chain, backing)).collect()
}

fn judge(chain: &Chain<'_>, backing: &Backing<'_>) -> Option<Diagnostic> {
    let verdict = backing.verdict(&chain.setting);
    if verdict == Verdict::Holds || !backing.has_selector() {
        return None;
    }
    let service = backing.service;
    let selector = service.place_at(&["spec", "selector"]);
    let message = format!("`{}` selects no pods", service.identity());
    let finding = wording::of_end(verdict, service, Diagnostic::new(Code::SERVICE_WITHOUT_PODS, message));
    let Some(nearest) = backing.nearest.as_ref().filter(|nearest| !matches!(nearest.why, Miss::Namespace))
    else {
        return (verdict == Verdict::Broken)
            .then(|| finding.at(selector, "no pods in the namespace have these labels"));
    };
    let (requirement, label, replacement) = match &nearest.why {
        Miss::Value { requirement, found, .. } => {
            (requirement, format!("did you mean `{found}`?"), Some(found))
        }
        Miss::Key { requirement, found } => (requirement, format!("did you mean the key `{found}`?"), None),
        Miss::OneShort { requirement, found: Some(found) } => {
            (requirement, format!("`{}` is `{found}` there", requirement.key()), None)
        }
        Miss::OneShort { requirement, .. } => (requirement, "this label is missing there".to_owned(), None),
        Miss::Namespace | Miss::PodLabels | Miss::Name { .. } => return None,
    };
    let fix = replacement.and_then(|found| {
        let written = service.document().node(requirement.node()?);
        let edits = vec![edit::replace(written, found)?];
        Some(Fix { description: format!("select `{}: {found}`", requirement.key()), edits })
    });
    let finding = finding.at(wording::place_of(service, requirement), label).with(
        wording::labels_of(nearest.object),
        format!("the labels of the pods of `{}`", nearest.object.identity()),
    );
    Some(if fix.is_none() {
        finding.help("select labels that the pods have, or give them those that are selected")
    } else {
        finding.fix(fix)
    })
}
