//! Schema files for kubeconform, from the OpenAPI document of an API server.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::empty;
use crate::Outcome;

/// The kinds the repository has.
const KINDS: &[(&str, &str, &str)] = &[
    ("", "v1", "ConfigMap"),
    ("", "v1", "Namespace"),
    ("", "v1", "Secret"),
    ("", "v1", "Service"),
    ("", "v1", "ServiceAccount"),
    ("apps", "v1", "Deployment"),
    ("monitoring.coreos.com", "v1", "Prometheus"),
    ("monitoring.coreos.com", "v1", "ServiceMonitor"),
    ("rbac.authorization.k8s.io", "v1", "ClusterRole"),
    ("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding"),
];

/// Writes a file for each kind, named as kubeconform's template asks: `deployment-apps-v1.json`, `service-v1.json`.
pub(super) fn write(openapi: &Path, folder: &Path) -> Outcome {
    empty(folder)?;
    let text = fs::read_to_string(openapi).map_err(|error| format!("{}: {error}", openapi.display()))?;
    let document: Value =
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", openapi.display()))?;
    let definitions = document["definitions"].as_object().ok_or("the document has no definitions")?;
    let mut adapted: BTreeMap<&str, Value> = BTreeMap::new();
    for (name, definition) in definitions {
        adapted.insert(name, adapt(name, definition));
    }
    for (group, version, kind) in KINDS {
        let wanted = json!({"group": group, "version": version, "kind": kind});
        let is_kind = |definition: &Value| {
            let kinds = definition["x-kubernetes-group-version-kind"].as_array();
            kinds.is_some_and(|kinds| kinds.len() == 1 && kinds.contains(&wanted))
        };
        let name = definitions
            .iter()
            .find_map(|(name, definition)| is_kind(definition).then_some(name.as_str()))
            .ok_or_else(|| format!("the document does not define {kind}"))?;
        let mut reached = BTreeSet::new();
        reach(name, &adapted, &mut reached);
        let own: Map<String, Value> = reached
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), adapted.get(name)?.clone())))
            .collect();
        let schema = json!({"$ref": format!("#/definitions/{name}"), "definitions": own});
        let group = group.split('.').next().filter(|group| !group.is_empty());
        let suffix = group.map_or_else(|| (*version).to_owned(), |group| format!("{group}-{version}"));
        let path = folder.join(format!("{}-{suffix}.json", kind.to_lowercase()));
        fs::write(&path, schema.to_string()).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

/// What Swagger says in a way of its own.
fn adapt(name: &str, definition: &Value) -> Value {
    match name {
        "io.k8s.apimachinery.pkg.util.intstr.IntOrString" => json!({"type": ["string", "integer"]}),
        "io.k8s.apimachinery.pkg.api.resource.Quantity" => json!({"type": ["string", "number"]}),
        _ => plain(definition),
    }
}

fn plain(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            if fields.get("x-kubernetes-int-or-string") == Some(&Value::Bool(true)) {
                return json!({"type": ["string", "integer"]});
            }
            let kept = fields.iter().filter(|(key, value)| {
                let is_text = key.as_str() == "description" && value.is_string();
                !is_text && !key.starts_with("x-kubernetes-")
            });
            Value::Object(kept.map(|(key, value)| (key.clone(), plain(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(plain).collect()),
        other => other.clone(),
    }
}

/// The definitions one refers to, itself included.
fn reach<'d>(name: &'d str, definitions: &'d BTreeMap<&str, Value>, reached: &mut BTreeSet<&'d str>) {
    if !reached.insert(name) {
        return;
    }
    if let Some(definition) = definitions.get(name) {
        references(definition, &mut |name| reach(name, definitions, reached));
    }
}

fn references<'d>(value: &'d Value, found: &mut impl FnMut(&'d str)) {
    match value {
        Value::Object(fields) => {
            if let Some(name) = fields.get("$ref").and_then(Value::as_str) {
                found(name.trim_start_matches("#/definitions/"));
            }
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}
