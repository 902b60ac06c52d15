//! Text from elsewhere, made safe to print.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with every character that steers a terminal as an escape: `\\u{1b}`. Manifests and the names of files come
/// from strangers, and a terminal that obeys them can be made to show something else. Line feeds and tabs stay.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if steers(character) {
            let _ = write!(shown, "{}", character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Control characters, those of C1 too, and what turns the direction of writing.
fn steers(character: char) -> bool {
    let turns = matches!(character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (character.is_control() && character != '\n' && character != '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_shown() {
        assert_eq!(
            visible("a\u{1b}[31mb\u{9b}c\u{202e}\r\nd\té"),
            "a\\u{1b}[31mb\\u{9b}c\\u{202e}\\u{d}\nd\té"
        );
        assert!(matches!(visible("plain"), Cow::Borrowed(_)));
    }
}
