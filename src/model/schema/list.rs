//! Items that may stand in a list only once.

use generated_crds::schema::{ListType, Node as Schema};
use rustc_hash::FxHashMap;
use serde_json::Value as Json;

use super::Treatment;
use super::walk::Walk;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::model::wording;
use crate::source::Node;

/// Checks a list that is a set or a map for items with the same value or key.
pub(super) fn check(walk: &mut Walk<'_, '_>, schema: &Schema, node: Node<'_>) {
    let keys: &[String] = match schema.list_type {
        Some(ListType::Set) => &[],
        Some(ListType::Map) => &schema.list_keys,
        _ => return,
    };
    let mut seen: FxHashMap<String, Node<'_>> = FxHashMap::default();
    for item in node.items() {
        let Some((identity, shown)) = identity(walk, schema, keys, item) else { continue };
        let Some(first) = seen.insert(identity, item) else { continue };
        let message = format!("`{}` has two items with {shown}", walk.path());
        let finding = Diagnostic::new(Code::DUPLICATE_ITEM, message)
            .at(wording::head(item), "again")
            .with(wording::head(first), "the first of them");
        walk.report(match walk.source.treatment {
            Treatment::Custom => finding,
            Treatment::BuiltIn => finding
                .level(Level::Warning)
                .note("one of them may get lost when it is applied, and server-side apply refuses both"),
        });
    }
}

/// What makes an item the same item: to compare, and to show. None when a part of it is missing, which is told elsewhere.
fn identity(
    walk: &Walk<'_, '_>,
    schema: &Schema,
    keys: &[String],
    item: Node<'_>,
) -> Option<(String, String)> {
    if keys.is_empty() {
        return Some((item.to_json().to_string(), format!("the value of {}", walk.shown(item))));
    }
    let properties = schema.items.map(|items| &walk.schema(items).properties);
    let mut identity = Vec::with_capacity(keys.len());
    let mut shown = Vec::with_capacity(keys.len());
    for key in keys {
        let default = || walk.schema(*properties?.get(key)?).default.clone();
        let value = item.get(key).filter(|value| !value.is_null()).map(Node::to_json).or_else(default)?;
        shown.push(match &value {
            Json::String(text) => format!("`{key}: {text}`"),
            other => format!("`{key}: {other}`"),
        });
        identity.push(value);
    }
    Some((Json::Array(identity).to_string(), shown.join(" and ")))
}
