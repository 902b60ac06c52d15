//! The tree as the `regex` crates take it, with Go's meaning: classes as sets of characters, case as sets too.

use regex_syntax::hir::{self, Capture, ClassUnicode, ClassUnicodeRange, Hir, Repetition};

use super::class::Class;
use super::node::{Kind, Look, Node};

/// Surrogates, which Go allows in patterns and no text has.
const SURROGATES: std::ops::RangeInclusive<u32> = 0xD800..=0xDFFF;

pub(super) fn hir(node: &Node) -> Hir {
    match &node.kind {
        Kind::Empty => Hir::empty(),
        Kind::Literal { text, fold } => literal(text, *fold),
        Kind::Class(class) => of_class(class),
        Kind::Look(look) => Hir::look(match look {
            Look::TextStart => hir::Look::Start,
            Look::TextEnd => hir::Look::End,
            Look::LineStart => hir::Look::StartLF,
            Look::LineEnd => hir::Look::EndLF,
            Look::WordBoundary => hir::Look::WordAscii,
            Look::NotWordBoundary => hir::Look::WordAsciiNegate,
        }),
        Kind::Capture { index, of } => Hir::capture(Capture {
            // No pattern is that long.
            index: u32::try_from(*index).unwrap_or(u32::MAX),
            name: None,
            sub: Box::new(hir(of)),
        }),
        Kind::Repeat { min, max, greedy, of } => {
            Hir::repetition(Repetition { min: *min, max: *max, greedy: *greedy, sub: Box::new(hir(of)) })
        }
        Kind::Concat(nodes) => Hir::concat(nodes.iter().map(hir).collect()),
        Kind::Alternate(nodes) => Hir::alternation(nodes.iter().map(hir).collect()),
    }
}

fn literal(text: &[u32], fold: bool) -> Hir {
    if fold {
        return Hir::concat(text.iter().map(|one| of_class(&Class::one(*one).folded())).collect());
    }
    match text.iter().map(|one| char::from_u32(*one)).collect::<Option<String>>() {
        Some(text) => Hir::literal(text.into_bytes()),
        None => Hir::fail(),
    }
}

fn of_class(class: &Class) -> Hir {
    let character = |number| char::from_u32(number).unwrap_or_default();
    let mut ranges = Vec::with_capacity(class.ranges().len() + 1);
    for &(first, last) in class.ranges() {
        for (first, last) in
            [(first, last.min(SURROGATES.start() - 1)), (first.max(SURROGATES.end() + 1), last)]
        {
            if first <= last {
                ranges.push(ClassUnicodeRange::new(character(first), character(last)));
            }
        }
    }
    Hir::class(hir::Class::Unicode(ClassUnicode::new(ranges)))
}
