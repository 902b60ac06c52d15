//! Reads patterns as `syntax.Parse` with the flags `Perl` does, which is what Go's `regexp.Compile` takes (Go 1.26).
//!
//! The order in which mistakes are noticed is Go's too: from left to right, limits when a part is complete.

use super::class::{self, Class};
use super::error::{ErrorKind, RegexError};
use super::node::{Kind, Look, Node, Repeat, join_last_literals, join_last_two};
use crate::prom::unicode;

/// The highest count in a repetition, and the highest product of nested ones.
const MOST_COPIES: u32 = 1000;
/// Levels of the tree.
const MOST_LEVELS: usize = 1000;
/// Instructions: 128 MiB of them in Go.
const MOST_INSTRUCTIONS: u64 = (128 << 20) / 40;
/// Numbers in classes and literals: 128 MiB of them in Go.
const MOST_NUMBERS: u64 = (128 << 20) / 4;

/// A pattern that was read.
#[derive(Debug, Clone)]
pub(super) struct Parsed {
    pub(super) node: Node,
    /// The names of the groups; the match itself is the first and has none.
    pub(super) names: Vec<Option<String>>,
}

/// What `(?ims-U)` sets.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are flags, each on its own")]
struct Flags {
    /// `i`
    fold: bool,
    /// `m`: `^` and `$` match at lines.
    lines: bool,
    /// `s`: `.` matches a line feed.
    dot_newline: bool,
    /// `U`: `*` and `*?` change places.
    lazy: bool,
}

/// What is between a parenthesis and its end, as far as it was read.
#[derive(Debug, Default)]
struct Group {
    capture: Option<usize>,
    /// The flags before it, which hold again after it.
    outer: Flags,
    alternatives: Vec<Node>,
    /// The alternative that is being read.
    items: Vec<Node>,
}

struct Parser<'p> {
    pattern: &'p str,
    rest: &'p str,
    flags: Flags,
    /// The parentheses that are open, around `group`.
    around: Vec<Group>,
    group: Group,
    names: Vec<Option<String>>,
    /// Numbers in classes and literals so far.
    numbers: u64,
}

type Result<T> = std::result::Result<T, RegexError>;

/// Reads a pattern.
pub(super) fn parse(pattern: &str) -> Result<Parsed> {
    let mut parser = Parser {
        pattern,
        rest: pattern,
        flags: Flags::default(),
        around: Vec::new(),
        group: Group::default(),
        names: vec![None],
        numbers: 0,
    };
    // Where the repetition before this place begins, if one ends here.
    let mut repeated = None;
    while let Some(first) = parser.rest.bytes().next() {
        let start = parser.rest;
        let is_repetition = parser.element(first, repeated)?;
        repeated = is_repetition.then_some(start);
    }
    let node = parser.end_of_group()?;
    if !parser.around.is_empty() {
        return Err(RegexError::new(ErrorKind::MissingParen, pattern));
    }
    Ok(Parsed { node, names: parser.names })
}

/// The beginning of `text`, up to `rest`, which is its end.
fn before<'t>(text: &'t str, rest: &str) -> &'t str {
    &text[..text.len() - rest.len()]
}

impl<'p> Parser<'p> {
    /// Reads the next element; says whether it was a repetition.
    fn element(&mut self, first: u8, repeated: Option<&str>) -> Result<bool> {
        match first {
            b'(' => self.open()?,
            b'|' => {
                self.end_of_alternative()?;
                self.rest = &self.rest[1..];
            }
            b')' => self.close()?,
            b'^' => self.look(1, if self.flags.lines { Look::LineStart } else { Look::TextStart })?,
            b'$' => self.look(1, if self.flags.lines { Look::LineEnd } else { Look::TextEnd })?,
            b'.' => {
                self.rest = &self.rest[1..];
                let class = if self.flags.dot_newline { Class::all() } else { Class::not_newline() };
                // Go keeps no numbers for these two.
                self.push_uncounted(Node::leaf(Kind::Class(class)))?;
            }
            b'[' => {
                let class = self.class()?;
                self.push_class(class)?;
            }
            b'*' => return self.repeat(Repeat::Star, 0, None, &self.rest[1..], repeated),
            b'+' => return self.repeat(Repeat::Plus, 1, None, &self.rest[1..], repeated),
            b'?' => return self.repeat(Repeat::Optional, 0, Some(1), &self.rest[1..], repeated),
            b'{' => {
                if let Some(Count { bounds, after }) = count(self.rest) {
                    let Some((min, max)) = bounds else {
                        return Err(RegexError::new(ErrorKind::InvalidRepeatSize, before(self.rest, after)));
                    };
                    return self.repeat(Repeat::Counted, min, max, after, repeated);
                }
                self.rest = &self.rest[1..];
                self.literal('{')?;
            }
            b'\\' => self.backslash()?,
            _ => {
                let character = self.next().unwrap_or_default();
                self.literal(character)?;
            }
        }
        Ok(false)
    }

    /// Takes the next character.
    fn next(&mut self) -> Option<char> {
        let character = self.rest.chars().next()?;
        self.rest = &self.rest[character.len_utf8()..];
        Some(character)
    }

    fn check(&self, node: &Node) -> Result<()> {
        if self.numbers > MOST_NUMBERS || node.size > MOST_INSTRUCTIONS {
            return Err(RegexError::new(ErrorKind::TooLarge, self.pattern));
        }
        if node.height > MOST_LEVELS {
            return Err(RegexError::new(ErrorKind::NestingDepth, self.pattern));
        }
        Ok(())
    }

    fn push(&mut self, node: Node) -> Result<()> {
        self.numbers += match &node.kind {
            Kind::Class(class) => 2 * class.ranges().len() as u64,
            Kind::Literal { text, .. } => text.len() as u64,
            _ => 0,
        };
        self.push_uncounted(node)
    }

    fn push_uncounted(&mut self, node: Node) -> Result<()> {
        join_last_literals(&mut self.group.items);
        self.check(&node)?;
        self.group.items.push(node);
        Ok(())
    }

    fn push_class(&mut self, class: Class) -> Result<()> {
        self.push(Node::class(class))
    }

    fn literal(&mut self, character: char) -> Result<()> {
        self.literal_number(u32::from(character))
    }

    fn literal_number(&mut self, character: u32) -> Result<()> {
        let character = if self.flags.fold {
            unicode::fold_equal(character).chain([character]).min().unwrap_or(character)
        } else {
            character
        };
        self.push(Node::literal(character, self.flags.fold))
    }

    fn look(&mut self, length: usize, look: Look) -> Result<()> {
        self.rest = &self.rest[length..];
        self.push(Node::leaf(Kind::Look(look)))
    }

    fn repeat(
        &mut self,
        written: Repeat,
        min: u32,
        max: Option<u32>,
        after: &'p str,
        repeated: Option<&str>,
    ) -> Result<bool> {
        let start = self.rest;
        let (lazy, after) = match after.strip_prefix('?') {
            Some(after) => (!self.flags.lazy, after),
            None => (self.flags.lazy, after),
        };
        if let Some(repeated) = repeated {
            return Err(RegexError::new(ErrorKind::InvalidRepeatOp, before(repeated, after)));
        }
        let Some(of) = self.group.items.pop() else {
            return Err(RegexError::new(ErrorKind::MissingRepeatArgument, before(start, after)));
        };
        let node = Node::repeat(written, min, max, !lazy, of);
        self.check(&node)?;
        let at_least_two = min >= 2 || max.is_some_and(|max| max >= 2);
        if written == Repeat::Counted && at_least_two && node.copies > u64::from(MOST_COPIES) {
            return Err(RegexError::new(ErrorKind::InvalidRepeatSize, before(start, after)));
        }
        self.group.items.push(node);
        self.rest = after;
        Ok(true)
    }

    /// The alternative that was being read is complete.
    fn end_of_alternative(&mut self) -> Result<()> {
        join_last_literals(&mut self.group.items);
        let node = Node::concat(std::mem::take(&mut self.group.items));
        self.check(&node)?;
        self.group.alternatives.push(node);
        join_last_two(&mut self.group.alternatives);
        Ok(())
    }

    fn end_of_group(&mut self) -> Result<Node> {
        self.end_of_alternative()?;
        let node = Node::alternate(std::mem::take(&mut self.group.alternatives));
        self.check(&node)?;
        Ok(node)
    }

    fn close(&mut self) -> Result<()> {
        let inner = self.end_of_group()?;
        let Some(around) = self.around.pop() else {
            return Err(RegexError::new(ErrorKind::UnexpectedParen, self.pattern));
        };
        let closed = std::mem::replace(&mut self.group, around);
        self.flags = closed.outer;
        self.rest = &self.rest[1..];
        match closed.capture {
            Some(index) => self.push(Node::capture(index, inner)),
            None => self.push(inner),
        }
    }

    fn enter(&mut self, capture: Option<usize>) {
        join_last_literals(&mut self.group.items);
        let inner = Group { capture, outer: self.flags, ..Group::default() };
        self.around.push(std::mem::replace(&mut self.group, inner));
    }

    /// A parenthesis, or `(?` with what follows.
    fn open(&mut self) -> Result<()> {
        let start = self.rest;
        let Some(extended) = start.strip_prefix("(?") else {
            self.rest = &start[1..];
            self.names.push(None);
            self.enter(Some(self.names.len() - 1));
            return Ok(());
        };
        let named = extended.strip_prefix("P<").filter(|_| start.len() > 4);
        if let Some(name) = named.or_else(|| extended.strip_prefix('<').filter(|_| start.len() > 3)) {
            let Some((name, after)) = name.split_once('>') else {
                return Err(RegexError::new(ErrorKind::InvalidNamedCapture, start));
            };
            if name.is_empty() || !name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
                return Err(RegexError::new(ErrorKind::InvalidNamedCapture, before(start, after)));
            }
            self.names.push(Some(name.to_owned()));
            self.enter(Some(self.names.len() - 1));
            self.rest = after;
            return Ok(());
        }
        self.rest = extended;
        self.flags(start)
    }

    /// The flags after `(?`, up to `:` or `)`.
    fn flags(&mut self, start: &str) -> Result<()> {
        let mut flags = self.flags;
        let mut value = true;
        let mut any = false;
        while let Some(letter) = self.next() {
            match letter {
                'i' => flags.fold = value,
                'm' => flags.lines = value,
                's' => flags.dot_newline = value,
                'U' => flags.lazy = value,
                '-' if value => {
                    value = false;
                    any = false;
                    continue;
                }
                ':' | ')' if value || any => {
                    if letter == ':' {
                        self.enter(None);
                    }
                    self.flags = flags;
                    return Ok(());
                }
                _ => break,
            }
            any = true;
        }
        Err(RegexError::new(ErrorKind::InvalidPerlOp, before(start, self.rest)))
    }

    fn backslash(&mut self) -> Result<()> {
        match self.rest.as_bytes().get(1) {
            Some(b'A') => self.look(2, Look::TextStart),
            Some(b'z') => self.look(2, Look::TextEnd),
            Some(b'b') => self.look(2, Look::WordBoundary),
            Some(b'B') => self.look(2, Look::NotWordBoundary),
            Some(b'C') => Err(RegexError::new(ErrorKind::InvalidEscape, &self.rest[..2])),
            Some(b'Q') => {
                let quoted = &self.rest[2..];
                let (text, after) = quoted.split_once("\\E").unwrap_or((quoted, ""));
                for character in text.chars() {
                    self.literal(character)?;
                }
                self.rest = after;
                Ok(())
            }
            _ => {
                if let Some(class) = self.escaped_class()? {
                    return self.push_class(class);
                }
                let character = self.escape()?;
                self.literal_number(character)
            }
        }
    }

    /// `\p{Greek}` or `\d`, if that is what comes next.
    fn escaped_class(&mut self) -> Result<Option<Class>> {
        let start = self.rest;
        let Some(&[b'\\', letter]) = start.as_bytes().first_chunk::<2>() else { return Ok(None) };
        if letter == b'p' || letter == b'P' {
            return self.unicode_class(letter == b'P').map(Some);
        }
        let Some((class, negated)) = class::perl(letter) else { return Ok(None) };
        self.rest = &start[2..];
        Ok(Some(self.named(class, negated)))
    }

    fn named(&self, class: Class, negated: bool) -> Class {
        let class = if self.flags.fold { class.folded() } else { class };
        if negated { class.negated() } else { class }
    }

    fn unicode_class(&mut self, negated: bool) -> Result<Class> {
        let start = self.rest;
        self.rest = &start[2..];
        let name = if self.rest.starts_with('{') {
            let Some((name, after)) = self.rest[1..].split_once('}') else {
                return Err(RegexError::new(ErrorKind::InvalidCharRange, start));
            };
            self.rest = after;
            name
        } else {
            self.next();
            &before(start, self.rest)[2..]
        };
        let (name, inverted) = name.strip_prefix('^').map_or((name, false), |name| (name, true));
        let Some(class) = class::unicode_class(name, self.flags.fold) else {
            return Err(RegexError::new(ErrorKind::InvalidCharRange, before(start, self.rest)));
        };
        Ok(if negated == inverted { class } else { class.negated() })
    }

    /// `[…]`
    fn class(&mut self) -> Result<Class> {
        let whole = self.rest;
        self.rest = &whole[1..];
        let negated = self.rest.starts_with('^');
        if negated {
            self.rest = &self.rest[1..];
        }
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        let mut first = true;
        // A bracket that comes first is one of the characters.
        while first || !self.rest.starts_with(']') {
            first = false;
            let known = match self.posix_class()? {
                Some(class) => Some(class),
                None => self.escaped_class()?,
            };
            if let Some(class) = known {
                ranges.extend(class.ranges());
                continue;
            }
            let start = self.rest;
            let from = self.class_character(whole)?;
            let mut to = from;
            // A dash that comes last is one of the characters.
            if self.rest.len() >= 2 && self.rest.starts_with('-') && !self.rest.starts_with("-]") {
                self.rest = &self.rest[1..];
                to = self.class_character(whole)?;
                if to < from {
                    return Err(RegexError::new(ErrorKind::InvalidCharRange, before(start, self.rest)));
                }
            }
            if self.flags.fold {
                ranges.extend(Class::new([(from, to)]).folded().ranges());
            } else {
                ranges.push((from, to));
            }
        }
        self.rest = &self.rest[1..];
        let class = Class::new(ranges);
        Ok(if negated { class.negated() } else { class })
    }

    /// `[:alpha:]`, if that is what comes next.
    fn posix_class(&mut self) -> Result<Option<Class>> {
        let start = self.rest;
        let Some((name, after)) = start.strip_prefix("[:").and_then(|name| name.split_once(":]")) else {
            return Ok(None);
        };
        let (plain, negated) = name.strip_prefix('^').map_or((name, false), |name| (name, true));
        let Some(class) = class::posix(plain) else {
            return Err(RegexError::new(ErrorKind::InvalidCharRange, before(start, after)));
        };
        self.rest = after;
        Ok(Some(self.named(class, negated)))
    }

    fn class_character(&mut self, whole: &str) -> Result<u32> {
        if self.rest.starts_with('\\') {
            return self.escape();
        }
        self.next().map(u32::from).ok_or_else(|| RegexError::new(ErrorKind::MissingBracket, whole))
    }

    /// A character after a backslash.
    fn escape(&mut self) -> Result<u32> {
        let start = self.rest;
        self.rest = &start[1..];
        let Some(character) = self.next() else {
            return Err(RegexError::new(ErrorKind::TrailingBackslash, ""));
        };
        let number = match character {
            // A digit alone would be a reference back, which Go does not have.
            '1'..='7' if !self.rest.starts_with(|next| matches!(next, '0'..='7')) => None,
            '0'..='7' => Some(self.octal(character)),
            'x' => self.hexadecimal(),
            'a' => Some(0x07),
            'f' => Some(0x0C),
            'n' => Some(0x0A),
            'r' => Some(0x0D),
            't' => Some(0x09),
            'v' => Some(0x0B),
            _ => (character.is_ascii() && !character.is_ascii_alphanumeric()).then_some(u32::from(character)),
        };
        number.ok_or_else(|| RegexError::new(ErrorKind::InvalidEscape, before(start, self.rest)))
    }

    /// Up to three digits, of which one was read.
    fn octal(&mut self, first: char) -> u32 {
        let mut number = first.to_digit(8).unwrap_or_default();
        for _ in 0..2 {
            let Some(digit) = self.rest.chars().next().and_then(|next| next.to_digit(8)) else { break };
            self.rest = &self.rest[1..];
            number = number * 8 + digit;
        }
        number
    }

    /// Two digits, or any number of them in braces.
    fn hexadecimal(&mut self) -> Option<u32> {
        let first = self.next()?;
        if first != '{' {
            let second = self.next();
            return Some(first.to_digit(16)? * 16 + second?.to_digit(16)?);
        }
        let mut number = None;
        loop {
            let next = self.next()?;
            if next == '}' {
                return number;
            }
            let value = number.unwrap_or_default() * 16 + next.to_digit(16)?;
            if value > unicode::LAST {
                return None;
            }
            number = Some(value);
        }
    }
}

/// `{2}`, `{2,}` or `{2,5}`, and what follows it.
struct Count<'t> {
    /// The least and the most, if there is a most; none where they are no valid counts.
    bounds: Option<(u32, Option<u32>)>,
    after: &'t str,
}

/// The count a text begins with. What looks otherwise is no count but text.
fn count(text: &str) -> Option<Count<'_>> {
    let (min, rest) = integer(text.strip_prefix('{')?)?;
    let (max, rest) = match rest.strip_prefix(',') {
        None => (Some(min), rest),
        Some(rest) if rest.starts_with('}') => (None, rest),
        Some(rest) => {
            let (max, rest) = integer(rest)?;
            (Some(max), rest)
        }
    };
    let after = rest.strip_prefix('}')?;
    let valid = min <= MOST_COPIES && max.is_none_or(|max| (min..=MOST_COPIES).contains(&max));
    Some(Count { bounds: valid.then_some((min, max)), after })
}

/// Digits without a leading zero, and what follows them; what is beyond any count is the largest number.
fn integer(text: &str) -> Option<(u32, &str)> {
    let rest = text.trim_start_matches(|one: char| one.is_ascii_digit());
    let digits = before(text, rest);
    if digits.is_empty() || digits.len() > 1 && digits.starts_with('0') {
        return None;
    }
    Some((digits.parse().unwrap_or(u32::MAX), rest))
}
