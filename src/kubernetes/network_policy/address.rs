//! Ranges of addresses.

use std::net::IpAddr;

use crate::source::Node;

/// A range of addresses, as in `10.0.0.0/8`.
#[derive(Debug, Clone, Copy)]
struct Range {
    first: u128,
    bits: u32,
    is_v4: bool,
}

/// An address as a number, with four-byte ones at the upper end.
fn number(address: IpAddr) -> (u128, bool) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()) << 96, true),
        IpAddr::V6(address) => (address.to_bits(), false),
    }
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let (first, is_v4) = number(address.parse().ok()?);
        let bits = bits.parse().ok().filter(|bits| *bits <= if is_v4 { 32 } else { 128 })?;
        Some(Self { first, bits, is_v4 })
    }

    fn contains(self, address: IpAddr) -> bool {
        let (address, is_v4) = number(address);
        let different = address ^ self.first;
        self.is_v4 == is_v4 && different.checked_shr(128 - self.bits).unwrap_or_default() == 0
    }
}

/// Whether an `ipBlock` holds all of these addresses; None where it cannot be said: there are none, or it holds some only.
pub(super) fn is_in_block(block: Node<'_>, addresses: &[IpAddr]) -> Option<bool> {
    let range = |node: Node<'_>| node.as_str().and_then(Range::parse);
    // The API server refuses a policy with a range it cannot read.
    let Some(cidr) = block.get("cidr").and_then(range) else { return Some(false) };
    let except: Vec<Range> =
        block.get("except").into_iter().flat_map(Node::items).filter_map(range).collect();
    let holds =
        |address: &IpAddr| cidr.contains(*address) && !except.iter().any(|except| except.contains(*address));
    let count = addresses.iter().filter(|address| holds(address)).count();
    match count {
        _ if addresses.is_empty() => None,
        0 => Some(false),
        _ => (count == addresses.len()).then_some(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_addresses() {
        for (range, address, expected) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.1.2.3/32", "10.1.2.3", true),
            ("10.1.2.3/32", "10.1.2.2", false),
            ("0.0.0.0/0", "192.0.2.1", true),
            ("0.0.0.0/0", "fd00::1", false),
            ("::/0", "192.0.2.1", false),
            ("fd00::/8", "fd12::1", true),
            ("fd00::1/128", "fd00::2", false),
        ] {
            let range = Range::parse(range).expect("a range");
            assert_eq!(range.contains(address.parse().expect("an address")), expected, "{range:?} {address}");
        }
        for text in ["", "10.0.0.0", "10.0.0.0/33", "::/129", "10.0.0/8", "a/8", "10.0.0.0/-1"] {
            assert!(Range::parse(text).is_none(), "{text}");
        }
    }
}
