//! Keys: strings, as sigs.k8s.io/yaml 1.6.0 makes them of everything else.

use super::super::events::{Scalar, Tag};
use super::super::scalar;
use super::super::scan::{Problem, Style};
use super::super::tree::{Kind, NodeId, Text};
use super::{Builder, INVALID_KEY, KeyKind, problem};
use crate::diagnostic::Span;

impl Builder<'_> {
    pub(super) fn scalar_key(&mut self, scalar: Scalar, span: Span) -> Result<(), Problem> {
        let is_plain = scalar.style == Style::Plain && scalar.tag == Tag::None;
        let mergeable = is_plain || matches!(scalar.tag, Tag::NonSpecific | Tag::Merge);
        let mut kind = KeyKind::String;
        let key = if mergeable && self.parser.slice(scalar.text) == "<<" {
            kind = KeyKind::Merge;
            scalar.text
        } else {
            let resolved = if scalar.tag != Tag::None {
                self.tagged(scalar, span)?
            } else if is_plain {
                scalar::plain(self.parser.slice(scalar.text))
            } else {
                scalar::Scalar::String
            };
            match resolved {
                scalar::Scalar::String if scalar.tag == Tag::Binary => self.binary(scalar.text, span)?,
                scalar::Scalar::String => scalar.text,
                scalar::Scalar::Bool(value) => {
                    if is_plain {
                        self.note_word(scalar.text, span, true);
                    }
                    self.store(if value { "true" } else { "false" })
                }
                scalar::Scalar::Int(value) => self.store(&value.to_string()),
                scalar::Scalar::Float(value) => self.store(&scalar::float_key(value)),
                scalar::Scalar::Null => {
                    kind = KeyKind::Unsupported;
                    self.store("null")
                }
                scalar::Scalar::Uint(value) => {
                    kind = KeyKind::Unsupported;
                    self.store(&value.to_string())
                }
            }
        };
        self.set_key(key, span, kind);
        Ok(())
    }

    pub(super) fn set_key(&mut self, key: Text, span: Span, kind: KeyKind) {
        self.unsupported |= kind == KeyKind::Unsupported;
        if let Some(frame) = self.frames.last_mut() {
            frame.key = Some((key, span, kind));
            frame.end = frame.end.max(span.end);
        }
    }

    pub(super) fn alias_key(&mut self, target: NodeId, span: Span) -> Result<(), Problem> {
        if let Some(&value) = self.float_keys.get(&target) {
            let key = self.store(&scalar::float_key(value));
            self.set_key(key, span, KeyKind::String);
            return Ok(());
        }
        let slot = self.tree.nodes[target.0 as usize];
        let bits = u64::from(slot.a) | u64::from(slot.b) << 32;
        let mut kind = KeyKind::String;
        let key = match slot.kind {
            Kind::Text | Kind::Stored => {
                Text { start: slot.a, end: slot.b, stored: slot.kind == Kind::Stored }
            }
            Kind::Bool => self.store(if slot.a != 0 { "true" } else { "false" }),
            Kind::Int => self.store(&bits.cast_signed().to_string()),
            Kind::Null | Kind::Uint | Kind::Float | Kind::Alias => {
                kind = KeyKind::Unsupported;
                self.store("null")
            }
            Kind::Sequence | Kind::Mapping => return problem(INVALID_KEY, span),
        };
        self.set_key(key, span, kind);
        Ok(())
    }
}
