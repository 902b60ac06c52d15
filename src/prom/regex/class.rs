//! Sets of characters, as classes of a pattern make them.

use crate::prom::unicode;

/// Characters by their numbers, as ranges that are in order, apart and not next to each other. Go's classes may hold
/// surrogates too, which no text has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Class {
    ranges: Vec<(u32, u32)>,
}

impl Class {
    pub(super) fn new(ranges: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let mut ranges: Vec<_> = ranges.into_iter().collect();
        ranges.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match merged.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(last),
                _ => merged.push((first, last)),
            }
        }
        Self { ranges: merged }
    }

    pub(super) fn one(character: u32) -> Self {
        Self { ranges: vec![(character, character)] }
    }

    /// Every character but a line feed: what `.` is unless `(?s)` says otherwise.
    pub(super) fn not_newline() -> Self {
        Self::one(u32::from('\n')).negated()
    }

    pub(super) fn all() -> Self {
        Self { ranges: vec![(0, unicode::LAST)] }
    }

    pub(super) fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    pub(super) fn negated(&self) -> Self {
        let mut next = 0;
        let mut ranges = Vec::with_capacity(self.ranges.len() + 1);
        for &(first, last) in &self.ranges {
            if next < first {
                ranges.push((next, first - 1));
            }
            next = last + 1;
        }
        if next <= unicode::LAST {
            ranges.push((next, unicode::LAST));
        }
        Self { ranges }
    }

    pub(super) fn union(self, other: &Self) -> Self {
        Self::new(self.ranges.into_iter().chain(other.ranges.iter().copied()))
    }

    /// With every character that is equal to one of these when case is ignored.
    pub(super) fn folded(self) -> Self {
        let equal: Vec<_> = self
            .ranges
            .iter()
            .flat_map(|&(first, last)| unicode::with_case_between(first, last))
            .flat_map(unicode::fold_equal)
            .map(|one| (one, one))
            .collect();
        Self::new(self.ranges.into_iter().chain(equal))
    }

    /// The only character in it.
    pub(super) fn single(&self) -> Option<u32> {
        match self.ranges[..] {
            [(first, last)] if first == last => Some(first),
            _ => None,
        }
    }

    /// One of two characters that are each other's only other case, like `[Aa]`.
    pub(super) fn case_pair(&self) -> Option<u32> {
        let (first, second) = match self.ranges[..] {
            [(first, last)] if first + 1 == last => (first, last),
            [(first, also), (second, too)] if first == also && second == too => (first, second),
            _ => return None,
        };
        let mut equal = unicode::fold_equal(first);
        (equal.next() == Some(second) && equal.next().is_none()).then_some(first)
    }
}

/// The class after a backslash: `\d`, `\S` and so on; ASCII only, and `\s` without the vertical tab.
pub(super) fn perl(letter: u8) -> Option<(Class, bool)> {
    let ranges: &[(u8, u8)] = match letter.to_ascii_lowercase() {
        b'd' => &[(b'0', b'9')],
        b's' => &[(b'\t', b'\n'), (0xC, b'\r'), (b' ', b' ')],
        b'w' => &[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')],
        _ => return None,
    };
    Some((bytes(ranges), letter.is_ascii_uppercase()))
}

/// The class of a name in `[[:alpha:]]`.
pub(super) fn posix(name: &str) -> Option<Class> {
    let ranges: &[(u8, u8)] = match name {
        "alnum" => &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')],
        "alpha" => &[(b'A', b'Z'), (b'a', b'z')],
        "ascii" => &[(0, 0x7F)],
        "blank" => &[(b'\t', b'\t'), (b' ', b' ')],
        "cntrl" => &[(0, 0x1F), (0x7F, 0x7F)],
        "digit" => &[(b'0', b'9')],
        "graph" => &[(b'!', b'~')],
        "lower" => &[(b'a', b'z')],
        "print" => &[(b' ', b'~')],
        "punct" => &[(b'!', b'/'), (b':', b'@'), (b'[', b'`'), (b'{', b'~')],
        "space" => &[(b'\t', b'\r'), (b' ', b' ')],
        "upper" => &[(b'A', b'Z')],
        "word" => &[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')],
        "xdigit" => &[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')],
        _ => return None,
    };
    Some(bytes(ranges))
}

fn bytes(ranges: &[(u8, u8)]) -> Class {
    Class::new(ranges.iter().map(|&(first, last)| (u32::from(first), u32::from(last))))
}

/// The class of a name in `\p{…}`, with the characters of other case where `fold` is set.
pub(super) fn unicode_class(name: &str, fold: bool) -> Option<Class> {
    let name = canonical(name);
    let folded = |ranges| {
        let class = Class::new(ranges);
        if fold { class.folded() } else { class }
    };
    match name.as_str() {
        "Any" => return Some(Class::all()),
        // Go adds no other case to what it negates here, nor to LC.
        "Assigned" => return unicode::category("Cn").map(|ranges| Class::new(ranges).negated()),
        "Ascii" => return Some(folded(vec![(0, 0x7F)])),
        "Lc" => return unicode::category("LC").map(Class::new),
        _ => {}
    }
    unicode::category(&name).or_else(|| unicode::script(&name)).map(folded).or_else(|| {
        let (_, category) = unicode::category_aliases().find(|(alias, _)| canonical(alias) == name)?;
        unicode::category(category)
            .map(|ranges| if category == "LC" { Class::new(ranges) } else { folded(ranges) })
    })
}

/// How Go spells the name before it looks it up: without `_`, `-` and blanks, the first letter large, the others small.
fn canonical(name: &str) -> String {
    let kept = name.chars().filter(|one| !matches!(one, '_' | '-' | ' ')).enumerate();
    kept.map(|(at, one)| if at == 0 { one.to_ascii_uppercase() } else { one.to_ascii_lowercase() }).collect()
}
