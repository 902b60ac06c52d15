//! `!!binary`: Go's `base64.StdEncoding`, and what its JSON makes of bytes that are no UTF-8.

use ::base64::Engine as _;
use ::base64::alphabet::STANDARD;
use ::base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Padding is required; bits that no byte takes may be anything, as Go leaves them.
const GO_STANDARD: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// The bytes of base64 as Go reads it: padding is required, line breaks do not count. None when it is no base64.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    GO_STANDARD.decode(digits).ok()
}

/// A string of these bytes as Go's JSON writes it: one replacement character for each byte that fits nowhere.
pub(super) fn go_string(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_as_go_does() {
        assert_eq!(decode("aGVsbG8=").as_deref(), Some(&b"hello"[..]));
        assert_eq!(decode("aGVs\nbG8h\r\n").as_deref(), Some(&b"hello!"[..]));
        assert_eq!(decode("").as_deref(), Some(&b""[..]));
        assert_eq!(decode("aGVsbG9=").as_deref(), Some(&b"hello"[..]), "the last bits are nobody's");
        assert_eq!(decode("aGVsbG8"), None, "padding is required");
        assert_eq!(decode("aGVsbG8=x"), None);
        assert_eq!(decode("a==="), None);
        assert_eq!(decode("aGV bG8="), None);
        assert_eq!(go_string(b"a\xff\xfeb"), "a\u{fffd}\u{fffd}b");
    }
}
