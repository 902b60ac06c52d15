//! One page of a list, object by object: no page is ever in memory as a tree.

use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::kinds::ListedKind;
use super::prune::prune;
use crate::diagnostic::TextFile;
use crate::source::{self, CLUSTER, Document};

/// What a page holds.
#[derive(Default)]
pub(super) struct Page {
    /// Its objects, each as a document of its own text.
    pub(super) documents: Vec<Document>,
    /// Where the next page begins.
    pub(super) next: Option<String>,
}

impl Page {
    /// Reads the answer to a list of a kind in this version (`apps/v1`).
    ///
    /// # Errors
    /// What is no list.
    pub(super) fn read(text: &str, kind: &ListedKind, api_version: &str) -> Result<Self, serde_json::Error> {
        let mut page = Self::default();
        let mut reader = serde_json::Deserializer::from_str(text);
        PageSeed { page: &mut page, kind, api_version }.deserialize(&mut reader)?;
        reader.end()?;
        Ok(page)
    }
}

/// The document of an object: its YAML, as people know it, under a name that says where it is from.
pub(super) fn document(kind: &str, object: Map<String, Value>) -> Option<Document> {
    let metadata = object.get("metadata")?;
    let name = metadata.get("name")?.as_str()?;
    let kind = kind.to_ascii_lowercase();
    let file = match metadata.get("namespace").and_then(Value::as_str) {
        Some(namespace) => format!("{CLUSTER}/{namespace}/{kind}/{name}"),
        None => format!("{CLUSTER}/{kind}/{name}"),
    };
    let text = source::emit(&Value::Object(object));
    // What is noticed of it is the emitter's, and nothing anybody wrote.
    source::read(Arc::new(TextFile::new(file, text))).documents.pop().map(Document::beneath)
}

struct PageSeed<'p> {
    page: &'p mut Page,
    kind: &'p ListedKind,
    api_version: &'p str,
}

#[derive(Deserialize)]
struct ListMetadata {
    #[serde(rename = "continue")]
    next: Option<String>,
}

impl<'de> DeserializeSeed<'de> for PageSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for PageSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of {}", self.kind.resource)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut is_list = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "metadata" => {
                    let metadata: ListMetadata = map.next_value()?;
                    self.page.next = metadata.next.filter(|token| !token.is_empty());
                }
                "items" => {
                    is_list = true;
                    map.next_value_seed(ItemsSeed {
                        documents: &mut self.page.documents,
                        kind: self.kind,
                        api_version: self.api_version,
                    })?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if is_list { Ok(()) } else { Err(A::Error::missing_field("items")) }
    }
}

struct ItemsSeed<'p> {
    documents: &'p mut Vec<Document>,
    kind: &'p ListedKind,
    api_version: &'p str,
}

impl<'de> DeserializeSeed<'de> for ItemsSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        // Go writes an empty list as null.
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ItemsSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the items of a list")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(mut object) = items.next_element::<Map<String, Value>>()? {
            prune(self.kind.kind, &mut object);
            // The items of a list do not say what they are.
            object.insert("apiVersion".to_owned(), self.api_version.into());
            object.insert("kind".to_owned(), self.kind.kind.into());
            self.documents.extend(document(self.kind.kind, object));
        }
        Ok(())
    }
}
