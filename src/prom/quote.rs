//! Strings in double quotes as Go's `%q` writes them, which is how Prometheus and the operator quote in messages.

use std::fmt::Write as _;

use super::unicode;

/// The text in double quotes, with what is not printable escaped (Go 1.26, `strconv.Quote`).
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for one in text.chars() {
        let code = u32::from(one);
        // Writing to a string does not fail.
        let _ = match one {
            '"' | '\\' => write!(quoted, "\\{one}"),
            '\x07' => write!(quoted, "\\a"),
            '\x08' => write!(quoted, "\\b"),
            '\x0C' => write!(quoted, "\\f"),
            '\n' => write!(quoted, "\\n"),
            '\r' => write!(quoted, "\\r"),
            '\t' => write!(quoted, "\\t"),
            '\x0B' => write!(quoted, "\\v"),
            _ if unicode::is_print(one) => write!(quoted, "{one}"),
            '\0'..' ' | '\x7F' => write!(quoted, "\\x{code:02x}"),
            ..'\u{10000}' => write!(quoted, "\\u{code:04x}"),
            _ => write!(quoted, "\\U{code:08x}"),
        };
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_as_go_does() {
        assert_eq!(
            quote(" a\"\\\n\x00\x7f\u{85}é\u{feff}\u{e0001}\u{fffd}"),
            r#"" a\"\\\n\x00\x7f\u0085é\ufeff\U000e0001�""#
        );
    }
}
