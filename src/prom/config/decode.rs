//! Documents into structs, as Go's yaml.v2 (go.yaml.in/yaml/v2 2.4, `UnmarshalStrict`) decodes them: by tables of fields
//! instead of Go's types.
//!
//! What does not fit a type is noted, and decoding goes on; a type that checks itself stops it at once. So of several mistakes
//! it is told what Prometheus would tell.

use rustc_hash::FxHashSet;

use super::rule;
use crate::diagnostic::Span;
use crate::prom::relabel;
use crate::prom::{duration, quote, size};
use crate::source::{Entry, Node, Value as Yaml};

/// A Go struct.
pub(super) struct Struct {
    /// Its name in messages.
    pub(super) go: &'static str,
    /// Its fields, in groups: those that several structs share are one.
    pub(super) fields: &'static [&'static [Field]],
    /// What the type checks of itself once it is decoded.
    pub(super) check: Option<Check>,
}

/// What a struct checks of itself.
pub(super) type Check = fn(&Table<'_>, Release) -> Result<(), Fault>;

/// A field of a struct.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Type,
    /// The first release that knows it.
    pub(super) since: (u64, u64),
    /// The first release that knows it no more.
    pub(super) until: (u64, u64),
}

impl Field {
    pub(super) const fn new(name: &'static str, kind: Type) -> Self {
        Self { name, kind, since: (0, 0), until: (u64::MAX, 0) }
    }

    pub(super) const fn since(self, major: u64, minor: u64) -> Self {
        Self { since: (major, minor), ..self }
    }

    pub(super) const fn until(self, major: u64, minor: u64) -> Self {
        Self { until: (major, minor), ..self }
    }

    fn is_known(&self, release: Release) -> bool {
        self.since <= release.number && release.number < self.until
    }
}

/// What checks depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Release {
    /// Major and minor number of Prometheus.
    pub(super) number: (u64, u64),
    pub(super) selectors: Selectors,
}

impl Release {
    /// Whether this is the release or a later one.
    pub(super) fn is_at_least(self, major: u64, minor: u64) -> bool {
        self.number >= (major, minor)
    }
}

/// How selectors of the Kubernetes API are checked, in its words.
#[derive(Debug, Clone, Copy)]
pub struct Selectors {
    /// A label selector.
    pub label: fn(&str) -> Result<(), String>,
    /// A field selector.
    pub field: fn(&str) -> Result<(), String>,
}

/// What a text has to be, in the words of the type that reads it.
pub(super) type Word = fn(&str, Release) -> Result<(), String>;

/// A type of a field.
#[derive(Clone, Copy)]
pub(super) enum Type {
    /// Any text; Go's name of the type.
    Text(&'static str),
    /// A text that must not be shown.
    Secret,
    /// A text that has to be something.
    Word(Word),
    /// The same, of a Go type that has its own name in messages.
    Named(&'static str, Word),
    Bool,
    Int,
    Int64,
    /// A whole number from 0; Go's name of the type.
    Uint(&'static str),
    Float,
    Duration,
    /// Bytes.
    Size,
    /// Go's name of the list, and the items.
    List(&'static str, &'static Self),
    /// Go's name of the map, what keys have to be, and the values.
    Map(&'static str, Option<Word>, &'static Self),
    Struct(&'static Struct),
    /// Go's name of the list, and the struct of its items.
    Structs(&'static str, &'static Struct),
    /// A relabel rule.
    Rule,
    /// Anything.
    Any,
}

pub(super) const STRING: Type = Type::Text("string");
pub(super) const STRINGS: Type = Type::List("[]string", &STRING);

/// A value of a field.
#[derive(Debug)]
pub(super) enum Value<'d> {
    /// The zero value of its type.
    Null,
    Text(&'d str),
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    /// Nanoseconds.
    Duration(i64),
    List(Vec<Self>),
    Map(Vec<(&'d str, Self)>),
    Table(Table<'d>),
    Rule(Box<relabel::Config>, Span),
    Any,
}

/// A decoded struct.
#[derive(Debug)]
pub(super) struct Table<'d> {
    /// Where it stands.
    pub(super) span: Span,
    entries: Vec<(&'static str, Value<'d>, Span)>,
}

impl<'d> Table<'d> {
    /// A struct of which nothing is given.
    pub(super) fn empty(span: Span) -> Self {
        Self { span, entries: Vec::new() }
    }

    /// A number, 0 where it is not given.
    pub(super) fn float(&self, field: &str) -> f64 {
        match self.get(field) {
            Some(Value::Float(value)) => *value,
            _ => 0.0,
        }
    }

    fn entry(&self, field: &str) -> Option<&(&'static str, Value<'d>, Span)> {
        self.entries.iter().find(|(name, ..)| *name == field)
    }

    /// The value of a field, if it is given.
    pub(super) fn get(&self, field: &str) -> Option<&Value<'d>> {
        self.entry(field).map(|(_, value, _)| value)
    }

    /// Takes the value of a field out.
    pub(super) fn take(&mut self, field: &str) -> Option<Value<'d>> {
        let (_, value, _) = self.entries.iter_mut().find(|(name, ..)| *name == field)?;
        Some(std::mem::replace(value, Value::Null))
    }

    /// Where a field's key stands; where the struct does, if it is not given.
    pub(super) fn span_of(&self, field: &str) -> Span {
        self.entry(field).map_or(self.span, |(.., span)| *span)
    }

    /// A text; empty where it is not given.
    pub(super) fn text(&self, field: &str) -> &'d str {
        self.given_text(field).unwrap_or_default()
    }

    /// A text, if it is given; null is an empty one.
    pub(super) fn given_text(&self, field: &str) -> Option<&'d str> {
        match self.get(field)? {
            Value::Text(text) => Some(text),
            _ => Some(""),
        }
    }

    /// A boolean, if it is given; null is false.
    pub(super) fn given_bool(&self, field: &str) -> Option<bool> {
        self.get(field).map(|value| matches!(value, Value::Bool(true)))
    }

    /// Nanoseconds, if they are given and not 0.
    pub(super) fn duration(&self, field: &str) -> Option<i64> {
        match self.get(field)? {
            Value::Duration(nanoseconds) if *nanoseconds != 0 => Some(*nanoseconds),
            _ => None,
        }
    }

    /// A whole number, 0 where it is not given.
    pub(super) fn int(&self, field: &str) -> i64 {
        match self.get(field) {
            Some(Value::Int(value)) => *value,
            Some(Value::Uint(value)) => i64::try_from(*value).unwrap_or(i64::MAX),
            _ => 0,
        }
    }

    /// A whole number from 0, 0 where it is not given.
    pub(super) fn uint(&self, field: &str) -> u64 {
        match self.get(field) {
            Some(Value::Uint(value)) => *value,
            Some(Value::Int(value)) => u64::try_from(*value).unwrap_or(0),
            _ => 0,
        }
    }

    /// The items of a list; none where it is not given.
    pub(super) fn list(&self, field: &str) -> &[Value<'d>] {
        match self.get(field) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }

    /// The texts of a list; null is an empty one.
    pub(super) fn texts(&self, field: &str) -> impl Iterator<Item = &'d str> {
        self.list(field).iter().map(|item| match item {
            Value::Text(text) => *text,
            _ => "",
        })
    }

    /// The entries of a map, in their order.
    pub(super) fn map(&self, field: &str) -> &[(&'d str, Value<'d>)] {
        match self.get(field) {
            Some(Value::Map(entries)) => entries,
            _ => &[],
        }
    }

    /// A struct, if it is given and not null.
    pub(super) fn table(&self, field: &str) -> Option<&Self> {
        match self.get(field)? {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// A struct to be changed.
    pub(super) fn table_mut(&mut self, field: &str) -> Option<&mut Self> {
        match self.entries.iter_mut().find(|(name, ..)| *name == field) {
            Some((_, Value::Table(table), _)) => Some(table),
            _ => None,
        }
    }

    /// The structs of a list, to be changed.
    pub(super) fn tables_mut(&mut self, field: &str) -> impl Iterator<Item = &mut Self> {
        let items = match self.entries.iter_mut().find(|(name, ..)| *name == field) {
            Some((_, Value::List(items), _)) => items.as_mut_slice(),
            _ => &mut [],
        };
        items.iter_mut().filter_map(|item| match item {
            Value::Table(table) => Some(table),
            _ => None,
        })
    }

    /// Whether a field is given and not null.
    pub(super) fn is_set(&self, field: &str) -> bool {
        self.get(field).is_some_and(|value| !matches!(value, Value::Null))
    }

    /// What is wrong with a field.
    pub(super) fn fault(&self, field: &str, message: impl Into<String>) -> Fault {
        Fault { message: message.into(), span: self.span_of(field) }
    }
}

/// What stops the decoding: Prometheus' words, and where.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) span: Span,
}

/// What does not fit a type.
#[derive(Debug)]
pub(super) struct Misfit {
    pub(super) message: String,
    pub(super) span: Span,
}

/// Decodes one document.
pub(super) struct Decoder {
    pub(super) release: Release,
    /// How relabel rules are read while they are decoded.
    pub(super) dialect: relabel::Dialect,
    pub(super) misfits: Vec<Misfit>,
    /// Secret texts.
    pub(super) hidden: Vec<Span>,
    /// Regexes that were read and are valid: the operator writes the same ones again and again.
    pub(super) valid_regexes: FxHashSet<String>,
    /// What the regex of rules that name none has become, and where.
    pub(super) default_regex: Option<(String, Span)>,
}

/// A value; none where something does not fit, which is noted then.
type Decoded<'d> = Result<Option<Value<'d>>, Fault>;

impl Decoder {
    pub(super) fn value<'d>(&mut self, node: Node<'d>, kind: Type) -> Decoded<'d> {
        if node.is_null() {
            return Ok(Some(Value::Null));
        }
        let stop = |message| Fault { message, span: node.span() };
        match kind {
            Type::Text(go) => Ok(self.text(node, go).map(Value::Text)),
            Type::Secret => {
                self.hidden.push(node.target_span());
                Ok(self.text(node, "config.plain").map(Value::Text))
            }
            Type::Word(check) => match self.text(node, "string") {
                Some(text) => {
                    check(text, self.release).map_err(stop)?;
                    Ok(Some(Value::Text(text)))
                }
                None => Ok(None),
            },
            Type::Named(go, check) => match self.text(node, go) {
                Some(text) => {
                    check(text, self.release).map_err(stop)?;
                    Ok(Some(Value::Text(text)))
                }
                None => Ok(None),
            },
            Type::Duration => match self.text(node, "string") {
                Some(text) => Ok(Some(Value::Duration(duration::nanoseconds(text).map_err(stop)?))),
                None => Ok(None),
            },
            Type::Size => match self.text(node, "units.Base2Bytes") {
                Some(text) => Ok(Some(Value::Int(size::parse_base2(text).map_err(stop)?))),
                None => Ok(None),
            },
            Type::Bool => match node.value() {
                Yaml::Bool(value) => Ok(Some(Value::Bool(value))),
                _ => Ok(self.misfit(node, "bool")),
            },
            Type::Int | Type::Int64 => {
                let go = if matches!(kind, Type::Int) { "int" } else { "int64" };
                let value = whole(node).and_then(|value| i64::try_from(value).ok());
                Ok(value.map(Value::Int).or_else(|| self.misfit(node, go)))
            }
            Type::Uint(go) => {
                let value = whole(node).and_then(|value| u64::try_from(value).ok());
                Ok(value.map(Value::Uint).or_else(|| self.misfit(node, go)))
            }
            Type::Float => {
                let value = node.as_f64();
                Ok(value.map(Value::Float).or_else(|| self.misfit(node, "float64")))
            }
            Type::List(go, items) => self.list(node, go, *items),
            Type::Map(go, keys, values) => self.map(node, go, keys, *values),
            Type::Struct(of) => self.table(node, of),
            Type::Structs(go, of) => self.list(node, go, Type::Struct(of)),
            Type::Rule => rule::decode(self, node),
            Type::Any => Ok(Some(Value::Any)),
        }
    }

    /// Notes that a node does not fit a type. The value is for the caller's convenience.
    fn misfit<'d>(&mut self, node: Node<'d>, go: &str) -> Option<Value<'d>> {
        let (tag, value) = match node.value() {
            Yaml::Sequence(_) => ("!!seq", None),
            Yaml::Mapping(_) => ("!!map", None),
            Yaml::Null => ("!!null", node.written()),
            Yaml::Bool(_) => ("!!bool", node.written()),
            Yaml::Int(_) | Yaml::Uint(_) if node.written().is_some_and(is_fraction) => {
                ("!!float", node.written())
            }
            Yaml::Int(_) | Yaml::Uint(_) => ("!!int", node.written()),
            Yaml::Float(_) => ("!!float", node.written()),
            Yaml::String(text) => ("!!str", Some(text)),
        };
        let value = value.map_or_else(String::new, |text| {
            let bytes = text.as_bytes();
            if bytes.len() > 10 {
                format!(" `{}...`", String::from_utf8_lossy(&bytes[..7]))
            } else {
                format!(" `{text}`")
            }
        });
        self.note(node.target_span(), node, &format!("cannot unmarshal {tag}{value} into {go}"));
        None
    }

    /// Notes that something else stands where a struct or a list should.
    pub(super) fn wrong_kind(&mut self, node: Node<'_>, go: &str) {
        self.misfit(node, go);
    }

    pub(super) fn note(&mut self, span: Span, node: Node<'_>, message: &str) {
        let (line, _) = node.document().file().line_column(span.start);
        self.misfits.push(Misfit { message: format!("line {line}: {message}"), span });
    }

    pub(super) fn text<'d>(&mut self, node: Node<'d>, go: &str) -> Option<&'d str> {
        let text = node.written();
        if text.is_none() {
            self.misfit(node, go);
        }
        text
    }

    fn list<'d>(&mut self, node: Node<'d>, go: &str, items: Type) -> Decoded<'d> {
        if !node.is_sequence() {
            return Ok(self.misfit(node, go));
        }
        let mut list = Vec::with_capacity(node.items().len());
        for item in node.items() {
            list.extend(self.value(item, items)?);
        }
        Ok(Some(Value::List(list)))
    }

    fn map<'d>(&mut self, node: Node<'d>, go: &str, keys: Option<Word>, values: Type) -> Decoded<'d> {
        if !node.is_mapping() {
            return Ok(self.misfit(node, go));
        }
        let mut map: Vec<(&'d str, Value<'d>)> = Vec::new();
        self.map_entries(node, (keys, values), &mut map)?;
        Ok(Some(Value::Map(map)))
    }

    fn map_entries<'d>(
        &mut self,
        node: Node<'d>,
        (keys, values): (Option<Word>, Type),
        map: &mut Vec<(&'d str, Value<'d>)>,
    ) -> Result<(), Fault> {
        for entry in node.entries() {
            if entry.is_merge() {
                for merged in merged(&entry)? {
                    self.map_entries(merged, (keys, values), map)?;
                }
                continue;
            }
            let key = entry.written_key();
            if let Some(check) = keys.filter(|_| !entry.has_null_key()) {
                check(key, self.release).map_err(|message| Fault { message, span: entry.key_span })?;
            }
            let Some(value) = self.value(entry.value, values)? else { continue };
            if map.iter().any(|(known, _)| *known == key) {
                let message = format!("key {} already set in map", quote::quote(key));
                self.note(entry.value.target_span(), node, &message);
            } else {
                map.push((key, value));
            }
        }
        Ok(())
    }

    fn table<'d>(&mut self, node: Node<'d>, of: &'static Struct) -> Decoded<'d> {
        let before = self.misfits.len();
        if !node.is_mapping() {
            return Ok(self.misfit(node, of.go));
        }
        let mut table = Table { span: node.span(), entries: Vec::with_capacity(node.entries().len()) };
        self.fields(node, of, &mut table)?;
        if self.misfits.len() > before {
            return Ok(None);
        }
        if let Some(check) = of.check {
            check(&table, self.release)?;
        }
        Ok(Some(Value::Table(table)))
    }

    fn fields<'d>(
        &mut self,
        node: Node<'d>,
        of: &'static Struct,
        table: &mut Table<'d>,
    ) -> Result<(), Fault> {
        let mut done: Vec<&'static str> = Vec::with_capacity(node.entries().len());
        for entry in node.entries() {
            if entry.is_merge() {
                for merged in merged(&entry)? {
                    self.fields(merged, of, table)?;
                }
                continue;
            }
            let key = entry.written_key();
            let mut fields = of.fields.iter().copied().flatten();
            let Some(field) = fields.find(|field| field.name == key && field.is_known(self.release)) else {
                self.note(entry.key_span, node, &format!("field {key} not found in type {}", of.go));
                continue;
            };
            if done.contains(&field.name) {
                self.note(entry.key_span, node, &format!("field {key} already set in type {}", of.go));
                continue;
            }
            done.push(field.name);
            let Some(value) = self.value(entry.value, field.kind)? else { continue };
            let made = (field.name, value, entry.key_span);
            match table.entries.iter_mut().find(|(name, ..)| *name == field.name) {
                Some(known) => *known = made,
                None => table.entries.push(made),
            }
        }
        Ok(())
    }
}

/// The mappings a `<<` brings, in the order in which Go decodes them.
pub(super) fn merged<'d>(entry: &Entry<'d>) -> Result<Vec<Node<'d>>, Fault> {
    let wrong = || Fault {
        message: "yaml: map merge requires map or sequence of maps as the value".to_owned(),
        span: entry.value.span(),
    };
    if entry.value.is_mapping() {
        return Ok(vec![entry.value]);
    }
    if !entry.value.is_sequence() {
        return Err(wrong());
    }
    let mut items: Vec<Node<'d>> = entry.value.items().collect();
    items.reverse();
    if items.iter().all(|item| item.is_mapping()) { Ok(items) } else { Err(wrong()) }
}

/// A number as Go's decoder cuts it to a whole one.
#[expect(clippy::cast_possible_truncation, reason = "what Go does")]
fn whole(node: Node<'_>) -> Option<i128> {
    match node.value() {
        Yaml::Int(value) => Some(i128::from(value)),
        Yaml::Uint(value) => Some(i128::from(value)),
        Yaml::Float(value) if value.is_finite() => Some(value as i128),
        _ => None,
    }
}

fn is_fraction(text: &str) -> bool {
    text.contains('.') || text.contains(['e', 'E']) && !text.starts_with("0x")
}
