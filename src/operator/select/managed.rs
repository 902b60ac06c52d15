//! Whether the operator handles a Prometheus or `PrometheusAgent` at all.

use crate::model::object::Object;
use crate::model::selector::Unmet;
use crate::operator::reality::Reality;

const CONTROLLER_ID: &str = "operator.prometheus.io/controller-id";

/// Why the operator (v0.93) leaves a Prometheus alone; none when it does not.
pub(in crate::operator) fn why_unmanaged(object: Object<'_>, reality: &Reality) -> Option<String> {
    let namespace = object.namespace().unwrap_or_default();
    if !reality.manages(namespace) {
        return Some(format!("the operator does not look for it in the namespace `{namespace}`"));
    }
    let labels = object.labels();
    if let Some(Unmet { requirement, .. }) = reality.flags.prometheus_instance_selector.unmet(&labels).next()
    {
        return Some(format!("its labels do not meet `{requirement}` of `--prometheus-instance-selector`"));
    }
    let id = object.annotation(CONTROLLER_ID).unwrap_or_default();
    let ours = &reality.flags.controller_id;
    if id != ours {
        return Some(format!("its `{CONTROLLER_ID}` is `{id}`, and that of the operator `{ours}`"));
    }
    if object.at(&["metadata", "deletionTimestamp"]).is_some_and(|time| !time.is_null()) {
        return Some("it is being deleted".to_owned());
    }
    let paused = object.at(&["spec", "paused"]).and_then(crate::source::Node::as_bool);
    (paused == Some(true)).then(|| "it is paused".to_owned())
}
