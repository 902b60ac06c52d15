//! Text to tokens, by the rules of YAML 1.1 as libyaml reads it.
//!
//! Kubernetes reads YAML with go.yaml.in/yaml/v2 2.4.3 (through sigs.k8s.io/yaml 1.6.0), whose scanner follows
//! libyaml. Parsers of YAML 1.2 accept and refuse other texts, so this scanner is our own: it decides exactly as
//! that one does, its problems keep that one's wording, and `tests/go_oracle.rs` holds it to that.
//!
//! What differs is only how: bytes instead of characters, a scalar that stands verbatim in the text is a stretch of
//! it, all other scalars share one string, and comments are kept.

mod block;
mod bytes;
mod keys;
mod plain;
mod properties;
mod quoted;

use std::collections::VecDeque;

use super::tree::{Comment, Text};
use crate::diagnostic::Span;

/// Why the text is no YAML: Go's words and the byte where it was noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::source) struct Problem {
    pub(super) message: &'static str,
    /// Where it was noticed.
    pub(super) at: u32,
    /// Where the construct that cannot be read begins, if elsewhere.
    pub(super) since: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
    Folded,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    StreamEnd,
    Version {
        major: u8,
        minor: u8,
    },
    /// `%TAG`: index into [`Scanner::tags`].
    TagDirective(u32),
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    /// The name is the span without its first byte.
    Alias,
    /// The name is the span without its first byte.
    Anchor,
    /// Index into [`Scanner::tags`].
    Tag(u32),
    Scalar(Style, Text),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// A place where a mapping key without `?` may have begun; at most one per flow level.
struct SimpleKey {
    flow: usize,
    token: usize,
    pos: usize,
    line: usize,
    column: i32,
    /// A `:` must follow, as the key stands where only a key of the open mapping can.
    required: bool,
    /// Go no longer knows of it when it asks whether to read on, but still when the `:` comes: `[]: a` is `[]`.
    forgotten: bool,
}

/// An open flow collection.
struct Flow {
    /// The number of its first token.
    token: usize,
    /// A key may have begun in it.
    keyed: bool,
}

/// Go's limit of nested flow and block collections; ours in the tree is lower.
const MAX_NESTING: usize = 10_000;
/// A key without `?` and its `:` stand on one line and within this many characters.
const MAX_SIMPLE_KEY: usize = 1024;

pub(super) struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    /// End of the document in the text.
    end: usize,
    /// One more than `end` when the last line lacks its line feed: kubectl adds it.
    virtual_end: usize,
    pos: usize,
    line: usize,
    line_start: usize,
    /// A position on the current line and its column, so that columns are counted once.
    counted: (usize, i32),
    tokens: VecDeque<Token>,
    taken: usize,
    /// Ordered by flow level and token.
    keys: VecDeque<SimpleKey>,
    key_allowed: bool,
    flows: Vec<Flow>,
    indent: i32,
    indents: Vec<i32>,
    stream_ended: bool,
    breaks: String,
    /// The scalars that do not stand verbatim in the text, one after the other.
    pub(super) stored: String,
    pub(super) comments: Vec<Comment>,
    /// Handle and suffix (or prefix) of tags and `%TAG` directives.
    pub(super) tags: Vec<(String, String)>,
}

type Scan<T = ()> = Result<T, Problem>;

impl<'t> Scanner<'t> {
    /// Scans one document, `span` of `text`, which holds no control characters.
    pub(super) fn new(text: &'t str, span: Span) -> Self {
        let mut start = span.start as usize;
        let end = span.end as usize;
        if text[start..end].starts_with('\u{feff}') {
            start += '\u{feff}'.len_utf8();
        }
        let bytes = text.as_bytes();
        let complete = end == start || bytes[end - 1] == b'\n';
        Self {
            text,
            bytes: &bytes[..end],
            end,
            virtual_end: if complete { end } else { end + 1 },
            pos: start,
            line: 0,
            line_start: start,
            counted: (start, 0),
            tokens: VecDeque::with_capacity(16),
            taken: 0,
            keys: VecDeque::new(),
            key_allowed: true,
            flows: Vec::new(),
            indent: -1,
            indents: Vec::new(),
            stream_ended: false,
            breaks: String::new(),
            stored: String::new(),
            comments: Vec::new(),
            tags: Vec::new(),
        }
    }

    /// The next token, which stays.
    pub(super) fn peek(&mut self) -> Scan<Token> {
        if self.tokens.is_empty() || self.head_may_become_key()? {
            self.fetch_more()?;
        }
        Ok(self.tokens[0])
    }

    /// Drops the token last peeked at.
    pub(super) fn skip(&mut self) {
        self.tokens.pop_front();
        self.taken += 1;
    }

    pub(super) fn slice(&self, text: Text) -> &str {
        text.of(self.text, &self.stored)
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        let (start, end) = (self.offset(start), self.offset(self.pos));
        self.tokens.push_back(Token { kind, start, end });
    }

    fn fetch_more(&mut self) -> Scan {
        loop {
            self.fetch()?;
            if !self.tokens.is_empty() && !self.head_may_become_key()? {
                return Ok(());
            }
        }
    }

    fn fetch(&mut self) -> Scan {
        use TokenKind as T;
        self.pass_to_next_token();
        if self.flows.is_empty() {
            let column = self.column();
            self.unroll_indent(column);
        }
        let byte = self.here();
        let blank_follows = |scanner: &Self| scanner.is_blank_break_or_end(scanner.pos + 1);
        match byte {
            0 => self.fetch_stream_end(),
            b'%' if self.at_line_start() => self.fetch_directive(),
            b'-' | b'.' if self.is_document_indicator() => {
                self.unroll_indent(-1);
                self.remove_key()?;
                self.key_allowed = false;
                let start = self.pos;
                self.pos += 3;
                self.push(if byte == b'-' { T::DocumentStart } else { T::DocumentEnd }, start);
                Ok(())
            }
            b'[' | b'{' => {
                self.save_key()?;
                self.flows.push(Flow { token: self.taken + self.tokens.len(), keyed: false });
                if self.flows.len() > MAX_NESTING {
                    return self.problem("exceeded max depth of 10000", None);
                }
                self.key_allowed = true;
                self.single(if byte == b'[' { T::FlowSequenceStart } else { T::FlowMappingStart });
                Ok(())
            }
            b']' | b'}' => {
                self.remove_key()?;
                self.close_flow();
                self.key_allowed = false;
                self.single(if byte == b']' { T::FlowSequenceEnd } else { T::FlowMappingEnd });
                Ok(())
            }
            b',' => {
                self.remove_key()?;
                self.key_allowed = true;
                self.single(T::FlowEntry);
                Ok(())
            }
            b'-' if blank_follows(self) => {
                if self.flows.is_empty() {
                    if !self.key_allowed {
                        return self.problem("block sequence entries are not allowed in this context", None);
                    }
                    let column = self.column();
                    self.roll_indent(column, None, T::BlockSequenceStart, self.pos)?;
                }
                self.remove_key()?;
                self.key_allowed = true;
                self.single(T::BlockEntry);
                Ok(())
            }
            b'?' if !self.flows.is_empty() || blank_follows(self) => {
                if self.flows.is_empty() {
                    if !self.key_allowed {
                        return self.problem("mapping keys are not allowed in this context", None);
                    }
                    let column = self.column();
                    self.roll_indent(column, None, T::BlockMappingStart, self.pos)?;
                }
                self.remove_key()?;
                self.key_allowed = self.flows.is_empty();
                self.single(T::Key);
                Ok(())
            }
            b':' if !self.flows.is_empty() || blank_follows(self) => self.fetch_value(),
            b'*' | b'&' => self.fetch_anchor(byte == b'&'),
            b'!' => self.fetch_tag(),
            b'|' | b'>' if self.flows.is_empty() => self.fetch_block_scalar(byte == b'|'),
            b'\'' | b'"' => self.fetch_quoted(byte),
            b'-' if !self.is_blank(self.pos + 1) => self.fetch_plain(),
            b'?' | b':' if self.flows.is_empty() => self.fetch_plain(),
            b'-' | b'?' | b':' | b'#' | b'|' | b'>' | b'%' | b'@' | b'`' => {
                self.problem("found character that cannot start any token", None)
            }
            _ if self.is_blank_break_or_end(self.pos) => {
                self.problem("found character that cannot start any token", None)
            }
            _ => self.fetch_plain(),
        }
    }

    fn single(&mut self, kind: TokenKind) {
        self.pos += 1;
        self.push(kind, self.pos - 1);
    }

    fn fetch_stream_end(&mut self) -> Scan {
        if !self.stream_ended {
            self.stream_ended = true;
            if !self.at_line_start() {
                self.line += 1;
            }
        }
        self.unroll_indent(-1);
        self.remove_key()?;
        self.key_allowed = false;
        self.push(TokenKind::StreamEnd, self.pos);
        Ok(())
    }

    fn fetch_value(&mut self) -> Scan {
        use TokenKind as T;
        let mut key = self.keys.pop_back_if(|key| key.flow == self.flows.len());
        if let Some(candidate) = &key
            && !self.is_valid(candidate)
        {
            if candidate.required {
                return self.problem("could not find expected ':'", Some(candidate.pos));
            }
            key = None;
        }
        if let Some(key) = key {
            // A token that is gone already cannot have another before it: Go appends then.
            let at = key.token.checked_sub(self.taken);
            let start = self.offset(key.pos);
            let last = self.tokens.len();
            self.tokens.insert(at.unwrap_or(last), Token { kind: T::Key, start, end: start });
            self.roll_indent(key.column, at, T::BlockMappingStart, key.pos)?;
            self.key_allowed = false;
        } else {
            if self.flows.is_empty() {
                if !self.key_allowed {
                    return self.problem("mapping values are not allowed in this context", None);
                }
                let column = self.column();
                self.roll_indent(column, None, T::BlockMappingStart, self.pos)?;
            }
            self.key_allowed = self.flows.is_empty();
        }
        self.single(T::Value);
        Ok(())
    }

    fn pass_comment(&mut self) {
        let start = self.pos;
        let before = &self.bytes[self.line_start..start];
        let own_line = before.iter().all(|&byte| matches!(byte, b' ' | b'\t'));
        self.pos = self.line_end(start);
        let span = Span::new(self.offset(start), self.offset(self.pos));
        self.comments.push(Comment { span, own_line });
    }

    fn pass_to_next_token(&mut self) {
        loop {
            loop {
                match self.here() {
                    b' ' => {}
                    b'\t' if !self.flows.is_empty() || !self.key_allowed => {}
                    _ => break,
                }
                self.pos += 1;
            }
            if self.here() == b'#' {
                self.pass_comment();
            }
            if self.pass_break().is_empty() {
                return;
            }
            if self.flows.is_empty() {
                self.key_allowed = true;
            }
        }
    }

    fn pass_blanks(&mut self) {
        while self.is_blank(self.pos) {
            self.pos += 1;
        }
    }

    /// Passes what may end a line: blanks, a comment, the break.
    fn pass_line_end(&mut self, since: usize) -> Scan {
        self.pass_blanks();
        if self.here() == b'#' {
            self.pass_comment();
        }
        if !self.is_break_or_end(self.pos) {
            return self.problem("did not find expected comment or line break", Some(since));
        }
        self.pass_break();
        Ok(())
    }

    fn verbatim(&self, start: usize, end: usize) -> Text {
        Text { start: self.offset(start), end: self.offset(end), stored: false }
    }

    fn stored_since(&self, start: usize) -> Text {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Text { start: offset(start), end: offset(self.stored.len()), stored: true }
    }

    /// Appends what the line breaks between two lines of a folded scalar stand for.
    fn fold(&mut self, first: &str) {
        if first == "\n" {
            if self.breaks.is_empty() {
                self.stored.push(' ');
            }
        } else {
            self.stored.push_str(first);
        }
        self.stored.push_str(&self.breaks);
        self.breaks.clear();
    }
}
