//! Flow collections.

use super::{Event, EventKind, Parse, Parser, State, T, empty, problem, structure};

impl Parser<'_> {
    pub(super) fn flow_sequence(&mut self, first: bool) -> Parse<Event> {
        let mut token = self.scanner.peek()?;
        if token.kind != T::FlowSequenceEnd && !first {
            if token.kind != T::FlowEntry {
                let since = self.opened.last().copied();
                return problem("did not find expected ',' or ']'", token.start, since);
            }
            self.scanner.skip();
            token = self.scanner.peek()?;
        }
        match token.kind {
            T::FlowSequenceEnd => Ok(self.close(EventKind::SequenceEnd, token)),
            T::Key => {
                self.scanner.skip();
                self.state = State::FlowPairKey;
                Ok(structure(EventKind::MappingStart, token.start, token.end))
            }
            _ => {
                self.states.push(State::FlowSequence);
                self.node(false, false)
            }
        }
    }

    pub(super) fn flow_pair_key(&mut self) -> Parse<Event> {
        let token = self.scanner.peek()?;
        if matches!(token.kind, T::Value | T::FlowEntry | T::FlowSequenceEnd) {
            // Go drops this token, so that `[? : b]` is refused.
            self.scanner.skip();
            self.state = State::FlowPairValue;
            return Ok(empty(token.end));
        }
        self.states.push(State::FlowPairValue);
        self.node(false, false)
    }

    pub(super) fn flow_pair_value(&mut self) -> Parse<Event> {
        let token = self.scanner.peek()?;
        if token.kind == T::Value {
            self.scanner.skip();
            if !matches!(self.scanner.peek()?.kind, T::FlowEntry | T::FlowSequenceEnd) {
                self.states.push(State::FlowPairEnd);
                return self.node(false, false);
            }
        }
        self.state = State::FlowPairEnd;
        Ok(empty(token.start))
    }

    pub(super) fn flow_mapping_key(&mut self, first: bool) -> Parse<Event> {
        let mut token = self.scanner.peek()?;
        if token.kind != T::FlowMappingEnd && !first {
            if token.kind != T::FlowEntry {
                let since = self.opened.last().copied();
                return problem("did not find expected ',' or '}'", token.start, since);
            }
            self.scanner.skip();
            token = self.scanner.peek()?;
        }
        match token.kind {
            T::FlowMappingEnd => Ok(self.close(EventKind::MappingEnd, token)),
            T::Key => {
                self.scanner.skip();
                let token = self.scanner.peek()?;
                if matches!(token.kind, T::Value | T::FlowEntry | T::FlowMappingEnd) {
                    self.state = State::FlowMappingValue;
                    return Ok(empty(token.start));
                }
                self.states.push(State::FlowMappingValue);
                self.node(false, false)
            }
            _ => {
                self.states.push(State::FlowMappingNoValue);
                self.node(false, false)
            }
        }
    }

    pub(super) fn flow_mapping_value(&mut self) -> Parse<Event> {
        let mut token = self.scanner.peek()?;
        if token.kind == T::Value {
            self.scanner.skip();
            token = self.scanner.peek()?;
            if !matches!(token.kind, T::FlowEntry | T::FlowMappingEnd) {
                self.states.push(State::FlowMappingKey);
                return self.node(false, false);
            }
        }
        self.state = State::FlowMappingKey;
        Ok(empty(token.start))
    }
}
