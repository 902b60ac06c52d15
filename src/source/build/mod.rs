//! Events to tree: merges, keys as strings, duplicates, and what Go's decoder refuses.

mod key;
mod mapping;

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use super::events::{Event, EventKind, Parser, Scalar, Tag};
use super::scalar;
use super::scan::{Problem, Style};
use super::tree::{Comment, Kind, NodeId, Pair, Slot, Text, Tree};
use crate::diagnostic::Span;

/// How deep collections may be nested. Go stops at 10,000; a stack of calls per level would not carry that far.
pub(super) const NESTING_LIMIT: usize = 512;

/// How many values a document of so many bytes may have: one in ten bytes, and a million in any case. Manifests have one
/// in fourteen at most; a text of nothing but `a,` would take thirty times its size.
pub(super) fn most_values(bytes: usize) -> usize {
    (bytes / 10).max(1 << 20)
}

/// What was noticed while building, besides the tree.
#[derive(Default)]
pub(super) struct Built {
    pub(super) tree: Tree,
    pub(super) comments: Vec<Comment>,
    /// Keys given twice, first and last.
    pub(super) duplicates: Vec<(Span, Span)>,
    /// Plain scalars that only YAML 1.1 reads as booleans; whether they are keys.
    pub(super) words: Vec<(Span, bool)>,
    /// The first thing after the end of the document, which Go does not read.
    pub(super) rest: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyKind {
    String,
    /// A key JSON has no name for: Go refuses it unless a later one with the same meaning replaces it.
    Unsupported,
    Merge,
}

#[derive(Clone, Copy)]
struct PendingPair {
    pair: Pair,
    kind: KeyKind,
}

struct Frame {
    node: NodeId,
    mapping: bool,
    /// Where the items or pairs of this collection begin on the stack.
    base: usize,
    anchor: Option<Span>,
    /// Levels below, counted with what aliases stand for.
    height: u16,
    end: u32,
    key: Option<(Text, Span, KeyKind)>,
}

/// What documents are built in, one after the other: a finished tree is copied out of it, so that it takes what it needs and no more.
#[derive(Default)]
struct Workshop {
    nodes: Vec<Slot>,
    links: Vec<NodeId>,
    tree_pairs: Vec<Pair>,
    frames: Vec<Frame>,
    items: Vec<NodeId>,
    pairs: Vec<PendingPair>,
}

thread_local! {
    static WORKSHOP: RefCell<Workshop> = RefCell::default();
}

/// Nodes for which a workshop keeps its room; what a larger document took is given back.
const MOST_KEPT: usize = 1 << 14;

impl Workshop {
    /// That of this thread. One that is never put back is missed by nobody.
    fn take() -> Self {
        WORKSHOP.take()
    }

    fn put_back(mut self) {
        if self.nodes.capacity() <= MOST_KEPT {
            self.nodes.clear();
            self.links.clear();
            self.tree_pairs.clear();
            self.frames.clear();
            self.items.clear();
            self.pairs.clear();
            WORKSHOP.set(self);
        }
    }
}

struct Builder<'t> {
    text: &'t str,
    parser: Parser<'t>,
    tree: Tree,
    most_values: usize,
    frames: Vec<Frame>,
    items: Vec<NodeId>,
    pairs: Vec<PendingPair>,
    /// Name to node and the levels below it; `None` while it is still open.
    anchors: FxHashMap<&'t str, (NodeId, Option<u16>)>,
    has_alias: bool,
    /// What the last float was: a key that is an alias of it needs to know.
    last_float: Option<f64>,
    float_keys: FxHashMap<NodeId, f64>,
    not_finite: bool,
    unsupported: bool,
    mappings: Mappings,
    built: Built,
}

/// What becomes of the entries of a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mappings {
    /// Merged, and of equal keys the last: what Kubernetes reads.
    Merged,
    /// As they are written: what Go reads into a `yaml.MapSlice`. What a `<<` would bring is lost.
    Written,
    /// As they are written, `<<` too: what a decoder into types of its own works on.
    Unmerged,
}

/// Builds the tree of one document, `span` of `text`; none if there is nothing in it.
pub(super) fn build(text: &str, span: Span, mappings: Mappings) -> Result<Option<Built>, Problem> {
    let Workshop { nodes, links, tree_pairs, frames, items, pairs } = Workshop::take();
    let mut builder = Builder {
        text,
        parser: Parser::new(text, span),
        tree: Tree { nodes, links, pairs: tree_pairs, ..Tree::default() },
        most_values: most_values(span.range().len()),
        frames,
        items,
        pairs,
        anchors: FxHashMap::default(),
        has_alias: false,
        last_float: None,
        float_keys: FxHashMap::default(),
        not_finite: false,
        unsupported: false,
        mappings,
        built: Built::default(),
    };
    loop {
        let event = builder.parser.next()?;
        match event.kind {
            EventKind::DocumentStart => {}
            EventKind::DocumentEnd => break,
            EventKind::StreamEnd => return Ok(None),
            _ => builder.event(event, span)?,
        }
    }
    builder.finish().map(Some)
}

fn problem<T>(message: &'static str, span: Span) -> Result<T, Problem> {
    Err(Problem { message, at: span.start, since: None })
}

pub(super) const INVALID_KEY: &str = "invalid map key";
pub(super) const EXCESSIVE_ALIASING: &str = "document contains excessive aliasing";
pub(super) const TOO_DEEP: &str = "nested deeper than 512 levels";
pub(super) const TOO_MANY: &str =
    "the document holds more than a million values, and more than one in ten bytes";
pub(super) const SELF_ALIAS: &str = "anchor value contains itself";
pub(super) const UNKNOWN_ANCHOR: &str = "unknown anchor referenced";
pub(super) const NOT_FINITE: &str = "infinity and not-a-number are no values in JSON";
pub(super) const UNSUPPORTED_KEY: &str = "unsupported map key";
pub(super) const NO_MERGE: &str = "map merge requires map or sequence of maps as the value";

impl<'t> Builder<'t> {
    fn event(&mut self, mut event: Event, document: Span) -> Result<(), Problem> {
        if self.tree.nodes.len() >= self.most_values {
            return problem(TOO_MANY, event.span);
        }
        match event.kind {
            EventKind::Scalar(scalar) => {
                if event.span.start == event.span.end {
                    event.span = self.place_of_nothing(event.span);
                }
                if self.frames.last().is_some_and(|frame| frame.mapping && frame.key.is_none()) {
                    if event.anchor.is_some() {
                        // A key is no node, unless something else refers to it.
                        self.scalar_node(scalar, event)?;
                    }
                    return self.scalar_key(scalar, event.span);
                }
                let node = self.scalar_node(scalar, event)?;
                self.complete(node, 0, event.span.end)
            }
            EventKind::Alias => self.alias(event.span, document),
            EventKind::SequenceStart | EventKind::MappingStart => {
                let mapping = matches!(event.kind, EventKind::MappingStart);
                if self.frames.len() >= NESTING_LIMIT {
                    return problem(TOO_DEEP, event.span);
                }
                let kind = if mapping { Kind::Mapping } else { Kind::Sequence };
                let node = self.add(Slot { kind, span: event.span, a: 0, b: 0 });
                if let Some(anchor) = event.anchor {
                    self.anchors.insert(self.name(anchor), (node, None));
                }
                self.frames.push(Frame {
                    node,
                    mapping,
                    base: if mapping { self.pairs.len() } else { self.items.len() },
                    anchor: event.anchor,
                    height: 1,
                    end: event.span.end,
                    key: None,
                });
                Ok(())
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => self.close(event.span),
            EventKind::DocumentStart | EventKind::DocumentEnd | EventKind::StreamEnd => Ok(()),
        }
    }

    /// A value that is not there stands after its `:` or `-`; where there is none, after what came before instead of
    /// at the next token, which may be far.
    fn place_of_nothing(&self, span: Span) -> Span {
        let before = self.text.as_bytes().get((span.start as usize).wrapping_sub(1));
        match self.frames.last() {
            Some(frame) if !matches!(before, Some(b':' | b'-' | b'?')) => {
                let at = span.start.min(frame.end);
                Span::new(at, at)
            }
            _ => span,
        }
    }

    fn scalar_node(&mut self, scalar: Scalar, event: Event) -> Result<NodeId, Problem> {
        self.last_float = None;
        let slot = self.scalar(scalar, event.span)?;
        let node = self.add(slot);
        if let Some(anchor) = event.anchor {
            self.anchors.insert(self.name(anchor), (node, Some(0)));
            if let Some(value) = self.last_float {
                self.float_keys.insert(node, value);
            }
        }
        Ok(node)
    }

    fn name(&self, span: Span) -> &'t str {
        &self.text[span.start as usize + 1..span.end as usize]
    }

    fn add(&mut self, slot: Slot) -> NodeId {
        let id = NodeId(u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX));
        self.tree.nodes.push(slot);
        id
    }

    /// What a scalar stands for, as a node.
    fn scalar(&mut self, scalar: Scalar, span: Span) -> Result<Slot, Problem> {
        let resolved = if scalar.tag != Tag::None {
            self.tagged(scalar, span)?
        } else if scalar.style == Style::Plain {
            let resolved = scalar::plain(self.parser.slice(scalar.text));
            if matches!(resolved, scalar::Scalar::Bool(_)) {
                self.note_word(scalar.text, span, false);
            }
            resolved
        } else {
            scalar::Scalar::String
        };
        if scalar.tag == Tag::Binary {
            let stored = self.binary(scalar.text, span)?;
            return Ok(Slot { kind: Kind::Stored, span, a: stored.start, b: stored.end });
        }
        Ok(match resolved {
            scalar::Scalar::String => {
                let kind = if scalar.text.stored { Kind::Stored } else { Kind::Text };
                Slot { kind, span, a: scalar.text.start, b: scalar.text.end }
            }
            scalar::Scalar::Float(value) => {
                self.not_finite |= !value.is_finite();
                self.last_float = Some(value);
                scalar::as_json_number(value).slot(span)
            }
            other => other.slot(span),
        })
    }

    fn tagged(&self, scalar: Scalar, span: Span) -> Result<scalar::Scalar, Problem> {
        scalar::tagged(scalar.tag, self.parser.slice(scalar.text)).or_else(|message| problem(message, span))
    }

    fn note_word(&mut self, text: Text, span: Span, key: bool) {
        if scalar::is_boolean_word(self.parser.slice(text)) {
            self.built.words.push((span, key));
        }
    }

    /// `!!binary`: what the base64 stands for, with Go's replacement for what is no UTF-8.
    fn binary(&mut self, text: Text, span: Span) -> Result<Text, Problem> {
        match super::base64::decode(self.parser.slice(text)) {
            Some(bytes) => Ok(self.store(&super::base64::go_string(&bytes))),
            None => problem("!!binary value contains invalid base64 data", span),
        }
    }

    /// Keeps a string that stands nowhere in the text. It follows the scanner's strings, which grow until the end.
    fn store(&mut self, text: &str) -> Text {
        self.parser.store(text)
    }

    fn alias(&mut self, span: Span, document: Span) -> Result<(), Problem> {
        if !self.has_alias {
            self.has_alias = true;
            // Before anything is merged, so that a small text cannot become a large tree.
            super::alias::check_budget(self.text, document)?;
        }
        let (target, height) = match self.anchors.get(self.name(span)) {
            None => return problem(UNKNOWN_ANCHOR, span),
            Some((_, None)) => return problem(SELF_ALIAS, span),
            Some(&(target, Some(height))) => (target, height),
        };
        if self.frames.last().is_some_and(|frame| frame.mapping && frame.key.is_none()) {
            return self.alias_key(target, span);
        }
        let node = self.add(Slot { kind: Kind::Alias, span, a: target.0, b: 0 });
        self.complete(node, height, span.end)
    }

    /// Hands a finished node to the collection it is in.
    fn complete(&mut self, node: NodeId, height: u16, end: u32) -> Result<(), Problem> {
        let Some(frame) = self.frames.last_mut() else {
            self.tree.root = node;
            return Ok(());
        };
        frame.height = frame.height.max(height + 1);
        if usize::from(frame.height) > NESTING_LIMIT {
            return problem(TOO_DEEP, self.tree.nodes[node.0 as usize].span);
        }
        frame.end = frame.end.max(end);
        if !frame.mapping {
            self.items.push(node);
        } else if let Some((key, key_span, kind)) = frame.key.take() {
            let unsupported = kind == KeyKind::Unsupported;
            self.pairs.push(PendingPair { pair: Pair { key, key_span, value: node, unsupported }, kind });
        } else {
            return problem(INVALID_KEY, self.tree.nodes[node.0 as usize].span);
        }
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), Problem> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        // Block collections end where their last child does, not at the next token.
        let end = if end.start == end.end { frame.end } else { frame.end.max(end.end) };
        let (a, b) = if frame.mapping {
            self.close_mapping(frame.base)?
        } else {
            let from = self.tree.links.len();
            self.tree.links.extend_from_slice(&self.items[frame.base..]);
            self.items.truncate(frame.base);
            (from, self.tree.links.len())
        };
        let slot = &mut self.tree.nodes[frame.node.0 as usize];
        slot.span.end = end;
        slot.a = u32::try_from(a).unwrap_or(u32::MAX);
        slot.b = u32::try_from(b).unwrap_or(u32::MAX);
        if let Some(anchor) = frame.anchor {
            let name = self.name(anchor);
            // An inner node may have taken the name since.
            if let Some(entry) = self.anchors.get_mut(name)
                && entry.0 == frame.node
            {
                entry.1 = Some(frame.height);
            }
        }
        self.complete(frame.node, frame.height, end)
    }

    fn finish(mut self) -> Result<Built, Problem> {
        self.built.rest = self.parser.rest();
        let (strings, comments) = self.parser.finish();
        let Tree { nodes, links, pairs: tree_pairs, root, .. } = self.tree;
        self.built.tree =
            Tree { nodes: nodes.clone(), links: links.clone(), pairs: tree_pairs.clone(), strings, root };
        self.built.comments = comments;
        let (frames, items, pairs) = (self.frames, self.items, self.pairs);
        Workshop { nodes, links, tree_pairs, frames, items, pairs }.put_back();
        if self.mappings == Mappings::Merged && (self.not_finite || self.unsupported) {
            mapping::refuse_unsupported(&self.built.tree)?;
        }
        Ok(self.built)
    }
}
