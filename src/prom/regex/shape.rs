//! Patterns that need no automaton: plain text, one of some texts, anything between two texts.

use super::class::Class;
use super::node::{Kind, Look, Node};

/// How many texts are enumerated, and how long they may be together.
const MOST_TEXTS: usize = 10_000;
const MOST_BYTES: usize = 1 << 20;

/// What an anchored pattern matches, where that is simple.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Exactly these texts.
    Texts(Vec<String>),
    /// A text, anything, and another text: `Pod;(.*)`.
    Around {
        prefix: String,
        suffix: String,
        /// `.+` rather than `.*`
        at_least_one: bool,
        /// Whether what is between may hold a line feed.
        newline: bool,
        /// The group around what is between.
        group: Option<usize>,
    },
}

/// The shape of a whole pattern, if it is anchored at both ends and simple.
pub(super) fn shape(node: &Node) -> Option<Shape> {
    let Kind::Concat(parts) = &node.kind else { return None };
    let [
        Node { kind: Kind::Look(Look::TextStart), .. },
        inner @ ..,
        Node { kind: Kind::Look(Look::TextEnd), .. },
    ] = &parts[..]
    else {
        return None;
    };
    around(inner).or_else(|| {
        let mut texts = vec![String::new()];
        for part in inner {
            texts = join(&texts, &enumerate(part)?)?;
        }
        Some(Shape::Texts(texts))
    })
}

fn around(parts: &[Node]) -> Option<Shape> {
    let (at, (at_least_one, newline, group)) =
        parts.iter().enumerate().find_map(|(at, part)| Some((at, anything(part)?)))?;
    Some(Shape::Around {
        prefix: plain(&parts[..at])?,
        suffix: plain(&parts[at + 1..])?,
        at_least_one,
        newline,
        group,
    })
}

/// `.*`, `.+`, or one of them in a group. It does not matter whether it is greedy, for what is around it is fixed.
fn anything(node: &Node) -> Option<(bool, bool, Option<usize>)> {
    match &node.kind {
        Kind::Capture { index, of } => match anything(of)? {
            (at_least_one, newline, None) => Some((at_least_one, newline, Some(*index))),
            _ => None,
        },
        Kind::Repeat { min: min @ (0 | 1), max: None, of, .. } => {
            let Kind::Class(class) = &of.kind else { return None };
            let newline = *class == Class::all();
            (newline || *class == Class::not_newline()).then_some((*min == 1, newline, None))
        }
        _ => None,
    }
}

/// The text of nodes that are nothing but text.
fn plain(nodes: &[Node]) -> Option<String> {
    let mut text = String::new();
    for node in nodes {
        let Kind::Literal { text: more, fold: false } = &node.kind else { return None };
        for one in more {
            text.push(char::from_u32(*one)?);
        }
    }
    Some(text)
}

/// Every text a node matches, if they are few.
fn enumerate(node: &Node) -> Option<Vec<String>> {
    match &node.kind {
        Kind::Empty => Some(vec![String::new()]),
        Kind::Literal { .. } => Some(vec![plain(std::slice::from_ref(node))?]),
        Kind::Class(class) => {
            let count: u32 = class.ranges().iter().map(|(first, last)| last - first + 1).sum();
            if count > 64 {
                return None;
            }
            let numbers = class.ranges().iter().flat_map(|(first, last)| *first..=*last);
            Some(numbers.filter_map(char::from_u32).map(String::from).collect())
        }
        Kind::Capture { of, .. } => enumerate(of),
        Kind::Repeat { min: 0, max: Some(1), of, .. } => {
            let mut texts = enumerate(of)?;
            texts.push(String::new());
            Some(texts)
        }
        Kind::Concat(nodes) => {
            nodes.iter().try_fold(vec![String::new()], |texts, node| join(&texts, &enumerate(node)?))
        }
        Kind::Alternate(nodes) => {
            let mut texts = Vec::new();
            for node in nodes {
                texts.extend(enumerate(node)?);
                if texts.len() > MOST_TEXTS {
                    return None;
                }
            }
            Some(texts)
        }
        Kind::Look(_) | Kind::Repeat { .. } => None,
    }
}

/// Each of the texts followed by each of the others.
fn join(texts: &[String], more: &[String]) -> Option<Vec<String>> {
    let bytes = |of: &[String]| of.iter().map(String::len).sum::<usize>();
    let small = texts.len() * more.len() <= MOST_TEXTS
        && bytes(texts) * more.len() + bytes(more) * texts.len() <= MOST_BYTES;
    small
        .then(|| texts.iter().flat_map(|text| more.iter().map(move |more| format!("{text}{more}"))).collect())
}
