//! Text to tokens, by the rules of YAML 1.1 as libyaml reads it.
//!
//! Kubernetes reads YAML with go.yaml.in/yaml/v2 2.4.3 (through sigs.k8s.io/yaml 1.6.0), whose scanner follows
//! libyaml. Parsers of YAML 1.2 accept and refuse other texts, so this scanner is our own: it decides exactly as
//! that one does, its problems keep that one's wording, and `tests/go_oracle.rs` holds it to that.
//!
//! What differs is only how: bytes instead of characters, a scalar that stands verbatim in the text is a stretch of
//! it, all other scalars share one string, and comments are kept.

use std::collections::VecDeque;

use super::tree::{Comment, Text};
use crate::diagnostic::Span;

/// Why the text is no YAML: Go's words and the byte where it was noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
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

    // ---- bytes ----

    #[inline]
    fn byte(&self, at: usize) -> u8 {
        match self.bytes.get(at) {
            Some(&byte) => byte,
            None if at < self.virtual_end => b'\n',
            None => 0,
        }
    }

    #[inline]
    fn here(&self) -> u8 {
        self.byte(self.pos)
    }

    #[inline]
    fn is_blank(&self, at: usize) -> bool {
        matches!(self.byte(at), b' ' | b'\t')
    }

    /// Bytes of the line break at `at`; 0 if there is none.
    #[inline]
    fn break_length(&self, at: usize) -> usize {
        match self.byte(at) {
            b'\n' => 1,
            b'\r' => match (self.byte(at + 1), self.byte(at + 2)) {
                (b'\n', _) => 2,
                // kubectl's line reader takes the second as part of the line's end, where there is one.
                (b'\r', b'\n') if at + 2 < self.end => 3,
                _ => 1,
            },
            0xC2 if self.byte(at + 1) == 0x85 => 2,
            0xE2 if self.byte(at + 1) == 0x80 && matches!(self.byte(at + 2), 0xA8 | 0xA9) => 3,
            _ => 0,
        }
    }

    #[inline]
    fn is_break_or_end(&self, at: usize) -> bool {
        self.byte(at) == 0 || self.break_length(at) > 0
    }

    #[inline]
    fn is_blank_break_or_end(&self, at: usize) -> bool {
        self.is_blank(at) || self.is_break_or_end(at)
    }

    /// The column of the current position, in characters.
    fn column(&mut self) -> i32 {
        let (from, column) = self.counted;
        let to = self.pos.min(self.end);
        if to > from {
            let more = self.bytes[from..to].iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
            self.counted = (to, column.saturating_add(i32::try_from(more).unwrap_or(i32::MAX)));
        }
        self.counted.1
    }

    fn at_line_start(&self) -> bool {
        self.pos == self.line_start
    }

    /// Passes the line break at the position, and says what it stands for in a scalar; `""` if there is none.
    fn pass_break(&mut self) -> &'static str {
        let length = self.break_length(self.pos);
        if length == 0 {
            return "";
        }
        let meaning = match (self.here(), self.byte(self.pos + 2)) {
            (0xE2, 0xA8) => "\u{2028}",
            (0xE2, _) => "\u{2029}",
            _ => "\n",
        };
        self.pos += length;
        self.line += 1;
        self.line_start = self.pos;
        self.counted = (self.pos, 0);
        meaning
    }

    /// Where the line that holds `from` ends, before its break.
    fn line_end(&self, from: usize) -> usize {
        let from = from.min(self.end);
        let rest = &self.bytes[from..];
        let length = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        // The breaks of three scripts are rare: look only where their first bytes are.
        memchr::memchr2_iter(0xC2, 0xE2, &rest[..length])
            .find(|&at| self.break_length(from + at) > 0)
            .map_or(from + length, |at| from + at)
    }

    fn offset(&self, pos: usize) -> u32 {
        // Texts are below 4 GiB: `TextFile` says so and `input` refuses others.
        u32::try_from(pos.min(self.end)).unwrap_or(u32::MAX)
    }

    fn problem<T>(&self, message: &'static str, since: Option<usize>) -> Scan<T> {
        Err(Problem { message, at: self.offset(self.pos), since: since.map(|pos| self.offset(pos)) })
    }

    fn is_document_indicator(&self) -> bool {
        self.at_line_start()
            && matches!(
                (self.here(), self.byte(self.pos + 1), self.byte(self.pos + 2)),
                (b'-', b'-', b'-') | (b'.', b'.', b'.')
            )
            && self.is_blank_break_or_end(self.pos + 3)
    }

    // ---- tokens ----

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

    /// Whether the first token may turn out to be a mapping key, so that a `Key` goes before it.
    fn head_may_become_key(&mut self) -> Scan<bool> {
        let Some(at) = self.keys.iter().position(|key| !key.forgotten) else { return Ok(false) };
        let key = &self.keys[at];
        if key.token != self.taken {
            return Ok(false);
        }
        if self.is_valid(key) {
            return Ok(true);
        }
        if key.required {
            return self.problem("could not find expected ':'", Some(key.pos));
        }
        self.keys.remove(at);
        Ok(false)
    }

    fn is_valid(&self, key: &SimpleKey) -> bool {
        if key.line < self.line {
            return false;
        }
        let bytes = self.pos.min(self.end) - key.pos;
        bytes <= MAX_SIMPLE_KEY
            || bytes <= 4 * MAX_SIMPLE_KEY
                && self.bytes[key.pos..key.pos + bytes].iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
                    <= MAX_SIMPLE_KEY
    }

    fn save_key(&mut self) -> Scan {
        if self.key_allowed {
            let column = if self.flows.is_empty() { self.column() } else { 0 };
            let required = self.flows.is_empty() && self.indent == column;
            self.remove_key()?;
            self.keys.push_back(SimpleKey {
                flow: self.flows.len(),
                token: self.taken + self.tokens.len(),
                pos: self.pos,
                line: self.line,
                column,
                required,
                forgotten: false,
            });
            if let Some(flow) = self.flows.last_mut() {
                flow.keyed = true;
            }
        }
        Ok(())
    }

    fn remove_key(&mut self) -> Scan {
        if let Some(key) = self.keys.back()
            && key.flow == self.flows.len()
        {
            if key.required {
                return self.problem("could not find expected ':'", Some(key.pos));
            }
            self.keys.pop_back();
        }
        Ok(())
    }

    fn close_flow(&mut self) {
        if let Some(flow) = self.flows.pop()
            && !flow.keyed
            && let Some(key) = self.keys.iter_mut().find(|key| key.token == flow.token)
        {
            key.forgotten = true;
        }
    }

    /// Opens a block collection at `column` if it lies deeper; its token goes before the `at`th from now, or last.
    fn roll_indent(&mut self, column: i32, at: Option<usize>, kind: TokenKind, pos: usize) -> Scan {
        if !self.flows.is_empty() || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > MAX_NESTING {
            return self.problem("exceeded max depth of 10000", None);
        }
        let start = self.offset(pos);
        let at = at.unwrap_or(self.tokens.len());
        self.tokens.insert(at, Token { kind, start, end: start });
        Ok(())
    }

    fn unroll_indent(&mut self, column: i32) {
        while self.flows.is_empty() && self.indent > column {
            self.push(TokenKind::BlockEnd, self.pos);
            self.indent = self.indents.pop().unwrap_or(-1);
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

    // ---- directives, anchors, tags ----

    fn pass_word(&mut self) -> Span {
        let start = self.pos;
        while self.here().is_ascii_alphanumeric() || matches!(self.here(), b'_' | b'-') {
            self.pos += 1;
        }
        Span::new(self.offset(start), self.offset(self.pos))
    }

    fn fetch_directive(&mut self) -> Scan {
        self.unroll_indent(-1);
        self.remove_key()?;
        self.key_allowed = false;
        let start = self.pos;
        self.pos += 1;
        let name = self.pass_word();
        if name.start == name.end {
            return self.problem("could not find expected directive name", Some(start));
        }
        if !self.is_blank_break_or_end(self.pos) {
            return self.problem("found unexpected non-alphabetical character", Some(start));
        }
        let kind = match &self.text[name.range()] {
            "YAML" => {
                self.pass_blanks();
                let major = self.version_number(start)?;
                if self.here() != b'.' {
                    return self.problem("did not find expected digit or '.' character", Some(start));
                }
                self.pos += 1;
                TokenKind::Version { major, minor: self.version_number(start)? }
            }
            "TAG" => {
                self.pass_blanks();
                let handle = self.tag_handle(true, start)?;
                if !self.is_blank(self.pos) {
                    return self.problem("did not find expected whitespace", Some(start));
                }
                self.pass_blanks();
                let prefix = self.tag_uri("", start)?;
                if !self.is_blank_break_or_end(self.pos) {
                    return self.problem("did not find expected whitespace or line break", Some(start));
                }
                TokenKind::TagDirective(self.add_tag(handle, prefix))
            }
            _ => return self.problem("found unknown directive name", Some(start)),
        };
        self.push(kind, start);
        self.pass_line_end(start)
    }

    fn version_number(&mut self, since: usize) -> Scan<u8> {
        let start = self.pos;
        let mut value = 0;
        while self.here().is_ascii_digit() {
            if self.pos - start == 2 {
                return self.problem("found extremely long version number", Some(since));
            }
            value = value * 10 + (self.here() - b'0');
            self.pos += 1;
        }
        if self.pos == start {
            return self.problem("did not find expected version number", Some(since));
        }
        Ok(value)
    }

    fn fetch_anchor(&mut self, anchor: bool) -> Scan {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.pos;
        self.pos += 1;
        let name = self.pass_word();
        if name.start == name.end
            || !(self.is_blank_break_or_end(self.pos)
                || matches!(self.here(), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`'))
        {
            return self.problem("did not find expected alphabetic or numeric character", Some(start));
        }
        self.push(if anchor { TokenKind::Anchor } else { TokenKind::Alias }, start);
        Ok(())
    }

    fn add_tag(&mut self, handle: String, suffix: String) -> u32 {
        self.tags.push((handle, suffix));
        u32::try_from(self.tags.len() - 1).unwrap_or(u32::MAX)
    }

    fn fetch_tag(&mut self) -> Scan {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.pos;
        let (handle, suffix);
        if self.byte(start + 1) == b'<' {
            self.pos += 2;
            suffix = self.tag_uri("", start)?;
            handle = String::new();
            if self.here() != b'>' {
                return self.problem("did not find the expected '>'", Some(start));
            }
            self.pos += 1;
        } else {
            let first = self.tag_handle(false, start)?;
            if first.len() > 1 && first.ends_with('!') {
                suffix = self.tag_uri("", start)?;
                handle = first;
            } else {
                let rest = self.tag_uri(&first, start)?;
                // A lone `!` is the tag itself, not a handle.
                (handle, suffix) =
                    if rest.is_empty() { (rest, "!".to_owned()) } else { ("!".to_owned(), rest) };
            }
        }
        if !self.is_blank_break_or_end(self.pos) {
            return self.problem("did not find expected whitespace or line break", Some(start));
        }
        let tag = self.add_tag(handle, suffix);
        self.push(TokenKind::Tag(tag), start);
        Ok(())
    }

    fn tag_handle(&mut self, directive: bool, since: usize) -> Scan<String> {
        if self.here() != b'!' {
            return self.problem("did not find expected '!'", Some(since));
        }
        let start = self.pos;
        self.pos += 1;
        self.pass_word();
        if self.here() == b'!' {
            self.pos += 1;
        } else if directive && self.pos - start > 1 {
            return self.problem("did not find expected '!'", Some(since));
        }
        Ok(self.text[start..self.pos].to_owned())
    }

    /// A tag's URI, after `head` (a handle that turned out to be its beginning) without its `!`.
    fn tag_uri(&mut self, head: &str, since: usize) -> Scan<String> {
        let mut uri: Vec<u8> = head.bytes().skip(1).collect();
        let start = self.pos;
        loop {
            let byte = self.here();
            if byte == b'%' {
                self.uri_escape(&mut uri, since)?;
            } else if byte.is_ascii_alphanumeric() || b"_-;/?:@&=+$,.!~*'()[]".contains(&byte) {
                uri.push(byte);
                self.pos += 1;
            } else {
                break;
            }
        }
        if self.pos == start && head.is_empty() {
            return self.problem("did not find expected tag URI", Some(since));
        }
        // Go does not check the escaped octets further, and tags with such octets name nothing it knows.
        Ok(String::from_utf8_lossy(&uri).into_owned())
    }

    fn uri_escape(&mut self, uri: &mut Vec<u8>, since: usize) -> Scan {
        let hex = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let mut missing = None;
        loop {
            let octet = match (self.here(), hex(self.byte(self.pos + 1)), hex(self.byte(self.pos + 2))) {
                (b'%', Some(high), Some(low)) => high << 4 | low,
                _ => return self.problem("did not find URI escaped octet", Some(since)),
            };
            let left = match missing {
                None => match octet {
                    0..0x80 => 1,
                    0xC0..0xE0 => 2,
                    0xE0..0xF0 => 3,
                    0xF0..0xF8 => 4,
                    _ => return self.problem("found an incorrect leading UTF-8 octet", Some(since)),
                },
                Some(_) if octet & 0xC0 != 0x80 => {
                    return self.problem("found an incorrect trailing UTF-8 octet", Some(since));
                }
                Some(left) => left,
            };
            uri.push(octet);
            self.pos += 3;
            if left == 1 {
                return Ok(());
            }
            missing = Some(left - 1);
        }
    }

    // ---- scalars ----

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

    /// Passes a plain scalar's characters up to a blank, a break, or what ends it.
    #[inline]
    fn pass_plain_run(&mut self) {
        loop {
            let byte = self.here();
            match PLAIN[byte as usize] {
                Plain::Inner => {}
                Plain::Stop => return,
                Plain::Colon => {
                    if self.is_blank_break_or_end(self.pos + 1) {
                        return;
                    }
                }
                Plain::FlowIndicator => {
                    if !self.flows.is_empty() {
                        return;
                    }
                }
                Plain::MayBreak => {
                    if self.break_length(self.pos) > 0 {
                        return;
                    }
                }
            }
            self.pos += 1;
        }
    }

    fn fetch_plain(&mut self) -> Scan {
        self.save_key()?;
        self.key_allowed = false;
        let indent = self.indent + 1;
        let start = self.pos;
        let mut end = start;
        // The stretch not yet copied, once the scalar has several lines.
        let mut copied = None;
        let mut piece = start;
        let mut first_break = "";
        loop {
            if self.is_document_indicator() || self.here() == b'#' {
                break;
            }
            let run = self.pos;
            self.pass_plain_run();
            if self.pos > run {
                if !first_break.is_empty() {
                    copied.get_or_insert(self.stored.len());
                    self.stored.push_str(&self.text[piece..end]);
                    self.fold(first_break);
                    first_break = "";
                    piece = run;
                }
                end = self.pos;
            }
            if !self.is_blank(self.pos) && self.break_length(self.pos) == 0 {
                break;
            }
            loop {
                if self.is_blank(self.pos) {
                    if !first_break.is_empty() && self.here() == b'\t' && self.column() < indent {
                        return self.problem("found a tab character that violates indentation", Some(start));
                    }
                    self.pos += 1;
                } else {
                    let passed = self.pass_break();
                    if passed.is_empty() {
                        break;
                    }
                    if first_break.is_empty() {
                        first_break = passed;
                    } else {
                        self.breaks.push_str(passed);
                    }
                }
            }
            if self.flows.is_empty() && !first_break.is_empty() && self.column() < indent {
                break;
            }
        }
        self.breaks.clear();
        if !first_break.is_empty() {
            self.key_allowed = true;
        }
        let text = match copied {
            Some(copied) => {
                self.stored.push_str(&self.text[piece..end]);
                self.stored_since(copied)
            }
            None => self.verbatim(start, end),
        };
        let (start, end) = (self.offset(start), self.offset(end));
        self.tokens.push_back(Token { kind: TokenKind::Scalar(Style::Plain, text), start, end });
        Ok(())
    }

    fn fetch_quoted(&mut self, quote: u8) -> Scan {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.pos;
        self.pos += 1;
        let style = if quote == b'"' { Style::DoubleQuoted } else { Style::SingleQuoted };
        // Most quoted scalars stand on one line and hold no escapes.
        let rest = &self.bytes[self.pos..];
        let stop = if quote == b'"' {
            memchr::memchr3(b'"', b'\\', b'\n', rest)
        } else {
            memchr::memchr2(b'\'', b'\n', rest)
        };
        if let Some(length) = stop
            && rest[length] == quote
            && (quote == b'"' || rest.get(length + 1) != Some(&quote))
            && !rest[..length].iter().any(|byte| matches!(byte, b'\r' | 0xC2 | 0xE2))
        {
            // A document indicator needs a line start, which is outside.
            let text = self.verbatim(self.pos, self.pos + length);
            self.pos += length + 1;
            self.push(TokenKind::Scalar(style, text), start);
            return Ok(());
        }
        let from = self.stored.len();
        loop {
            if self.is_document_indicator() {
                return self.problem("found unexpected document indicator", Some(start));
            }
            if self.here() == 0 {
                return self.problem("found unexpected end of stream", Some(start));
            }
            let mut first_break = self.pass_quoted_run(quote, start)?;
            // An escaped line break folds away: it counts as leading blanks without a break.
            let mut leading = first_break.is_some();
            if self.here() == quote {
                break;
            }
            let blanks = self.pos;
            let mut blanks_end = blanks;
            loop {
                if self.is_blank(self.pos) {
                    self.pos += 1;
                    if !leading {
                        blanks_end = self.pos;
                    }
                } else {
                    let passed = self.pass_break();
                    if passed.is_empty() {
                        break;
                    }
                    if leading {
                        self.breaks.push_str(passed);
                    } else {
                        blanks_end = blanks;
                        first_break = Some(passed);
                        leading = true;
                    }
                }
            }
            if leading {
                self.fold(first_break.unwrap_or(""));
            } else {
                self.stored.push_str(&self.text[blanks..blanks_end]);
            }
        }
        self.pos += 1;
        let text = self.stored_since(from);
        self.push(TokenKind::Scalar(style, text), start);
        Ok(())
    }

    /// Passes the characters of a quoted scalar up to a blank, a break or its end; `Some("")` after an escaped break.
    fn pass_quoted_run(&mut self, quote: u8, since: usize) -> Scan<Option<&'static str>> {
        let mut piece = self.pos;
        while !self.is_blank_break_or_end(self.pos) {
            let byte = self.here();
            if byte == quote {
                if quote == b'\'' && self.byte(self.pos + 1) == b'\'' {
                    self.stored.push_str(&self.text[piece..=self.pos]);
                    self.pos += 2;
                    piece = self.pos;
                    continue;
                }
                break;
            }
            if byte == b'\\' && quote == b'"' {
                self.stored.push_str(&self.text[piece..self.pos]);
                if self.break_length(self.pos + 1) > 0 {
                    self.pos += 1;
                    self.pass_break();
                    return Ok(Some(""));
                }
                self.pass_escape(since)?;
                piece = self.pos;
                continue;
            }
            self.pos += 1;
        }
        self.stored.push_str(&self.text[piece..self.pos]);
        Ok(None)
    }

    fn pass_escape(&mut self, since: usize) -> Scan {
        let length = match self.byte(self.pos + 1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            other => {
                self.stored.push(match other {
                    b'0' => '\0',
                    b'a' => '\u{7}',
                    b'b' => '\u{8}',
                    b't' | b'\t' => '\t',
                    b'n' => '\n',
                    b'v' => '\u{b}',
                    b'f' => '\u{c}',
                    b'r' => '\r',
                    b'e' => '\u{1b}',
                    b' ' => ' ',
                    b'"' => '"',
                    b'\'' => '\'',
                    b'\\' => '\\',
                    b'N' => '\u{85}',
                    b'_' => '\u{a0}',
                    b'L' => '\u{2028}',
                    b'P' => '\u{2029}',
                    _ => return self.problem("found unknown escape character", Some(since)),
                });
                self.pos += 2;
                return Ok(());
            }
        };
        self.pos += 2;
        let mut value: u32 = 0;
        for _ in 0..length {
            let Some(digit) = char::from(self.here()).to_digit(16) else {
                return self.problem("did not find expected hexdecimal number", Some(since));
            };
            value = value << 4 | digit;
            self.pos += 1;
        }
        match char::from_u32(value) {
            Some(character) => self.stored.push(character),
            None => return self.problem("found invalid Unicode character escape code", Some(since)),
        }
        Ok(())
    }

    fn fetch_block_scalar(&mut self, literal: bool) -> Scan {
        self.remove_key()?;
        self.key_allowed = true;
        let start = self.pos;
        self.pos += 1;
        let mut keep = None;
        let mut increment = 0;
        for _ in 0..2 {
            match self.here() {
                sign @ (b'+' | b'-') if keep.is_none() => keep = Some(sign == b'+'),
                b'0' if increment == 0 => {
                    return self.problem("found an indentation indicator equal to 0", Some(start));
                }
                digit @ b'1'..=b'9' if increment == 0 => increment = i32::from(digit - b'0'),
                _ => break,
            }
            self.pos += 1;
        }
        self.pass_line_end(start)?;
        let mut indent = if increment > 0 { self.indent.max(0) + increment } else { 0 };
        let from = self.stored.len();
        // Where the text before the last line break ends: what a person calls the end of the scalar.
        let mut end = self.line_end(start);
        self.pass_block_breaks(&mut indent, start)?;
        let mut pending = "";
        let mut blank_before = false;
        while self.pos_column() == indent && self.here() != 0 {
            let blank = self.is_blank(self.pos);
            if !literal && !blank_before && !blank && pending == "\n" {
                if self.breaks.is_empty() {
                    self.stored.push(' ');
                }
            } else {
                self.stored.push_str(pending);
            }
            self.stored.push_str(&self.breaks);
            self.breaks.clear();
            blank_before = blank;
            let line_end = self.line_end(self.pos);
            self.stored.push_str(&self.text[self.pos..line_end]);
            self.pos = line_end;
            end = line_end;
            pending = self.pass_break();
            self.pass_block_breaks(&mut indent, start)?;
        }
        if keep != Some(false) {
            self.stored.push_str(pending);
        }
        if keep == Some(true) {
            self.stored.push_str(&self.breaks);
        }
        self.breaks.clear();
        let text = self.stored_since(from);
        let style = if literal { Style::Literal } else { Style::Folded };
        let (start, end) = (self.offset(start), self.offset(end));
        self.tokens.push_back(Token { kind: TokenKind::Scalar(style, text), start, end });
        Ok(())
    }

    /// The column where only spaces stand before the position.
    fn pos_column(&self) -> i32 {
        i32::try_from(self.pos - self.line_start).unwrap_or(i32::MAX)
    }

    fn pass_block_breaks(&mut self, indent: &mut i32, since: usize) -> Scan {
        let mut deepest = 0;
        loop {
            let inside = |scanner: &Self| *indent == 0 || scanner.pos_column() < *indent;
            while inside(self) && self.here() == b' ' {
                self.pos += 1;
            }
            deepest = deepest.max(self.pos_column());
            if inside(self) && self.here() == b'\t' {
                return self
                    .problem("found a tab character where an indentation space is expected", Some(since));
            }
            let passed = self.pass_break();
            if passed.is_empty() {
                break;
            }
            self.breaks.push_str(passed);
        }
        if *indent == 0 {
            *indent = deepest.max(self.indent + 1).max(1);
        }
        Ok(())
    }
}

/// What a byte means inside a plain scalar.
#[derive(Clone, Copy)]
enum Plain {
    Inner,
    Stop,
    Colon,
    FlowIndicator,
    /// The first byte of U+0085, U+2028 or U+2029, which are line breaks.
    MayBreak,
}

const PLAIN: [Plain; 256] = {
    let mut table = [Plain::Inner; 256];
    table[0] = Plain::Stop;
    table[b' ' as usize] = Plain::Stop;
    table[b'\t' as usize] = Plain::Stop;
    table[b'\n' as usize] = Plain::Stop;
    table[b'\r' as usize] = Plain::Stop;
    table[b':' as usize] = Plain::Colon;
    let flow = b",?[]{}";
    let mut at = 0;
    while at < flow.len() {
        table[flow[at] as usize] = Plain::FlowIndicator;
        at += 1;
    }
    table[0xC2] = Plain::MayBreak;
    table[0xE2] = Plain::MayBreak;
    table
};
