//! Text that was taken out of another, and the way back for every place in it.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Annotation, Diagnostic, Place, Span, TextFile};
use crate::source::tree::{Document, Kind, Text};

/// A text made of pieces of another.
#[derive(Default)]
pub(super) struct Passage {
    text: String,
    /// In the order of the text, and without gaps.
    pieces: Vec<Piece>,
}

/// A piece, from where it begins in the passage to where the next one does.
#[derive(Clone, Copy)]
struct Piece {
    start: u32,
    origin: Span,
    /// It is the same text there, byte for byte.
    is_same: bool,
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Passage {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Adds a text that comes from there, byte for byte or in other words.
    pub(super) fn push(&mut self, text: &str, origin: Span, is_same: bool) {
        if text.is_empty() {
            return;
        }
        let start = offset(self.text.len());
        self.text.push_str(text);
        match self.pieces.last_mut() {
            Some(last) if last.is_same && is_same && last.origin.end == origin.start => {
                last.origin.end = origin.end;
            }
            _ => self.pieces.push(Piece { start, origin, is_same }),
        }
    }

    /// Adds a part of another passage.
    pub(super) fn append(&mut self, other: &Self, range: Range<usize>) {
        for (index, piece) in other.pieces.iter().enumerate() {
            let next = other.pieces.get(index + 1).map_or(other.text.len(), |next| next.start as usize);
            let (start, end) = (range.start.max(piece.start as usize), range.end.min(next));
            if start < end {
                let origin = if piece.is_same {
                    let from = piece.origin.start + offset(start) - piece.start;
                    Span::new(from, from + offset(end - start))
                } else {
                    piece.origin
                };
                self.push(&other.text[start..end], origin, piece.is_same);
            }
        }
    }

    /// A part, as a passage of its own.
    pub(super) fn part(&self, range: Range<usize>) -> Self {
        let mut part = Self::default();
        part.append(self, range);
        part
    }

    /// Without the tabs that lines begin with, as `<<-` does.
    pub(super) fn without_tabs(&self) -> Self {
        let mut result = Self::default();
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            let tabs = line.len() - line.trim_start_matches('\t').len();
            result.append(self, at + tabs..at + line.len());
            at += line.len();
        }
        result
    }

    /// The piece an offset is in; that of the last for the end.
    fn piece(&self, at: u32) -> Option<Piece> {
        let index = self.pieces.partition_point(|piece| piece.start <= at);
        self.pieces.get(index.checked_sub(1)?).copied()
    }

    fn start(&self, at: u32) -> u32 {
        self.piece(at).map_or(0, |piece| {
            if piece.is_same {
                (piece.origin.start + at - piece.start).min(piece.origin.end)
            } else {
                piece.origin.start
            }
        })
    }

    /// Where a stretch stands in the text it was taken from.
    pub(super) fn span(&self, span: Span) -> Span {
        let start = self.start(span.start);
        if span.end <= span.start {
            return Span::new(start, start);
        }
        let end = self.piece(span.end - 1).map_or(start, |piece| {
            if piece.is_same { piece.origin.start + span.end - piece.start } else { piece.origin.end }
        });
        Span::new(start, end.max(start))
    }

    /// Where a part stands in the file it was taken from.
    pub(super) fn place(&self, file: &Arc<TextFile>, range: Range<usize>) -> Place {
        Place::new(Arc::clone(file), self.span(Span::new(offset(range.start), offset(range.end))))
    }

    /// The finding about the passage, as one about the file it was taken from.
    pub(super) fn bring_back(
        &self,
        mut finding: Diagnostic,
        derived: &Arc<TextFile>,
        file: &Arc<TextFile>,
    ) -> Diagnostic {
        let move_place = |annotation: &mut Annotation| {
            if Arc::ptr_eq(&annotation.place.file, derived) {
                annotation.place = Place::new(Arc::clone(file), self.span(annotation.place.span));
            }
        };
        finding.place.iter_mut().for_each(move_place);
        finding.related.iter_mut().for_each(move_place);
        // What the shell makes of a text is not what a change of the text would make of it.
        finding.fix = None;
        finding
    }

    /// The document of the passage, as one of the file it was taken from. Strings that do not stand there verbatim are stored.
    pub(super) fn transplant(&self, mut document: Document, file: &Arc<TextFile>, step: usize) -> Document {
        let mut strings = std::mem::take(&mut document.tree.strings);
        for slot in &mut document.tree.nodes {
            slot.span = self.span(slot.span);
            if slot.kind == Kind::Text {
                let moved = self.verbatim(slot.a, slot.b, &mut strings);
                (slot.a, slot.b) = (moved.start, moved.end);
                if moved.stored {
                    slot.kind = Kind::Stored;
                }
            }
        }
        for pair in &mut document.tree.pairs {
            pair.key_span = self.span(pair.key_span);
            if !pair.key.stored {
                pair.key = self.verbatim(pair.key.start, pair.key.end, &mut strings);
            }
        }
        for comment in &mut document.comments {
            comment.span = self.span(comment.span);
        }
        document.tree.strings = strings;
        document.span = self.span(document.span);
        document.file = Arc::clone(file);
        document.step = step;
        document
    }

    /// A stretch of the passage as one of the file if it is the same there, and otherwise as a stored string.
    fn verbatim(&self, start: u32, end: u32, strings: &mut String) -> Text {
        if let Some(piece) = self.piece(start).filter(|piece| piece.is_same) {
            let length = piece.origin.end - piece.origin.start;
            if end - piece.start <= length {
                let shift = |at: u32| piece.origin.start + (at - piece.start);
                return Text { start: shift(start), end: shift(end), stored: false };
            }
        }
        let from = offset(strings.len());
        strings.push_str(&self.text[start as usize..end as usize]);
        Text { start: from, end: offset(strings.len()), stored: true }
    }
}
