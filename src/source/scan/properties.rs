//! Directives, anchors and tags.

use super::{Scan, Scanner, TokenKind};
use crate::diagnostic::Span;

impl Scanner<'_> {
    pub(super) fn pass_word(&mut self) -> Span {
        let start = self.pos;
        while self.here().is_ascii_alphanumeric() || matches!(self.here(), b'_' | b'-') {
            self.pos += 1;
        }
        Span::new(self.offset(start), self.offset(self.pos))
    }

    pub(super) fn fetch_directive(&mut self) -> Scan {
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

    pub(super) fn version_number(&mut self, since: usize) -> Scan<u8> {
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

    pub(super) fn fetch_anchor(&mut self, anchor: bool) -> Scan {
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

    pub(super) fn add_tag(&mut self, handle: String, suffix: String) -> u32 {
        self.tags.push((handle, suffix));
        u32::try_from(self.tags.len() - 1).unwrap_or(u32::MAX)
    }

    pub(super) fn fetch_tag(&mut self) -> Scan {
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

    pub(super) fn tag_handle(&mut self, directive: bool, since: usize) -> Scan<String> {
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
    pub(super) fn tag_uri(&mut self, head: &str, since: usize) -> Scan<String> {
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

    pub(super) fn uri_escape(&mut self, uri: &mut Vec<u8>, since: usize) -> Scan {
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
}
