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
    /// How many line feeds stand before each block of the text, made when a line is first asked for: counting from the
    /// beginning for each of many findings would take quadratic time.
    newlines: OnceLock<Vec<u32>>,
}

/// Bytes of a block whose line feeds are counted once. An entry per line could outgrow the text.
const BLOCK: usize = 4096;

impl TextFile {
    /// A text under a name.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into(), hidden: OnceLock::new(), newlines: OnceLock::new() }
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
    pub fn hide(&self, mut spans: Vec<Span>) {
        spans.sort_unstable();
        spans.dedup_by(|next, last| {
            let touches = next.start <= last.end;
            if touches {
                last.end = last.end.max(next.end);
            }
            touches
        });
        spans.shrink_to_fit();
        let _ = self.hidden.set(spans);
    }

    /// The stretches that must never be quoted, in the order of the text and without overlaps.
    pub fn hidden(&self) -> &[Span] {
        self.hidden.get().map_or(&[], Vec::as_slice)
    }

    /// The hidden stretches from the first that ends after a byte offset.
    pub fn hidden_from(&self, offset: u32) -> &[Span] {
        let hidden = self.hidden();
        &hidden[hidden.partition_point(|span| span.end <= offset)..]
    }

    /// Whether anything of a stretch must not be quoted.
    pub fn is_hidden(&self, span: Span) -> bool {
        self.hidden_from(span.start).first().is_some_and(|hidden| hidden.start < span.end)
    }

    /// One-based line and column (in characters) of a byte offset; an offset past the end is the end.
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &self.text.as_bytes()[..offset];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        let block = offset / BLOCK;
        let earlier = self.newlines().get(block).map_or(0, |&count| count as usize);
        let line = earlier + memchr::memchr_iter(b'\n', &before[block * BLOCK..]).count() + 1;
        (line, self.text[line_start..offset].chars().count() + 1)
    }

    fn newlines(&self) -> &[u32] {
        self.newlines.get_or_init(|| {
            let mut counts = vec![0];
            let mut count: u32 = 0;
            for block in self.text.as_bytes().chunks(BLOCK) {
                // Texts are below 4 GiB, and so is their number of lines.
                count = count.saturating_add(
                    u32::try_from(memchr::memchr_iter(b'\n', block).count()).unwrap_or(u32::MAX),
                );
                counts.push(count);
            }
            counts
        })
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
    fn lines_are_counted_across_blocks() {
        let text = "ab\n".repeat(10_000);
        let file = TextFile::new("a.yaml", text.as_str());
        for line in [0, 1, 1365, 1366, 2730, 9_999] {
            assert_eq!(file.line_column(line * 3 + 1), (line as usize + 1, 2), "line {line}");
        }
        assert_eq!(file.line_column(4096), (1366, 2), "the beginning of a block");
    }

    #[test]
    fn hidden_stretches_are_merged_and_found() {
        let file = TextFile::new("a.yaml", "0123456789");
        file.hide(vec![Span::new(6, 8), Span::new(1, 3), Span::new(2, 4)]);
        assert_eq!(file.hidden(), [Span::new(1, 4), Span::new(6, 8)]);
        let hidden = |start, end| file.is_hidden(Span::new(start, end));
        assert!(hidden(0, 2) && hidden(3, 7) && hidden(7, 8) && hidden(0, 10));
        assert!(!hidden(0, 1) && !hidden(4, 6) && !hidden(8, 10));
    }

    #[test]
    fn debug_shows_no_content() {
        assert_eq!(format!("{:?}", TextFile::new("s.yaml", "password: x")), "TextFile(\"s.yaml\")");
    }
}
