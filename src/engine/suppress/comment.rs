//! Suppressions in comments.

use std::sync::Arc;

use super::{Covers, Suppression, codes, malformed, without_reason};
use crate::diagnostic::{Diagnostic, Place, Span, TextFile};
use crate::source::{self, Comment, Document};

/// What a comment that speaks to promwire begins with.
pub(super) const MARK: &str = "promwire:";

const EXAMPLE: &str = "# promwire: ignore[PW201] the reason";
const EXAMPLE_OF_FILE: &str = "# promwire: ignore-file[PW201] the reason";

/// Adds the suppressions of a file's comments.
pub(super) fn find(file: &Arc<TextFile>, found: &mut Vec<Suppression>, mistakes: &mut Vec<Diagnostic>) {
    let documents = source::read_bytes(file.name(), file.text().as_bytes().to_vec()).documents;
    let mut is_first = true;
    for document in &documents {
        if is_first {
            let before = comments_before(file.text(), document.span().start);
            for comment in before {
                let at = At { file, comment, document: None, is_top: true };
                at.take(found, mistakes);
            }
        }
        let top = document.root().span().start;
        for comment in document.comments() {
            let is_above = comment.own_line && comment.span.start < top;
            let document = is_above.then_some(document);
            At { file, comment: *comment, document, is_top: is_first && is_above }.take(found, mistakes);
        }
        is_first = false;
    }
}

/// The comments above the first document, on lines of their own: nothing else but separators may stand there.
fn comments_before(text: &str, end: u32) -> Vec<Comment> {
    let mut at = 0;
    let mut comments = Vec::new();
    for line in text.split_inclusive('\n') {
        if at >= end {
            break;
        }
        let inner = line.trim_end_matches(['\n', '\r']).trim_start_matches(['\u{feff}', ' ']);
        if inner.starts_with('#') {
            let skipped = line.find('#').unwrap_or_default();
            let start = at + to_u32(skipped);
            comments.push(Comment { span: Span::new(start, start + to_u32(inner.len())), own_line: true });
        }
        at += to_u32(line.len());
    }
    comments
}

/// A comment, and where it stands.
struct At<'d> {
    file: &'d Arc<TextFile>,
    comment: Comment,
    /// The document it stands above, where it does.
    document: Option<&'d Document>,
    /// Nothing but comments stands before it in the file.
    is_top: bool,
}

impl At<'_> {
    fn take(&self, found: &mut Vec<Suppression>, mistakes: &mut Vec<Diagnostic>) {
        let Some(text) = self.file.text().get(self.comment.span.range()) else { return };
        let Some(directive) = directive(text) else { return };
        let start = self.comment.span.start + to_u32(directive.start);
        let place = Place::new(Arc::clone(self.file), Span::new(start, self.comment.span.end));
        let example = if directive.of_file { EXAMPLE_OF_FILE } else { EXAMPLE };
        let Some(list) = directive.codes else {
            mistakes.push(malformed(place, "no codes in brackets are named", example));
            return;
        };
        if !directive.is_known {
            mistakes.push(malformed(place, &format!("`{}` is not known", directive.word), example));
            return;
        }
        if directive.of_file && !self.is_top {
            mistakes.push(malformed(place, "this does not stand at the top of the file", EXAMPLE));
            return;
        }
        let before = mistakes.len();
        let codes = codes(list, &place, mistakes);
        if codes.is_empty() && mistakes.len() == before {
            mistakes.push(malformed(place, "no codes in brackets are named", example));
            return;
        }
        if directive.reason.is_empty() {
            mistakes.push(without_reason(place, example));
            return;
        }
        let covers = self.covers(directive.of_file);
        found.push(Suppression { codes, reason: directive.reason.to_owned(), place, covers });
    }

    fn covers(&self, of_file: bool) -> Covers {
        if of_file {
            return Covers::File;
        }
        match self.document {
            Some(document) => Covers::Document(document.span()),
            // Above a `---`: of no document, so of the file.
            None if self.is_top => Covers::File,
            None => Covers::Line(self.line()),
        }
    }

    /// The line it is for: its own, or the next one that is no comment.
    fn line(&self) -> usize {
        let (own, _) = self.file.line_column(self.comment.span.start);
        if !self.comment.own_line {
            return own;
        }
        let after = self.file.text()[self.comment.span.end as usize..].split('\n').skip(1);
        let skipped = after.take_while(|line| line.trim_start().starts_with('#')).count();
        own + 1 + skipped
    }
}

/// What a comment says to promwire.
struct Directive<'t> {
    /// Where it begins in the comment.
    start: usize,
    word: &'t str,
    is_known: bool,
    of_file: bool,
    /// What stands in the brackets; none where there are none.
    codes: Option<&'t str>,
    reason: &'t str,
}

/// The suppression that a comment is or is meant to be. Whatever else somebody writes behind `promwire:` is prose.
fn directive(comment: &str) -> Option<Directive<'_>> {
    let inner = comment.trim_start_matches('#');
    let start = if inner.trim_start().starts_with(MARK) {
        0
    } else {
        // Behind another comment, as tools stand beside each other: `# noqa # promwire: ignore[…] …`.
        let hash = comment.match_indices('#').map(|(at, _)| at);
        hash.skip(1).find(|at| comment[at + 1..].trim_start().starts_with(MARK))?
    };
    let said = comment[start..].trim_start_matches('#').trim_start().strip_prefix(MARK)?.trim();
    let end = said.find(|character: char| !(character.is_alphanumeric() || matches!(character, '-' | '_')));
    let (word, rest) = said.split_at(end.unwrap_or(said.len()));
    let of_file = word == "ignore-file";
    let is_known = of_file || word == "ignore";
    let bracket = rest.trim_start().strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let resembles =
        ["ignore", "ignore-file"].iter().any(|known| strsim::damerau_levenshtein(word, known) <= 2)
            || ["disable", "suppress", "skip", "noqa", "allow"].contains(&word);
    let names_code = || rest.contains("[PW") || rest.contains("[pw");
    if !is_known && !resembles && !names_code() {
        return None;
    }
    let (codes, reason) = match bracket {
        Some((codes, reason)) => (Some(codes), reason),
        None => (None, ""),
    };
    let reason = reason.trim().trim_start_matches([':', '-', '–', '—']).trim();
    Some(Directive { start, word, is_known, of_file, codes, reason })
}

fn to_u32(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
