//! What every object has.

use std::sync::LazyLock;

use super::text::{Pairs, Text};
use crate::model::object::ObjectId;

/// `metadata`.
#[derive(Debug, Clone)]
pub struct Meta {
    /// Its namespace; empty where its kind has none.
    pub namespace: Text,
    /// Its name.
    pub name: Text,
    /// Its UID; empty where no API server has given it one yet.
    pub uid: Text,
    /// Its labels.
    pub labels: Pairs,
    /// Its annotations.
    pub annotations: Pairs,
    /// The object it was read from, or made for.
    pub origin: Option<ObjectId>,
}

impl Meta {
    /// Namespace and name.
    pub fn identity(&self) -> (&str, &str) {
        (&self.namespace, &self.name)
    }

    /// Nothing but a namespace and a name.
    pub fn named(namespace: impl Into<Text>, name: impl Into<Text>) -> Self {
        Self { namespace: namespace.into(), name: name.into(), ..Self::default() }
    }
}

static EMPTY: LazyLock<Text> = LazyLock::new(|| "".into());

/// No text, shared.
pub(super) fn empty() -> Text {
    EMPTY.clone()
}

impl Default for Meta {
    fn default() -> Self {
        Self {
            namespace: empty(),
            name: empty(),
            uid: empty(),
            labels: Pairs::default(),
            annotations: Pairs::default(),
            origin: None,
        }
    }
}

/// The owner of an object that is its controller.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Owner {
    /// Its kind.
    pub kind: Text,
    /// Its name.
    pub name: Text,
}
