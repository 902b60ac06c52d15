//! The Nodes a DaemonSet runs on (Kubernetes 1.36, `NodeShouldRunDaemonPod`).

use crate::kubernetes::snapshot::{Node as NodeView, Snapshot, Text};
use crate::model::inventory::Inventory;
use crate::model::label::LabelSet;
use crate::model::object::Object;
use crate::model::workload::PodTemplate;
use crate::source::{Node, Value};

/// Where a Pod will be, as far as that is known.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// Its Node.
    pub(super) node: Option<Text>,
    /// Its address: that of its Node, where it uses the Node's network.
    pub(super) address: Option<Text>,
}

/// Taints every Pod of a DaemonSet tolerates, with the effect that is meant.
const TOLERATED: [(&str, &str); 6] = [
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];
/// The one that those in the network of their Node tolerate, too.
const NETWORK_UNAVAILABLE: (&str, &str) = ("node.kubernetes.io/network-unavailable", "NoSchedule");

/// One place on every Node that the template fits; where the input holds no Nodes, one that is not known.
pub(super) fn of_daemon_set(
    inventory: &Inventory,
    snapshot: &Snapshot,
    template: PodTemplate<'_>,
) -> Vec<Place> {
    if snapshot.nodes.is_empty() {
        return vec![Place::default()];
    }
    let fits = |view: &&NodeView| {
        let Some(node) = view.meta.origin.map(|origin| inventory.object(origin)) else { return true };
        fits_selector(template, node) && fits_affinity(template, node) && fits_taints(template, node)
    };
    let address = |view: &NodeView| {
        let internal = view.addresses.iter().find(|address| &*address.kind == "InternalIP");
        internal.filter(|_| template.host_network()).map(|address| address.address.clone())
    };
    let fitting = snapshot.nodes.iter().filter(fits);
    fitting.map(|view| Place { node: Some(view.meta.name.clone()), address: address(view) }).collect()
}

fn items(node: Option<Node<'_>>) -> impl Iterator<Item = Node<'_>> {
    node.into_iter().flat_map(Node::items)
}

fn text<'d>(node: Node<'d>, field: &str) -> &'d str {
    node.get(field).and_then(Node::as_str).unwrap_or_default()
}

fn fits_selector(template: PodTemplate<'_>, node: Object<'_>) -> bool {
    let spec = |field| template.spec().and_then(|spec| spec.get(field));
    let is_named =
        spec("nodeName").and_then(Node::as_str).is_none_or(|name| name.is_empty() || name == node.name());
    let mut labels = spec("nodeSelector").into_iter().flat_map(Node::entries);
    is_named && labels.all(|entry| node.labels().get(entry.key) == entry.value.as_str())
}

/// One of the terms that are required must be met, and all of it; one without requirements is never met.
fn fits_affinity(template: PodTemplate<'_>, node: Object<'_>) -> bool {
    let required = ["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"];
    let Some(required) = template.spec().and_then(|spec| spec.at(&required)).filter(|node| !node.is_null())
    else {
        return true;
    };
    items(required.get("nodeSelectorTerms")).any(|term| {
        let mut expressions = items(term.get("matchExpressions")).peekable();
        let mut fields = items(term.get("matchFields")).peekable();
        (expressions.peek().is_some() || fields.peek().is_some())
            && expressions.all(|wanted| is_met(wanted, node.labels().label(text(wanted, "key"))))
            && fields
                .all(|wanted| is_met(wanted, (text(wanted, "key") == "metadata.name").then(|| node.name())))
    })
}

fn is_met(wanted: Node<'_>, found: Option<&str>) -> bool {
    let listed = || items(wanted.get("values")).any(|value| value.as_str() == found && found.is_some());
    let number = |text: &str| text.parse::<i64>().ok();
    let compared = |holds: fn(i64, i64) -> bool| {
        let bound = items(wanted.get("values")).next().and_then(Node::as_str).and_then(number);
        found.and_then(number).zip(bound).is_some_and(|(found, bound)| holds(found, bound))
    };
    match text(wanted, "operator") {
        "In" => listed(),
        "NotIn" => !listed(),
        "Exists" => found.is_some(),
        "DoesNotExist" => found.is_none(),
        "Gt" => compared(|found, bound| found > bound),
        "Lt" => compared(|found, bound| found < bound),
        _ => false,
    }
}

fn fits_taints(template: PodTemplate<'_>, node: Object<'_>) -> bool {
    let tolerations: Vec<Node<'_>> =
        items(template.spec().and_then(|spec| spec.get("tolerations"))).collect();
    let hinders = |taint: &Node<'_>| matches!(text(*taint, "effect"), "NoSchedule" | "NoExecute");
    items(node.at(&["spec", "taints"])).filter(hinders).all(|taint| {
        let (key, effect) = (text(taint, "key"), text(taint, "effect"));
        TOLERATED.contains(&(key, effect))
            || (template.host_network() && (key, effect) == NETWORK_UNAVAILABLE)
            || tolerations.iter().any(|toleration| tolerates(*toleration, taint))
    })
}

/// No effect means every effect, and no key every key (core/v1 `ToleratesTaint`).
fn tolerates(toleration: Node<'_>, taint: Node<'_>) -> bool {
    let (key, effect) = (text(toleration, "key"), text(toleration, "effect"));
    let is_same = |field| text(toleration, field) == text(taint, field);
    (effect.is_empty() || is_same("effect"))
        && (key.is_empty() || is_same("key"))
        && match toleration.get("operator").map(Node::value) {
            None | Some(Value::Null | Value::String("" | "Equal")) => is_same("value"),
            Some(Value::String("Exists")) => true,
            Some(_) => false,
        }
}
