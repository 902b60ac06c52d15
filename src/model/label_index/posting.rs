//! Posting lists, and set operations on them.

/// Ascending numbers of items. A list that holds at least one item in [`Self::DENSE`] can also be asked by bit: walking it beside
/// a few candidates would pass many numbers for each of them.
#[derive(Debug, Default)]
pub(super) struct Postings {
    items: Vec<u32>,
    bits: Vec<u64>,
}

impl Postings {
    /// At this density the bits take no more memory than the numbers.
    const DENSE: usize = 32;
    pub(super) const EMPTY: &'static Self = &Self { items: Vec::new(), bits: Vec::new() };

    /// Adds a number above all others.
    pub(super) fn push(&mut self, item: u32) {
        self.items.push(item);
    }

    /// Ends the list: it is one of those over `count` items.
    pub(super) fn finish(&mut self, count: usize) {
        if self.items.len() * Self::DENSE >= count {
            let mut bits = vec![0; count.div_ceil(64)];
            for &item in &self.items {
                bits[item as usize / 64] |= 1 << (item % 64);
            }
            self.bits = bits;
        }
    }

    pub(super) fn items(&self) -> &[u32] {
        &self.items
    }

    /// Keeps or drops the numbers that are in the list.
    fn filter(&self, items: &mut Vec<u32>, keep: bool) {
        let mut cursor = self.cursor();
        items.retain(|&item| cursor.contains(item) == keep);
    }

    /// Drops the numbers that are in the list.
    pub(super) fn subtract_from(&self, items: &mut Vec<u32>) {
        self.filter(items, false);
    }

    fn cursor(&self) -> Cursor<'_> {
        Cursor { rest: &self.items, bits: &self.bits }
    }
}

/// The union of disjoint lists.
pub(super) struct Union<'i> {
    lists: Vec<&'i Postings>,
    len: usize,
}

impl<'i> Union<'i> {
    pub(super) fn new(lists: impl IntoIterator<Item = &'i Postings>) -> Self {
        let lists: Vec<_> = lists.into_iter().filter(|list| !list.items.is_empty()).collect();
        let len = lists.iter().map(|list| list.items.len()).sum();
        Self { lists, len }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// All numbers, ascending.
    pub(super) fn items(&self) -> Vec<u32> {
        let mut items = Vec::with_capacity(self.len);
        for list in &self.lists {
            items.extend_from_slice(&list.items);
        }
        if self.lists.len() > 1 {
            #[expect(clippy::stable_sort_primitive, reason = "it takes the lists for runs and merges them")]
            items.sort();
        }
        items
    }

    /// Keeps the numbers that are in one of the lists.
    pub(super) fn intersect(&self, items: &mut Vec<u32>) {
        if let [list] = self.lists[..] {
            list.filter(items, true);
        } else {
            let mut cursors: Vec<_> = self.lists.iter().map(|list| list.cursor()).collect();
            items.retain(|&item| cursors.iter_mut().any(|cursor| cursor.contains(item)));
        }
    }
}

/// Looks ascending numbers up. Without bits, what was passed is dropped, so a whole walk costs no more than the list is
/// long; steps double, so that few look-ups in a long list cost little.
struct Cursor<'i> {
    rest: &'i [u32],
    bits: &'i [u64],
}

impl Cursor<'_> {
    fn contains(&mut self, item: u32) -> bool {
        if !self.bits.is_empty() {
            return self.bits[item as usize / 64] & 1 << (item % 64) != 0;
        }
        let mut step = 1;
        while step < self.rest.len() && self.rest[step] < item {
            step *= 2;
        }
        let end = self.rest.len().min(step + 1);
        let below = step / 2 + self.rest[step / 2..end].partition_point(|&number| number < item);
        self.rest = &self.rest[below..];
        self.rest.first() == Some(&item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same numbers without and with bits.
    fn both_ways(items: &[u32]) -> [Postings; 2] {
        let mut dense = Postings { items: items.to_vec(), ..Postings::default() };
        dense.finish(220);
        assert!(items.is_empty() || !dense.bits.is_empty());
        [Postings { items: items.to_vec(), ..Postings::default() }, dense]
    }

    #[test]
    fn a_cursor_finds_exactly_what_is_there() {
        let list: Vec<u32> = (0..200).filter(|n| n % 3 == 0).collect();
        for postings in both_ways(&list) {
            for stride in 1..50 {
                let mut cursor = postings.cursor();
                for item in (0..220).step_by(stride) {
                    assert_eq!(cursor.contains(item), item < 200 && item % 3 == 0, "{item} by {stride}");
                }
            }
        }
        assert!(!Postings::EMPTY.cursor().contains(0));
    }

    #[test]
    fn a_union_is_ascending_and_intersects_in_place() {
        let ([odd, _], [_, even]) =
            (both_ways(&[1, 5, 9, 11, 13, 15, 17]), both_ways(&[2, 6, 8, 10, 12, 14, 16]));
        let union = Union::new([&odd, Postings::EMPTY, &even]);
        assert_eq!(union.items(), [1, 2, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
        let mut items = vec![0, 1, 2, 3, 9, 19];
        union.intersect(&mut items);
        assert_eq!(items, [1, 2, 9]);
        even.subtract_from(&mut items);
        assert_eq!(items, [1, 9]);
    }
}
