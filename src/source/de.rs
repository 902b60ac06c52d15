//! Typed access: serde from the tree, with errors that know path and place.

use std::fmt::{self, Write as _};

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess,
    SeqAccess, VariantAccess, Visitor,
};

use super::tree::{Entries, Items, Node, Value};
use crate::diagnostic::{Code, Diagnostic, Place, Span};

impl Node<'_> {
    /// The node as a typed value. The error names the path from here and points at the value, and quotes nothing that
    /// the file has declared secret.
    pub fn parse<T: DeserializeOwned>(self) -> Result<T, Box<Diagnostic>> {
        T::deserialize(self).map_err(|error| Box::new(error.into_diagnostic(self)))
    }
}

/// Why a node is not of a type: what serde says, and where.
#[derive(Debug)]
pub struct TypeError {
    message: String,
    /// Where, once known: errors are made without a place and get one on the way up.
    span: Option<Span>,
    /// The steps from the outermost node, last first.
    path: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Key(String),
    Index(usize),
}

impl TypeError {
    fn at(mut self, node: Node<'_>) -> Self {
        self.span.get_or_insert(node.span());
        self
    }

    fn below(mut self, step: Step) -> Self {
        self.path.push(step);
        self
    }

    /// `spec.endpoints[0].port`; `""` for the outermost node.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for step in self.path.iter().rev() {
            match step {
                // Writing to a string does not fail.
                Step::Index(index) => _ = write!(path, "[{index}]"),
                Step::Key(key) if key.contains(['.', '[', '/']) => _ = write!(path, "[{key:?}]"),
                Step::Key(key) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(key);
                }
            }
        }
        path
    }

    fn into_diagnostic(self, root: Node<'_>) -> Diagnostic {
        let file = root.document().file();
        let span = self.span.unwrap_or_else(|| root.span());
        let secret = file.is_hidden(span);
        let message = if secret { "the value is not of the type expected here" } else { &self.message };
        let path = self.path();
        let message = if path.is_empty() { message.to_owned() } else { format!("`{path}`: {message}") };
        Diagnostic::new(Code::WRONG_TYPE, message).at(Place::new(file.clone(), span), "")
    }
}

impl fmt::Display for TypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path();
        if path.is_empty() { f.write_str(&self.message) } else { write!(f, "{path}: {}", self.message) }
    }
}

impl std::error::Error for TypeError {}

impl de::Error for TypeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { message: message.to_string(), span: None, path: Vec::new() }
    }
}

impl<'d> Deserializer<'d> for Node<'d> {
    type Error = TypeError;

    fn deserialize_any<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, TypeError> {
        match self.value() {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Int(value) => visitor.visit_i64(value),
            Value::Uint(value) => visitor.visit_u64(value),
            Value::Float(value) => visitor.visit_f64(value),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Sequence(items) => return visit_sequence(self, items, visitor),
            Value::Mapping(entries) => return visit_mapping(self, entries, visitor),
        }
        .map_err(|error: TypeError| error.at(self))
    }

    fn deserialize_option<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, TypeError> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
            .map_err(|error: TypeError| error.at(self))
    }

    fn deserialize_newtype_struct<V: Visitor<'d>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, TypeError> {
        visitor.visit_newtype_struct(self).map_err(|error: TypeError| error.at(self))
    }

    fn deserialize_enum<V: Visitor<'d>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypeError> {
        let (variant, content) = match self.value() {
            Value::String(text) => (text, None),
            Value::Mapping(mut entries) if entries.len() == 1 => match entries.next() {
                Some(entry) => (entry.key, Some(entry.value)),
                None => return Err(de::Error::custom("expected a variant")),
            },
            _ => {
                let message =
                    format!("expected a string or a mapping with one key, found {}", self.kind_name());
                return Err(<TypeError as de::Error>::custom(message).at(self));
            }
        };
        visitor.visit_enum(Variant { variant, content }).map_err(|error: TypeError| error.at(self))
    }

    fn deserialize_unit_struct<V: Visitor<'d>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, TypeError> {
        self.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        <V: Visitor<'d>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit seq tuple
        tuple_struct map struct identifier
    }

    fn deserialize_ignored_any<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, TypeError> {
        visitor.visit_unit()
    }
}

impl<'d> IntoDeserializer<'d, TypeError> for Node<'d> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

fn visit_sequence<'d, V: Visitor<'d>>(
    node: Node<'d>,
    items: Items<'d>,
    visitor: V,
) -> Result<V::Value, TypeError> {
    let length = items.len();
    let mut access = Sequence { items, index: 0 };
    let value = visitor.visit_seq(&mut access).map_err(|error| error.at(node))?;
    if access.items.len() > 0 {
        // As serde_json has it: a tuple takes all items or none.
        return Err(<TypeError as de::Error>::invalid_length(length, &"fewer items").at(node));
    }
    Ok(value)
}

struct Sequence<'d> {
    items: Items<'d>,
    index: usize,
}

impl<'d> SeqAccess<'d> for Sequence<'d> {
    type Error = TypeError;

    fn next_element_seed<T: DeserializeSeed<'d>>(&mut self, seed: T) -> Result<Option<T::Value>, TypeError> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let index = self.index;
        self.index += 1;
        seed.deserialize(item).map(Some).map_err(|error| error.at(item).below(Step::Index(index)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

fn visit_mapping<'d, V: Visitor<'d>>(
    node: Node<'d>,
    entries: Entries<'d>,
    visitor: V,
) -> Result<V::Value, TypeError> {
    visitor.visit_map(Mapping { entries, value: None }).map_err(|error| error.at(node))
}

struct Mapping<'d> {
    entries: Entries<'d>,
    value: Option<(&'d str, Node<'d>)>,
}

impl<'d> MapAccess<'d> for Mapping<'d> {
    type Error = TypeError;

    fn next_key_seed<K: DeserializeSeed<'d>>(&mut self, seed: K) -> Result<Option<K::Value>, TypeError> {
        let Some(entry) = self.entries.next() else { return Ok(None) };
        self.value = Some((entry.key, entry.value));
        seed.deserialize(Key(entry.key)).map(Some).map_err(|mut error| {
            // An unknown field is wrong at its key, not at its value.
            error.span.get_or_insert(entry.key_span);
            error
        })
    }

    fn next_value_seed<V: DeserializeSeed<'d>>(&mut self, seed: V) -> Result<V::Value, TypeError> {
        let Some((key, value)) = self.value.take() else {
            return Err(de::Error::custom("a value was asked for before its key"));
        };
        seed.deserialize(value).map_err(|error| error.at(value).below(Step::Key(key.to_owned())))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// A key: a string that may stand for a number or a boolean, as in JSON.
struct Key<'d>(&'d str);

macro_rules! parsed {
    ($($method:ident $visit:ident)*) => {
        $(fn $method<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, TypeError> {
            match self.0.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => visitor.visit_borrowed_str(self.0),
            }
        })*
    };
}

impl<'d> Deserializer<'d> for Key<'d> {
    type Error = TypeError;

    fn deserialize_any<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, TypeError> {
        visitor.visit_borrowed_str(self.0)
    }

    parsed! {
        deserialize_bool visit_bool
        deserialize_i8 visit_i8
        deserialize_i16 visit_i16
        deserialize_i32 visit_i32
        deserialize_i64 visit_i64
        deserialize_u8 visit_u8
        deserialize_u16 visit_u16
        deserialize_u32 visit_u32
        deserialize_u64 visit_u64
        deserialize_f32 visit_f32
        deserialize_f64 visit_f64
    }

    fn deserialize_option<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, TypeError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'d>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, TypeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'d>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypeError> {
        visitor.visit_enum(Variant { variant: self.0, content: None })
    }

    serde::forward_to_deserialize_any! {
        <V: Visitor<'d>>
        i128 u128 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

struct Variant<'d> {
    variant: &'d str,
    content: Option<Node<'d>>,
}

impl<'d> EnumAccess<'d> for Variant<'d> {
    type Error = TypeError;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'d>>(self, seed: T) -> Result<(T::Value, Self), TypeError> {
        seed.deserialize(Key(self.variant)).map(|value| (value, self))
    }
}

impl<'d> Variant<'d> {
    fn content(&self) -> Result<Node<'d>, TypeError> {
        self.content.ok_or_else(|| de::Error::custom(format_args!("`{}` lacks its content", self.variant)))
    }

    fn in_content<T>(self, node: Node<'d>, result: Result<T, TypeError>) -> Result<T, TypeError> {
        result.map_err(|error| error.at(node).below(Step::Key(self.variant.to_owned())))
    }
}

impl<'d> VariantAccess<'d> for Variant<'d> {
    type Error = TypeError;

    fn unit_variant(self) -> Result<(), TypeError> {
        match self.content {
            Some(node) if !node.is_null() => {
                Err(<TypeError as de::Error>::custom("expected nothing here").at(node))
            }
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'d>>(self, seed: T) -> Result<T::Value, TypeError> {
        let node = self.content()?;
        self.in_content(node, seed.deserialize(node))
    }

    fn tuple_variant<V: Visitor<'d>>(self, _length: usize, visitor: V) -> Result<V::Value, TypeError> {
        let node = self.content()?;
        self.in_content(node, node.deserialize_any(visitor))
    }

    fn struct_variant<V: Visitor<'d>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypeError> {
        let node = self.content()?;
        self.in_content(node, node.deserialize_any(visitor))
    }
}
