//! Quoted scalars.

use super::{Scan, Scanner, Style, TokenKind};

impl Scanner<'_> {
    pub(super) fn fetch_quoted(&mut self, quote: u8) -> Scan {
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
    pub(super) fn pass_quoted_run(&mut self, quote: u8, since: usize) -> Scan<Option<&'static str>> {
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

    pub(super) fn pass_escape(&mut self, since: usize) -> Scan {
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
}
