//! Bytes, line breaks and columns.

use super::{Problem, Scan, Scanner};

impl Scanner<'_> {
    #[inline]
    pub(super) fn byte(&self, at: usize) -> u8 {
        match self.bytes.get(at) {
            Some(&byte) => byte,
            None if at < self.virtual_end => b'\n',
            None => 0,
        }
    }

    #[inline]
    pub(super) fn here(&self) -> u8 {
        self.byte(self.pos)
    }

    #[inline]
    pub(super) fn is_blank(&self, at: usize) -> bool {
        matches!(self.byte(at), b' ' | b'\t')
    }

    /// Bytes of the line break at `at`; 0 if there is none.
    #[inline]
    pub(super) fn break_length(&self, at: usize) -> usize {
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
    pub(super) fn is_break_or_end(&self, at: usize) -> bool {
        self.byte(at) == 0 || self.break_length(at) > 0
    }

    #[inline]
    pub(super) fn is_blank_break_or_end(&self, at: usize) -> bool {
        self.is_blank(at) || self.is_break_or_end(at)
    }

    /// The column of the current position, in characters.
    pub(super) fn column(&mut self) -> i32 {
        let (from, column) = self.counted;
        let to = self.pos.min(self.end);
        if to > from {
            let more = self.bytes[from..to].iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
            self.counted = (to, column.saturating_add(i32::try_from(more).unwrap_or(i32::MAX)));
        }
        self.counted.1
    }

    pub(super) fn at_line_start(&self) -> bool {
        self.pos == self.line_start
    }

    /// Passes the line break at the position, and says what it stands for in a scalar; `""` if there is none.
    pub(super) fn pass_break(&mut self) -> &'static str {
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
    pub(super) fn line_end(&self, from: usize) -> usize {
        let from = from.min(self.end);
        let rest = &self.bytes[from..];
        let length = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        // The breaks of three scripts are rare: look only where their first bytes are.
        memchr::memchr2_iter(0xC2, 0xE2, &rest[..length])
            .find(|&at| self.break_length(from + at) > 0)
            .map_or(from + length, |at| from + at)
    }

    pub(super) fn offset(&self, pos: usize) -> u32 {
        // Texts are below 4 GiB: `TextFile` says so and `input` refuses others.
        u32::try_from(pos.min(self.end)).unwrap_or(u32::MAX)
    }

    pub(super) fn problem<T>(&self, message: &'static str, since: Option<usize>) -> Scan<T> {
        Err(Problem { message, at: self.offset(self.pos), since: since.map(|pos| self.offset(pos)) })
    }

    pub(super) fn is_document_indicator(&self) -> bool {
        self.at_line_start()
            && matches!(
                (self.here(), self.byte(self.pos + 1), self.byte(self.pos + 2)),
                (b'-', b'-', b'-') | (b'.', b'.', b'.')
            )
            && self.is_blank_break_or_end(self.pos + 3)
    }
}
