//! Finds the objects in a document: the document itself, or the items of a list.

use std::borrow::Cow;

use crate::diagnostic::{Code, Diagnostic};
use crate::model::kind::GroupKind;
use crate::model::object::naming_node;
use crate::model::wording;
use crate::source::{Node, Value};

/// An object as it stands in a document.
pub(super) struct Extracted<'d> {
    pub(super) kind: GroupKind<'d>,
    pub(super) version: &'d str,
    pub(super) namespace: Option<&'d str>,
    pub(super) name: Cow<'d, str>,
    pub(super) labels: Vec<(&'d str, &'d str)>,
    pub(super) node: Node<'d>,
}

/// The objects of a document, in its order. Configuration files of known tools have none and give no finding; but what
/// says that it is an object is one, whatever its file is called.
pub(super) fn objects<'d>(root: Node<'d>, findings: &mut Vec<Diagnostic>) -> Vec<Extracted<'d>> {
    let mut objects = Vec::new();
    if !root.is_null() {
        collect(root, None, &mut objects, findings);
    }
    objects
}

/// `inherited` are the `apiVersion` and kind that the items of a typed list have when they say none, as in `kubectl get --raw`.
fn collect<'d>(
    node: Node<'d>,
    inherited: Option<(&'d str, &'d str)>,
    objects: &mut Vec<Extracted<'d>>,
    findings: &mut Vec<Diagnostic>,
) {
    if !node.is_mapping() {
        if is_other_file(node.document().file().name()) {
            return;
        }
        findings.push(
            Diagnostic::new(Code::NOT_AN_OBJECT, format!("{} is no Kubernetes object", node.kind_name()))
                .at(node.place(), ""),
        );
        return;
    }
    let api_version =
        type_field(node, "apiVersion", findings).or(inherited.map(|(api_version, _)| api_version));
    let kind = type_field(node, "kind", findings).or(inherited.map(|(_, kind)| kind));
    let (Some(api_version), Some(kind)) = (api_version, kind) else {
        findings.extend(no_type(node, api_version, kind));
        return;
    };
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
    if is_list(node, kind) {
        let of = kind.strip_suffix("List").filter(|kind| !kind.is_empty()).map(|kind| (api_version, kind));
        if let Some(items) = node.get("items").filter(|items| !items.is_null()) {
            if !items.is_sequence() {
                findings.push(wording::wrong_type("`items`", "a list", items));
            }
            for item in items.items().filter(|item| !item.is_null()) {
                collect(item, of, objects, findings);
            }
        }
        return;
    }
    let kind = GroupKind::new(group, kind);
    if kind == GroupKind::CLUSTER_LOCK && node.document().is_beneath() {
        for object in node.get("objects").into_iter().flat_map(Node::items) {
            collect(object, None, objects, findings);
        }
        return;
    }
    if !kind.is_tool_configuration() {
        objects.push(extract(node, kind, version, findings));
    }
}

/// `kind: List`, or the list of a kind. A custom kind may also end in `List`; its objects have no `items` of their own.
fn is_list(node: Node<'_>, kind: &str) -> bool {
    let has_items = || node.get("items").is_some_and(|items| items.is_sequence() || items.is_null());
    kind == "List" || (kind.ends_with("List") && has_items())
}

fn type_field<'d>(node: Node<'d>, field: &str, findings: &mut Vec<Diagnostic>) -> Option<&'d str> {
    let value = node.get(field).filter(|value| !value.is_null())?;
    let text = value.as_str();
    if text.is_none() {
        findings.push(wording::wrong_type(&format!("`{field}`"), "a string", value));
    }
    text.filter(|text| !text.is_empty())
}

fn no_type(node: Node<'_>, api_version: Option<&str>, kind: Option<&str>) -> Option<Diagnostic> {
    let missing = match (api_version, kind) {
        (None, Some(_)) => "`apiVersion` is missing",
        (Some(_), None) => "`kind` is missing",
        _ => "`apiVersion` and `kind` are missing",
    };
    // One of the two beside metadata is meant as an object; anything else is some other YAML.
    let finding = if api_version.or(kind).is_some() && node.get("metadata").is_some() {
        Diagnostic::new(Code::MISSING_FIELD, missing)
    } else if is_other_file(node.document().file().name()) {
        return None;
    } else {
        Diagnostic::new(Code::NOT_AN_OBJECT, format!("this is no Kubernetes object: {missing}"))
    };
    Some(finding.at(wording::head(node), ""))
}

fn extract<'d>(
    node: Node<'d>,
    kind: GroupKind<'d>,
    version: &'d str,
    findings: &mut Vec<Diagnostic>,
) -> Extracted<'d> {
    let metadata = node.get("metadata");
    let mut text = |field: &str| {
        let value = metadata?.get(field).filter(|value| !value.is_null())?;
        let text = scalar_text(value);
        if value.as_str().is_none() {
            findings.push(wording::wrong_type(&format!("`metadata.{field}`"), "a string", value));
        }
        text.filter(|text| !text.is_empty())
    };
    let namespace = text("namespace");
    let name = text("name").map(Cow::Borrowed);
    let name = name.or_else(|| text("generateName").map(|prefix| Cow::Owned(format!("{prefix}*"))));
    if name.is_none() {
        let place = metadata.filter(|metadata| metadata.is_mapping()).map(wording::head);
        findings.push(
            Diagnostic::new(Code::MISSING_FIELD, format!("{} has no name", kind.kind))
                .at(place.unwrap_or_else(|| naming_node(node).place()), "`metadata.name` is missing"),
        );
    }
    let labels = metadata.and_then(|metadata| metadata.get("labels"));
    Extracted {
        kind,
        version,
        namespace,
        name: name.unwrap_or_default(),
        labels: labels.map(|labels| read_labels(labels, findings)).unwrap_or_default(),
        node,
    }
}

/// A label whose value is no string makes the API server refuse the object; here it is reported and left out.
fn read_labels<'d>(labels: Node<'d>, findings: &mut Vec<Diagnostic>) -> Vec<(&'d str, &'d str)> {
    if !labels.is_mapping() && !labels.is_null() {
        findings.push(wording::wrong_type("`metadata.labels`", "a mapping", labels));
    }
    labels
        .entries()
        .filter_map(|entry| match entry.value.value() {
            Value::String(value) => Some((entry.key, value)),
            // Go decodes a null into the empty string.
            Value::Null => Some((entry.key, "")),
            _ => {
                findings.push(wording::wrong_type(
                    &format!("label `{}`", entry.key),
                    "a string",
                    entry.value,
                ));
                None
            }
        })
        .collect()
}

/// A scalar as it is written: a name `007` that should have been quoted still names its object.
fn scalar_text(node: Node<'_>) -> Option<&str> {
    node.as_str().or_else(|| match node.value() {
        Value::Sequence(_) | Value::Mapping(_) | Value::Null | Value::String(_) => None,
        _ => Some(wording::as_written(node)),
    })
}

/// Files that other tools own by their name, and that hold no objects.
fn is_other_file(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
    let Some(stem) = file.strip_suffix(".yaml").or_else(|| file.strip_suffix(".yml")) else {
        return matches!(file.as_str(), "kustomization" | "package.json" | "package-lock.json");
    };
    matches!(stem, "kustomization" | "chart" | "requirements" | "docker-compose" | "compose" | "values")
        || stem.starts_with("values-")
        || stem.starts_with("values.")
        || stem.starts_with("values_")
        || stem.ends_with("-values")
        || stem.ends_with(".values")
        || stem.ends_with("_values")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_tools_are_known_by_name() {
        for name in [
            "a/kustomization.yaml",
            "Kustomization",
            "Chart.yaml",
            "c/values.yaml",
            "values-prod.yml",
            "prod.values.yaml",
        ] {
            assert!(is_other_file(name), "{name}");
        }
        for name in ["a.yaml", "valuesets.yaml", "kustomization/a.yaml", "<stdin>"] {
            assert!(!is_other_file(name), "{name}");
        }
    }
}
