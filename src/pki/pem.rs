//! PEM: blocks of base64 between `-----BEGIN X-----` and `-----END X-----`, found as Go's `encoding/pem` (1.26) finds
//! them, because the operator, Prometheus and etcd read with it.
//!
//! What is between blocks, before the first and after the last does not count; line ends may be those of Windows;
//! a block that is damaged is passed over in silence. The last is what people trip over, so [`Leftover`] says what
//! there was of a text without blocks.

use std::fmt;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::memmem;

/// Padding is required; bits that no byte takes may be anything, as in Go's `base64.StdEncoding`.
const GO_STANDARD: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"\n-----END ";
const DASHES: &[u8] = b"-----";

/// The label of a certificate.
pub(super) const CERTIFICATE: &str = "CERTIFICATE";

/// A block. What is in it may be a key, so it is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Block {
    label: String,
    has_headers: bool,
    content: Vec<u8>,
}

impl Block {
    /// What the block is said to hold: `CERTIFICATE`, `EC PRIVATE KEY`.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The bytes that stand in it as base64.
    pub(super) fn content(&self) -> &[u8] {
        &self.content
    }

    /// Whether the label is that of a private key to Go's `tls.X509KeyPair`. An encrypted one has such a label too.
    pub fn is_private_key(&self) -> bool {
        self.label == "PRIVATE KEY" || self.label.ends_with(" PRIVATE KEY")
    }

    /// Whether the content is said to be encrypted: by its label (PKCS#8), or by headers before it, which private keys
    /// have for no other reason (OpenSSL's older form, `Proc-Type: 4,ENCRYPTED`).
    pub(super) fn is_encrypted(&self) -> bool {
        self.label == "ENCRYPTED PRIVATE KEY" || self.is_private_key() && self.has_headers
    }

    /// Whether there are headers before the content.
    pub(super) fn has_headers(&self) -> bool {
        self.has_headers
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Block({}, {} bytes)", self.label, self.content.len())
    }
}

/// The blocks of a text, in its order.
pub fn blocks(text: &[u8]) -> impl Iterator<Item = Block> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let (block, after) = next_block(rest?)?;
        rest = Some(after);
        Some(block)
    })
}

/// The next block, and what follows it; none when no whole block is left.
fn next_block(text: &[u8]) -> Option<(Block, &[u8])> {
    let mut from = 0;
    loop {
        let end = from + memmem::find(&text[from..], END)?;
        let after_end = end + END.len();
        if let Some(begin) = last_begin(text, from, end) {
            match read_block(text, begin, end)? {
                Some(found) => return Some(found),
                None => from = after_end,
            }
        } else {
            from = after_end;
        }
    }
}

/// Where the last `BEGIN` before an `END` stands, if it begins a line. Earlier ones are text without an end.
fn last_begin(text: &[u8], from: usize, end: usize) -> Option<usize> {
    let begin = from + memmem::rfind(&text[from..end], BEGIN)?;
    (begin == from || text[begin - 1] == b'\n').then_some(begin)
}

/// The block between a `BEGIN` and an `END`, and what follows it: `Some(None)` when it is none, and none when the text is
/// at its end.
#[expect(clippy::option_option, reason = "nothing here is something else than nothing any more")]
fn read_block(text: &[u8], begin: usize, end: usize) -> Option<Option<(Block, &[u8])>> {
    let (head, mut at) = line(text, begin + BEGIN.len());
    let Some(label) = head.strip_suffix(DASHES) else { return Some(None) };
    let mut has_headers = false;
    loop {
        if at >= text.len() {
            return None;
        }
        let (header, next) = line(text, at);
        if !header.contains(&b':') {
            break;
        }
        has_headers = true;
        at = next;
    }
    if has_headers && at > end {
        // Where the END line itself was taken for a header, Go gives up on the whole text.
        return if at > end + END.len() { None } else { Some(None) };
    }
    let Some(after_label) = text[end + END.len()..].strip_prefix(label) else { return Some(None) };
    let Some(trailer) = after_label.strip_prefix(DASHES) else { return Some(None) };
    let (blank, next) = line(trailer, 0);
    if !blank.is_empty() {
        return Some(None);
    }
    let body: Vec<u8> = text[at.min(end)..end]
        .iter()
        .copied()
        .filter(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
        .collect();
    let Ok(content) = GO_STANDARD.decode(body) else { return Some(None) };
    let label = String::from_utf8_lossy(label).into_owned();
    Some(Some((Block { label, has_headers, content }, &trailer[next..])))
}

/// The line that begins at an offset, without its end and blanks before that, and where the next one begins.
fn line(text: &[u8], from: usize) -> (&[u8], usize) {
    let (mut end, next) = match memchr::memchr(b'\n', &text[from..]) {
        Some(length) => (from + length, from + length + 1),
        None => return (trim_end(&text[from..]), text.len()),
    };
    if end > from && text[end - 1] == b'\r' {
        end -= 1;
    }
    (trim_end(&text[from..end]), next)
}

fn trim_end(line: &[u8]) -> &[u8] {
    let length = line.iter().rposition(|byte| !matches!(byte, b' ' | b'\t')).map_or(0, |last| last + 1);
    &line[..length]
}

/// Why a text holds no block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leftover {
    /// Nothing, or nothing but blanks.
    Empty,
    /// It begins as DER does: the same data without the base64 around it.
    Der,
    /// A block begins and none is whole: it was cut, or its base64 is damaged.
    Damaged,
    /// Something else.
    Foreign,
}

/// What a text without blocks is instead.
pub(super) fn leftover(text: &[u8]) -> Leftover {
    if text.iter().all(u8::is_ascii_whitespace) {
        Leftover::Empty
    } else if memmem::find(text, BEGIN).is_some() {
        Leftover::Damaged
    } else if matches!(
        text,
        [0x30, 0x82..=0x83, ..] | [0x30, _, 0x02, 0x01, ..] | [0x30, 0x81, _, 0x02, 0x01, ..]
    ) {
        // A SEQUENCE, as every certificate and every key is: a long one, or one that begins with a version.
        Leftover::Der
    } else {
        Leftover::Foreign
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Vec<String> {
        blocks(text.as_bytes()).map(|block| format!("{} {:?}", block.label(), block.content())).collect()
    }

    #[test]
    fn blocks_stand_among_other_text() {
        let text = "subject=CN = x\n-----BEGIN A-----\nAQID\n-----END A-----\nnext:\n-----BEGIN B C-----\nBA==\n-----END B C-----";
        assert_eq!(labels(text), ["A [1, 2, 3]", "B C [4]"]);
        assert_eq!(labels(&text.replace('\n', "\r\n")), ["A [1, 2, 3]", "B C [4]"]);
        assert_eq!(labels("-----BEGIN A-----  \nAQ ID\t\n-----END A-----\t \n"), ["A [1, 2, 3]"]);
        assert_eq!(labels("-----BEGIN A-----\n-----END A-----\n"), ["A []"]);
    }

    #[test]
    fn headers_are_passed_over() {
        let text = "-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: X,Y\n\nAQID\n-----END A-----\n";
        let found: Vec<Block> = blocks(text.as_bytes()).collect();
        assert_eq!(found.len(), 1);
        assert!(found[0].has_headers());
        assert_eq!(found[0].content(), [1, 2, 3]);
    }

    #[test]
    fn what_is_damaged_is_passed_over() {
        let whole = "-----BEGIN A-----\nAQID\n-----END A-----\n";
        for damaged in [
            "-----BEGIN A-----\nAQ*D\n-----END A-----\n",
            "-----BEGIN A-----\nAQIDB\n-----END A-----\n",
            "-----BEGIN A-----\nAQID\n-----END B-----\n",
            "-----BEGIN A-----\nAQID\n-----END A----\n",
            "-----BEGIN A---\nAQID\n-----END A-----\n",
            "-----BEGIN A-----\nAQID\n-----END A----- x\n",
            "x-----BEGIN A-----\nAQID\n-----END A-----\n",
            "-----BEGIN Z-----\nAQID\n",
        ] {
            assert_eq!(labels(damaged), Vec::<String>::new(), "{damaged}");
            assert_eq!(labels(&format!("{damaged}{whole}")), ["A [1, 2, 3]"], "{damaged}");
        }
    }

    #[test]
    fn what_there_is_instead_of_blocks_is_named() {
        assert_eq!(leftover(b" \n"), Leftover::Empty);
        assert_eq!(leftover(&[0x30, 0x82, 0x01, 0x02]), Leftover::Der);
        assert_eq!(leftover(b"-----BEGIN CERTIFICATE-----\nMII"), Leftover::Damaged);
        assert_eq!(leftover(b"0123 see attachment"), Leftover::Foreign);
        assert_eq!(leftover(b"MIIBszCCAVmg"), Leftover::Foreign);
    }

    #[test]
    fn a_block_does_not_show_its_content() {
        let block = blocks(b"-----BEGIN A-----\nAQID\n-----END A-----\n").next().unwrap();
        assert_eq!(format!("{block:?}"), "Block(A, 3 bytes)");
    }
}
