//! JSON streams, as kubectl reads a file that begins with `{`.
//!
//! k8s.io/apimachinery 0.36 (`util/yaml`, `NewYAMLOrJSONDecoder`) tries Go's JSON decoder first: values stand one after
//! the other without separators, and escapes mean what they mean in JSON (`\/` and surrogate pairs are none in Go's
//! YAML). Where the first or second value is no JSON, the rest is read as YAML.

use super::build::{NESTING_LIMIT, TOO_DEEP, TOO_MANY, most_values};
use super::duplicates;
use super::scalar;
use super::scan::Problem;
use super::tree::{Kind, NodeId, Pair, Slot, Text, Tree};
use crate::diagnostic::Span;

/// Whether kubectl tries JSON.
pub(super) fn is_json(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

pub(super) struct JsonValue {
    pub(super) tree: Tree,
    pub(super) span: Span,
    pub(super) duplicates: Vec<(Span, Span)>,
    /// It is JSON, but Kubernetes refuses it all the same.
    pub(super) refused: Option<Problem>,
}

/// The value at or after `pos`, and where it ends; none when only blanks are left.
pub(super) fn value(text: &str, pos: usize) -> Result<Option<(JsonValue, usize)>, Problem> {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        pos,
        tree: Tree::default(),
        pairs: Vec::new(),
        items: Vec::new(),
        duplicates: Vec::new(),
        refused: None,
    };
    reader.pass_blanks();
    if reader.pos == text.len() {
        return Ok(None);
    }
    reader.tree.root = reader.value(0)?;
    let Reader { tree, pos: end, duplicates, refused, .. } = reader;
    let span = tree.nodes[tree.root.0 as usize].span;
    Ok(Some((JsonValue { tree, span, duplicates, refused }, end)))
}

pub(super) const OUT_OF_RANGE: &str = "the number is out of range";

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    pos: usize,
    tree: Tree,
    /// What belongs to the collections that are still open.
    pairs: Vec<Pair>,
    items: Vec<NodeId>,
    duplicates: Vec<(Span, Span)>,
    refused: Option<Problem>,
}

/// Where kubectl goes on with YAML after what stands before `at`, if it does: it looks four bytes ahead while it passes
/// blanks up to the end of the line, and gives up where there are fewer.
pub(super) fn yaml_from(text: &str, mut at: usize) -> Option<usize> {
    loop {
        let rest = &text[at..];
        let first = rest.chars().next().filter(|_| rest.len() >= 4)?;
        if !first.is_whitespace() {
            return Some(at);
        }
        at += first.len_utf8();
        if first == '\n' {
            return Some(at);
        }
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Reader<'_> {
    fn problem<T>(&self, message: &'static str) -> Result<T, Problem> {
        Err(Problem { message, at: offset(self.pos), since: None })
    }

    fn here(&self) -> u8 {
        self.bytes.get(self.pos).copied().unwrap_or(0)
    }

    fn pass_blanks(&mut self) {
        while matches!(self.here(), b' ' | b'\t' | b'\n' | b'\r') {
            self.pos += 1;
        }
    }

    fn pass(&mut self, byte: u8) -> bool {
        self.pass_blanks();
        let found = self.here() == byte;
        self.pos += usize::from(found);
        found
    }

    fn add(&mut self, slot: Slot) -> NodeId {
        self.tree.nodes.push(slot);
        NodeId(offset(self.tree.nodes.len() - 1))
    }

    fn value(&mut self, depth: usize) -> Result<NodeId, Problem> {
        self.pass_blanks();
        let start = self.pos;
        if self.tree.nodes.len() >= most_values(self.bytes.len()) {
            return self.problem(TOO_MANY);
        }
        let slot = match self.here() {
            b'{' | b'[' if depth >= NESTING_LIMIT => return self.problem(TOO_DEEP),
            b'{' => return self.object(depth),
            b'[' => return self.array(depth),
            b'"' => {
                let text = self.string()?;
                let kind = if text.stored { Kind::Stored } else { Kind::Text };
                Slot { kind, span: Span::new(offset(start), offset(self.pos)), a: text.start, b: text.end }
            }
            b'-' | b'0'..=b'9' => self.number()?,
            _ => self.word()?,
        };
        Ok(self.add(slot))
    }

    fn word(&mut self) -> Result<Slot, Problem> {
        for (word, kind, a) in [("null", Kind::Null, 0), ("true", Kind::Bool, 1), ("false", Kind::Bool, 0)] {
            if self.text[self.pos..].starts_with(word) {
                let span = Span::new(offset(self.pos), offset(self.pos + word.len()));
                self.pos += word.len();
                return Ok(Slot { kind, span, a, b: 0 });
            }
        }
        self.problem("invalid JSON: expected a value")
    }

    fn number(&mut self) -> Result<Slot, Problem> {
        let start = self.pos;
        let digits = |reader: &mut Self| {
            let from = reader.pos;
            while reader.here().is_ascii_digit() {
                reader.pos += 1;
            }
            reader.pos > from
        };
        self.pos += usize::from(self.here() == b'-');
        let mut well_formed = true;
        if self.here() == b'0' {
            self.pos += 1;
        } else {
            well_formed &= digits(self);
        }
        if self.here() == b'.' {
            self.pos += 1;
            well_formed &= digits(self);
        }
        if matches!(self.here(), b'e' | b'E') {
            self.pos += 1;
            self.pos += usize::from(matches!(self.here(), b'+' | b'-'));
            well_formed &= digits(self);
        }
        if !well_formed {
            return self.problem("invalid JSON: expected a digit");
        }
        let text = &self.text[start..self.pos];
        let whole =
            || text.parse().map(scalar::Scalar::Int).or_else(|_| text.parse().map(scalar::Scalar::Uint));
        let value = match (whole(), text.parse::<f64>()) {
            (Ok(whole), _) => whole,
            (Err(_), Ok(value)) if value.is_finite() => scalar::as_json_number(value),
            _ => {
                let out_of_range = Problem { message: OUT_OF_RANGE, at: offset(start), since: None };
                self.refused.get_or_insert(out_of_range);
                scalar::Scalar::Null
            }
        };
        Ok(value.slot(Span::new(offset(start), offset(self.pos))))
    }

    /// A string from its quote to its quote.
    fn string(&mut self) -> Result<Text, Problem> {
        self.pos += 1;
        let start = self.pos;
        let mut stored_from = None;
        let mut piece = start;
        loop {
            match self.here() {
                b'"' => break,
                b'\\' => {
                    stored_from.get_or_insert(self.tree.strings.len());
                    self.tree.strings.push_str(&self.text[piece..self.pos]);
                    self.escape()?;
                    piece = self.pos;
                }
                0..=0x1F if self.pos >= self.bytes.len() => {
                    return self.problem("invalid JSON: the string does not end");
                }
                0..=0x1F => return self.problem("invalid JSON: control character in a string"),
                _ => self.pos += 1,
            }
        }
        let text = match stored_from {
            Some(from) => {
                self.tree.strings.push_str(&self.text[piece..self.pos]);
                Text { start: offset(from), end: offset(self.tree.strings.len()), stored: true }
            }
            None => Text { start: offset(start), end: offset(self.pos), stored: false },
        };
        self.pos += 1;
        Ok(text)
    }

    fn escape(&mut self) -> Result<(), Problem> {
        let escaped = self.bytes.get(self.pos + 1).copied().unwrap_or(0);
        let character = match escaped {
            b'"' | b'\\' | b'/' => char::from(escaped),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return self.problem("invalid JSON: unknown escape"),
        };
        self.tree.strings.push(character);
        self.pos += 2;
        Ok(())
    }

    fn unicode_escape(&mut self) -> Result<(), Problem> {
        let unit = |at: usize| -> Option<u32> {
            let digits = self.text.get(at..at + 6)?.strip_prefix("\\u")?;
            digits
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit())
                .then(|| u32::from_str_radix(digits, 16).ok())?
        };
        let Some(first) = unit(self.pos) else {
            return self.problem("invalid JSON: expected four hexadecimal digits");
        };
        let second = unit(self.pos + 6).filter(|second| (0xDC00..0xE000).contains(second));
        let (character, length) = match (first, second) {
            (0xD800..0xDC00, Some(second)) => {
                (char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)), 12)
            }
            _ => (char::from_u32(first), 6),
        };
        // Go puts this for half a pair.
        self.tree.strings.push(character.unwrap_or('\u{fffd}'));
        self.pos += length;
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<NodeId, Problem> {
        let start = self.pos;
        self.pos += 1;
        let node = self.add(Slot { kind: Kind::Sequence, span: Span::default(), a: 0, b: 0 });
        let base = self.items.len();
        if !self.pass(b']') {
            loop {
                let item = self.value(depth + 1)?;
                self.items.push(item);
                if self.pass(b']') {
                    break;
                }
                if !self.pass(b',') {
                    return self.problem("invalid JSON: expected `,` or `]`");
                }
            }
        }
        let from = offset(self.tree.links.len());
        self.tree.links.extend(self.items.drain(base..));
        let (span, b) = (Span::new(offset(start), offset(self.pos)), offset(self.tree.links.len()));
        self.tree.nodes[node.0 as usize] = Slot { kind: Kind::Sequence, span, a: from, b };
        Ok(node)
    }

    fn object(&mut self, depth: usize) -> Result<NodeId, Problem> {
        let start = self.pos;
        self.pos += 1;
        let node = self.add(Slot { kind: Kind::Mapping, span: Span::default(), a: 0, b: 0 });
        let base = self.pairs.len();
        if !self.pass(b'}') {
            loop {
                self.pass_blanks();
                if self.here() != b'"' {
                    return self.problem("invalid JSON: expected a key in double quotes");
                }
                let key_start = self.pos;
                let key = self.string()?;
                let key_span = Span::new(offset(key_start), offset(self.pos));
                if !self.pass(b':') {
                    return self.problem("invalid JSON: expected `:`");
                }
                let value = self.value(depth + 1)?;
                self.pairs.push(Pair { key, key_span, value, unsupported: false });
                if self.pass(b'}') {
                    break;
                }
                if !self.pass(b',') {
                    return self.problem("invalid JSON: expected `,` or `}`");
                }
            }
        }
        let found = duplicates::find(self.pairs.len() - base, |at| {
            self.pairs[base + at].key.of(self.text, &self.tree.strings)
        });
        let span_of = |at: usize| self.pairs[base + at].key_span;
        self.duplicates.extend(found.iter().map(|&(earlier, later)| (span_of(earlier), span_of(later))));
        duplicates::drop_earlier(&mut self.pairs, base, &found);
        let from = offset(self.tree.pairs.len());
        self.tree.pairs.extend(self.pairs.drain(base..));
        let (span, b) = (Span::new(offset(start), offset(self.pos)), offset(self.tree.pairs.len()));
        self.tree.nodes[node.0 as usize] = Slot { kind: Kind::Mapping, span, a: from, b };
        Ok(node)
    }
}
