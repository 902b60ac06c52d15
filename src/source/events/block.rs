//! Block collections.

use super::{Event, EventKind, Parse, Parser, State, T, empty, problem, structure};

impl Parser<'_> {
    pub(super) fn block_sequence(&mut self) -> Parse<Event> {
        let token = self.scanner.peek()?;
        match token.kind {
            T::BlockEntry => {
                self.scanner.skip();
                if matches!(self.scanner.peek()?.kind, T::BlockEntry | T::BlockEnd) {
                    self.state = State::BlockSequence;
                    return Ok(empty(token.end));
                }
                self.states.push(State::BlockSequence);
                self.node(true, false)
            }
            T::BlockEnd => Ok(self.close(EventKind::SequenceEnd, token)),
            _ => problem("did not find expected '-' indicator", token.start, self.opened.last().copied()),
        }
    }

    pub(super) fn indentless_sequence(&mut self) -> Parse<Event> {
        let token = self.scanner.peek()?;
        if token.kind != T::BlockEntry {
            self.pop_state();
            return Ok(structure(EventKind::SequenceEnd, token.start, token.start));
        }
        self.scanner.skip();
        if matches!(self.scanner.peek()?.kind, T::BlockEntry | T::Key | T::Value | T::BlockEnd) {
            self.state = State::IndentlessSequence;
            return Ok(empty(token.end));
        }
        self.states.push(State::IndentlessSequence);
        self.node(true, false)
    }

    pub(super) fn block_mapping_key(&mut self) -> Parse<Event> {
        let token = self.scanner.peek()?;
        match token.kind {
            T::Key => {
                self.scanner.skip();
                if matches!(self.scanner.peek()?.kind, T::Key | T::Value | T::BlockEnd) {
                    self.state = State::BlockMappingValue;
                    return Ok(empty(token.end));
                }
                self.states.push(State::BlockMappingValue);
                self.node(true, true)
            }
            T::BlockEnd => Ok(self.close(EventKind::MappingEnd, token)),
            _ => problem("did not find expected key", token.start, self.opened.last().copied()),
        }
    }

    pub(super) fn block_mapping_value(&mut self) -> Parse<Event> {
        let token = self.scanner.peek()?;
        if token.kind != T::Value {
            self.state = State::BlockMappingKey;
            return Ok(empty(token.start));
        }
        self.scanner.skip();
        if matches!(self.scanner.peek()?.kind, T::Key | T::Value | T::BlockEnd) {
            self.state = State::BlockMappingKey;
            return Ok(empty(token.end));
        }
        self.states.push(State::BlockMappingKey);
        self.node(true, true)
    }
}
