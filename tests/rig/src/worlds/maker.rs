//! Values for a schema: every property may be there, and what it says fits, mostly.
//!
//! The walk follows the schema, so that no property is forgotten; where meaning matters the maker of a block
//! (`blocks.rs`, `rules.rs`) or of a scalar (`scalars.rs`) is asked. Mistakes are made on purpose, seldom, and written down.

use std::collections::BTreeSet;

use generated_crds::schema::{Node, NodeId, Table, Type};
use serde_json::{Map, Value};

use super::random::Random;
use super::setting::Setting;

/// Makes the values of one object.
pub(super) struct Maker<'w> {
    pub(super) random: &'w mut Random,
    pub(super) setting: &'w Setting,
    /// Whose Secrets and `ConfigMaps` are referred to.
    pub(super) namespace: usize,
    /// Properties that have to be there, as `properties.rs` writes them.
    pub(super) wanted: BTreeSet<String>,
    /// In how many of a hundred cases an optional property is there.
    pub(super) density: usize,
    /// In how many of a thousand cases a mistake is made where one can be.
    pub(super) mistakes: usize,
    /// The mistakes that were made.
    pub(super) made: Vec<&'static str>,
    /// The pair that certificate and key of the TLS block at hand are of.
    pub(super) pair: usize,
}

impl Maker<'_> {
    /// Whether to make a mistake now; it is written down.
    pub(super) fn mistake(&mut self, name: &'static str) -> bool {
        let made = self.random.rarely(self.mistakes);
        if made {
            self.made.push(name);
        }
        made
    }

    /// Whether a property, or one below it, has to be there.
    pub(super) fn is_wanted(&self, path: &str) -> bool {
        let begins = |wanted: &String| wanted.starts_with(path);
        self.wanted
            .range(path.to_owned()..)
            .take_while(|wanted| begins(wanted))
            .any(|wanted| wanted[path.len()..].chars().next().is_none_or(|next| ".[{".contains(next)))
    }

    /// A value for a node; `path` ends with the name of its property.
    pub(super) fn value(&mut self, id: NodeId, path: &str) -> Value {
        let node = Table::monitoring().node(id);
        match node.r#type {
            Some(Type::Object) if node.properties.is_empty() => self.map(node, path),
            Some(Type::Object) => self.block(node, path),
            Some(Type::Array) => self.list(node, path),
            _ => self.scalar(node, path),
        }
    }

    /// The names of the properties that are to be there.
    pub(super) fn choose(&mut self, node: &'static Node, path: &str) -> BTreeSet<&'static str> {
        let mut chosen = BTreeSet::new();
        for name in node.properties.keys() {
            let required = node.required.iter().any(|required| required == name);
            // One discovery of many: each has enough to be wrong about.
            let density = if name.ends_with("SDConfigs") { self.density / 6 } else { self.density };
            if required || self.is_wanted(&format!("{path}.{name}")) || self.random.chance(density) {
                chosen.insert(name.as_str());
            }
        }
        chosen
    }

    /// The properties of these names.
    pub(super) fn filled(
        &mut self,
        node: &'static Node,
        path: &str,
        chosen: &BTreeSet<&'static str>,
    ) -> Map<String, Value> {
        chosen
            .iter()
            .filter_map(|name| Some((name, *node.properties.get(*name)?)))
            .map(|(name, id)| ((*name).to_owned(), self.value(id, &format!("{path}.{name}"))))
            .collect()
    }

    /// Leaves one of several that exclude each other: a wanted one, if there is any.
    pub(super) fn only_one(
        &mut self,
        chosen: &mut BTreeSet<&'static str>,
        path: &str,
        group: &[&'static str],
    ) {
        let there: Vec<&'static str> = group.iter().copied().filter(|name| chosen.contains(name)).collect();
        if there.len() < 2 {
            return;
        }
        let wanted: Vec<&'static str> =
            there.iter().copied().filter(|name| self.is_wanted(&format!("{path}.{name}"))).collect();
        let keep = *self.random.pick(if wanted.is_empty() { &there } else { &wanted });
        chosen.retain(|name| *name == keep || !there.contains(name));
    }

    fn list(&mut self, node: &'static Node, path: &str) -> Value {
        let Some(items) = node.items else { return Value::Array(Vec::new()) };
        let item_path = format!("{path}[]");
        let least = usize::try_from(node.min_items.unwrap_or(0)).unwrap_or(0);
        let most = node.max_items.map_or(3, |most| usize::try_from(most).unwrap_or(3).min(3));
        let least = if self.is_wanted(&item_path) { least.max(1) } else { least };
        // Mostly one: what is wrong with one item is wrong with the whole.
        let count =
            if self.random.chance(65) { 1.max(least) } else { self.random.between(least, most.max(least)) };
        let mut made: Vec<Value> = Vec::new();
        for _ in 0..count {
            let item = self.value(items, &item_path);
            let key = |item: &Value| -> Vec<Value> {
                node.list_keys.iter().map(|key| item.get(key).cloned().unwrap_or_default()).collect()
            };
            let again = match node.list_type {
                Some(generated_crds::schema::ListType::Set) => made.contains(&item),
                Some(generated_crds::schema::ListType::Map) => {
                    made.iter().any(|other| key(other) == key(&item))
                }
                _ => false,
            };
            if !again {
                made.push(item);
            }
        }
        Value::Array(made)
    }

    fn map(&mut self, node: &'static Node, path: &str) -> Value {
        let Some(values) = node.values else { return Value::Object(Map::new()) };
        let names = self.map_keys(path);
        let least = usize::from(self.is_wanted(&format!("{path}{{}}")) || self.random.chance(90));
        let names = self.random.several(&names, least);
        let mistakes = self.mistakes;
        let mut made = Map::new();
        for name in names.into_iter().take(3) {
            made.insert(name, self.value(values, &format!("{path}{{}}")));
            // Of several that are wrong the operator names any.
            self.mistakes = 0;
        }
        self.mistakes = mistakes;
        Value::Object(made)
    }
}

/// The last name of a path: `ca` of `spec.endpoints[].tlsConfig.ca`; items have the name of their list.
pub(super) fn name_of(path: &str) -> &str {
    let last = path.rsplit('.').next().unwrap_or(path);
    last.trim_end_matches(['[', ']', '{', '}'])
}
