//! The labels of one target or series while rules change them.

use std::fmt;
use std::hash::Hasher as _;
use std::sync::Arc;

use rustc_hash::FxHasher;

/// A label's name with its hash, so that looking for it compares numbers. Cloning it is cheap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    hash: u32,
    text: Arc<str>,
}

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self { hash: hash(text), text: text.into() }
    }
}

fn hash(text: &str) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    // The upper half is the better mixed one.
    u32::try_from(hasher.finish() >> 32).unwrap_or_default()
}

/// Names with values, each name once, no value empty: a label set to nothing is removed.
///
/// Labels stay in the order in which they were added, as in Prometheus' own builder; it decides only which one stays when
/// `labelmap` gives two the same name (the later one).
#[derive(Clone, Default)]
pub struct Labels {
    /// The hash of each name, beside the labels: this is what is searched.
    hashes: Vec<u32>,
    labels: Vec<(Name, Arc<str>)>,
}

impl Labels {
    /// No labels.
    pub fn new() -> Self {
        Self::default()
    }

    fn position(&self, hash: u32, text: &str) -> Option<usize> {
        let mut from = 0;
        // Names with equal hashes are rare, but names are anybody's.
        while let Some(at) = self.hashes[from..].iter().position(|one| *one == hash) {
            if &*self.labels[from + at].0.text == text {
                return Some(from + at);
            }
            from += at + 1;
        }
        None
    }

    /// The value of a label, empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.position(hash(name), name).map_or("", |at| &self.labels[at].1)
    }

    pub(super) fn value(&self, name: &Name) -> Option<&Arc<str>> {
        self.position(name.hash, &name.text).map(|at| &self.labels[at].1)
    }

    /// Sets a label; an empty value removes it.
    pub fn set(&mut self, name: &str, value: &str) {
        self.set_text(&name.into(), value);
    }

    pub(super) fn set_text(&mut self, name: &Name, value: &str) {
        // A value that is there already needs no memory.
        if self.value(name).is_none_or(|before| **before != *value) {
            self.set_value(name, value.into());
        }
    }

    /// Sets a label to a value that may be shared with others.
    pub fn set_value(&mut self, name: &Name, value: Arc<str>) {
        match self.position(name.hash, &name.text) {
            Some(at) if value.is_empty() => {
                self.hashes.remove(at);
                self.labels.remove(at);
            }
            Some(at) => self.labels[at].1 = value,
            None if value.is_empty() => {}
            None => {
                self.hashes.push(name.hash);
                self.labels.push((name.clone(), value));
            }
        }
    }

    /// Removes the labels whose names are not wanted.
    pub(super) fn retain(&mut self, wanted: impl Fn(&str) -> bool) {
        self.labels.retain(|(name, _)| wanted(&name.text));
        self.hashes.clear();
        self.hashes.extend(self.labels.iter().map(|(name, _)| name.hash));
    }

    /// The labels in the order in which they were added.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.labels.iter().map(|(name, value)| (&*name.text, &**value))
    }

    pub(super) fn shared(&self) -> &[(Name, Arc<str>)] {
        &self.labels
    }

    /// The labels in the order of their names.
    pub fn sorted(&self) -> Vec<(&str, &str)> {
        let mut labels: Vec<_> = self.iter().collect();
        labels.sort_unstable();
        labels
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Labels {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Self {
        let mut labels = Self::new();
        for (name, value) in pairs {
            labels.set(name, value);
        }
        labels
    }
}

/// The same names with the same values, in whatever order.
impl PartialEq for Labels {
    fn eq(&self, other: &Self) -> bool {
        self.labels.len() == other.labels.len()
            && self.labels.iter().all(|(name, value)| other.value(name) == Some(value))
    }
}

impl Eq for Labels {}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.sorted()).finish()
    }
}
