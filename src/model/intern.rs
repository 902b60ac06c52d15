//! Every text of a label, name or namespace once, and a small number to stand for it.
//!
//! Matching compares numbers instead of texts, and 100,000 Services share their few hundred label values.

use std::sync::Arc;

use rustc_hash::FxHashMap;

/// Stands for a text within one [`Interner`]. The order of symbols is the order of first sight, not that of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(u32);

/// Texts by symbol, and symbols by text.
#[derive(Debug, Default, Clone)]
pub struct Interner {
    symbols: FxHashMap<Arc<str>, Symbol>,
    texts: Vec<Arc<str>>,
}

impl Interner {
    /// An interner that knows no text.
    pub fn new() -> Self {
        Self::default()
    }

    /// The symbol of a text, a new one when the text is new.
    pub fn intern(&mut self, text: &str) -> Symbol {
        if let Some(&symbol) = self.symbols.get(text) {
            return symbol;
        }
        let number = u32::try_from(self.texts.len()).expect("texts come from inputs below 4 GiB");
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.symbols.insert(text, Symbol(number));
        Symbol(number)
    }

    /// The symbol of a text that was interned before. None means that nothing anywhere has this text.
    pub fn get(&self, text: &str) -> Option<Symbol> {
        self.symbols.get(text).copied()
    }

    /// The text of a symbol of this interner.
    pub fn text(&self, symbol: Symbol) -> &str {
        &self.texts[symbol.0 as usize]
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_share_a_symbol() {
        let mut interner = Interner::new();
        let (a, b) = (interner.intern("a"), interner.intern("b"));
        assert_ne!(a, b);
        assert_eq!(interner.intern("a"), a);
        assert_eq!((interner.text(b), interner.get("c"), interner.len()), ("b", None, 2));
    }
}
