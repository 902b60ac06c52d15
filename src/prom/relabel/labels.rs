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
#[derive(Default)]
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

    fn position(&self, hash: u32, is_it: impl Fn(&Arc<str>) -> bool) -> Option<usize> {
        let mut from = 0;
        // Names with equal hashes are rare, but names are anybody's.
        while let Some(at) = self.hashes[from..].iter().position(|one| *one == hash) {
            if is_it(&self.labels[from + at].0.text) {
                return Some(from + at);
            }
            from += at + 1;
        }
        None
    }

    fn position_of(&self, name: &Name) -> Option<usize> {
        // Where names are shared their texts need not be read.
        self.position(name.hash, |text| Arc::ptr_eq(text, &name.text) || *text == name.text)
    }

    /// The value of a label, empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.position(hash(name), |text| **text == *name).map_or("", |at| &self.labels[at].1)
    }

    /// The value of a label, to be shared.
    pub fn value(&self, name: &Name) -> Option<&Arc<str>> {
        self.position_of(name).map(|at| &self.labels[at].1)
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
        match self.position_of(name) {
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

    /// Removes all labels, and keeps the memory.
    pub fn clear(&mut self) {
        self.hashes.clear();
        self.labels.clear();
    }

    /// Removes the labels whose names are not wanted.
    pub fn retain(&mut self, wanted: impl Fn(&str) -> bool) {
        if self.labels.iter().all(|(name, _)| wanted(&name.text)) {
            return;
        }
        self.labels.retain(|(name, _)| wanted(&name.text));
        self.hashes.clear();
        self.hashes.extend(self.labels.iter().map(|(name, _)| name.hash));
    }

    /// The labels in the order in which they were added.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.labels.iter().map(|(name, value)| (&*name.text, &**value))
    }

    /// The labels in the order in which they were added, to be shared.
    pub fn shared(&self) -> &[(Name, Arc<str>)] {
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

/// With room for some more labels: a copy is made to be changed.
impl Clone for Labels {
    fn clone(&self) -> Self {
        let room = self.labels.len() + 16;
        let (mut hashes, mut labels) = (Vec::with_capacity(room), Vec::with_capacity(room));
        hashes.extend_from_slice(&self.hashes);
        labels.extend_from_slice(&self.labels);
        Self { hashes, labels }
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
