//! A stream to documents: where k8s.io/apimachinery 0.36 (`util/yaml`, `NewYAMLReader`) cuts, before any parsing.
//!
//! A line that begins with `---` ends a document, wherever it stands; after it only blanks and a comment may follow.
//! The first document keeps such a line at its beginning. kubectl reads files so, which is why one document that
//! cannot be read does not spoil the others here.

use crate::diagnostic::Span;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunk {
    Document(Span),
    /// A line that begins with `---` and goes on: the line, and all up to the next separator.
    BadSeparator {
        line: Span,
        all: Span,
    },
}

/// The documents of the text from a byte on.
pub(super) fn split(text: &str, from: usize) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut start = from;
    let mut bad: Option<Span> = None;
    for (at, end) in separators(text, from) {
        let rest = text[at + 3..end].trim();
        let good = rest.is_empty() || rest.starts_with('#');
        let nothing_before = start == at && bad.is_none();
        close(&mut chunks, start, at, bad.take());
        start = if good && !nothing_before { (end + 1).min(text.len()) } else { at };
        if !good {
            bad = Some(span(at, end));
        }
    }
    close(&mut chunks, start, text.len(), bad);
    chunks
}

fn span(start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(start), offset(end))
}

fn close(chunks: &mut Vec<Chunk>, start: usize, end: usize, bad: Option<Span>) {
    let all = span(start, end);
    match bad {
        Some(line) => chunks.push(Chunk::BadSeparator { line, all }),
        None if start < end => chunks.push(Chunk::Document(all)),
        None => {}
    }
}

/// Start and end (before the line feed) of the lines that begin with `---`.
fn separators(text: &str, from: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
    memchr::memmem::find_iter(&text.as_bytes()[from..], "---").filter_map(move |at| {
        let at = from + at;
        let line_start = at == from || text.as_bytes()[at - 1] == b'\n';
        let end = || memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |length| at + length);
        line_start.then(|| (at, end()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(text: &str) -> Vec<&str> {
        split(text, 0)
            .into_iter()
            .map(|chunk| match chunk {
                Chunk::Document(span) => &text[span.range()],
                Chunk::BadSeparator { .. } => "bad",
            })
            .collect()
    }

    #[test]
    fn cuts_where_kubectl_does() {
        assert_eq!(documents("a: 1\n"), ["a: 1\n"]);
        assert_eq!(documents("a: 1\n---\nb: 2\n"), ["a: 1\n", "b: 2\n"]);
        assert_eq!(documents("---\na: 1\n--- # two\nb: 2"), ["---\na: 1\n", "b: 2"]);
        assert_eq!(documents("--- \t\r\na: 1\r\n---\r\nb: 2\r\n"), ["--- \t\r\na: 1\r\n", "b: 2\r\n"]);
        assert_eq!(
            documents("a: |\n  x\n---\n  y\n"),
            ["a: |\n  x\n", "  y\n"],
            "even inside a block scalar"
        );
        assert_eq!(documents("a: 1\n ---\n"), ["a: 1\n ---\n"], "only at the start of a line");
        assert_eq!(documents("# c\n---\n---\na: 1\n"), ["# c\n", "---\na: 1\n"]);
        assert_eq!(documents("---\n---\n---\n"), ["---\n", "---\n"]);
        assert_eq!(documents(""), [""; 0]);
        assert_eq!(documents("---"), ["---"]);
    }

    #[test]
    fn what_follows_a_separator_on_its_line_refuse_with_its_document() {
        assert_eq!(documents("a: 1\n--- {b: 2}\nc: 3\n---\nd: 4\n"), ["a: 1\n", "bad", "d: 4\n"]);
        assert_eq!(documents("---foo\na: 1\n"), ["bad"]);
        assert_eq!(documents("-----BEGIN CERTIFICATE-----\n"), ["bad"]);
    }
}
