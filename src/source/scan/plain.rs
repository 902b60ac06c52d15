//! Plain scalars.

use super::{Scan, Scanner, Style, Token, TokenKind};

impl Scanner<'_> {
    /// Passes a plain scalar's characters up to a blank, a break, or what ends it.
    #[inline]
    pub(super) fn pass_plain_run(&mut self) {
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

    pub(super) fn fetch_plain(&mut self) -> Scan {
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
