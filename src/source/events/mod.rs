//! Tokens to events: the grammar of YAML 1.1, as libyaml reads it (see [`super::scan`] for why it is our own).

mod block;
mod flow;

use super::scan::{Problem, Scanner, Style, Token, TokenKind as T};
use super::tree::{Comment, Text};
use crate::diagnostic::Span;

/// The tags Go's decoder knows; all others are dropped with the scalar left as a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    None,
    /// `!`: no tag by its own meaning.
    NonSpecific,
    String,
    Bool,
    Int,
    Float,
    Null,
    Timestamp,
    Binary,
    Merge,
    Other,
}

impl Tag {
    fn of(tag: &str) -> Self {
        match tag.strip_prefix("tag:yaml.org,2002:") {
            Some("str") => Self::String,
            Some("bool") => Self::Bool,
            Some("int") => Self::Int,
            Some("float") => Self::Float,
            Some("null") => Self::Null,
            Some("timestamp") => Self::Timestamp,
            Some("binary") => Self::Binary,
            Some("merge") => Self::Merge,
            _ if tag == "!" => Self::NonSpecific,
            _ => Self::Other,
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Scalar {
    pub(super) text: Text,
    pub(super) style: Style,
    pub(super) tag: Tag,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum EventKind {
    DocumentStart,
    DocumentEnd,
    StreamEnd,
    /// The span is `*name`.
    Alias,
    Scalar(Scalar),
    SequenceStart,
    SequenceEnd,
    MappingStart,
    MappingEnd,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Event {
    pub(super) kind: EventKind,
    /// The content without anchor and tag.
    pub(super) span: Span,
    /// `&name`.
    pub(super) anchor: Option<Span>,
}

#[derive(Clone, Copy)]
enum State {
    StreamStart,
    DocumentContent,
    DocumentEnd,
    End,
    BlockNode,
    BlockSequenceFirst,
    BlockSequence,
    IndentlessSequence,
    BlockMappingFirst,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirst,
    FlowSequence,
    FlowPairKey,
    FlowPairValue,
    FlowPairEnd,
    FlowMappingFirst,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingNoValue,
}

/// The events of one document: Go reads no further than its end.
pub(super) struct Parser<'t> {
    scanner: Scanner<'t>,
    state: State,
    states: Vec<State>,
    /// Where the open collections begin.
    opened: Vec<u32>,
    directives: Vec<(String, String)>,
}

type Parse<T> = Result<T, Problem>;

fn problem<T>(message: &'static str, at: u32, since: Option<u32>) -> Parse<T> {
    Err(Problem { message, at, since })
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, span: Span) -> Self {
        Self {
            scanner: Scanner::new(text, span),
            state: State::StreamStart,
            states: Vec::with_capacity(16),
            opened: Vec::with_capacity(16),
            directives: Vec::new(),
        }
    }

    /// A scalar's text.
    pub(super) fn slice(&self, text: Text) -> &str {
        self.scanner.slice(text)
    }

    /// Keeps a string that stands nowhere in the text, beside the scalars that do not stand there verbatim.
    pub(super) fn store(&mut self, text: &str) -> Text {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let start = offset(self.scanner.stored.len());
        self.scanner.stored.push_str(text);
        Text { start, end: offset(self.scanner.stored.len()), stored: true }
    }

    /// What the scalars that do not stand verbatim in the text share, and the comments.
    pub(super) fn finish(self) -> (String, Vec<Comment>) {
        (self.scanner.stored, self.scanner.comments)
    }

    /// The first token after the document, or none when nothing but comments follows.
    pub(super) fn rest(&mut self) -> Option<u32> {
        loop {
            match self.scanner.peek() {
                Ok(token) if token.kind == T::StreamEnd => return None,
                Ok(token) if token.kind == T::DocumentEnd => self.scanner.skip(),
                Ok(token) => return Some(token.start),
                Err(problem) => return Some(problem.since.unwrap_or(problem.at)),
            }
        }
    }

    pub(super) fn next(&mut self) -> Parse<Event> {
        match self.state {
            State::StreamStart => self.document_start(),
            State::DocumentContent => {
                let token = self.scanner.peek()?;
                match token.kind {
                    T::Version { .. }
                    | T::TagDirective(_)
                    | T::DocumentStart
                    | T::DocumentEnd
                    | T::StreamEnd => {
                        self.pop_state();
                        Ok(empty(token.start))
                    }
                    _ => self.node(true, false),
                }
            }
            State::DocumentEnd => {
                let token = self.scanner.peek()?;
                if token.kind == T::DocumentEnd {
                    self.scanner.skip();
                }
                self.state = State::End;
                Ok(structure(EventKind::DocumentEnd, token.start, token.start))
            }
            State::End => Ok(structure(EventKind::StreamEnd, 0, 0)),
            State::BlockNode => self.node(true, false),
            State::BlockSequenceFirst => {
                self.open()?;
                self.block_sequence()
            }
            State::BlockSequence => self.block_sequence(),
            State::IndentlessSequence => self.indentless_sequence(),
            State::BlockMappingFirst => {
                self.open()?;
                self.block_mapping_key()
            }
            State::BlockMappingKey => self.block_mapping_key(),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceFirst => {
                self.open()?;
                self.flow_sequence(true)
            }
            State::FlowSequence => self.flow_sequence(false),
            State::FlowPairKey => self.flow_pair_key(),
            State::FlowPairValue => self.flow_pair_value(),
            State::FlowPairEnd => {
                let token = self.scanner.peek()?;
                self.state = State::FlowSequence;
                Ok(structure(EventKind::MappingEnd, token.start, token.start))
            }
            State::FlowMappingFirst => {
                self.open()?;
                self.flow_mapping_key(true)
            }
            State::FlowMappingKey => self.flow_mapping_key(false),
            State::FlowMappingValue => self.flow_mapping_value(),
            State::FlowMappingNoValue => {
                let token = self.scanner.peek()?;
                self.state = State::FlowMappingKey;
                Ok(empty(token.start))
            }
        }
    }

    fn pop_state(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    /// Passes the token that opens a collection.
    fn open(&mut self) -> Parse<()> {
        let token = self.scanner.peek()?;
        self.opened.push(token.start);
        self.scanner.skip();
        Ok(())
    }

    /// Passes the token that closes a collection.
    fn close(&mut self, kind: EventKind, token: Token) -> Event {
        self.pop_state();
        self.opened.pop();
        self.scanner.skip();
        structure(kind, token.start, token.end)
    }

    fn document_start(&mut self) -> Parse<Event> {
        let token = self.scanner.peek()?;
        self.states.push(State::DocumentEnd);
        match token.kind {
            T::StreamEnd => {
                self.state = State::End;
                return Ok(structure(EventKind::StreamEnd, token.start, token.end));
            }
            T::Version { .. } | T::TagDirective(_) | T::DocumentStart => {
                self.directives()?;
                let token = self.scanner.peek()?;
                if token.kind != T::DocumentStart {
                    return problem("did not find expected <document start>", token.start, None);
                }
                self.scanner.skip();
                self.state = State::DocumentContent;
            }
            _ => self.state = State::BlockNode,
        }
        Ok(structure(EventKind::DocumentStart, token.start, token.end))
    }

    fn directives(&mut self) -> Parse<()> {
        let mut versioned = false;
        loop {
            let token = self.scanner.peek()?;
            match token.kind {
                T::Version { major, minor } => {
                    if versioned {
                        return problem("found duplicate %YAML directive", token.start, None);
                    }
                    if (major, minor) != (1, 1) {
                        return problem("found incompatible YAML document", token.start, None);
                    }
                    versioned = true;
                }
                T::TagDirective(index) => {
                    let directive = &self.scanner.tags[index as usize];
                    if self.directives.iter().any(|(handle, _)| *handle == directive.0) {
                        return problem("found duplicate %TAG directive", token.start, None);
                    }
                    self.directives.push(directive.clone());
                }
                _ => return Ok(()),
            }
            self.scanner.skip();
        }
    }

    fn tag(&self, index: u32, at: u32, since: u32) -> Parse<Tag> {
        let (handle, suffix) = &self.scanner.tags[index as usize];
        if handle.is_empty() {
            return Ok(Tag::of(suffix));
        }
        let declared = self.directives.iter().find(|(declared, _)| declared == handle);
        let prefix = match (declared, handle.as_str()) {
            (Some((_, prefix)), _) => prefix,
            (None, "!") => "!",
            (None, "!!") => "tag:yaml.org,2002:",
            _ => "",
        };
        // Go takes an empty result for an undeclared handle.
        match (declared, prefix, suffix.as_str()) {
            (None, "", _) | (_, "", "") => problem("found undefined tag handle", at, Some(since)),
            _ => Ok(Tag::of(&format!("{prefix}{suffix}"))),
        }
    }

    fn node(&mut self, block: bool, indentless: bool) -> Parse<Event> {
        let mut token = self.scanner.peek()?;
        if token.kind == T::Alias {
            self.pop_state();
            self.scanner.skip();
            return Ok(structure(EventKind::Alias, token.start, token.end));
        }
        let since = token.start;
        let mut anchor = None;
        let mut tag = None;
        let mut end = token.start;
        // One anchor and one tag, in either order.
        for _ in 0..2 {
            match token.kind {
                T::Anchor if anchor.is_none() => anchor = Some(Span::new(token.start, token.end)),
                T::Tag(index) if tag.is_none() => tag = Some((index, token.start)),
                _ => break,
            }
            end = token.end;
            self.scanner.skip();
            token = self.scanner.peek()?;
        }
        let tag = match tag {
            Some((index, at)) => self.tag(index, at, since)?,
            None => Tag::None,
        };
        let (kind, state) = match token.kind {
            T::BlockEntry if indentless => (EventKind::SequenceStart, State::IndentlessSequence),
            T::Scalar(style, text) => {
                self.pop_state();
                self.scanner.skip();
                return Ok(Event {
                    kind: EventKind::Scalar(Scalar { text, style, tag }),
                    span: Span::new(token.start, token.end),
                    anchor,
                });
            }
            T::FlowSequenceStart => (EventKind::SequenceStart, State::FlowSequenceFirst),
            T::FlowMappingStart => (EventKind::MappingStart, State::FlowMappingFirst),
            T::BlockSequenceStart if block => (EventKind::SequenceStart, State::BlockSequenceFirst),
            T::BlockMappingStart if block => (EventKind::MappingStart, State::BlockMappingFirst),
            _ if anchor.is_some() || tag != Tag::None => {
                self.pop_state();
                let mut event = empty(end);
                if let EventKind::Scalar(scalar) = &mut event.kind {
                    scalar.tag = tag;
                }
                event.anchor = anchor;
                return Ok(event);
            }
            _ => return problem("did not find expected node content", token.start, None),
        };
        self.state = state;
        Ok(Event { kind, span: Span::new(token.start, token.end), anchor })
    }
}

fn structure(kind: EventKind, start: u32, end: u32) -> Event {
    Event { kind, span: Span::new(start, end), anchor: None }
}

/// A scalar that is not there.
fn empty(at: u32) -> Event {
    let text = Text { start: at, end: at, stored: false };
    structure(EventKind::Scalar(Scalar { text, style: Style::Plain, tag: Tag::None }), at, at)
}
