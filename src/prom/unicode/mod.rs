//! Characters as Go's `unicode` package knows them (Go 1.26: Unicode 15.0), which is what Prometheus and the operator are
//! built with: categories and scripts, which characters are equal when case is ignored, simple case mapping.
//!
//! Rust's own tables are newer and map case differently (`ß` to `SS`). The table file is printed by Go;
//! `tests/regex_oracle.rs` keeps it so.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Every table as Go printed it. A line is a kind, a name and entries.
const TABLES: &str = include_str!("go-1.26.txt");

/// The last character there is.
pub(super) const LAST: u32 = 0x10_FFFF;

/// The entries of each table, still text: few of them are ever needed.
static LINES: LazyLock<HashMap<(&str, &str), &str>> = LazyLock::new(|| {
    let fields = |line: &'static str| {
        let (kind, rest) = line.split_once(' ')?;
        let (name, entries) = rest.split_once(' ')?;
        Some(((kind, name), entries))
    };
    TABLES.lines().filter_map(fields).collect()
});

static FOLD: LazyLock<Vec<(u32, u32)>> = LazyLock::new(|| mapping("fold"));
static LOWER: LazyLock<Vec<(u32, u32)>> = LazyLock::new(|| mapping("lower"));
static UPPER: LazyLock<Vec<(u32, u32)>> = LazyLock::new(|| mapping("upper"));
static LETTERS: LazyLock<Vec<(u32, u32)>> = LazyLock::new(|| sorted(category("L").unwrap_or_default()));
static DIGITS: LazyLock<Vec<(u32, u32)>> = LazyLock::new(|| sorted(category("Nd").unwrap_or_default()));
static PRINTED: LazyLock<Vec<(u32, u32)>> = LazyLock::new(|| {
    sorted(["L", "M", "N", "P", "S"].iter().flat_map(|name| category(name).unwrap_or_default()).collect())
});

fn sorted(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.sort_unstable();
    ranges
}

/// `first`, `first-last` or `first-last/step`, as the first, the last and the step.
fn parse_range(text: &str) -> (u32, u32, usize) {
    let number = |text: &str| u32::from_str_radix(text, 16).unwrap_or_default();
    let (range, step) = text.split_once('/').unwrap_or((text, "1"));
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    (number(first), number(last), usize::from_str_radix(step, 16).unwrap_or(1).max(1))
}

fn parse_ranges(entries: &str) -> Vec<(u32, u32)> {
    let mut ranges = Vec::new();
    for (first, last, step) in entries.split(' ').map(parse_range) {
        if step == 1 {
            ranges.push((first, last));
        } else {
            ranges.extend((first..=last).step_by(step).map(|one| (one, one)));
        }
    }
    ranges
}

fn mapping(name: &str) -> Vec<(u32, u32)> {
    let mut pairs = Vec::new();
    for entry in LINES.get(&("mapping", name)).into_iter().flat_map(|entries| entries.split(' ')) {
        let (from, to) = entry.split_once('=').unwrap_or((entry, ""));
        let (first, last, step) = parse_range(from);
        let (to, _, _) = parse_range(to);
        pairs.extend((first..=last).step_by(step).map(|from| (from, from - first + to)));
    }
    pairs
}

/// The characters of a general category: `Lu`, or `L` for all that begin so. Ranges are in no order.
pub(super) fn category(name: &str) -> Option<Vec<(u32, u32)>> {
    if name == "LC" {
        return Some(["Lu", "Ll", "Lt"].iter().flat_map(|name| category(name).unwrap_or_default()).collect());
    }
    if name.len() == 1 {
        let of_letter = |((kind, full), entries): (&(&str, &str), &&'static str)| {
            (*kind == "category" && full.starts_with(name)).then_some(*entries)
        };
        let ranges: Vec<_> = LINES.iter().filter_map(of_letter).flat_map(parse_ranges).collect();
        return (!ranges.is_empty()).then_some(ranges);
    }
    LINES.get(&("category", name)).map(|entries| parse_ranges(entries))
}

/// The characters of a script, under the name Go has for it.
pub(super) fn script(name: &str) -> Option<Vec<(u32, u32)>> {
    LINES.get(&("script", name)).map(|entries| parse_ranges(entries))
}

/// The long names of categories (`Uppercase_Letter`) with the short ones.
pub(super) fn category_aliases() -> impl Iterator<Item = (&'static str, &'static str)> {
    LINES.iter().filter(|((kind, _), _)| *kind == "alias").map(|((_, name), category)| (*name, *category))
}

fn mapped(table: &[(u32, u32)], of: u32) -> Option<u32> {
    table.binary_search_by_key(&of, |(from, _)| *from).ok().map(|at| table[at].1)
}

/// The characters that are equal to this one when case is ignored, without itself.
pub(super) fn fold_equal(of: u32) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(of), |&one| mapped(&FOLD, one)).skip(1).take_while(move |&one| one != of)
}

/// The characters in the range that have others equal to them when case is ignored.
pub(super) fn with_case_between(first: u32, last: u32) -> impl Iterator<Item = u32> {
    let start = FOLD.partition_point(|(from, _)| *from < first);
    FOLD[start..].iter().map(|(from, _)| *from).take_while(move |&from| from <= last)
}

fn contains(ranges: &[(u32, u32)], character: char) -> bool {
    let code = u32::from(character);
    let after = ranges.partition_point(|(first, _)| *first <= code);
    after > 0 && ranges[after - 1].1 >= code
}

/// Go's `unicode.IsLetter`.
pub(super) fn is_letter(character: char) -> bool {
    if character.is_ascii() { character.is_ascii_alphabetic() } else { contains(&LETTERS, character) }
}

/// Go's `unicode.IsDigit`.
pub(super) fn is_digit(character: char) -> bool {
    if character.is_ascii() { character.is_ascii_digit() } else { contains(&DIGITS, character) }
}

/// Go's `unicode.IsPrint`.
pub(super) fn is_print(character: char) -> bool {
    if character.is_ascii() { matches!(character, ' '..='~') } else { contains(&PRINTED, character) }
}

fn map_each<'t>(text: &'t str, table: &[(u32, u32)]) -> Cow<'t, str> {
    let to =
        |character: char| mapped(table, u32::from(character)).and_then(char::from_u32).unwrap_or(character);
    if text.chars().all(|character| to(character) == character) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().map(to).collect())
    }
}

/// Go's `strings.ToLower`: character by character.
pub fn to_lower(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        map_each(text, &LOWER)
    } else if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// Go's `strings.ToUpper`: character by character, so `ß` stays.
pub fn to_upper(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        map_each(text, &UPPER)
    } else if text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        Cow::Owned(text.to_ascii_uppercase())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_mapped_as_go_maps_it() {
        for (text, lower, upper) in [
            ("AbC-1", "abc-1", "ABC-1"),
            ("Straße", "straße", "STRASSE".replace("SS", "ß").as_str()),
            ("İı", "iı", "İI"),
            ("ΣΑΣ", "σασ", "ΣΑΣ"),
            ("ǅ", "ǆ", "Ǆ"),
            ("ﬁ", "ﬁ", "ﬁ"),
        ] {
            assert_eq!(to_lower(text), lower, "{text}");
            assert_eq!(to_upper(text), upper, "{text}");
        }
    }

    #[test]
    fn tables_answer() {
        assert_eq!(fold_equal(u32::from('k')).collect::<Vec<_>>(), [0x212A, u32::from('K')]);
        assert_eq!(fold_equal(u32::from('1')).count(), 0);
        assert_eq!(with_case_between(0x40, 0x42).collect::<Vec<_>>(), [0x41, 0x42]);
        assert!(is_letter('é') && is_letter('日') && !is_letter('1') && !is_letter('\u{301}'));
        assert!(is_digit('٣') && !is_digit('½'));
        assert!(is_print('é') && !is_print('\u{a0}') && !is_print('\u{7f}') && !is_print('\u{feff}'));
        let count = |ranges: Vec<(u32, u32)>| ranges.iter().map(|(from, to)| to - from + 1).sum::<u32>();
        assert_eq!(count(category("Lt").unwrap()), 31);
        assert_eq!(count(script("Han").unwrap()), 98_408);
        assert!(category("X").is_none() && category("Xx").is_none() && script("Klingon").is_none());
    }
}
