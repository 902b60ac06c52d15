//! Block scalars.

use super::{Scan, Scanner, Style, Token, TokenKind};

impl Scanner<'_> {
    pub(super) fn fetch_block_scalar(&mut self, literal: bool) -> Scan {
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
    pub(super) fn pos_column(&self) -> i32 {
        i32::try_from(self.pos - self.line_start).unwrap_or(i32::MAX)
    }

    pub(super) fn pass_block_breaks(&mut self, indent: &mut i32, since: usize) -> Scan {
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
