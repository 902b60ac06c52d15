//! Where mapping keys without `?` may have begun, and the indentation that opens block collections.

use super::{MAX_NESTING, MAX_SIMPLE_KEY, Scan, Scanner, SimpleKey, Token, TokenKind};

impl Scanner<'_> {
    /// Whether the first token may turn out to be a mapping key, so that a `Key` goes before it.
    pub(super) fn head_may_become_key(&mut self) -> Scan<bool> {
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

    pub(super) fn is_valid(&self, key: &SimpleKey) -> bool {
        if key.line < self.line {
            return false;
        }
        let bytes = self.pos.min(self.end) - key.pos;
        bytes <= MAX_SIMPLE_KEY
            || bytes <= 4 * MAX_SIMPLE_KEY
                && self.bytes[key.pos..key.pos + bytes].iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
                    <= MAX_SIMPLE_KEY
    }

    pub(super) fn save_key(&mut self) -> Scan {
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

    pub(super) fn remove_key(&mut self) -> Scan {
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

    pub(super) fn close_flow(&mut self) {
        if let Some(flow) = self.flows.pop()
            && !flow.keyed
            && let Some(key) = self.keys.iter_mut().find(|key| key.token == flow.token)
        {
            key.forgotten = true;
        }
    }

    /// Opens a block collection at `column` if it lies deeper; its token goes before the `at`th from now, or last.
    pub(super) fn roll_indent(
        &mut self,
        column: i32,
        at: Option<usize>,
        kind: TokenKind,
        pos: usize,
    ) -> Scan {
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

    pub(super) fn unroll_indent(&mut self, column: i32) {
        while self.flows.is_empty() && self.indent > column {
            self.push(TokenKind::BlockEnd, self.pos);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }
}
