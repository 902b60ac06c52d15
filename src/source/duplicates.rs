//! Keys given twice in one mapping: the last one wins, in Go's YAML and JSON alike.

use rustc_hash::FxHashMap;

/// A mapping with more entries than this is searched by hashing.
const FEW: usize = 16;

/// Pairs of an earlier and a later entry with the same key, by the later one.
pub(super) fn find<'t>(count: usize, key: impl Fn(usize) -> &'t str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    if count <= FEW {
        for later in 1..count {
            let name = key(later);
            if let Some(earlier) = (0..later).rev().find(|&earlier| key(earlier) == name) {
                found.push((earlier, later));
            }
        }
    } else {
        let mut seen: FxHashMap<&str, usize> = FxHashMap::default();
        seen.reserve(count);
        for later in 0..count {
            if let Some(earlier) = seen.insert(key(later), later) {
                found.push((earlier, later));
            }
        }
    }
    found
}

/// The entries above `base` without the earlier ones of each pair.
pub(super) fn drop_earlier<T: Copy>(entries: &mut Vec<T>, base: usize, found: &[(usize, usize)]) {
    let mut gone: Vec<usize> = found.iter().map(|&(earlier, _)| earlier).collect();
    gone.sort_unstable();
    let mut gone = gone.into_iter().peekable();
    let mut kept = base;
    for at in base..entries.len() {
        if gone.next_if_eq(&(at - base)).is_none() {
            entries[kept] = entries[at];
            kept += 1;
        }
    }
    entries.truncate(kept);
}
