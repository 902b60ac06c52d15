//! Compaction: an OpenAPI v3 schema, as a CRD or the API server states it, becomes nodes of a [`Table`].
//!
//! The generator uses it for the tables that are committed, promwire for CRDs found in its input. It never refuses a schema: what it
//! does not understand accepts everything, because a wrong error is worse than a missing one.

use std::{collections::HashMap, fmt};

use serde_json::Value;

use crate::schema::{Kind, ListType, Node, NodeId, Rule, Table, Type};

/// Collects kinds and nodes, storing equal nodes once.
#[derive(Debug, Default)]
pub struct Builder {
    table: Table,
    /// The JSON of a node, by which equal ones are found: nodes hold floats and JSON values, which cannot be hashed themselves.
    ids: HashMap<String, NodeId>,
    object_meta: Option<NodeId>,
}

/// Why a CRD could not be read at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrdError {
    /// What is missing or of the wrong type, as a path: `spec.names.kind`.
    pub path: &'static str,
}

impl fmt::Display for CrdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a CustomResourceDefinition: `{}` is missing or has the wrong type", self.path)
    }
}

impl std::error::Error for CrdError {}

impl Builder {
    /// An empty table. Objects' `metadata` will accept any object; see [`Builder::with_object_meta`].
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty table whose kinds get the `metadata` that the kinds of another table have. A CRD cannot say what is in `metadata`
    /// (it states `type: object`); the API server checks it all the same.
    pub fn with_object_meta(from: &Table) -> Self {
        let mut builder = Self::new();
        let metadata = from.kinds.first().and_then(|kind| from.property(kind.schema, "metadata"));
        builder.object_meta = metadata.map(|id| builder.graft(from, id));
        builder
    }

    /// Adds every version of a `CustomResourceDefinition` (`apiextensions.k8s.io/v1`, or the older `v1beta1`). A version without a
    /// schema accepts everything.
    pub fn crd(&mut self, crd: &Value) -> Result<(), CrdError> {
        let text = |pointer: &str, path: &'static str| {
            crd.pointer(pointer).and_then(Value::as_str).map(str::to_owned).ok_or(CrdError { path })
        };
        let group = text("/spec/group", "spec.group")?;
        let kind = text("/spec/names/kind", "spec.names.kind")?;
        let plural = text("/spec/names/plural", "spec.names.plural")?;
        let namespaced = text("/spec/scope", "spec.scope")? != "Cluster";
        let versions = crd
            .pointer("/spec/versions")
            .and_then(Value::as_array)
            .ok_or(CrdError { path: "spec.versions" })?;
        let shared = crd.pointer("/spec/validation/openAPIV3Schema");
        let keeps_unknown = crd.pointer("/spec/preserveUnknownFields") == Some(&Value::Bool(true));
        for version in versions {
            let name = version
                .get("name")
                .and_then(Value::as_str)
                .ok_or(CrdError { path: "spec.versions[].name" })?
                .to_owned();
            let schema = version.pointer("/schema/openAPIV3Schema").or(shared);
            let mut root = schema.map_or_else(Node::anything, |schema| self.read(schema));
            root.preserve_unknown |= keeps_unknown;
            self.complete_object(&mut root);
            let schema = self.intern(root);
            let flag = |key: &str, absent: bool| version.get(key).and_then(Value::as_bool).unwrap_or(absent);
            self.kind(Kind {
                group: group.clone(),
                version: name,
                kind: kind.clone(),
                plural: plural.clone(),
                namespaced,
                served: flag("served", true),
                storage: flag("storage", true),
                deprecated: flag("deprecated", false),
                schema,
            });
        }
        Ok(())
    }

    /// Adds a kind whose schema is in the table already. The same group, version and kind replaces the earlier one.
    pub fn kind(&mut self, kind: Kind) {
        self.table
            .kinds
            .retain(|k| (&k.group, &k.version, &k.kind) != (&kind.group, &kind.version, &kind.kind));
        self.table.kinds.push(kind);
    }

    /// Adds a schema and everything below it.
    pub fn schema(&mut self, schema: &Value) -> NodeId {
        let node = self.read(schema);
        self.intern(node)
    }

    /// Copies a node of another table and everything below it.
    pub fn graft(&mut self, from: &Table, id: NodeId) -> NodeId {
        let mut node = from.node(id).clone();
        for child in node.properties.values_mut().chain(&mut node.values).chain(&mut node.items) {
            *child = self.graft(from, *child);
        }
        self.intern(node)
    }

    /// The table, its kinds in order.
    pub fn finish(mut self) -> Table {
        self.table
            .kinds
            .sort_by(|a, b| (&a.group, &a.kind, &a.version).cmp(&(&b.group, &b.kind, &b.version)));
        self.table
    }

    /// Makes the node of a whole object: identity and metadata are properties even where the schema leaves them out.
    fn complete_object(&mut self, node: &mut Node) {
        node.r#type = Some(Type::Object);
        node.nullable = false;
        let string = self.intern(Node { r#type: Some(Type::String), ..Node::default() });
        let metadata = self.object_meta.unwrap_or_else(|| {
            self.intern(Node { r#type: Some(Type::Object), preserve_unknown: true, ..Node::default() })
        });
        for name in ["apiVersion", "kind"] {
            node.properties.entry(name.to_owned()).or_insert(string);
        }
        node.properties.insert("metadata".to_owned(), metadata);
    }

    fn intern(&mut self, node: Node) -> NodeId {
        let key = serde_json::to_string(&node).expect("a node has string keys only");
        if let Some(id) = self.ids.get(&key) {
            return *id;
        }
        let id = NodeId(u32::try_from(self.table.nodes.len()).expect("fewer schemas than fit into memory"));
        self.table.nodes.push(node);
        self.ids.insert(key, id);
        id
    }

    fn read(&mut self, schema: &Value) -> Node {
        let Some(shape) = shape(schema) else { return Node::anything() };
        let flag = |key: &str| schema.get(key).and_then(Value::as_bool).unwrap_or_default();
        let count = |key: &str| schema.get(key).and_then(Value::as_u64);
        let text = |key: &str| schema.get(key).and_then(Value::as_str).map(str::to_owned);
        let (minimum, exclusive_minimum) = bound(schema, "minimum", "exclusiveMinimum");
        let (maximum, exclusive_maximum) = bound(schema, "maximum", "exclusiveMaximum");
        let mut node = Node {
            r#type: shape.r#type,
            int_or_string: shape.int_or_string,
            required: strings(schema, "required"),
            enumeration: schema.get("enum").and_then(Value::as_array).cloned().unwrap_or_default(),
            pattern: text("pattern"),
            format: text("format"),
            minimum,
            exclusive_minimum,
            maximum,
            exclusive_maximum,
            multiple_of: schema.get("multipleOf").and_then(Value::as_f64),
            min_length: count("minLength"),
            max_length: count("maxLength"),
            min_items: count("minItems"),
            max_items: count("maxItems"),
            min_properties: count("minProperties"),
            max_properties: count("maxProperties"),
            default: schema.get("default").cloned(),
            nullable: shape.nullable || flag("nullable"),
            preserve_unknown: flag("x-kubernetes-preserve-unknown-fields"),
            list_type: match schema.get("x-kubernetes-list-type").and_then(Value::as_str) {
                Some("map") => Some(ListType::Map),
                Some("set") => Some(ListType::Set),
                Some("atomic") => Some(ListType::Atomic),
                _ => None,
            },
            list_keys: strings(schema, "x-kubernetes-list-map-keys"),
            map_atomic: schema.get("x-kubernetes-map-type").and_then(Value::as_str) == Some("atomic"),
            rules: rules(schema),
            ..Node::default()
        };
        node.required.sort();
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            node.properties =
                properties.iter().map(|(name, property)| (name.clone(), self.schema(property))).collect();
        }
        node.values = match schema.get("additionalProperties") {
            Some(Value::Bool(true)) => Some(self.intern(Node::anything())),
            Some(values @ Value::Object(_)) => Some(self.schema(values)),
            _ => None,
        };
        if node.r#type == Some(Type::Array) {
            node.items = Some(match schema.get("items") {
                Some(items @ Value::Object(_)) => self.schema(items),
                _ => self.intern(Node::anything()),
            });
        }
        if flag("x-kubernetes-embedded-resource") {
            self.complete_object(&mut node);
            node.required.extend(["apiVersion", "kind"].map(str::to_owned));
            node.required.sort();
            node.required.dedup();
        }
        node
    }
}

/// What a schema says about the type of its value.
struct Shape {
    r#type: Option<Type>,
    int_or_string: bool,
    nullable: bool,
}

/// `None` for a schema that says nothing this module understands, which then accepts everything.
///
/// `allOf`, `anyOf`, `oneOf` and `not` are not read: in the structural schemas the API server demands they only narrow what the rest
/// of the schema says. The one exception is the union of integer and string where its extension is missing.
fn shape(schema: &Value) -> Option<Shape> {
    if schema.get("$ref").is_some() {
        return None;
    }
    let scalar = |r#type| Some(Shape { r#type: Some(r#type), int_or_string: false, nullable: false });
    if schema.get("x-kubernetes-int-or-string") == Some(&Value::Bool(true)) {
        return Some(Shape { r#type: None, int_or_string: true, nullable: false });
    }
    match schema.get("type") {
        Some(Value::String(name)) => scalar(type_named(name)?),
        // JSON Schema's own way to say nullable; not OpenAPI, but seen in schemas written by hand.
        Some(Value::Array(names)) => {
            let nullable = names.iter().any(|name| name == "null");
            let mut others = names.iter().filter_map(Value::as_str).filter(|name| *name != "null");
            let (only, rest) = (others.next()?, others.next());
            if rest.is_some() {
                return None;
            }
            Some(Shape { r#type: Some(type_named(only)?), int_or_string: false, nullable })
        }
        _ if schema.get("properties").is_some() => scalar(Type::Object),
        _ => {
            let either = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array)?;
            let mut names: Vec<_> = either.iter().filter_map(|one| one.get("type")?.as_str()).collect();
            names.sort_unstable();
            (either.len() == 2 && names == ["integer", "string"]).then_some(Shape {
                r#type: None,
                int_or_string: true,
                nullable: false,
            })
        }
    }
}

fn type_named(name: &str) -> Option<Type> {
    Some(match name {
        "object" => Type::Object,
        "array" => Type::Array,
        "string" => Type::String,
        "integer" => Type::Integer,
        "number" => Type::Number,
        "boolean" => Type::Boolean,
        _ => return None,
    })
}

/// A bound and whether it is exclusive: `exclusiveMinimum` is a flag in OpenAPI 3.0 and a number of its own in JSON Schema.
fn bound(schema: &Value, inclusive: &str, exclusive: &str) -> (Option<f64>, bool) {
    let own = schema.get(inclusive).and_then(Value::as_f64);
    match schema.get(exclusive) {
        Some(Value::Bool(flag)) => (own, *flag && own.is_some()),
        Some(Value::Number(number)) => (number.as_f64(), true),
        _ => (own, false),
    }
}

fn strings(schema: &Value, key: &str) -> Vec<String> {
    let values = schema.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    values.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn rules(schema: &Value) -> Vec<Rule> {
    let values = schema
        .get("x-kubernetes-validations")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let text =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut rules: Vec<Rule> = Vec::new();
    for value in values {
        let (rule, message) = (text(value, "rule"), text(value, "message"));
        let mut name = kebab(if message.is_empty() { &rule } else { &message });
        let same = rules.iter().filter(|other| other.message == message && !message.is_empty()).count();
        if same > 0 {
            name = format!("{name}-{}", same + 1);
        }
        rules.push(Rule { name, rule, message });
    }
    rules
}

/// `Shards cannot exceed 1` → `shards-cannot-exceed-1`.
fn kebab(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn root(schema: &Value) -> (Table, NodeId) {
        let mut builder = Builder::new();
        let id = builder.schema(schema);
        (builder.finish(), id)
    }

    #[test]
    fn equal_schemas_share_a_node() {
        let key = json!({"type": "string", "minLength": 1, "description": "the first"});
        let other = json!({"type": "string", "minLength": 1, "description": "the second"});
        let (table, id) = root(&json!({"type": "object", "properties": {"a": key, "b": other}}));
        assert_eq!(table.property(id, "a"), table.property(id, "b"));
        assert_eq!(table.nodes.len(), 2);
    }

    #[test]
    fn a_property_named_like_a_keyword_is_a_property() {
        let (table, id) = root(&json!({"type": "object", "properties": {
            "description": {"type": "string"}, "enum": {"type": "string"}, "required": {"type": "boolean"},
        }}));
        assert_eq!(table.node(id).properties.len(), 3);
        assert!(table.node(id).required.is_empty());
    }

    #[test]
    fn the_union_of_integer_and_string_is_known_with_and_without_its_extension() {
        for schema in [
            json!({"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": true}),
            json!({"oneOf": [{"type": "string"}, {"type": "integer"}]}),
            json!({"x-kubernetes-int-or-string": true}),
        ] {
            let (table, id) = root(&schema);
            assert!(table.node(id).int_or_string, "{schema}");
            assert_eq!(table.node(id).r#type, None);
        }
    }

    #[test]
    fn what_is_not_understood_accepts_everything() {
        for schema in [
            json!({}),
            json!({"$ref": "#/definitions/x", "type": "object"}),
            json!({"type": "file"}),
            json!({"type": ["string", "integer"]}),
            json!({"anyOf": [{"type": "boolean"}, {"type": "string"}]}),
            json!(true),
        ] {
            let (table, id) = root(&schema);
            assert_eq!(*table.node(id), Node::anything(), "{schema}");
        }
    }

    #[test]
    fn bounds_are_read_in_both_dialects() {
        let (table, id) = root(&json!({"type": "integer", "minimum": 1, "exclusiveMinimum": true}));
        assert_eq!((table.node(id).minimum, table.node(id).exclusive_minimum), (Some(1.0), true));
        let (table, id) = root(&json!({"type": "number", "exclusiveMaximum": 2.5}));
        assert_eq!((table.node(id).maximum, table.node(id).exclusive_maximum), (Some(2.5), true));
    }

    #[test]
    fn a_list_without_items_holds_anything() {
        let (table, id) = root(&json!({"type": "array"}));
        let items = table.node(id).items.expect("every array has items");
        assert_eq!(*table.node(items), Node::anything());
    }

    #[test]
    fn an_embedded_object_has_identity_and_metadata() {
        let (table, id) = root(&json!({"type": "object", "x-kubernetes-embedded-resource": true,
            "x-kubernetes-preserve-unknown-fields": true}));
        let node = table.node(id);
        assert_eq!(node.required, ["apiVersion", "kind"]);
        assert!(node.properties.contains_key("metadata") && node.preserve_unknown);
    }

    #[test]
    fn a_rule_is_named_by_its_message() {
        let (table, id) = root(&json!({"type": "object", "x-kubernetes-validations": [
            {"rule": "self.a < 2", "message": "a cannot exceed 1"}, {"rule": "has(self.b)"},
            {"rule": "self.a != 3", "message": "a cannot exceed 1"},
        ]}));
        let names: Vec<_> = table.node(id).rules.iter().map(|rule| rule.name.as_str()).collect();
        assert_eq!(names, ["a-cannot-exceed-1", "has-self-b", "a-cannot-exceed-1-2"]);
    }

    #[test]
    fn a_crd_adds_every_version_with_metadata_of_the_given_table() {
        let mut builder = Builder::new();
        let meta = json!({"type": "object", "properties": {"name": {"type": "string"}}});
        let schema = builder.schema(&json!({"type": "object", "properties": {"metadata": meta}}));
        let (group, version, kind, plural) = (String::new(), "v1".into(), "Pod".into(), "pods".into());
        let (served, storage, deprecated, namespaced) = (true, true, false, true);
        builder.kind(Kind { group, version, kind, plural, namespaced, served, storage, deprecated, schema });
        let builtin = builder.finish();

        let mut builder = Builder::with_object_meta(&builtin);
        let spec = json!({"type": "object", "properties": {"spec": {"type": "object"}}});
        builder
            .crd(&json!({"spec": {
                "group": "example.com", "scope": "Cluster", "names": {"kind": "Thing", "plural": "things"},
                "versions": [
                    {"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": spec}},
                    {"name": "v0", "served": false, "storage": false, "deprecated": true},
                ],
            }}))
            .expect("complete");
        let table = builder.finish();
        let v1 = table.kind("example.com", "v1", "Thing").expect("added");
        assert_eq!(v1.api_version(), "example.com/v1");
        let metadata = table.property(v1.schema, "metadata").expect("always there");
        assert!(table.property(metadata, "name").is_some());
        let v0 = table.kind("example.com", "v0", "Thing").expect("added");
        assert!(!v0.served && v0.deprecated && !v0.namespaced);
        assert!(table.node(v0.schema).preserve_unknown);
        assert_eq!(table.versions("example.com", "Thing").count(), 2);
    }

    #[test]
    fn what_is_no_crd_is_refused_with_the_missing_field() {
        let error = Builder::new().crd(&json!({"spec": {"group": "a"}})).expect_err("incomplete");
        assert_eq!(
            error.to_string(),
            "not a CustomResourceDefinition: `spec.names.kind` is missing or has the wrong type"
        );
    }
}
