//! The properties of a kind, as its schema names them: `spec.endpoints[].tlsConfig.ca`.

use std::collections::BTreeSet;

use generated_crds::schema::{Kind, NodeId, Table};
use serde_json::Value;

/// The kind of this name in the operator's group.
pub(super) fn kind(name: &str) -> &'static Kind {
    Table::monitoring()
        .kinds
        .iter()
        .find(|kind| kind.kind == name && kind.served)
        .expect("the operator has the kind")
}

/// The node of `spec`.
pub(super) fn spec(kind: &str) -> NodeId {
    Table::monitoring().property(self::kind(kind).schema, "spec").expect("every kind has one")
}

/// Every property below `spec`, in the order of their names. What is below a map or list is written `{}` or `[]`.
pub(super) fn all(kind: &str) -> Vec<String> {
    let mut found = Vec::new();
    collect(spec(kind), "spec", &mut found);
    found
}

fn collect(id: NodeId, path: &str, found: &mut Vec<String>) {
    let node = Table::monitoring().node(id);
    for (name, child) in &node.properties {
        let path = format!("{path}.{name}");
        collect(*child, &path, found);
        found.push(path);
    }
    if let Some(items) = node.items {
        collect(items, &format!("{path}[]"), found);
    }
    if let Some(values) = node.values {
        collect(values, &format!("{path}{{}}"), found);
    }
}

/// The properties an object has.
pub(super) fn of(kind: &str, object: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    present(spec(kind), "spec", &object["spec"], &mut found);
    found
}

fn present(id: NodeId, path: &str, value: &Value, found: &mut BTreeSet<String>) {
    let node = Table::monitoring().node(id);
    match value {
        Value::Object(entries) => {
            for (name, entry) in entries {
                if let Some(child) = node.properties.get(name) {
                    let path = format!("{path}.{name}");
                    present(*child, &path, entry, found);
                    found.insert(path);
                } else if let Some(values) = node.values {
                    present(values, &format!("{path}{{}}"), entry, found);
                }
            }
        }
        Value::Array(items) => {
            if let Some(id) = node.items {
                for item in items {
                    present(id, &format!("{path}[]"), item, found);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_object_has_is_among_what_its_kind_has() {
        let object = json!({"spec": {"selector": {"matchLabels": {"a": "b"}}, "endpoints": [
            {"port": "x", "proxyConnectHeader": {"h": [{"key": "k"}]}},
        ]}});
        let has = of("ServiceMonitor", &object);
        assert!(has.contains("spec.endpoints[].proxyConnectHeader{}[].key"));
        let all = all("ServiceMonitor");
        assert!(has.iter().all(|path| all.contains(path)), "{has:?}");
        assert!(all.len() > 100);
    }
}
