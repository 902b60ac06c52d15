//! The compact form of an OpenAPI v3 schema: a table of hash-consed nodes.
//!
//! The ten CRDs describe more than ten thousand properties with some five hundred distinct schemas. Each of these is a [`Node`],
//! referred to by its [`NodeId`]; a [`Kind`] names the node its objects start at. Descriptions are not kept.
//!
//! This file and `compact.rs` use nothing but serde: the generator compiles them as its own modules, so that it still builds when the
//! generated part of this crate does not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Kinds and the nodes their schemas are made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Every kind and version, ordered by group, kind, version.
    pub kinds: Vec<Kind>,
    /// Every distinct node. A node refers only to nodes before it, so there are no cycles.
    pub nodes: Vec<Node>,
}

/// One version of one kind.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own in the schema, not a state")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Kind {
    /// API group; empty for the core group.
    pub group: String,
    /// Version, such as `v1`.
    pub version: String,
    /// Kind, such as `ServiceMonitor`.
    pub kind: String,
    /// Plural resource name, such as `servicemonitors`: what RBAC rules and URLs use.
    pub plural: String,
    /// Whether objects live in a namespace.
    pub namespaced: bool,
    /// Whether the API server answers requests for this version.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub served: bool,
    /// Whether objects are stored in this version.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub storage: bool,
    /// Whether the version is marked as deprecated.
    #[serde(default, skip_serializing_if = "is_default")]
    pub deprecated: bool,
    /// The node of the whole object; its properties include `apiVersion`, `kind` and `metadata`.
    pub schema: NodeId,
}

impl Kind {
    /// The `apiVersion` of its objects: `v1`, `monitoring.coreos.com/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
}

/// The place of a [`Node`] in [`Table::nodes`] of the same table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub u32);

/// What a schema says about one value. Absent constraints are empty or `None`. A value no property, `values` or `preserve_unknown`
/// speaks of is unknown; [`Node::anything`] is the node that knows everything.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own in the schema, not a state")]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Node {
    /// The JSON type; `None` when any is accepted, or when `int_or_string` says which.
    #[serde(skip_serializing_if = "is_default")]
    pub r#type: Option<Type>,
    /// Integer or string. With format `quantity` (Kubernetes' own kinds only) any number is accepted: the API server parses
    /// `0.5` and `"0.5"` alike there, but not in custom resources.
    #[serde(skip_serializing_if = "is_default")]
    pub int_or_string: bool,
    /// Properties by name. Others are unknown, unless `values` or `preserve_unknown` says otherwise.
    #[serde(skip_serializing_if = "is_default")]
    pub properties: BTreeMap<String, NodeId>,
    /// The values of a map (`additionalProperties`).
    #[serde(skip_serializing_if = "is_default")]
    pub values: Option<NodeId>,
    /// The items of an array.
    #[serde(skip_serializing_if = "is_default")]
    pub items: Option<NodeId>,
    /// Properties that must be present, sorted.
    #[serde(skip_serializing_if = "is_default")]
    pub required: Vec<String>,
    /// The only values accepted; empty means no such limit. (`enum` in the schema.) An empty string among them means that it counts
    /// as absent.
    #[serde(rename = "enum", skip_serializing_if = "is_default")]
    pub enumeration: Vec<Value>,
    /// Regular expression in Go's syntax a string must match, unanchored. On an int-or-string node it applies to strings only.
    #[serde(skip_serializing_if = "is_default")]
    pub pattern: Option<String>,
    /// `int32`, `int64`, `double`, `date-time`, `byte`, `quantity`, …
    #[serde(skip_serializing_if = "is_default")]
    pub format: Option<String>,
    /// Smallest number.
    #[serde(skip_serializing_if = "is_default")]
    pub minimum: Option<f64>,
    /// Whether `minimum` itself is refused.
    #[serde(skip_serializing_if = "is_default")]
    pub exclusive_minimum: bool,
    /// Largest number.
    #[serde(skip_serializing_if = "is_default")]
    pub maximum: Option<f64>,
    /// Whether `maximum` itself is refused.
    #[serde(skip_serializing_if = "is_default")]
    pub exclusive_maximum: bool,
    /// A number must be a multiple of this.
    #[serde(skip_serializing_if = "is_default")]
    pub multiple_of: Option<f64>,
    /// Fewest characters (Unicode code points) of a string.
    #[serde(skip_serializing_if = "is_default")]
    pub min_length: Option<u64>,
    /// Most characters of a string.
    #[serde(skip_serializing_if = "is_default")]
    pub max_length: Option<u64>,
    /// Fewest items of an array.
    #[serde(skip_serializing_if = "is_default")]
    pub min_items: Option<u64>,
    /// Most items of an array.
    #[serde(skip_serializing_if = "is_default")]
    pub max_items: Option<u64>,
    /// Fewest properties of an object or entries of a map.
    #[serde(skip_serializing_if = "is_default")]
    pub min_properties: Option<u64>,
    /// Most properties of an object or entries of a map.
    #[serde(skip_serializing_if = "is_default")]
    pub max_properties: Option<u64>,
    /// What the API server fills in when the property is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Whether `null` is a value. Where it is not, the API server drops a `null` *property* as if it were absent, and refuses a `null`
    /// item or map value.
    #[serde(skip_serializing_if = "is_default")]
    pub nullable: bool,
    /// Whether unknown properties are kept (`x-kubernetes-preserve-unknown-fields`). Known ones are checked all the same.
    #[serde(skip_serializing_if = "is_default")]
    pub preserve_unknown: bool,
    /// How the list is merged, and so which items may not repeat; `None` means atomic. A repeated item of a `Set` or `Map` is refused.
    #[serde(skip_serializing_if = "is_default")]
    pub list_type: Option<ListType>,
    /// For [`ListType::Map`]: the properties of an item that together identify it.
    #[serde(skip_serializing_if = "is_default")]
    pub list_keys: Vec<String>,
    /// Whether the object or map has one owner as a whole (`x-kubernetes-map-type: atomic`).
    #[serde(skip_serializing_if = "is_default")]
    pub map_atomic: bool,
    /// CEL rules about this value (`x-kubernetes-validations`).
    #[serde(skip_serializing_if = "is_default")]
    pub rules: Vec<Rule>,
}

impl Node {
    /// The node that accepts every value.
    pub fn anything() -> Self {
        Self { preserve_unknown: true, nullable: true, ..Self::default() }
    }
}

/// A JSON type, as schemas name it. `Integer` is a `Number` without a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// An object or a map.
    Object,
    /// A list.
    Array,
    /// A string.
    String,
    /// A number without a fraction.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
}

/// `x-kubernetes-list-type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListType {
    /// One owner for the whole list; items may repeat.
    Atomic,
    /// Scalars that may not repeat.
    Set,
    /// Objects identified by [`Node::list_keys`], which may not repeat.
    Map,
}

/// A CEL rule of `x-kubernetes-validations`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Stable name: its message (or the rule itself where there is none) in kebab case, `replicas-cannot-be-set-when-mode-is-daemonset`.
    pub name: String,
    /// The CEL expression; `self` is the value of the node.
    pub rule: String,
    /// What the API server says when it does not hold; empty when the schema gives no text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}

impl Table {
    /// The node with this id.
    ///
    /// # Panics
    /// When the id is of another table and beyond this one's end.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The kind of exactly this group, version and kind.
    pub fn kind(&self, group: &str, version: &str, kind: &str) -> Option<&Kind> {
        self.kinds.iter().find(|k| k.kind == kind && k.version == version && k.group == group)
    }

    /// Every version of a kind, in the table's order.
    pub fn versions<'a>(&'a self, group: &'a str, kind: &'a str) -> impl Iterator<Item = &'a Kind> + 'a {
        self.kinds.iter().filter(move |k| k.kind == kind && k.group == group)
    }

    /// The node of a property of a node, if the schema names it.
    pub fn property(&self, id: NodeId, name: &str) -> Option<NodeId> {
        self.node(id).properties.get(name).copied()
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_true(value: &bool) -> bool {
    *value
}

fn yes() -> bool {
    true
}
