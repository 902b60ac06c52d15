//! Objects made from the compact schemas themselves, and what of the schemas they cover.

use std::collections::BTreeSet;

use generated_crds::schema::{Kind, Node, NodeId, Table, Type};
use serde_json::{Map, Value, json};

/// How much of a schema an object fills.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fill {
    /// Every property; the first item of a list and the first entry of a map too, the second with required properties only.
    Everything,
    /// Every property, lists and maps without items.
    Hollow,
    /// Required properties only.
    Required,
}

/// What a schema says there can be, or what objects hold of it: places as paths, `spec.endpoints[].port`.
#[derive(Default, PartialEq, Eq)]
pub(crate) struct Coverage {
    pub(crate) properties: BTreeSet<String>,
    pub(crate) enum_values: BTreeSet<String>,
    pub(crate) unions: BTreeSet<String>,
    pub(crate) unknown: BTreeSet<String>,
}

/// Writes objects. Each round takes the next value of every enum and the other side of every union; every string and number differs
/// from the others, so that two exchanged properties would be seen.
pub(crate) struct Writer<'a> {
    table: &'a Table,
    fill: Fill,
    round: usize,
    counter: i32,
}

impl<'a> Writer<'a> {
    pub(crate) fn object(table: &'a Table, kind: &Kind, fill: Fill, round: usize) -> Value {
        let mut object = Self { table, fill, round, counter: 0 }.value(kind.schema, fill);
        object["apiVersion"] = json!(kind.api_version());
        object["kind"] = json!(kind.kind);
        object
    }

    fn value(&mut self, id: NodeId, fill: Fill) -> Value {
        let table = self.table;
        let node = table.node(id);
        self.counter += 1;
        if node.int_or_string {
            return if self.round.is_multiple_of(2) {
                json!(self.counter)
            } else {
                json!(format!("{}m", self.counter))
            };
        }
        if !node.enumeration.is_empty() {
            return node.enumeration[self.round % node.enumeration.len()].clone();
        }
        match node.r#type {
            None => self.anything(),
            Some(Type::String) if node.format.as_deref() == Some("date-time") => {
                json!(format!("2026-11-21T02:{:02}:{:02}Z", self.counter / 60 % 60, self.counter % 60))
            }
            Some(Type::String) => json!(format!("{} é\n\"{}\"", self.counter, self.round)),
            Some(Type::Boolean) => json!((self.round + usize::from(self.counter % 2 == 0)).is_multiple_of(2)),
            Some(Type::Number) => json!(f64::from(self.counter) + 0.5),
            Some(Type::Integer) => self.integer(node),
            Some(Type::Array) => {
                let items = node.items.expect("every array has items");
                match (fill, self.fill) {
                    (Fill::Everything, _) => {
                        json!([self.value(items, Fill::Everything), self.value(items, Fill::Required)])
                    }
                    (_, Fill::Hollow) => json!([]),
                    _ => json!([self.value(items, Fill::Required)]),
                }
            }
            Some(Type::Object) => self.map_or_object(node, fill),
        }
    }

    fn map_or_object(&mut self, node: &Node, fill: Fill) -> Value {
        let mut object = Map::new();
        for (name, property) in &node.properties {
            if fill != Fill::Required || node.required.contains(name) {
                object.insert(name.clone(), self.value(*property, fill));
            }
        }
        if let Some(values) = node.values.filter(|_| fill == Fill::Everything) {
            object.insert("first".to_owned(), self.value(values, Fill::Everything));
            object.insert("example.com/second".to_owned(), self.value(values, Fill::Required));
        }
        if node.preserve_unknown && fill == Fill::Everything {
            object.insert("unknown".to_owned(), self.anything());
        }
        Value::Object(object)
    }

    /// The extremes of the integer's width, in turns.
    fn integer(&self, node: &Node) -> Value {
        let counter = i64::from(self.counter);
        let (least, most) = match node.format.as_deref() {
            Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
            _ => (i64::MIN, i64::MAX),
        };
        match self.round % 3 {
            0 => json!(counter),
            1 => json!(most - counter),
            _ => json!(least + counter),
        }
    }

    fn anything(&self) -> Value {
        let deep = json!({"receiver": "a", "routes": [{"b": null, "c": [1.5, -2, "", {}]}], "": u64::MAX});
        let all = [deep, json!("text"), json!(self.counter), json!(null), json!([])];
        all[if self.fill == Fill::Everything { 0 } else { self.round % all.len() }].clone()
    }
}

impl Coverage {
    /// Everything a kind's schema says.
    pub(crate) fn of_schema(table: &Table, kind: &Kind) -> Self {
        let mut coverage = Self::default();
        coverage.walk(table, kind.schema, &kind.kind, None);
        coverage
    }

    /// Adds what an object holds.
    pub(crate) fn add(&mut self, table: &Table, kind: &Kind, object: &Value) {
        self.walk(table, kind.schema, &kind.kind, Some(object));
    }

    fn walk(&mut self, table: &Table, id: NodeId, path: &str, value: Option<&Value>) {
        let node = table.node(id);
        if node.int_or_string {
            if value.is_none_or(Value::is_number) {
                self.unions.insert(format!("{path}: integer"));
            }
            if value.is_none_or(Value::is_string) {
                self.unions.insert(format!("{path}: string"));
            }
        }
        for one in node.enumeration.iter().filter(|one| value.is_none_or(|value| value == *one)) {
            self.enum_values.insert(format!("{path} = {one}"));
        }
        if node.preserve_unknown {
            let kept = value
                .and_then(Value::as_object)
                .is_none_or(|object| object.keys().any(|name| !node.properties.contains_key(name)));
            if kept {
                self.unknown.insert(path.to_owned());
            }
        }
        for (name, property) in &node.properties {
            let below = format!("{path}.{name}");
            let inner = value.map(|value| value.get(name));
            if inner != Some(None) {
                self.properties.insert(below.clone());
                self.walk(table, *property, &below, inner.flatten());
            }
        }
        if let Some(items) = node.items {
            let below = format!("{path}[]");
            match value {
                None => self.walk(table, items, &below, None),
                Some(list) => {
                    for item in list.as_array().into_iter().flatten() {
                        self.walk(table, items, &below, Some(item));
                    }
                }
            }
        }
        if let Some(values) = node.values {
            let below = format!("{path}{{}}");
            match value {
                None => self.walk(table, values, &below, None),
                Some(map) => {
                    for item in map.as_object().into_iter().flatten().map(|(_, item)| item) {
                        self.walk(table, values, &below, Some(item));
                    }
                }
            }
        }
    }
}
