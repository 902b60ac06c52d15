//! The operator as a Deployment runs it: its version and its flags.

use crate::diagnostic::Place;
use crate::kubernetes::rbac::{Account, Answer, Request, Rights, Scope};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::source::Node;

/// What a Deployment says of the operator it runs.
#[derive(Debug)]
pub struct Deployed<'i> {
    /// The Deployment.
    pub object: Object<'i>,
    /// The version, as the image or a label says it: `v0.93.1`.
    pub version: Option<(String, Place)>,
    /// The flags that change what it does, in their order: name without dashes, value, where it stands.
    pub flags: Vec<(String, String, Place)>,
    /// Whether it may read `StorageClasses`, where the input tells.
    pub reads_storage_classes: Option<bool>,
}

/// The name of the operator's image (quay.io/prometheus-operator/prometheus-operator), wherever it is copied to.
const IMAGE: &str = "prometheus-operator";

/// Flags of the operator (v0.93) that change what it makes of objects.
const FLAGS: &[&str] = &[
    "controller-id",
    "deny-namespaces",
    "disable-unmanaged-prometheus-configuration",
    "feature-gates",
    "namespaces",
    "prometheus-instance-namespaces",
    "prometheus-instance-selector",
];

/// Every operator that a Deployment of the inventory runs.
pub fn all(inventory: &Inventory) -> Vec<Deployed<'_>> {
    inventory.of_kind(GroupKind::DEPLOYMENT).filter_map(|object| of(inventory, object)).collect()
}

fn of<'i>(inventory: &'i Inventory, object: Object<'i>) -> Option<Deployed<'i>> {
    let spec = object.at(&["spec", "template", "spec"])?;
    let mut containers = spec.get("containers")?.items();
    let (container, tag) = containers.find_map(|container| {
        let image = container.get("image")?.as_str()?;
        let image = image.split('@').next().unwrap_or(image);
        let name = image.rsplit('/').next().unwrap_or(image);
        let (name, tag) = name.split_once(':').map_or((name, None), |(name, tag)| (name, Some(tag)));
        (name == IMAGE).then_some((container, tag))
    })?;
    let image = container.get("image").map_or_else(|| object.place(), Node::place);
    let label = object.labels().get("app.kubernetes.io/version").map(|version| {
        (version.to_owned(), object.place_at(&["metadata", "labels", "app.kubernetes.io/version"]))
    });
    let is_version =
        |tag: &&str| tag.trim_start_matches('v').starts_with(|first: char| first.is_ascii_digit());
    let account = spec.get("serviceAccountName").and_then(Node::as_str).unwrap_or("default");
    let account = Account { namespace: object.namespace(), name: account };
    Some(Deployed {
        object,
        version: tag.filter(is_version).map(|tag| (tag.to_owned(), image)).or(label),
        flags: flags(object, container),
        reads_storage_classes: storage_classes(inventory, account),
    })
}

/// The flags among the arguments, `--name=value` or `--name value`, as Go's `flag` reads them.
fn flags(object: Object<'_>, container: Node<'_>) -> Vec<(String, String, Place)> {
    let arguments: Vec<Node<'_>> = ["command", "args"]
        .into_iter()
        .filter_map(|field| container.get(field))
        .flat_map(Node::items)
        .collect();
    let mut found = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let Some(text) = argument.as_str() else { continue };
        let Some(flag) = text.strip_prefix("--").or_else(|| text.strip_prefix('-')) else { continue };
        let (name, value) = flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value)));
        if !FLAGS.contains(&name) {
            continue;
        }
        let is_switch = name == "disable-unmanaged-prometheus-configuration";
        let value = match value {
            Some(value) => value,
            None if is_switch => "true",
            None => rest.next().and_then(|next| next.as_str()).unwrap_or_default(),
        };
        let value = expand(object, container, value);
        found.push((name.to_owned(), value, argument.place()));
    }
    found
}

/// The value with the variables of the container that are known here: `$(NAME)`.
fn expand(object: Object<'_>, container: Node<'_>, value: &str) -> String {
    let mut expanded = value.to_owned();
    for variable in container.get("env").into_iter().flat_map(Node::items) {
        let Some(name) = variable.get("name").and_then(Node::as_str) else { continue };
        let field = variable.at(&["valueFrom", "fieldRef", "fieldPath"]).and_then(Node::as_str);
        let value = match (variable.get("value").and_then(Node::as_str), field) {
            (Some(value), _) => value,
            (None, Some("metadata.namespace")) => object.namespace().unwrap_or_default(),
            _ => continue,
        };
        expanded = expanded.replace(&format!("$({name})"), value);
    }
    expanded
}

/// What the operator asks at its start (v0.93): whether it may `get` `StorageClasses`.
fn storage_classes(inventory: &Inventory, account: Account<'_>) -> Option<bool> {
    let rights = Rights::of(inventory, account);
    let request = Request::objects("get", "storage.k8s.io", "storageclasses", Scope::Cluster);
    match rights.may(&request) {
        _ if !rights.is_bound() => None,
        Answer::Allowed(_) => Some(true),
        Answer::Denied => Some(false),
        Answer::Unknown(_) => None,
    }
}
