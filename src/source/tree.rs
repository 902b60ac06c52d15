//! The compact tree of a document: nodes in one vector, strings as stretches of the text.

use std::fmt;
use std::sync::Arc;

use crate::diagnostic::{Place, Span, TextFile};

/// One document: a tree of nodes with the bytes they stand at, and the comments between them.
pub struct Document {
    pub(super) file: Arc<TextFile>,
    pub(super) index: usize,
    pub(super) step: usize,
    pub(super) span: Span,
    pub(super) is_beneath: bool,
    pub(super) tree: Tree,
    pub(super) comments: Vec<Comment>,
}

/// The nodes of a document. Collections refer to stretches of `links` and `pairs`.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Slot>,
    pub(super) links: Vec<NodeId>,
    pub(super) pairs: Vec<Pair>,
    /// The strings that do not stand verbatim in the text, one after the other.
    pub(super) strings: String,
    pub(super) root: NodeId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Bool,
    Int,
    Uint,
    Float,
    Text,
    Stored,
    Sequence,
    Mapping,
    Alias,
}

/// A node: where it stands, and a payload by its kind: a number's halves, a stretch, or the node meant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) kind: Kind,
    pub(super) span: Span,
    pub(super) a: u32,
    pub(super) b: u32,
}

/// A stretch of the text, or of the strings stored beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) stored: bool,
}

impl Text {
    /// How many bytes it has.
    pub(super) fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    pub(super) fn of<'t>(self, text: &'t str, stored: &'t str) -> &'t str {
        &(if self.stored { stored } else { text })[self.start as usize..self.end as usize]
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub(super) key: Text,
    pub(super) key_span: Span,
    pub(super) value: NodeId,
    /// JSON has no name for the key; no pair of a finished tree is so.
    pub(super) unsupported: bool,
}

/// A comment, `#` to the end of its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// Where it stands, from `#`, without the line break.
    pub span: Span,
    /// Nothing but blanks stands before it on its line.
    pub own_line: bool,
}

/// A node's number in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct NodeId(pub(super) u32);

/// A node of a document. Aliases are followed: a node is what it stands for, with the span of the alias.
#[derive(Clone, Copy)]
pub struct Node<'d> {
    document: &'d Document,
    id: NodeId,
}

/// What a node holds.
#[derive(Clone)]
pub enum Value<'d> {
    /// `null`, `~`, or nothing.
    Null,
    /// `true`, and the words YAML 1.1 reads so.
    Bool(bool),
    /// A whole number; `1.0` is one too, as Go's JSON writes it so.
    Int(i64),
    /// A whole number above [`i64::MAX`].
    Uint(u64),
    /// Any other number; always finite.
    Float(f64),
    /// A string, unescaped and unfolded.
    String(&'d str),
    /// The items of a sequence.
    Sequence(Items<'d>),
    /// The entries of a mapping.
    Mapping(Entries<'d>),
}

/// One entry of a mapping.
#[derive(Clone, Copy)]
pub struct Entry<'d> {
    /// The key as a string: `8080` is `"8080"`, `yes` is `"true"`.
    pub key: &'d str,
    /// Where the key stands, with its quotes. A merged entry's key stands where it is merged from.
    pub key_span: Span,
    /// The value.
    pub value: Node<'d>,
}

impl<'d> Entry<'d> {
    /// The key as a decoder into strings has it: the scalar itself, whatever it stands for, so that `yes` is `"yes"`.
    pub fn written_key(&self) -> &'d str {
        let text = self.value.document.source(self.key_span);
        // A key in quotes, after a tag or behind an alias is what was made of it.
        match text.as_bytes().first() {
            Some(b'"' | b'\'' | b'*' | b'!' | b'[' | b'{') => self.key,
            _ if matches!(text, "~" | "null") => "",
            _ if super::scalar::plain(text) == super::scalar::Scalar::String => self.key,
            _ => text,
        }
    }

    /// Whether the key is null, and written so.
    pub fn has_null_key(&self) -> bool {
        matches!(self.value.document.source(self.key_span), "" | "~" | "null")
    }

    /// Whether this is a `<<`; documents that were read merged have none.
    pub fn is_merge(&self) -> bool {
        self.key == "<<" && self.value.document.source(self.key_span) == "<<"
    }
}

impl Tree {
    /// Gives back what was set aside for more than there is. To copy it is more than to cut it off: what is cut off stays in
    /// the piece of memory it is in.
    pub(super) fn shrink(&mut self) {
        shrink(&mut self.nodes);
        shrink(&mut self.links);
        shrink(&mut self.pairs);
        if self.strings.capacity() > self.strings.len() {
            self.strings = self.strings.as_str().to_owned();
        }
    }
}

/// The same in as much memory as it needs.
pub(super) fn shrink<T: Copy>(items: &mut Vec<T>) {
    if items.capacity() > items.len() {
        *items = items.as_slice().to_vec();
    }
}

impl Document {
    /// The text of a stretch of its file.
    fn source(&self, span: Span) -> &str {
        &self.file.text()[span.range()]
    }

    /// The outermost node.
    pub fn root(&self) -> Node<'_> {
        self.node(self.tree.root)
    }

    /// The text the document was read from.
    pub fn file(&self) -> &Arc<TextFile> {
        &self.file
    }

    /// The document's number in its file, from 0; empty documents do not count, unreadable ones do.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The fence of a Markdown text it stands in, from 1, counting those that hold objects; 0 in any other file.
    pub fn step(&self) -> usize {
        self.step
    }

    /// The same, as something the input is laid over: what a cluster has, or had. An object of the input counts in the place of
    /// the same object here, as if it had been applied.
    #[must_use]
    pub fn beneath(self) -> Self {
        Self { is_beneath: true, ..self }
    }

    /// Whether the input is laid over it.
    pub fn is_beneath(&self) -> bool {
        self.is_beneath
    }

    /// The comments, in the order of the text.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// The node with this number, which must come from this document.
    pub fn node(&self, id: NodeId) -> Node<'_> {
        Node { document: self, id }
    }

    /// The stretch of the file between the separators.
    pub fn span(&self) -> Span {
        self.span
    }

    pub(super) fn text(&self, text: Text) -> &str {
        text.of(self.file.text(), &self.tree.strings)
    }
}

/// Name and number only: a document may hold secrets.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({:?}, {})", self.file.name(), self.index)
    }
}

/// Number and place only: a node may hold secrets.
impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({}, {})", self.id.0, self.place())
    }
}

impl<'d> Node<'d> {
    /// The node's number; [`Document::node`] takes it back.
    pub fn id(self) -> NodeId {
        self.id
    }

    /// The document the node belongs to.
    pub fn document(self) -> &'d Document {
        self.document
    }

    fn own_slot(self) -> &'d Slot {
        &self.document.tree.nodes[self.id.0 as usize]
    }

    /// The slot of the node itself, or of what it is an alias of. Anchors stand on nodes that are no aliases.
    pub(super) fn slot(self) -> &'d Slot {
        let slot = self.own_slot();
        if slot.kind == Kind::Alias { &self.document.tree.nodes[slot.a as usize] } else { slot }
    }

    /// The scalar as it is written, whatever it stands for: `0755`, `yes`, `1e3`. Strings are without quotes and escapes. None
    /// for a collection.
    pub fn written(self) -> Option<&'d str> {
        match self.value() {
            Value::String(text) => Some(text),
            Value::Sequence(_) | Value::Mapping(_) => None,
            _ => Some(self.document.source(self.target_span()).trim_matches(['"', '\''])),
        }
    }

    /// What the node holds.
    pub fn value(self) -> Value<'d> {
        let slot = self.slot();
        match slot.kind {
            Kind::Null | Kind::Alias => Value::Null,
            Kind::Bool => Value::Bool(slot.a != 0),
            Kind::Int => Value::Int(slot.bits().cast_signed()),
            Kind::Uint => Value::Uint(slot.bits()),
            Kind::Float => Value::Float(f64::from_bits(slot.bits())),
            Kind::Text | Kind::Stored => {
                let text = Text { start: slot.a, end: slot.b, stored: slot.kind == Kind::Stored };
                Value::String(self.document.text(text))
            }
            Kind::Sequence => Value::Sequence(self.items()),
            Kind::Mapping => Value::Mapping(self.entries()),
        }
    }

    /// Where the node stands, without anchor and tag; nothing at all is an empty stretch.
    pub fn span(self) -> Span {
        self.own_slot().span
    }

    /// Where what the node stands for is written: for an alias, at its anchor.
    pub fn target_span(self) -> Span {
        self.slot().span
    }

    /// Where the node stands.
    pub fn place(self) -> Place {
        Place::new(Arc::clone(&self.document.file), self.span())
    }

    /// The value of a key; none if this is no mapping or lacks the key.
    pub fn get(self, key: &str) -> Option<Node<'d>> {
        self.pair(key).map(|pair| self.document.node(pair.value))
    }

    /// The node below these keys; a number picks the item of a sequence.
    pub fn at(self, path: &[&str]) -> Option<Node<'d>> {
        path.iter().try_fold(self, |node, step| match node.value() {
            Value::Sequence(mut items) => items.nth(step.parse().ok()?),
            _ => node.get(step),
        })
    }

    /// Where a key stands.
    pub fn key_place(self, key: &str) -> Option<Place> {
        self.pair(key).map(|pair| Place::new(Arc::clone(&self.document.file), pair.key_span))
    }

    fn pair(self, key: &str) -> Option<&'d Pair> {
        // Most keys differ in length already, and to look at a text costs more.
        let is_it = |pair: &&Pair| pair.key.len() == key.len() && self.document.text(pair.key) == key;
        self.pairs().iter().find(is_it)
    }

    pub(super) fn pairs(self) -> &'d [Pair] {
        let slot = self.slot();
        match slot.kind {
            Kind::Mapping => &self.document.tree.pairs[slot.a as usize..slot.b as usize],
            _ => &[],
        }
    }

    /// The entries of a mapping, in the order of the text, after merging; none for anything else.
    pub fn entries(self) -> Entries<'d> {
        Entries { document: self.document, pairs: self.pairs().iter() }
    }

    /// The items of a sequence; none for anything else.
    pub fn items(self) -> Items<'d> {
        let slot = self.slot();
        let links = match slot.kind {
            Kind::Sequence => &self.document.tree.links[slot.a as usize..slot.b as usize],
            _ => &[],
        };
        Items { document: self.document, links: links.iter() }
    }

    /// Whether this is nothing, `~` or `null`.
    pub fn is_null(self) -> bool {
        self.slot().kind == Kind::Null
    }

    /// Whether this is a mapping.
    pub fn is_mapping(self) -> bool {
        self.slot().kind == Kind::Mapping
    }

    /// Whether this is a sequence.
    pub fn is_sequence(self) -> bool {
        self.slot().kind == Kind::Sequence
    }

    /// The string, if it is one; `8080` and `yes` are none.
    pub fn as_str(self) -> Option<&'d str> {
        match self.value() {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(self) -> Option<bool> {
        match self.value() {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The whole number, if it is one within range.
    pub fn as_i64(self) -> Option<i64> {
        match self.value() {
            Value::Int(value) => Some(value),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[expect(clippy::cast_precision_loss, reason = "what asking for a float means")]
    pub fn as_f64(self) -> Option<f64> {
        match self.value() {
            Value::Int(value) => Some(value as f64),
            Value::Uint(value) => Some(value as f64),
            Value::Float(value) => Some(value),
            _ => None,
        }
    }

    /// What kind of thing this is, for messages: `a string`, `a mapping`.
    pub fn kind_name(self) -> &'static str {
        match self.slot().kind {
            Kind::Null | Kind::Alias => "null",
            Kind::Bool => "a boolean",
            Kind::Int | Kind::Uint => "a whole number",
            Kind::Float => "a number",
            Kind::Text | Kind::Stored => "a string",
            Kind::Sequence => "a list",
            Kind::Mapping => "a mapping",
        }
    }

    /// The same as JSON. Nesting is bounded by the reader, so this recursion is too.
    pub fn to_json(self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self.value() {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(value),
            Value::Int(value) => Json::from(value),
            Value::Uint(value) => Json::from(value),
            Value::Float(value) => Json::from(value),
            Value::String(text) => Json::from(text),
            Value::Sequence(items) => Json::Array(items.map(Node::to_json).collect()),
            Value::Mapping(entries) => {
                Json::Object(entries.map(|entry| (entry.key.to_owned(), entry.value.to_json())).collect())
            }
        }
    }
}

impl Slot {
    fn bits(&self) -> u64 {
        u64::from(self.a) | u64::from(self.b) << 32
    }
}

/// The items of a sequence.
#[derive(Clone)]
pub struct Items<'d> {
    document: &'d Document,
    links: std::slice::Iter<'d, NodeId>,
}

impl<'d> Iterator for Items<'d> {
    type Item = Node<'d>;

    fn next(&mut self) -> Option<Node<'d>> {
        self.links.next().map(|&id| self.document.node(id))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.links.size_hint()
    }
}

impl ExactSizeIterator for Items<'_> {}

/// The entries of a mapping.
#[derive(Clone)]
pub struct Entries<'d> {
    document: &'d Document,
    pairs: std::slice::Iter<'d, Pair>,
}

impl<'d> Iterator for Entries<'d> {
    type Item = Entry<'d>;

    fn next(&mut self) -> Option<Entry<'d>> {
        self.pairs.next().map(|pair| Entry {
            key: self.document.text(pair.key),
            key_span: pair.key_span,
            value: self.document.node(pair.value),
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.pairs.size_hint()
    }
}

impl ExactSizeIterator for Entries<'_> {}
