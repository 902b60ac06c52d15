//! How a rule's regex is matched: simple ones without an automaton.

use regex_automata::util::primitives::NonMaxUsize;
use rustc_hash::FxHashSet;

use crate::prom::regex::{Pattern, Regex, RegexError, Shape};

/// Up to this many texts are compared one after the other.
const FEW: usize = 6;

#[derive(Debug, Clone)]
pub(super) enum Matcher {
    /// `true`
    One(String),
    /// `web|db`
    Few(Vec<String>),
    Many(FxHashSet<String>),
    /// `(.*)`, `(.+)`, `Pod;(.*)`, `(.+);`
    Around {
        prefix: String,
        suffix: String,
        shortest: usize,
        newline: bool,
        group: Option<usize>,
    },
    Automaton(Regex),
}

impl Matcher {
    /// `groups`: whether anything asks for groups of the match, other than the whole of it.
    pub(super) fn new(pattern: &Pattern, groups: bool) -> Result<Self, RegexError> {
        Ok(match pattern.shape() {
            Some(Shape::Around { prefix, suffix, at_least_one, newline, group }) => Self::Around {
                shortest: prefix.len() + suffix.len() + usize::from(at_least_one),
                prefix,
                suffix,
                newline,
                group,
            },
            Some(Shape::Texts(texts)) if !groups => match <[String; 1]>::try_from(texts) {
                Ok([text]) => Self::One(text),
                Err(texts) if texts.len() <= FEW => Self::Few(texts),
                Err(texts) => Self::Many(texts.into_iter().collect()),
            },
            _ => Self::Automaton(pattern.build()?),
        })
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        match self {
            Self::One(one) => one == text,
            Self::Few(texts) => texts.iter().any(|one| one == text),
            Self::Many(texts) => texts.contains(text),
            Self::Around { prefix, suffix, shortest, newline, .. } => {
                text.len() >= *shortest
                    && text.starts_with(prefix.as_str())
                    && text.ends_with(suffix.as_str())
                    && (*newline
                        || memchr::memchr(b'\n', &text.as_bytes()[prefix.len()..text.len() - suffix.len()])
                            .is_none())
            }
            Self::Automaton(regex) => regex.is_match(text),
        }
    }

    /// The first match.
    pub(super) fn find<'t, 's>(
        &self,
        text: &'t str,
        slots: &'s mut Vec<Option<NonMaxUsize>>,
    ) -> Option<Match<'t, 's>> {
        match self {
            Self::Automaton(regex) => regex.search(text, slots).then(|| Match::Slots { text, slots }),
            _ if !self.is_match(text) => None,
            Self::Around { prefix, suffix, group, .. } => Some(Match::Around {
                text,
                inner: &text[prefix.len()..text.len() - suffix.len()],
                group: *group,
            }),
            _ => Some(Match::Around { text, inner: "", group: None }),
        }
    }
}

/// A match with its groups.
pub(super) enum Match<'t, 's> {
    Around { text: &'t str, inner: &'t str, group: Option<usize> },
    Slots { text: &'t str, slots: &'s [Option<NonMaxUsize>] },
}

impl<'t> Match<'t, '_> {
    pub(super) fn group(&self, index: usize) -> Option<&'t str> {
        match self {
            Self::Around { text, .. } if index == 0 => Some(text),
            Self::Around { inner, group, .. } => (*group == Some(index)).then_some(*inner),
            Self::Slots { text, slots } => {
                let (start, end) = (slots.get(2 * index)?.as_ref()?, slots.get(2 * index + 1)?.as_ref()?);
                Some(&text[start.get()..end.get()])
            }
        }
    }
}
