use super::wording;
use crate::chain::Chain;
use crate::chain::near::Miss;
use crate::chain::targets::{Targets, base};
use crate::diagnostic::{Code, Diagnostic, Fix, Verdict};
use crate::model::object::Object;
use crate::model::selector::{Operator, Requirement};
use crate::rules::rule;
use crate::source::edit;

rule! {
    /// The selector of a `ServiceMonitor`, `PodMonitor` or Probe finds nothing in the namespaces it looks into, and there is something it
    /// nearly finds: a label that differs by a letter, the same value under another key, or everything but one requirement.
    ///
    /// ## Why it matters
    ///
    /// The job is there, and has no targets: no error, no `up` that is 0, and alerts on missing data stay silent too.
    ///
    /// What is meant may be outside of the input; so this is a warning. Where the input shows all of it (`--complete=Service`) it
    /// is an error, also if nothing is near. That labels are in another namespace is [PW205](PW205.md).
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: checkout, namespace: shop, labels: {app: checkout}}
    /// spec:
    ///   selector: {app: checkout}
    ///   ports: [{name: metrics, port: 9100}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: checkout, namespace: shop}
    /// spec:
    ///   selector:
    ///     matchLabels:
    ///       app: chekout
    ///   endpoints: [{port: metrics}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: checkout, namespace: shop, labels: {app: checkout}}
    /// spec:
    ///   selector: {app: checkout}
    ///   ports: [{name: metrics, port: 9100}]
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: checkout, namespace: shop}
    /// spec:
    ///   selector:
    ///     matchLabels:
    ///       app: checkout
    ///   endpoints: [{port: metrics}]
    /// ```
    SELECTS_NOTHING, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    chain.targets.iter().filter_map(|targets| judge(chain, targets)).collect()
}

fn judge(chain: &Chain<'_>, targets: &Targets<'_>) -> Option<Diagnostic> {
    let verdict = targets.verdict(&chain.setting);
    if verdict == Verdict::Holds {
        return None;
    }
    let monitor = targets.monitor;
    let what = wording::what(targets.kind);
    let finding = || {
        let text = format!("`{}` finds no {what} in {}", monitor.identity(), targets.namespaces.describe());
        wording::of_end(verdict, monitor, Diagnostic::new(Code::SELECTS_NOTHING, text))
    };
    let Some(nearest) = &targets.nearest else {
        // Nothing is near, and nothing can be elsewhere.
        let text = "nothing in the input has these labels";
        let place = monitor.place_at(&[base(targets.kind), &["selector"]].concat());
        return (verdict == Verdict::Broken).then(|| finding().at(place, text));
    };
    let object = nearest.object;
    let (requirement, label, fix) = match &nearest.why {
        Miss::Value { requirement, asked, found } => {
            let fix = replace_value(monitor, requirement, asked, found);
            (requirement, format!("did you mean `{found}`?"), fix)
        }
        Miss::Key { requirement, found } => (
            requirement,
            format!("did you mean the key `{found}`?"),
            replace_key(monitor, requirement, found),
        ),
        Miss::OneShort { requirement, found: Some(found) } => {
            (requirement, format!("`{}` is `{found}` there", requirement.key()), None)
        }
        Miss::OneShort { requirement, found: None } => {
            (requirement, "this label is missing there".to_owned(), None)
        }
        Miss::Namespace | Miss::PodLabels | Miss::Name { .. } => return None,
    };
    let finding = finding()
        .at(wording::place_of(monitor, requirement), label)
        .with(wording::labels_of(object), format!("`{}` has these labels", object.identity()));
    Some(if fix.is_none() {
        finding.help(format!(
            "ask for labels that `{}` has, or give it those that are asked for",
            object.identity()
        ))
    } else {
        finding.fix(fix)
    })
}

fn replace_value(monitor: Object<'_>, requirement: &Requirement, asked: &str, found: &str) -> Option<Fix> {
    let node = monitor.document().node(requirement.node()?);
    let value = match requirement.operator() {
        Operator::Equals => node,
        _ => node.get("values")?.items().find(|value| value.as_str() == Some(asked))?,
    };
    let description = format!("ask for `{}: {found}`", requirement.key());
    Some(Fix { description, edits: vec![edit::replace(value, found)?] })
}

fn replace_key(monitor: Object<'_>, requirement: &Requirement, found: &str) -> Option<Fix> {
    let edits = match requirement.operator() {
        Operator::Equals => {
            let labels = monitor.at(&["spec", "selector", "matchLabels"])?;
            vec![edit::rename(labels, requirement.key(), found)?]
        }
        _ => vec![edit::replace(monitor.document().node(requirement.node()?).get("key")?, found)?],
    };
    Some(Fix { description: format!("ask for the key `{found}`"), edits })
}
