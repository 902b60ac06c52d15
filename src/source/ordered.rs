//! Values that keep the order of their entries, for documents whose order is somebody else's.

use std::borrow::Cow;
use std::fmt;

use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::emit::{self, Emitted, Shape};
use super::tree::{Node, Value};

/// What is written in place of a secret.
pub(crate) const HIDDEN: &str = "<secret>";

/// A value whose mappings keep the order of their entries, and which knows what of it is secret. Written as YAML or JSON it
/// shows `<secret>` in place of secrets, unless they are [revealed](Self::revealed).
#[derive(Clone, PartialEq)]
pub enum Ordered {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number above [`i64::MAX`].
    Uint(u64),
    /// Any other number.
    Float(f64),
    /// A string.
    String(Cow<'static, str>),
    /// Bytes that are no UTF-8, in base64.
    Binary(String),
    /// A value that must not be shown.
    Secret(Box<Self>),
    /// A sequence.
    List(Vec<Self>),
    /// A mapping.
    Map(Mapping),
}

/// Entries in their order. A key may stand twice, as Go's `yaml.MapSlice` allows it.
#[derive(Clone, Default, PartialEq)]
pub struct Mapping {
    entries: Vec<(Cow<'static, str>, Ordered)>,
}

impl Mapping {
    /// A mapping without entries.
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// Adds an entry at the end.
    pub fn push(&mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Ordered>) {
        self.entries.push((key.into(), value.into()));
    }

    /// Adds an entry at the end if there is a value.
    pub fn push_some(&mut self, key: impl Into<Cow<'static, str>>, value: Option<impl Into<Ordered>>) {
        if let Some(value) = value {
            self.push(key, value);
        }
    }

    /// The same with one more entry at the end.
    pub fn with(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Ordered>) -> Self {
        self.push(key, value);
        self
    }

    /// The value of the first entry with this key.
    pub fn get(&self, key: &str) -> Option<&Ordered> {
        self.entries.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// The value of the first entry with this key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Ordered> {
        self.entries.iter_mut().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// The entries in their order.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = (&str, &Ordered)> {
        self.entries.iter().map(|(key, value)| (key.as_ref(), value))
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl IntoIterator for Mapping {
    type Item = (Cow<'static, str>, Ordered);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<K: Into<Cow<'static, str>>, V: Into<Ordered>> FromIterator<(K, V)> for Mapping {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self { entries: entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect() }
    }
}

impl Ordered {
    /// A string of bytes, which need not be UTF-8.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::from(text.to_owned()),
            Err(_) => Self::Binary(STANDARD.encode(bytes)),
        }
    }

    /// The same, not to be shown.
    pub fn secret(self) -> Self {
        Self::Secret(Box::new(self))
    }

    /// The same with something else in place of secrets, which is empty where they are.
    pub fn masked(self) -> Self {
        match self {
            Self::Secret(value) if *value == Self::from("") => Self::from(""),
            Self::Secret(_) => Self::from(HIDDEN),
            Self::List(items) => Self::List(items.into_iter().map(Self::masked).collect()),
            Self::Map(map) => Self::Map(map.into_iter().map(|(key, value)| (key, value.masked())).collect()),
            other => other,
        }
    }

    /// The same with its secrets to be shown.
    pub fn revealed(self) -> Self {
        match self {
            Self::Secret(value) => value.revealed(),
            Self::List(items) => Self::List(items.into_iter().map(Self::revealed).collect()),
            Self::Map(map) => {
                Self::Map(map.into_iter().map(|(key, value)| (key, value.revealed())).collect())
            }
            other => other,
        }
    }

    /// A node of a document. What its file has declared secret stays so.
    pub fn of_node(node: Node<'_>) -> Self {
        let value = match node.value() {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Int(value) => Self::Int(value),
            Value::Uint(value) => Self::Uint(value),
            Value::Float(value) => Self::Float(value),
            Value::String(text) => Self::from(text.to_owned()),
            Value::Sequence(items) => return Self::List(items.map(Self::of_node).collect()),
            Value::Mapping(entries) => {
                return Self::Map(
                    entries.map(|entry| (entry.key.to_owned(), Self::of_node(entry.value))).collect(),
                );
            }
        };
        let span = node.target_span();
        if span.start < span.end && node.document().file().is_hidden(span) { value.secret() } else { value }
    }

    /// The string, if it is one that may be shown.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The mapping, if it is one.
    pub fn as_map(&self) -> Option<&Mapping> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The items, if it is a sequence.
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// As one YAML document, with a line feed at its end.
    pub fn to_yaml(&self) -> String {
        emit::document(self)
    }
}

impl Emitted for Ordered {
    fn shape(&self) -> Shape<'_, Self> {
        match self {
            Self::Null => Shape::Null,
            Self::Bool(value) => Shape::Bool(*value),
            Self::Int(value) => Shape::Int(*value),
            Self::Uint(value) => Shape::Uint(*value),
            Self::Float(value) => Shape::Float(*value),
            Self::String(text) => Shape::String(text),
            Self::Binary(base64) => Shape::Binary(base64),
            Self::Secret(_) => Shape::String(HIDDEN),
            Self::List(items) => Shape::List(items),
            Self::Map(map) => {
                Shape::Map(map.entries.iter().map(|(key, value)| (key.as_ref(), value)).collect())
            }
        }
    }
}

impl Serialize for Ordered {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::Uint(value) => serializer.serialize_u64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::String(text) => serializer.serialize_str(text),
            Self::Binary(base64) => serializer.serialize_str(base64),
            Self::Secret(_) => serializer.serialize_str(HIDDEN),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Map(map) => {
                let mut written = serializer.serialize_map(Some(map.entries.len()))?;
                for (key, value) in &map.entries {
                    written.serialize_entry(key, value)?;
                }
                written.end()
            }
        }
    }
}

/// As JSON, without secrets.
impl fmt::Debug for Ordered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).unwrap_or_default())
    }
}

impl fmt::Debug for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.entries()).finish()
    }
}

impl From<&'static str> for Ordered {
    fn from(text: &'static str) -> Self {
        Self::String(Cow::Borrowed(text))
    }
}

impl From<String> for Ordered {
    fn from(text: String) -> Self {
        Self::String(Cow::Owned(text))
    }
}

impl From<bool> for Ordered {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Ordered {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Ordered {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<Mapping> for Ordered {
    fn from(map: Mapping) -> Self {
        Self::Map(map)
    }
}

impl<V: Into<Self>> From<Vec<V>> for Ordered {
    fn from(items: Vec<V>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl<V: Into<Self>, const N: usize> From<[V; N]> for Ordered {
    fn from(items: [V; N]) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

/// A JSON value; its mappings are in the order they have there.
impl From<&serde_json::Value> for Ordered {
    fn from(value: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match value {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(value), _) => Self::Int(value),
                (None, Some(value)) => Self::Uint(value),
                (None, None) => Self::Float(number.as_f64().unwrap_or_default()),
            },
            Json::String(text) => Self::from(text.clone()),
            Json::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Json::Object(entries) => {
                Self::Map(entries.iter().map(|(key, value)| (key.clone(), Self::from(value))).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Ordered {
        let map = Mapping::new()
            .with("b", 1_i64)
            .with("a", Ordered::from("hush".to_owned()).secret())
            .with("b", Ordered::List(vec![Ordered::Null, Ordered::from(0.5), Mapping::new().into()]))
            .with("c", Ordered::of_bytes(b"\xff"));
        map.into()
    }

    #[test]
    fn order_stays_and_secrets_are_hidden() {
        assert_eq!(sample().to_yaml(), "b: 1\na: <secret>\nb:\n- null\n- 0.5\n- {}\nc: !!binary \"/w==\"\n");
        assert_eq!(
            serde_json::to_string(&sample()).unwrap(),
            r#"{"b":1,"a":"<secret>","b":[null,0.5,{}],"c":"/w=="}"#
        );
        assert!(!format!("{:?}", sample()).contains("hush"));
        assert!(sample().revealed().to_yaml().contains("a: hush\n"));
        let masked = Ordered::from(vec![Ordered::from("").secret(), Ordered::from("hush").secret()]).masked();
        assert_eq!(masked.to_yaml(), "- \"\"\n- <secret>\n");
    }
}
