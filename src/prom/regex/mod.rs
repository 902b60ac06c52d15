//! Regular expressions as Go's `regexp` package has them (RE2 syntax with Perl's additions, Go 1.26): the same patterns are
//! accepted, the others refused in Go's words, and the same text is matched.
//!
//! Patterns are read by a parser of our own and run by the automata of the `regex` crate, which are given the tree and not
//! the text: the two syntaxes read the same text differently (`\d`, `[a&&b]`, `x**`, `\<`). `tests/regex_oracle.rs` holds
//! both parts to the real Go package.

mod class;
mod error;
mod hir;
mod node;
mod parse;
mod shape;
mod template;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use regex_automata::util::captures;
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::{Input, meta};

pub use error::{ErrorKind, RegexError};
pub(crate) use shape::Shape;
pub use template::Template;

/// The largest automaton that is built, in bytes. Go runs what would be larger (`\pL{1000}` repeated); such a regex is
/// refused with [`ErrorKind::Unbuildable`], by [`Pattern::build`] and not by [`Pattern::parse`].
pub const LARGEST_AUTOMATON: usize = 64 << 20;

/// Trees with more levels are walked on a stack of their own: the walks are recursive.
const SHALLOW: usize = 100;
const DEEP_STACK: usize = 256 << 20;

/// How Prometheus anchors the regexes of its configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Anchoring {
    /// `^(?:…)$`, Prometheus 2: `.` does not match a line feed.
    Lines,
    /// `^(?s:…)$`, Prometheus 3 and prometheus-operator 0.93: `.` matches everything.
    Text,
}

impl Anchoring {
    /// The pattern with its anchors. As in Prometheus they are only text around it: `a)|(b` is anchored at one end each.
    pub fn around(self, pattern: &str) -> String {
        match self {
            Self::Lines => format!("^(?:{pattern})$"),
            Self::Text => format!("^(?s:{pattern})$"),
        }
    }
}

/// A pattern that Go accepts. It is read, and nothing is built for it yet.
#[derive(Debug, Clone)]
pub struct Pattern {
    parsed: parse::Parsed,
}

impl Pattern {
    /// Reads a pattern; enough to know whether Go accepts it.
    ///
    /// # Errors
    /// What Go says where it refuses the pattern.
    pub fn parse(pattern: &str) -> Result<Self, RegexError> {
        parse::parse(pattern).map(|parsed| Self { parsed })
    }

    /// The names of the groups, the match itself coming first; none where a group has no name.
    pub fn group_names(&self) -> &[Option<String>] {
        &self.parsed.names
    }

    /// What it matches, where that is simple enough to need no automaton.
    pub(crate) fn shape(&self) -> Option<Shape> {
        shape::shape(&self.parsed.node)
    }

    /// Builds the automaton.
    ///
    /// # Errors
    /// It would be larger than [`LARGEST_AUTOMATON`].
    pub fn build(&self) -> Result<Regex, RegexError> {
        let names = self.parsed.names.as_slice().into();
        let engine = if self.parsed.node.height <= SHALLOW {
            build(&self.parsed.node)
        } else {
            std::thread::scope(|scope| {
                let walk = || build(&self.parsed.node);
                std::thread::Builder::new()
                    .stack_size(DEEP_STACK)
                    .spawn_scoped(scope, walk)
                    .ok()
                    .and_then(|thread| thread.join().ok())
                    .flatten()
            })
        };
        let engine = engine.ok_or_else(|| RegexError::new(ErrorKind::Unbuildable, ""))?;
        Ok(Regex { engine, names })
    }
}

fn build(node: &node::Node) -> Option<meta::Regex> {
    let config = meta::Config::new().nfa_size_limit(Some(LARGEST_AUTOMATON));
    meta::Builder::new().configure(config).build_from_hir(&hir::hir(node)).ok()
}

/// Reads a pattern and builds its automaton.
///
/// # Errors
/// What Go says where it refuses the pattern, or [`ErrorKind::Unbuildable`].
pub fn compile(pattern: &str) -> Result<Regex, RegexError> {
    Pattern::parse(pattern)?.build()
}

/// The same for a pattern of Prometheus' configuration, which has to match the whole text. Messages quote the pattern with
/// its anchors, as Prometheus' do.
///
/// # Errors
/// What Go says where it refuses the pattern, or [`ErrorKind::Unbuildable`].
pub fn compile_anchored(pattern: &str, anchoring: Anchoring) -> Result<Regex, RegexError> {
    compile(&anchoring.around(pattern))
}

/// A regex, ready to match. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Regex {
    engine: meta::Regex,
    names: Arc<[Option<String>]>,
}

impl Regex {
    /// Whether it matches somewhere in the text.
    pub fn is_match(&self, text: &str) -> bool {
        self.engine.is_match(text)
    }

    /// The first match, with its groups.
    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.captures_from(text, 0)
    }

    /// The first match, as starts and ends of the match and its groups.
    pub(crate) fn search(&self, text: &str, slots: &mut Vec<Option<NonMaxUsize>>) -> bool {
        slots.clear();
        slots.resize(2 * self.names.len(), None);
        self.engine.search_slots(&Input::new(text), slots).is_some()
    }

    fn captures_from<'t>(&self, text: &'t str, from: usize) -> Option<Captures<'t>> {
        let mut found = self.engine.create_captures();
        self.engine.search_captures(&Input::new(text).span(from..text.len()), &mut found);
        found.is_match().then(|| Captures { text, found, names: Arc::clone(&self.names) })
    }

    /// The names of the groups, the match itself coming first; none where a group has no name.
    pub fn group_names(&self) -> &[Option<String>] {
        &self.names
    }

    /// Reads a replacement for this regex.
    pub fn template(&self, template: &str) -> Template {
        Template::new(template, &self.names)
    }

    /// The text with every match replaced, as Go's `ReplaceAllString` does: an empty match right after another one does not
    /// count.
    pub fn replace_all(&self, text: &str, template: &Template) -> String {
        let mut replaced = String::new();
        let mut copied = 0;
        let mut from = 0;
        while from <= text.len() {
            let Some(captures) = self.captures_from(text, from) else { break };
            let (start, end) = captures.span(0).unwrap_or((from, from));
            replaced.push_str(&text[copied..start]);
            if end > copied || start == 0 {
                template.expand(&captures, &mut replaced);
            }
            copied = end;
            // One character further at least.
            let next = text[from..].chars().next().map_or(1, char::len_utf8);
            from = if from + next > end { from + next } else { end };
        }
        replaced.push_str(&text[copied.min(text.len())..]);
        replaced
    }
}

/// A match, with its groups.
#[derive(Debug, Clone)]
pub struct Captures<'t> {
    text: &'t str,
    found: captures::Captures,
    names: Arc<[Option<String>]>,
}

impl<'t> Captures<'t> {
    /// Where a group matched, in bytes; none where it takes no part. The match itself is number 0.
    pub fn span(&self, group: usize) -> Option<(usize, usize)> {
        self.found.get_group(group).map(|span| (span.start, span.end))
    }

    /// What a group matched.
    pub fn get(&self, group: usize) -> Option<&'t str> {
        self.span(group).map(|(start, end)| &self.text[start..end])
    }

    /// What the first group of this name that takes part matched.
    pub fn name(&self, name: &str) -> Option<&'t str> {
        let named = self.names.iter().enumerate().filter(|(_, one)| one.as_deref() == Some(name));
        named.map(|(index, _)| index).find_map(|index| self.get(index))
    }
}
