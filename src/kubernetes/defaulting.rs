//! What the API server makes of a custom resource by its structural schema (apiextensions-apiserver 1.36): fields the
//! schema does not know are dropped, then nulls where no null belongs, and defaults are filled in.

use generated_crds::schema::{NodeId, Table};
use serde_json::Value;

/// Completes a value by the schema with this number.
pub fn apply(table: &Table, schema: NodeId, value: &mut Value) {
    let node = table.node(schema);
    match value {
        Value::Object(entries) => {
            if !node.preserve_unknown && node.values.is_none() {
                entries.retain(|key, _| node.properties.contains_key(key));
            }
            entries.retain(|key, value| {
                let property = node.properties.get(key).copied().or(node.values);
                !value.is_null() || property.is_none_or(|property| table.node(property).nullable)
            });
            for (name, property) in &node.properties {
                if !entries.contains_key(name)
                    && let Some(default) = &table.node(*property).default
                {
                    entries.insert(name.clone(), default.clone());
                }
            }
            for (key, value) in entries.iter_mut() {
                if let Some(property) = node.properties.get(key).copied().or(node.values) {
                    apply(table, property, value);
                }
            }
        }
        Value::Array(items) => {
            let Some(schema) = node.items else { return };
            let default = table.node(schema).default.as_ref();
            for item in items {
                match default {
                    Some(default) if item.is_null() && !table.node(schema).nullable => {
                        *item = default.clone();
                    }
                    _ => {}
                }
                apply(table, schema, item);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn spec_of(kind: &str, version: &str, mut spec: Value) -> Value {
        let table = Table::monitoring();
        let kind = table.kind("monitoring.coreos.com", version, kind).expect("embedded");
        apply(table, table.property(kind.schema, "spec").expect("every kind has one"), &mut spec);
        spec
    }

    #[test]
    fn defaults_of_the_operators_kinds() {
        let monitor = json!({"endpoints": [{"relabelings": [{"regex": "a"}], "unknown": 1, "port": null}],
            "selector": {"matchLabels": {"any": "key"}}});
        assert_eq!(
            spec_of("ServiceMonitor", "v1", monitor),
            json!({"endpoints": [{"relabelings": [{"regex": "a", "action": "replace"}]}],
                "selector": {"matchLabels": {"any": "key"}}})
        );
        assert_eq!(
            spec_of("Prometheus", "v1", json!({})),
            json!({"scrapeInterval": "30s", "evaluationInterval": "30s", "portName": "web", "shards": 1})
        );
        assert_eq!(spec_of("Probe", "v1", json!({"prober": {"url": "a"}}))["prober"]["path"], "/probe");
        let authorization = json!({"authorization": {"credentials": {"key": "k"}}});
        assert_eq!(
            spec_of("ScrapeConfig", "v1alpha1", authorization)["authorization"]["credentials"]["name"],
            ""
        );
    }
}
