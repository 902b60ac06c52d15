//! Objects made from the schemas go through the types and come back with nothing lost.
#![expect(clippy::print_stdout, reason = "the figures are what the test is run for")]

mod common;

use common::{Coverage, Fill, Writer};
use generated_crds::{
    Alertmanager, AlertmanagerConfig, PodMonitor, Probe, Prometheus, PrometheusAgent, PrometheusRule,
    ScrapeConfig, ServiceMonitor, ThanosRuler,
    schema::{Kind, NodeId, Table},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

type RoundTrip = fn(&Value) -> Result<Value, serde_json::Error>;

fn through<K: Serialize + DeserializeOwned>(object: &Value) -> Result<Value, serde_json::Error> {
    // By way of text, as objects arrive and leave.
    let typed: K = serde_json::from_str(&object.to_string())?;
    serde_json::to_value(typed)
}

#[rustfmt::skip]
const KINDS: [(&str, &str, RoundTrip); 10] = [
    ("Alertmanager", "v1", through::<Alertmanager>),
    ("AlertmanagerConfig", "v1alpha1", through::<AlertmanagerConfig>),
    ("PodMonitor", "v1", through::<PodMonitor>),
    ("Probe", "v1", through::<Probe>),
    ("Prometheus", "v1", through::<Prometheus>),
    ("PrometheusAgent", "v1alpha1", through::<PrometheusAgent>),
    ("PrometheusRule", "v1", through::<PrometheusRule>),
    ("ScrapeConfig", "v1alpha1", through::<ScrapeConfig>),
    ("ServiceMonitor", "v1", through::<ServiceMonitor>),
    ("ThanosRuler", "v1", through::<ThanosRuler>),
];

/// What the types write differently from what they read. All of it is in k8s-openapi's types and in `metadata`, and what the API
/// server does too; times have a test of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Normalisation {
    /// A quantity given as a number is written as a string: `1` and `"1"` are the same quantity.
    QuantityAsString,
    /// A reference without `name` is written with an empty one, which is the schema's default.
    EmptyNameWritten,
    /// A kind without `metadata` is written with an empty one.
    EmptyMetadataWritten,
}

/// Every normalisation there is; the test fails when one of them no longer happens.
const NORMALISATIONS: [Normalisation; 3] =
    [Normalisation::QuantityAsString, Normalisation::EmptyNameWritten, Normalisation::EmptyMetadataWritten];

/// What is expected back, and which normalisations that took.
fn expected(table: &Table, kind: &Kind, object: &Value, seen: &mut Vec<Normalisation>) -> Value {
    let mut object = object.clone();
    normalise(table, kind.schema, &mut object, seen);
    if object.get("metadata").is_none() {
        object["metadata"] = json!({});
        seen.push(Normalisation::EmptyMetadataWritten);
    }
    object
}

fn normalise(table: &Table, id: NodeId, value: &mut Value, seen: &mut Vec<Normalisation>) {
    let node = table.node(id);
    let quantity = node.pattern.as_ref().is_some_and(|pattern| pattern.contains("numkMGTPE"));
    if node.int_or_string && quantity && value.is_number() {
        *value = json!(value.to_string());
        seen.push(Normalisation::QuantityAsString);
    }
    if let Some(object) = value.as_object_mut() {
        for (name, property) in &node.properties {
            if let Some(inner) = object.get_mut(name) {
                normalise(table, *property, inner, seen);
            } else if name == "name" && table.node(*property).default == Some(json!("")) {
                object.insert(name.clone(), json!(""));
                seen.push(Normalisation::EmptyNameWritten);
            }
        }
        if let Some(values) = node.values {
            object.values_mut().for_each(|inner| normalise(table, values, inner, seen));
        }
    }
    if let (Some(list), Some(items)) = (value.as_array_mut(), node.items) {
        for inner in list {
            normalise(table, items, inner, seen);
        }
    }
}

/// The first place where two values differ.
fn difference(path: &str, a: &Value, b: &Value) -> Option<String> {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            let keys: std::collections::BTreeSet<_> = x.keys().chain(y.keys()).collect();
            keys.into_iter().find_map(|key| {
                let below = format!("{path}.{key}");
                match (x.get(key), y.get(key)) {
                    (Some(x), Some(y)) => difference(&below, x, y),
                    (x, y) => Some(format!("{below}: {x:?} came back as {y:?}")),
                }
            })
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
            x.iter().zip(y).enumerate().find_map(|(i, (x, y))| difference(&format!("{path}[{i}]"), x, y))
        }
        (x, y) if x == y => None,
        (x, y) => Some(format!("{path}: {x} came back as {y}")),
    }
}

#[test]
fn every_property_enum_value_and_union_comes_back() {
    let table = Table::monitoring();
    assert_eq!(table.kinds.len(), KINDS.len(), "a kind or version is missing here");
    let rounds = table.nodes.iter().map(|node| node.enumeration.len()).max().unwrap_or(0).max(6);
    let (mut totals, mut seen) = ([(0, 0); 4], Vec::new());
    for (name, version, through) in KINDS {
        let kind = table.kind("monitoring.coreos.com", version, name).expect("the schema has the kind");
        let mut covered = Coverage::default();
        for (fill, rounds) in [(Fill::Everything, rounds), (Fill::Hollow, 6), (Fill::Required, 6)] {
            for round in 0..rounds {
                let object = Writer::object(table, kind, fill, round);
                let back = through(&object).unwrap_or_else(|error| panic!("{name}, round {round}: {error}"));
                let wanted = expected(table, kind, &object, &mut seen);
                if let Some(place) = difference(name, &wanted, &back) {
                    panic!("round {round}: {place}");
                }
                covered.add(table, kind, &object);
            }
        }
        let all = Coverage::of_schema(table, kind);
        let pairs = [
            (&covered.properties, &all.properties),
            (&covered.enum_values, &all.enum_values),
            (&covered.unions, &all.unions),
            (&covered.unknown, &all.unknown),
        ];
        for (total, (covered, all)) in totals.iter_mut().zip(pairs) {
            let missing: Vec<_> = all.difference(covered).take(5).collect();
            assert!(missing.is_empty(), "not covered: {missing:?}");
            *total = (total.0 + covered.len(), total.1 + all.len());
        }
    }
    let names = ["properties", "enum values", "sides of unions", "places that keep unknown fields"];
    for (name, (covered, all)) in names.iter().zip(totals) {
        assert!(all > 0, "nothing to cover: {name}");
        println!("{name}: {covered}/{all}, {} %", covered * 100 / all);
        assert_eq!(covered, all);
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen, NORMALISATIONS, "the table of normalisations is not what happens");
}

#[test]
fn another_api_version_or_kind_is_refused() {
    let table = Table::monitoring();
    for (name, version, through) in KINDS {
        let kind = table.kind("monitoring.coreos.com", version, name).expect("the schema has the kind");
        let object = Writer::object(table, kind, Fill::Required, 0);
        for (field, wrong) in [("apiVersion", "monitoring.coreos.com/v9"), ("kind", "Service")] {
            let mut other = object.clone();
            let right = other[field].take();
            other[field] = json!(wrong);
            let error = through(&other).expect_err("refused").to_string();
            let wanted = format!("{field} is `{wrong}`, not `{}`", right.as_str().expect("a string"));
            assert!(error.starts_with(&wanted), "{error}");
            other.as_object_mut().expect("an object").remove(field);
            let error = through(&other).expect_err("refused").to_string();
            assert!(error.starts_with(&format!("missing field `{field}`")), "{error}");
        }
    }
}

/// Every required property of the kinds' own types, removed one by one.
#[test]
fn a_missing_required_property_is_named() {
    let mut removed = 0;
    let table = Table::monitoring();
    for (name, version, through) in KINDS {
        let kind = table.kind("monitoring.coreos.com", version, name).expect("the schema has the kind");
        let full = Writer::object(table, kind, Fill::Everything, 0);
        for pointer in
            ["", "/spec", "/spec/endpoints/0", "/spec/groups/0", "/spec/route", "/spec/remoteWrite/0"]
        {
            let Some(id) = node_at(table, kind.schema, pointer) else { continue };
            for property in table.node(id).required.iter().filter(|property| *property != "metadata") {
                let mut object = full.clone();
                let parent =
                    object.pointer_mut(pointer).and_then(Value::as_object_mut).expect("it is filled");
                parent.remove(property);
                let error = through(&object).expect_err("refused").to_string();
                assert!(
                    error.starts_with(&format!("missing field `{property}`")),
                    "{name}{pointer}: {error}"
                );
                removed += 1;
            }
        }
    }
    assert!(removed > 15, "{removed}");
}

fn node_at(table: &Table, root: NodeId, pointer: &str) -> Option<NodeId> {
    pointer.split('/').skip(1).try_fold(root, |id, segment| match segment {
        "0" => table.node(id).items,
        name => table.property(id, name),
    })
}

#[test]
fn an_unknown_enum_value_is_refused_with_the_known_ones() {
    let mut object = json!({"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor", "spec": {
        "selector": {}, "endpoints": [{"scheme": "gopher"}],
    }});
    let error = through::<ServiceMonitor>(&object).expect_err("refused").to_string();
    assert!(
        error.starts_with("unknown variant `gopher`, expected one of `http`, `https`, `HTTP`, `HTTPS`"),
        "{error}"
    );
    object["spec"] = json!({"selector": {}, "endpoints": [], "scrapeProtocols": ["Morse"]});
    let error = through::<ServiceMonitor>(&object).expect_err("refused").to_string();
    assert!(error.starts_with("unknown variant `Morse`, expected one of `PrometheusProto`"), "{error}");
}

/// What the API server does too, in objects of any kind.
#[test]
fn a_null_property_is_an_absent_one() {
    let object = json!({"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor",
        "metadata": {"name": "a", "creationTimestamp": null},
        "spec": {"selector": {}, "endpoints": [{"port": null}], "jobLabel": null}});
    let back = through::<ServiceMonitor>(&object).expect("accepted");
    let wanted = json!({"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor",
        "metadata": {"name": "a"}, "spec": {"selector": {}, "endpoints": [{}]}});
    assert_eq!(back, wanted);
}

/// Kubernetes' own times are seconds in UTC, in the API server as here; the operator's are text.
#[test]
fn times_of_kubernetes_types_are_written_in_utc_and_seconds() {
    let time = "2026-11-21T02:25:41.75+01:00";
    let condition = json!({"type": "Accepted", "status": "True", "lastTransitionTime": time});
    let binding = json!({"group": "monitoring.coreos.com", "resource": "prometheuses", "name": "a", "namespace": "b",
        "conditions": [condition]});
    let object = json!({"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor",
        "metadata": {"creationTimestamp": time}, "spec": {"selector": {}, "endpoints": []},
        "status": {"bindings": [binding]}});
    let back = through::<ServiceMonitor>(&object).expect("accepted");
    assert_eq!(back["metadata"]["creationTimestamp"], json!("2026-11-21T01:25:41Z"));
    assert_eq!(back["status"], object["status"]);
}
