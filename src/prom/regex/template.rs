//! Replacements: `$1`, `${name}` and `$$`, as Go's `Regexp.Expand` reads them.

use super::Captures;
use crate::prom::unicode;

/// A replacement, read once for a regex.
///
/// A `$` is followed by a name of letters, digits and `_`, as long as possible (`$1x` is the group named `1x`), or by
/// one in braces. A name of digits alone is a group's number. What takes no part in the match, and what the regex
/// does not have, is empty. Any other `$` stands for itself, and `$$` for one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// The first of these groups that takes part in the match; none of them where the regex does not have it.
    Groups(Vec<usize>),
}

impl Template {
    /// Reads a template for a regex whose groups have these names, the match itself coming first.
    pub(crate) fn new(template: &str, names: &[Option<String>]) -> Self {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('$') {
            text.push_str(before);
            if let Some(after) = after.strip_prefix('$') {
                text.push('$');
                rest = after;
            } else if let Some((name, after)) = reference(after) {
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                parts.push(Part::Groups(groups(name, names)));
                rest = after;
            } else {
                text.push('$');
                rest = after;
            }
        }
        text.push_str(rest);
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Self { parts }
    }

    /// The text, where it is the same for every match.
    pub(crate) fn constant(&self) -> Option<&str> {
        match &self.parts[..] {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// A template that is this text and nothing else.
    pub(crate) fn constant_text(text: &str) -> Self {
        Self { parts: vec![Part::Text(text.to_owned())] }
    }

    /// Whether it holds groups other than the match itself.
    pub(crate) fn has_groups(&self) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part, Part::Groups(groups) if groups.iter().any(|group| *group > 0)))
    }

    /// Whether it is nothing but this group.
    pub(crate) fn is_group(&self, index: usize) -> bool {
        matches!(&self.parts[..], [Part::Groups(groups)] if groups[..] == [index])
    }

    /// Appends what the template is for a match.
    pub fn expand(&self, captures: &Captures<'_>, into: &mut String) {
        self.expand_with(|group| captures.get(group), into);
    }

    /// The same, with the text of each group that takes part in the match.
    pub(crate) fn expand_with<'t>(&self, group: impl Fn(usize) -> Option<&'t str>, into: &mut String) {
        for part in &self.parts {
            match part {
                Part::Text(text) => into.push_str(text),
                Part::Groups(groups) => {
                    into.push_str(groups.iter().find_map(|index| group(*index)).unwrap_or_default());
                }
            }
        }
    }
}

/// The name after a `$`, and what follows it.
fn reference(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('{');
    let from = inner.unwrap_or(text);
    let is_part = |one: char| one == '_' || unicode::is_letter(one) || unicode::is_digit(one);
    let (name, rest) = from.split_at(from.find(|one| !is_part(one)).unwrap_or(from.len()));
    if name.is_empty() {
        None
    } else if inner.is_some() {
        Some((name, rest.strip_prefix('}')?))
    } else {
        Some((name, rest))
    }
}

/// The groups a name may mean.
fn groups(name: &str, names: &[Option<String>]) -> Vec<usize> {
    let is_number =
        name.bytes().all(|byte| byte.is_ascii_digit()) && (name.len() == 1 || !name.starts_with('0'));
    // Go counts to a hundred million, and takes more digits for a name.
    if let Some(number) = name.parse().ok().filter(|number| is_number && *number < 1_000_000_000_usize) {
        return if number < names.len() { vec![number] } else { Vec::new() };
    }
    names.iter().enumerate().filter(|(_, one)| one.as_deref() == Some(name)).map(|(index, _)| index).collect()
}
