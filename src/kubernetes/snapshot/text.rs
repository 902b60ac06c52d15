//! Texts and sets of labels that many objects share.

use std::fmt;
use std::sync::{Arc, LazyLock};

use rustc_hash::FxHashSet;

use crate::model::label::LabelSet;

/// A text that may be shared.
pub type Text = Arc<str>;

/// Keys with values, ascending by key, each key once: labels, annotations, a Service's selector. Cloning is cheap.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Pairs(Arc<[(Text, Text)]>);

static NO_PAIRS: LazyLock<Pairs> = LazyLock::new(|| Pairs(Arc::new([])));

impl Pairs {
    /// Every key with its value, ascending by key.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Text, &Text)> + DoubleEndedIterator {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Text> {
        let at = self.0.binary_search_by(|(known, _)| (**known).cmp(key)).ok()?;
        Some(&self.0[at].1)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A number that equal sets share where they are one in memory, for tables of what was seen before.
    pub fn address(&self) -> usize {
        self.0.as_ptr().addr()
    }
}

impl Default for Pairs {
    fn default() -> Self {
        NO_PAIRS.clone()
    }
}

impl LabelSet for Pairs {
    fn label(&self, key: &str) -> Option<&str> {
        self.get(key).map(|value| &**value)
    }
}

/// The later of two equal keys counts.
impl<K: Into<Text>, V: Into<Text>> FromIterator<(K, V)> for Pairs {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut pairs: Vec<(Text, Text)> =
            pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        // Stable, so that the later one stands last among equals.
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        pairs.reverse();
        pairs.dedup_by(|later, earlier| later.0 == earlier.0);
        pairs.reverse();
        if pairs.is_empty() { Self::default() } else { Self(pairs.into()) }
    }
}

impl fmt::Debug for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Every text and every set of labels once, while a snapshot is read.
#[derive(Debug, Default)]
pub struct Pool {
    texts: FxHashSet<Text>,
    pairs: FxHashSet<Pairs>,
}

impl Pool {
    /// The text, shared with all that were asked for before. For texts that repeat; a unique one is cheaper on its own.
    pub fn text(&mut self, text: &str) -> Text {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let text: Text = text.into();
        self.texts.insert(Arc::clone(&text));
        text
    }

    /// The set, shared with all that were asked for before.
    pub fn pairs(&mut self, pairs: Pairs) -> Pairs {
        if let Some(known) = self.pairs.get(&pairs) {
            return known.clone();
        }
        self.pairs.insert(pairs.clone());
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_of_two_equal_keys_counts() {
        let pairs: Pairs = [("b", "1"), ("a", "2"), ("b", "3")].into_iter().collect();
        let found: Vec<(&str, &str)> = pairs.iter().map(|(key, value)| (&**key, &**value)).collect();
        assert_eq!(found, [("a", "2"), ("b", "3")]);
        assert_eq!((pairs.label("b"), pairs.label("c")), (Some("3"), None));
    }

    #[test]
    fn a_pool_shares() {
        let mut pool = Pool::default();
        let one = pool.pairs([("a", "1")].into_iter().collect());
        let other = pool.pairs([("a", "1")].into_iter().collect());
        assert_eq!(one.address(), other.address());
        assert!(Arc::ptr_eq(&pool.text("x"), &pool.text("x")));
    }
}
