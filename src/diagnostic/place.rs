//! Places: a text, and a stretch of bytes in it.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A stretch of bytes in a text, `start..end`. Texts are below 4 GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The stretch `start..end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// As a range to slice the text with.
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A text with the name a person knows it by: a path as it was given, `<stdin>`, `<generated>`.
pub struct TextFile {
    name: String,
    text: String,
    hidden: OnceLock<Vec<Span>>,
}

impl TextFile {
    /// A text under a name.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into(), hidden: OnceLock::new() }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Declares, once, the stretches that hold secret content and must never be quoted.
    /// A second call is ignored: whoever reads a text knows all its secrets at once.
    pub fn hide(&self, spans: Vec<Span>) {
        let _ = self.hidden.set(spans);
    }

    /// The stretches that must never be quoted, in the order they were declared.
    pub fn hidden(&self) -> &[Span] {
        self.hidden.get().map_or(&[], Vec::as_slice)
    }

    /// One-based line and column (in characters) of a byte offset; an offset past the end is the end.
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &self.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
        (line, before[line_start..].chars().count() + 1)
    }
}

/// The name only: a text may hold secrets.
impl fmt::Debug for TextFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TextFile").field(&self.name).finish()
    }
}

/// A stretch of a text.
#[derive(Debug, Clone)]
pub struct Place {
    /// The text.
    pub file: Arc<TextFile>,
    /// The stretch.
    pub span: Span,
}

impl Place {
    /// A stretch of a text.
    pub fn new(file: Arc<TextFile>, span: Span) -> Self {
        Self { file, span }
    }
}

/// Places are equal when they are the same bytes of the same named text.
impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.span == other.span && self.file.name == other.file.name
    }
}

impl Eq for Place {}

/// `name:line:column`, as editors and terminals understand it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.file.line_column(self.span.start);
        write!(f, "{}:{line}:{column}", self.file.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_and_column_count_characters_and_survive_odd_offsets() {
        let file = TextFile::new("a.yaml", "ä: 1\nbé: 2\n");
        assert_eq!(file.line_column(0), (1, 1));
        assert_eq!(file.line_column(1), (1, 1), "inside a character is its start");
        assert_eq!(file.line_column(2), (1, 2));
        assert_eq!(file.line_column(6), (2, 1));
        assert_eq!(file.line_column(9), (2, 3));
        assert_eq!(file.line_column(999), (3, 1), "past the end is the end");
    }

    #[test]
    fn debug_shows_no_content() {
        assert_eq!(format!("{:?}", TextFile::new("s.yaml", "password: x")), "TextFile(\"s.yaml\")");
    }
}
