//! The order in which Go's yaml.v2 writes the keys of a map: letters by their number, digits as numbers, and letters after
//! everything else.

use std::cmp::Ordering;

use serde_json::Value;

use crate::operator::fields::Fields;
use crate::source::{Mapping, Ordered};

/// A map of a custom resource in the order it is written.
pub(super) fn map(owner: Fields<'_>, field: &str) -> Mapping {
    let mut entries: Vec<(&str, &Value)> = owner.entries(field).collect();
    entries.sort_by(|(a, _), (b, _)| compare(a, b));
    entries.into_iter().map(|(key, value)| (key.to_owned(), list_or(value))).collect()
}

/// A null list is written as an empty one.
fn list_or(value: &Value) -> Ordered {
    if value.is_null() { Ordered::List(Vec::new()) } else { Ordered::from(value) }
}

/// `keyList.Less` of gopkg.in/yaml.v2 2.4.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    if less(a, b) {
        Ordering::Less
    } else if less(b, a) {
        Ordering::Greater
    } else {
        Ordering::Equal
    }
}

fn less(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let Some(at) = a.iter().zip(&b).position(|(a, b)| a != b) else { return a.len() < b.len() };
    match (a[at].is_alphabetic(), b[at].is_alphabetic()) {
        (true, true) => return a[at] < b[at],
        (true, false) => return false,
        (false, true) => return true,
        (false, false) => {}
    }
    // Zeros within a number count as digits of it.
    let follows_digit = (a[at] == '0' || b[at] == '0')
        && a[..at].iter().rev().take_while(|c| c.is_numeric()).any(|c| *c != '0');
    let start = u64::from(follows_digit);
    let number = |text: &[char]| {
        let digits = text[at..].iter().take_while(|c| c.is_numeric());
        digits.fold((start, 0), |(value, length): (u64, usize), digit| {
            let digit = u64::from(u32::from(*digit).wrapping_sub(u32::from('0')));
            (value.wrapping_mul(10).wrapping_add(digit), length + 1)
        })
    };
    let ((an, a_length), (bn, b_length)) = (number(&a), number(&b));
    if an != bn {
        return an < bn;
    }
    if a_length != b_length {
        return a_length < b_length;
    }
    a[at] < b[at]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_numbers_and_letters_come_last() {
        let mut keys = ["b", "a10", "a2", "_a", "a", "a-1", "B"];
        keys.sort_by(|a, b| compare(a, b));
        assert_eq!(keys, ["_a", "B", "a", "a-1", "a2", "a10", "b"]);
    }
}
