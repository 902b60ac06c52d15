use super::wording;
use crate::chain::Chain;
use crate::chain::files::There;
use crate::chain::references::Reached;
use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::model::object::Object;
use crate::rules::rule;
use crate::source::{Node, edit};

rule! {
    /// A monitor refers to a key that its Secret or `ConfigMap` does not have, or names a file that would be such a key.
    ///
    /// ## Why it matters
    ///
    /// The operator rejects the whole monitor, with all of its endpoints. Of a file that is missing in the pods of a Prometheus it knows
    /// nothing: Prometheus leaves out the job, and its log says why.
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
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints:
    ///   - port: metrics
    ///     basicAuth:
    ///       username: {name: login, key: user}
    ///       password: {name: login, key: pasword}
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: login, namespace: shop}
    /// stringData: {user: prometheus, password: example}
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
    ///   endpoints:
    ///   - port: metrics
    ///     basicAuth:
    ///       username: {name: login, key: user}
    ///       password: {name: login, key: password}
    /// ---
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: login, namespace: shop}
    /// stringData: {user: prometheus, password: example}
    /// ```
    NO_SUCH_KEY, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let references = chain.references.iter().filter_map(|reference| {
        let Reached::NoKey(object, near) = &reference.to else { return None };
        let place = reference.node.get("key").unwrap_or(reference.node);
        let note = "the operator rejects the whole monitor";
        Some(judge(reference.monitor, reference.key, place, *object, near.as_deref(), note))
    });
    let files = chain.files.iter().filter_map(|file| {
        let There::NoKey(object, near) = &file.there else { return None };
        let key = file.path.rsplit('/').next().unwrap_or(file.path);
        let near = near.as_deref().map(|near| file.path.replacen(key, near, 1));
        let note = "Prometheus leaves out the job if a file is missing";
        Some(judge(file.monitor, key, file.node, *object, near.as_deref(), note))
    });
    references.chain(files).collect()
}

fn judge(
    monitor: Object<'_>,
    key: &str,
    written: Node<'_>,
    object: Object<'_>,
    near: Option<&str>,
    note: &str,
) -> Diagnostic {
    let message =
        format!("`{}` refers to the key `{key}`, which `{}` lacks", monitor.identity(), object.identity());
    let label = near.map(|near| format!("did you mean `{near}`?")).unwrap_or_default();
    let finding = Diagnostic::new(Code::NO_SUCH_KEY, message)
        .about(monitor.subject())
        .at(written.place(), label)
        .with(wording::data_of(object), "its keys are here")
        .note(note);
    let fix = near.and_then(|near| {
        Some(Fix { description: format!("refer to `{near}`"), edits: vec![edit::replace(written, near)?] })
    });
    if fix.is_none() {
        finding.help("refer to a key that is there, or add this one")
    } else {
        finding.fix(fix)
    }
}
