//! Finished mappings: without duplicates, and merged.

use rustc_hash::FxHashMap;

use super::super::duplicates;
use super::super::scan::Problem;
use super::super::tree::{Kind, NodeId, Pair, Text, Tree};
use super::{Builder, KeyKind, Mappings, NO_MERGE, NOT_FINITE, PendingPair, UNSUPPORTED_KEY, problem};

impl Builder<'_> {
    /// Moves the pairs above `base` into the tree, merged and without duplicates.
    pub(super) fn close_mapping(&mut self, base: usize) -> Result<(usize, usize), Problem> {
        let from = self.tree.pairs.len();
        match self.mappings {
            Mappings::Merged => {}
            Mappings::Written => return self.close_written(base),
            Mappings::Unmerged => {
                self.tree.pairs.extend(self.pairs[base..].iter().map(|pending| pending.pair));
                self.pairs.truncate(base);
                return Ok((from, self.tree.pairs.len()));
            }
        }
        let simple = !self.pairs[base..].iter().any(|pending| pending.kind == KeyKind::Merge);
        if simple {
            self.drop_duplicates(base);
            self.tree.pairs.extend(self.pairs[base..].iter().map(|pending| pending.pair));
        } else {
            self.merge(base)?;
        }
        self.pairs.truncate(base);
        Ok((from, self.tree.pairs.len()))
    }

    /// Moves the pairs above `base` into the tree as they are, without `<<`, which has to name mappings all the same.
    fn close_written(&mut self, base: usize) -> Result<(usize, usize), Problem> {
        let from = self.tree.pairs.len();
        let pending = self.pairs.split_off(base);
        for PendingPair { pair, kind } in pending {
            if kind == KeyKind::Merge {
                self.merge_sources(pair.value)?;
            } else {
                self.tree.pairs.push(pair);
            }
        }
        Ok((from, self.tree.pairs.len()))
    }

    pub(super) fn key(&self, key: Text) -> &str {
        self.parser.slice(key)
    }

    /// Keeps the last pair of each key, in the place of the last.
    pub(super) fn drop_duplicates(&mut self, base: usize) {
        let pairs = &self.pairs[base..];
        let found = duplicates::find(pairs.len(), |at| self.parser.slice(pairs[at].pair.key));
        if found.is_empty() {
            return;
        }
        let span = |at: usize| pairs[at].pair.key_span;
        self.built.duplicates.extend(found.iter().map(|&(earlier, later)| (span(earlier), span(later))));
        duplicates::drop_earlier(&mut self.pairs, base, &found);
    }

    /// Merges as Go does: each `<<` sets its entries where it stands, so that it wins over keys before it.
    pub(super) fn merge(&mut self, base: usize) -> Result<(), Problem> {
        let pending = self.pairs.split_off(base);
        let mut merged: Vec<(Pair, bool)> = Vec::with_capacity(pending.len());
        let mut places: FxHashMap<String, usize> = FxHashMap::default();
        for PendingPair { pair, kind } in pending {
            if kind != KeyKind::Merge {
                let key = self.key(pair.key).to_owned();
                if let Some(&at) = places.get(&key) {
                    if merged[at].1 {
                        self.built.duplicates.push((merged[at].0.key_span, pair.key_span));
                    }
                    merged[at] = (pair, true);
                } else {
                    places.insert(key, merged.len());
                    merged.push((pair, true));
                }
                continue;
            }
            for source in self.merge_sources(pair.value)? {
                let slot = self.tree.nodes[source.0 as usize];
                for at in slot.a..slot.b {
                    let pair = self.tree.pairs[at as usize];
                    let key = self.key(pair.key).to_owned();
                    if let Some(&at) = places.get(&key) {
                        merged[at] = (pair, false);
                    } else {
                        places.insert(key, merged.len());
                        merged.push((pair, false));
                    }
                }
            }
        }
        self.tree.pairs.extend(merged.into_iter().map(|(pair, _)| pair));
        Ok(())
    }

    /// The mappings a `<<` merges, in the order they are set.
    pub(super) fn merge_sources(&self, value: NodeId) -> Result<Vec<NodeId>, Problem> {
        let slot = self.tree.nodes[value.0 as usize];
        let mapping = |node: NodeId| {
            let slot = self.tree.nodes[node.0 as usize];
            let target = if slot.kind == Kind::Alias { NodeId(slot.a) } else { node };
            match self.tree.nodes[target.0 as usize].kind {
                Kind::Mapping => Ok(target),
                _ => problem(NO_MERGE, slot.span),
            }
        };
        if slot.kind == Kind::Sequence {
            // Backwards, as earlier ones take precedence.
            return self.tree.links[slot.a as usize..slot.b as usize]
                .iter()
                .rev()
                .map(|&node| mapping(node))
                .collect();
        }
        Ok(vec![mapping(value)?])
    }
}

/// Refuses what JSON cannot say, where it is still in the tree after merging and dropping duplicates.
pub(super) fn refuse_unsupported(tree: &Tree) -> Result<(), Problem> {
    let mut seen = vec![false; tree.nodes.len()];
    let mut open = vec![tree.root];
    while let Some(node) = open.pop() {
        if std::mem::replace(&mut seen[node.0 as usize], true) {
            continue;
        }
        let slot = tree.nodes[node.0 as usize];
        match slot.kind {
            Kind::Float if !f64::from_bits(u64::from(slot.a) | u64::from(slot.b) << 32).is_finite() => {
                return problem(NOT_FINITE, slot.span);
            }
            Kind::Alias => open.push(NodeId(slot.a)),
            Kind::Sequence => open.extend(&tree.links[slot.a as usize..slot.b as usize]),
            Kind::Mapping => {
                for pair in &tree.pairs[slot.a as usize..slot.b as usize] {
                    if pair.unsupported {
                        return problem(UNSUPPORTED_KEY, pair.key_span);
                    }
                    open.push(pair.value);
                }
            }
            _ => {}
        }
    }
    Ok(())
}
