//! The regular expressions of schemas, compiled when first needed.

use std::sync::OnceLock;

use generated_crds::schema::NodeId;
use regex::Regex;

/// One compiled pattern per node of a table.
#[derive(Debug)]
pub(super) struct Patterns(Vec<OnceLock<Option<Regex>>>);

impl Patterns {
    pub(super) fn new(nodes: usize) -> Self {
        Self((0..nodes).map(|_| OnceLock::new()).collect())
    }

    /// Whether a text matches the pattern of a node anywhere, as the API server asks it. A pattern that this engine does
    /// not understand matches everything: a wrong error is worse than a missing one.
    pub(super) fn matches(&self, node: NodeId, pattern: &str, text: &str) -> bool {
        let regex = self.0[node.0 as usize].get_or_init(|| compile(pattern));
        regex.as_ref().is_none_or(|regex| regex.is_match(text))
    }
}

/// Go's classes hold ASCII only. A class may stand in a class here, so the same replacement serves inside and outside
/// of one.
fn compile(pattern: &str) -> Option<Regex> {
    let mut translated = String::with_capacity(pattern.len());
    let mut rest = pattern.chars();
    while let Some(char) = rest.next() {
        if char != '\\' {
            translated.push(char);
            continue;
        }
        match rest.next() {
            Some('d') => translated.push_str("[0-9]"),
            Some('w') => translated.push_str("[0-9A-Za-z_]"),
            Some('s') => translated.push_str(r"[\t\n\f\r ]"),
            Some(escaped) => translated.extend(['\\', escaped]),
            None => translated.push('\\'),
        }
    }
    Regex::new(&translated).ok()
}

#[cfg(test)]
mod tests {
    use generated_crds::schema::Table;

    use super::*;

    #[test]
    fn every_embedded_pattern_is_understood() {
        for table in [Table::monitoring(), Table::calico(), Table::kubernetes()] {
            for pattern in table.nodes.iter().filter_map(|node| node.pattern.as_deref()) {
                assert!(compile(pattern).is_some(), "{pattern}");
            }
        }
    }

    #[test]
    fn classes_are_ascii_as_in_go() {
        let matches = |pattern, text| compile(pattern).expect("a pattern").is_match(text);
        assert!(matches(r"^[\w.]+\d$", "a_b.1"));
        assert!(!matches(r"^\d$", "٣"));
        assert!(matches(r"^\\d$", r"\d"));
    }
}
