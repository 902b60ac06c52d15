//! Whether an object already is what would be applied, told from the fields that the API server says we own.
//!
//! With server-side apply (structured-merge-diff 6, Kubernetes 1.36) a manager owns exactly the fields it applied last, and loses
//! those that somebody else changed. So nothing has to be written where the fields we own are those we would apply, and have the
//! values we would give them. Fields that others added, defaults among them, are not ours and do not count.

use serde_json::{Map, Value};

/// What is ours in an object: the fields of a manager's last apply, as `fieldsV1` has them. None where it never applied.
pub(super) fn owned<'o>(object: &'o Value, manager: &str) -> Option<&'o Value> {
    let entries = object.pointer("/metadata/managedFields")?.as_array()?;
    let ours = |entry: &&Value| {
        entry["manager"] == manager
            && entry["operation"] == "Apply"
            && entry.get("subresource").is_none_or(|subresource| subresource == "")
    };
    entries.iter().find(ours)?.get("fieldsV1")
}

/// Who owns anything of an object, each once.
pub(super) fn managers(object: &Value) -> Vec<&str> {
    let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array);
    let mut names: Vec<&str> =
        entries.into_iter().flatten().filter_map(|entry| entry["manager"].as_str()).collect();
    names.dedup();
    names
}

/// Whether applying `wanted` as `manager` would change nothing of `live`.
pub(super) fn is_applied(wanted: &Value, live: &Value, manager: &str) -> bool {
    let Some(fields) = owned(live, manager) else { return false };
    wanted["apiVersion"] == live["apiVersion"] && same(&body(wanted), live, fields)
}

/// The object without what says which it is: that is nobody's field.
fn body(object: &Value) -> Value {
    let mut body = object.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|key, _| key != "apiVersion" && key != "kind" && key != "status");
        if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata
                .retain(|key, _| !matches!(key.as_str(), "name" | "namespace" | "uid" | "resourceVersion"));
        }
        // The API server writes it over `data` and forgets it.
        if let Some(Value::Object(plain)) = fields.remove("stringData") {
            let data = fields.entry("data").or_insert_with(|| Value::Object(Map::new()));
            for (key, value) in plain {
                data[key] = encode(value.as_str().unwrap_or_default()).into();
            }
        }
    }
    body
}

fn encode(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// Whether the owned fields below a value are those of `wanted`, with its values.
fn same(wanted: &Value, live: &Value, fields: &Value) -> bool {
    let Some(below) = fields.as_object() else { return false };
    let mut children = below.iter().filter(|(key, _)| *key != ".").peekable();
    if children.peek().is_none() {
        return holds(wanted, live);
    }
    match wanted {
        Value::Object(entries) => {
            let mut count = 0;
            for (key, fields) in children {
                let Some(name) = key.strip_prefix("f:") else { return false };
                let Some(value) = entries.get(name).filter(|value| counts(value)) else { return false };
                let Some(live) = live.get(name) else { return false };
                if !same(value, live, fields) {
                    return false;
                }
                count += 1;
            }
            count == entries.values().filter(|value| counts(value)).count()
        }
        Value::Array(items) => {
            let Some(present) = live.as_array() else { return false };
            let mut count = 0;
            for (key, fields) in children {
                let found = if let Some(keys) = key.strip_prefix("k:") {
                    let Ok(Value::Object(keys)) = serde_json::from_str(keys) else { return false };
                    let item = items.iter().find(|item| is_item(item, &keys, true));
                    let live = present.iter().find(|item| is_item(item, &keys, false));
                    item.zip(live).is_some_and(|(item, live)| same(item, live, fields))
                } else if let Some(value) = key.strip_prefix("v:") {
                    let Ok(value) = serde_json::from_str::<Value>(value) else { return false };
                    items.contains(&value) && present.contains(&value)
                } else {
                    false
                };
                if !found {
                    return false;
                }
                count += 1;
            }
            count == items.len()
        }
        _ => false,
    }
}

/// Whether the server keeps a field: nulls ask for nothing.
fn counts(value: &Value) -> bool {
    // Nothing is owned of a mapping whose every field asks for nothing.
    match value {
        Value::Null => false,
        Value::Object(entries) => entries.is_empty() || entries.values().any(counts),
        _ => true,
    }
}

/// Whether an item of an associative list has these keys. What is applied may leave one to its default, such as the protocol of
/// a port.
fn is_item(item: &Value, keys: &Map<String, Value>, may_default: bool) -> bool {
    keys.iter().all(|(key, value)| item.get(key).map_or(may_default, |own| own == value))
}

/// Whether a live value is the wanted one: of a mapping that is owned whole, defaults may have been added.
fn holds(wanted: &Value, live: &Value) -> bool {
    match (wanted, live) {
        (Value::Object(wanted), Value::Object(live)) => wanted
            .iter()
            .filter(|(_, value)| counts(value))
            .all(|(key, value)| live.get(key).is_some_and(|live| holds(value, live))),
        (Value::Array(wanted), Value::Array(live)) => {
            wanted.len() == live.len() && wanted.iter().zip(live).all(|(wanted, live)| holds(wanted, live))
        }
        (Value::Number(wanted), Value::Number(live)) => wanted.as_f64() == live.as_f64(),
        (Value::String(wanted), Value::String(live)) => wanted == live || is_same_quantity(wanted, live),
        // A quantity may be written as a number.
        (Value::Number(wanted), Value::String(live)) => is_same_quantity(&wanted.to_string(), live),
        (wanted, live) => wanted == live,
    }
}

/// Whether two texts are one quantity (`1000m` and `1`), which the API server writes in its own way.
fn is_same_quantity(one: &str, other: &str) -> bool {
    quantity(one).zip(quantity(other)).is_some_and(|(one, other)| one.to_bits() == other.to_bits())
}

fn quantity(text: &str) -> Option<f64> {
    let digits =
        text.find(|character: char| !matches!(character, '0'..='9' | '.' | '-' | '+')).unwrap_or(text.len());
    let (number, suffix) = text.split_at(digits);
    let factor = match suffix {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        _ => return None,
    };
    let number: f64 = number.parse().ok()?;
    Some(number * factor)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// As the API server (1.36) keeps a Service that promwire applied, with its defaults.
    fn live() -> Value {
        json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {
                "name": "a", "namespace": "b", "uid": "1", "labels": {"x": "1", "other": "2"},
                "managedFields": [
                    {"manager": "kubectl-edit", "operation": "Update", "fieldsV1": {"f:metadata": {"f:labels": {"f:other": {}}}}},
                    {"manager": "promwire", "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": {
                        "f:metadata": {"f:labels": {"f:x": {}}},
                        "f:spec": {
                            "f:clusterIP": {},
                            "f:ports": {"k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:name": {}, "f:port": {}, "f:targetPort": {}}},
                            "f:selector": {}
                        }
                    }}
                ]
            },
            "spec": {
                "clusterIP": "None", "clusterIPs": ["None"], "type": "ClusterIP", "sessionAffinity": "None",
                "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080}],
                "selector": {"app": "a"}
            }
        })
    }

    fn wanted() -> Value {
        json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {"name": "a", "namespace": "b", "labels": {"x": "1"}},
            "spec": {"clusterIP": "None", "ports": [{"name": "http", "port": 80, "targetPort": 8080}], "selector": {"app": "a"}}
        })
    }

    #[test]
    fn what_is_there_already_is_not_written_again() {
        assert!(is_applied(&wanted(), &live(), "promwire"));
        assert!(!is_applied(&wanted(), &live(), "kubectl-edit"), "which never applied");
    }

    #[test]
    fn every_difference_in_our_fields_is_one() {
        let differs = |pointer: &str, value: Value| {
            let mut wanted = wanted();
            *wanted.pointer_mut(pointer).unwrap() = value;
            assert!(!is_applied(&wanted, &live(), "promwire"), "{pointer}");
        };
        differs("/metadata/labels", json!({"x": "2"}));
        differs("/metadata/labels", json!({"x": "1", "y": "1"}));
        differs("/metadata/labels", json!({}));
        differs("/spec/selector", json!({"app": "c"}));
        differs("/spec/ports/0/targetPort", json!(9090));
        differs("/spec/ports/0/port", json!(81));
        differs("/spec/ports", json!([]));
        differs("/spec/clusterIP", Value::Null);
        // Somebody changed a field of ours, and owns it since.
        let mut taken = live();
        taken
            .pointer_mut("/metadata/managedFields/1/fieldsV1/f:spec")
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove("f:clusterIP");
        assert!(!is_applied(&wanted(), &taken, "promwire"));
    }

    #[test]
    fn values_are_compared_as_the_server_writes_them() {
        let fields = json!({"f:data": {".": {}, "f:a": {}}});
        let live = json!({"apiVersion": "v1", "data": {"a": "eA=="}, "metadata": {"managedFields": [
            {"manager": "promwire", "operation": "Apply", "fieldsV1": fields}]}});
        assert!(is_applied(&json!({"apiVersion": "v1", "stringData": {"a": "x"}}), &live, "promwire"));
        assert!(!is_applied(&json!({"apiVersion": "v1", "stringData": {"a": "y"}}), &live, "promwire"));
        assert!(holds(&json!({"cpu": "1000m", "memory": "1Gi"}), &json!({"cpu": "1", "memory": "1024Mi"})));
        assert!(!holds(&json!({"cpu": "100m"}), &json!({"cpu": "1"})));
        assert!(holds(&json!([{"key": "a", "extra": null}]), &json!([{"key": "a", "default": 1}])));
    }
}
