//! What a pattern means, as a tree.

use super::class::Class;

/// What has no width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    /// Between an ASCII word character and something else.
    WordBoundary,
    NotWordBoundary,
}

/// How a repetition was written; Go limits the size of what it compiles to, which depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    Star,
    Plus,
    Optional,
    Counted,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Empty,
    /// Characters in a row, by their numbers; in any case where `fold` is set.
    Literal {
        text: Vec<u32>,
        fold: bool,
    },
    Class(Class),
    Look(Look),
    Capture {
        index: usize,
        of: Box<Node>,
    },
    Repeat {
        min: u32,
        max: Option<u32>,
        greedy: bool,
        of: Box<Node>,
    },
    Concat(Vec<Node>),
    /// The first that leads to a match counts.
    Alternate(Vec<Node>),
}

/// A part of a pattern, with what Go limits.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Instructions it compiles to in Go, about.
    pub(super) size: u64,
    /// Levels of the tree.
    pub(super) height: usize,
    /// How many copies of something inside its counted repetitions make, at most.
    pub(super) copies: u64,
}

impl Node {
    pub(super) fn leaf(kind: Kind) -> Self {
        let size = if let Kind::Literal { text, .. } = &kind { text.len() as u64 } else { 1 };
        Self { kind, size: size.max(1), height: 1, copies: 1 }
    }

    pub(super) fn empty() -> Self {
        Self::leaf(Kind::Empty)
    }

    pub(super) fn literal(character: u32, fold: bool) -> Self {
        Self::leaf(Kind::Literal { text: vec![character], fold })
    }

    /// A class; one character, or one in both its cases, is a literal.
    pub(super) fn class(class: Class) -> Self {
        match (class.single(), class.case_pair()) {
            (Some(character), _) => Self::literal(character, false),
            (_, Some(character)) => Self::literal(character, true),
            _ => Self::leaf(Kind::Class(class)),
        }
    }

    pub(super) fn capture(index: usize, of: Self) -> Self {
        let Self { size, height, copies, .. } = of;
        Self { kind: Kind::Capture { index, of: Box::new(of) }, size: size + 2, height: height + 1, copies }
    }

    /// `max` is none where there is no end.
    pub(super) fn repeat(written: Repeat, min: u32, max: Option<u32>, greedy: bool, of: Self) -> Self {
        let (least, inner) = (u64::from(min), of.size);
        let size = match (written, max.map(u64::from)) {
            (Repeat::Star, _) | (Repeat::Counted, None) if min == 0 => 2 + inner,
            (Repeat::Counted, None) => 1 + least * inner,
            (Repeat::Counted, Some(most)) => most * inner + most - least,
            _ => 1 + inner,
        };
        let copies = match written {
            Repeat::Counted if max == Some(0) => 1,
            Repeat::Counted => of.copies * u64::from(max.unwrap_or(min).max(1)),
            _ => of.copies,
        };
        let height = of.height + 1;
        Self { kind: Kind::Repeat { min, max, greedy, of: Box::new(of) }, size: size.max(1), height, copies }
    }

    /// The nodes one after another.
    pub(super) fn concat(nodes: Vec<Self>) -> Self {
        Self::collapse(
            nodes,
            |node| match node.kind {
                Kind::Concat(inner) => Ok(inner),
                kind => Err(Self { kind, ..node }),
            },
            Kind::Concat,
        )
    }

    /// One of the nodes, the first that leads to a match.
    pub(super) fn alternate(nodes: Vec<Self>) -> Self {
        let mut joined: Vec<Self> = Vec::with_capacity(nodes.len());
        for node in nodes {
            let parts = match node.kind {
                Kind::Alternate(inner) => inner,
                kind => vec![Self { kind, ..node }],
            };
            for part in parts {
                joined.push(part);
                join_last_two(&mut joined);
            }
        }
        let bars = joined.len() as u64 - 1;
        let mut node = Self::collapse(joined, Err, Kind::Alternate);
        if matches!(node.kind, Kind::Alternate(_)) {
            node.size += bars;
        }
        node
    }

    fn collapse(
        nodes: Vec<Self>,
        inner: impl Fn(Self) -> Result<Vec<Self>, Self>,
        kind: fn(Vec<Self>) -> Kind,
    ) -> Self {
        if nodes.len() < 2 {
            return nodes.into_iter().next().unwrap_or_else(Self::empty);
        }
        let mut parts = Vec::with_capacity(nodes.len());
        for node in nodes {
            match inner(node) {
                Ok(more) => parts.extend(more),
                Err(node) => parts.push(node),
            }
        }
        Self {
            size: parts.iter().map(|part| part.size).sum(),
            height: 1 + parts.iter().map(|part| part.height).max().unwrap_or_default(),
            copies: parts.iter().map(|part| part.copies).max().unwrap_or(1),
            kind: kind(parts),
        }
    }

    /// The characters it matches, where it matches exactly one.
    fn as_class(&self) -> Option<Class> {
        match &self.kind {
            Kind::Class(class) => Some(class.clone()),
            Kind::Literal { text, fold } if text.len() == 1 => {
                let class = Class::one(text[0]);
                Some(if *fold { class.folded() } else { class })
            }
            _ => None,
        }
    }
}

/// Of alternatives, joins the last two where both are single characters or both are empty.
pub(super) fn join_last_two(alternatives: &mut Vec<Node>) {
    let [.., one, other] = &alternatives[..] else { return };
    let joined = if one.kind == other.kind && matches!(one.kind, Kind::Empty | Kind::Literal { .. }) {
        if one.as_class().is_none() && one.kind != Kind::Empty {
            return;
        }
        None
    } else {
        let (Some(class), Some(more)) = (one.as_class(), other.as_class()) else { return };
        Some(Node::leaf(Kind::Class(class.union(&more))))
    };
    alternatives.pop();
    if let (Some(joined), Some(last)) = (joined, alternatives.last_mut()) {
        *last = joined;
    }
}

/// Joins the last two of nodes in a row where both are literals of the same kind.
pub(super) fn join_last_literals(nodes: &mut Vec<Node>) {
    let [.., one, other] = &nodes[..] else { return };
    let (Kind::Literal { fold: first, .. }, Kind::Literal { fold: second, .. }) = (&one.kind, &other.kind)
    else {
        return;
    };
    if first != second {
        return;
    }
    if let Some(Node { kind: Kind::Literal { text: more, .. }, size: added, .. }) = nodes.pop()
        && let Some(Node { kind: Kind::Literal { text, .. }, size, .. }) = nodes.last_mut()
    {
        text.extend(more);
        *size += added;
    }
}
