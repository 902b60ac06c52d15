use crate::chain::Chain;
use crate::chain::selection::PROMETHEUS_KINDS;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::model::object::Object;
use crate::operator::deployed::{self, Deployed};
use crate::operator::{Flags, Reality};
use crate::rules::rule;

rule! {
    /// The Deployment of the operator is in the input, and its flags (`--namespaces`, `--deny-namespaces`,
    /// `--prometheus-instance-namespaces`) leave out the namespace of a monitor or Prometheus.
    ///
    /// ## Why it matters
    ///
    /// Whatever the selectors of the Prometheus say, the operator does not see objects of such a namespace.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: web}}
    ///   endpoints: [{port: metrics}]
    /// ---
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: prometheus-operator, namespace: monitoring}
    /// spec:
    ///   selector: {matchLabels: {app: operator}}
    ///   template:
    ///     metadata: {labels: {app: operator}}
    ///     spec:
    ///       containers:
    ///       - name: operator
    ///         image: quay.io/prometheus-operator/prometheus-operator:v0.93.0
    ///         args: ["--namespaces=monitoring"]
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
    /// ---
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: prometheus-operator, namespace: monitoring}
    /// spec:
    ///   selector: {matchLabels: {app: operator}}
    ///   template:
    ///     metadata: {labels: {app: operator}}
    ///     spec:
    ///       containers:
    ///       - name: operator
    ///         image: quay.io/prometheus-operator/prometheus-operator:v0.93.0
    ///         args: ["--namespaces=monitoring,shop"]
    /// ```
    OUTSIDE_OF_OPERATOR, Stable, Files, check
}

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let operators = deployed::all(chain.setting.inventory);
    let operators: Vec<(Place, Reality)> = operators.iter().filter_map(looks).collect();
    // One that looks everywhere is enough.
    let mut found = Vec::new();
    let mut judge = |object: Object<'_>, sees: fn(&Reality, &str) -> bool, what: &str| {
        let Some(namespace) = object.namespace() else { return };
        let Some((place, _)) = operators.first() else { return };
        if operators.iter().any(|(_, reality)| sees(reality, namespace)) {
            return;
        }
        let message = format!("the operator does not look into the namespace of `{}`", object.identity());
        found.push(
            Diagnostic::new(Code::OUTSIDE_OF_OPERATOR, message)
                .about(object.subject())
                .at(object.place(), what)
                .with(place.clone(), "its flags say where it looks")
                .help(format!("add `{namespace}` to the flag, or move the object")),
        );
    };
    for selected in &chain.selections {
        judge(selected.monitor, Reality::watches, "no Prometheus gets it");
    }
    for prometheus in PROMETHEUS_KINDS.into_iter().flat_map(|kind| chain.setting.inventory.of_kind(kind)) {
        judge(prometheus, Reality::manages, "nothing is made of it");
    }
    found
}

/// Where an operator looks, and where that stands.
fn looks(operator: &Deployed<'_>) -> Option<(Place, Reality)> {
    let list = |flag: &str| -> Vec<String> {
        let flags = operator.flags.iter().filter(|(name, ..)| name == flag);
        let values = flags.flat_map(|(_, value, _)| value.split(','));
        values.filter(|name| !name.is_empty()).map(str::to_owned).collect()
    };
    let flags = Flags {
        namespaces: list("namespaces"),
        deny_namespaces: list("deny-namespaces"),
        prometheus_instance_namespaces: list("prometheus-instance-namespaces"),
        ..Flags::default()
    };
    // A variable may be anything.
    let lists = [&flags.namespaces, &flags.deny_namespaces, &flags.prometheus_instance_namespaces];
    if lists.into_iter().flatten().any(|name| name.contains('$')) {
        return None;
    }
    let place = operator.flags.iter().find(|(name, ..)| name.contains("namespaces"));
    let place = place.map_or_else(|| operator.object.place(), |(.., place)| place.clone());
    Some((place, Reality { flags, ..Reality::default() }))
}
