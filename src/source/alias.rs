//! How much of a document may come from aliases: the budget of go.yaml.in/yaml/v2 2.4.3 (`decode.go`).
//!
//! Go counts every node it decodes, and those it decodes again because of an alias, and gives up where too many are
//! of the second kind. The counts depend on the order of decoding, so the decoding is replayed here on a list of
//! operations. Only documents that use an alias pay for it.

use rustc_hash::FxHashMap;

use super::build::{EXCESSIVE_ALIASING, NESTING_LIMIT, SELF_ALIAS, TOO_DEEP, UNKNOWN_ANCHOR};
use super::events::{EventKind, Parser, Tag};
use super::scan::{Problem, Style};
use crate::diagnostic::Span;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Scalar,
    /// The key `<<`.
    Merge,
    Sequence,
    Mapping,
    /// Index of the operation the alias stands for.
    Alias(usize),
}

#[derive(Clone, Copy)]
struct Operation {
    kind: Kind,
    /// One past the last operation of this node.
    end: usize,
    span: Span,
}

/// Refuses a document whose aliases stand for more than Go allows, and one Go cannot read at all.
pub(super) fn check_budget(text: &str, document: Span) -> Result<(), Problem> {
    let operations = record(text, document)?;
    let mut replay =
        Replay { operations: &operations, decoded: 1, from_aliases: 0, aliases: 0, outermost: document };
    if operations.is_empty() { Ok(()) } else { replay.node(0, 0).map(|_| ()) }
}

fn record(text: &str, document: Span) -> Result<Vec<Operation>, Problem> {
    let mut parser = Parser::new(text, document);
    let mut operations: Vec<Operation> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut anchors: FxHashMap<&str, usize> = FxHashMap::default();
    let name = |span: Span| &text[span.start as usize + 1..span.end as usize];
    loop {
        let event = parser.next()?;
        let at = operations.len();
        let kind = match event.kind {
            EventKind::DocumentStart => continue,
            EventKind::DocumentEnd | EventKind::StreamEnd => return Ok(operations),
            EventKind::SequenceEnd | EventKind::MappingEnd => {
                if let Some(start) = open.pop() {
                    operations[start].end = at;
                }
                continue;
            }
            EventKind::Alias => match anchors.get(name(event.span)) {
                Some(&target) if operations[target].end == usize::MAX => {
                    return Err(Problem { message: SELF_ALIAS, at: event.span.start, since: None });
                }
                Some(&target) => Kind::Alias(target),
                None => return Err(Problem { message: UNKNOWN_ANCHOR, at: event.span.start, since: None }),
            },
            EventKind::Scalar(scalar) => {
                let implicit = scalar.tag == Tag::None && scalar.style == Style::Plain;
                let merge = (implicit || matches!(scalar.tag, Tag::NonSpecific | Tag::Merge))
                    && parser.slice(scalar.text) == "<<";
                if merge { Kind::Merge } else { Kind::Scalar }
            }
            EventKind::SequenceStart => Kind::Sequence,
            EventKind::MappingStart => Kind::Mapping,
        };
        if let Some(anchor) = event.anchor {
            anchors.insert(name(anchor), at);
        }
        let mut end = at + 1;
        if matches!(kind, Kind::Sequence | Kind::Mapping) {
            end = usize::MAX;
            open.push(at);
            if open.len() > NESTING_LIMIT {
                return Err(Problem { message: TOO_DEEP, at: event.span.start, since: None });
            }
        }
        operations.push(Operation { kind, end, span: event.span });
    }
}

struct Replay<'o> {
    operations: &'o [Operation],
    decoded: u32,
    from_aliases: u32,
    /// How many aliases are being followed.
    aliases: u32,
    /// The alias in the text that is being followed.
    outermost: Span,
}

impl Replay<'_> {
    /// Decodes the node at `at`, and says where the next one is.
    fn node(&mut self, at: usize, depth: usize) -> Result<usize, Problem> {
        let Operation { kind, end, span } = self.operations[at];
        let at_fault = if self.aliases > 0 { self.outermost } else { span };
        let refuse = |message| Err(Problem { message, at: at_fault.start, since: None });
        self.decoded += 1;
        self.from_aliases += u32::from(self.aliases > 0);
        if self.from_aliases > 100
            && self.decoded > 1000
            && f64::from(self.from_aliases) / f64::from(self.decoded) > allowed_ratio(self.decoded)
        {
            return refuse(EXCESSIVE_ALIASING);
        }
        if depth > NESTING_LIMIT {
            return refuse(TOO_DEEP);
        }
        match kind {
            Kind::Scalar | Kind::Merge => {}
            Kind::Alias(target) => {
                if self.aliases == 0 {
                    self.outermost = span;
                }
                self.aliases += 1;
                self.node(target, depth)?;
                self.aliases -= 1;
            }
            Kind::Sequence => {
                let mut item = at + 1;
                while item < end {
                    item = self.node(item, depth + 1)?;
                }
            }
            Kind::Mapping => {
                let mut key = at + 1;
                while key < end {
                    key = if self.operations[key].kind == Kind::Merge {
                        self.merge(key + 1, depth)?
                    } else {
                        let value = self.node(key, depth + 1)?;
                        self.node(value, depth + 1)?
                    };
                }
            }
        }
        Ok(end)
    }

    /// A merged value: a sequence itself is not decoded, its items are from the last to the first.
    fn merge(&mut self, at: usize, depth: usize) -> Result<usize, Problem> {
        let Operation { kind, end, .. } = self.operations[at];
        if kind != Kind::Sequence {
            return self.node(at, depth + 1);
        }
        let mut items = Vec::new();
        let mut item = at + 1;
        while item < end {
            items.push(item);
            item = self.operations[item].end;
        }
        for item in items.into_iter().rev() {
            self.node(item, depth + 1)?;
        }
        Ok(end)
    }
}

fn allowed_ratio(decoded: u32) -> f64 {
    const LOW: f64 = 400_000.0;
    const HIGH: f64 = 4_000_000.0;
    let decoded = f64::from(decoded);
    if decoded <= LOW {
        0.99
    } else if decoded >= HIGH {
        0.10
    } else {
        0.99 - 0.89 * ((decoded - LOW) / (HIGH - LOW))
    }
}
