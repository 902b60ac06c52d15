//! The few shapes of DER that keys are made of, read as Go's `encoding/asn1` (1.26) reads them into a struct: what
//! follows the fields it knows is left alone, and a field that may be absent is so where another one stands.

#![expect(
    clippy::option_option,
    reason = "none is a failure, and nothing in something is what may be absent"
)]

use num_bigint::BigUint;
use x509_parser::asn1_rs::{Class, FromDer, Header, Oid, Tag};

/// A SEQUENCE being read from the front. Reading fails with none: what was wrong with a key is nothing to tell anybody.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// The fields of a SEQUENCE, and what follows it.
    pub(super) fn of(der: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let mut outer = Self { rest: der };
        let fields = outer.sequence()?;
        Some((fields, outer.rest))
    }

    /// Reads what stands alone, without a SEQUENCE around it.
    pub(super) fn alone(der: &'a [u8]) -> Self {
        Self { rest: der }
    }

    /// An OCTET STRING.
    pub(super) fn octets(&mut self) -> Option<&'a [u8]> {
        self.field(Class::Universal, Tag::OctetString, false)?
    }

    /// An INTEGER that is not negative.
    pub(super) fn number(&mut self) -> Option<BigUint> {
        self.optional_number()?
    }

    /// An INTEGER that is not negative, if there is an INTEGER.
    pub(super) fn optional_number(&mut self) -> Option<Option<BigUint>> {
        match self.field(Class::Universal, Tag::Integer, false)? {
            None => Some(None),
            Some([0x80..=0xff, ..]) => None,
            Some(digits) if is_shortest(digits) => Some(Some(BigUint::from_bytes_be(digits))),
            Some(_) => None,
        }
    }

    /// A small INTEGER, which says what version something is of.
    pub(super) fn version(&mut self) -> Option<i64> {
        let digits = self.field(Class::Universal, Tag::Integer, false)??;
        let sign = if *digits.first()? < 0x80 { 0 } else { -1 };
        (is_shortest(digits) && digits.len() <= 8)
            .then(|| digits.iter().fold(sign, |number, byte| number << 8 | i64::from(*byte)))
    }

    /// A SEQUENCE.
    pub(super) fn sequence(&mut self) -> Option<Self> {
        self.optional_sequence()?
    }

    /// A SEQUENCE, if there is one.
    pub(super) fn optional_sequence(&mut self) -> Option<Option<Self>> {
        let found = self.field(Class::Universal, Tag::Sequence, true)?;
        Some(found.map(|rest| Self { rest }))
    }

    /// Goes into the field with this number, if it stands next. How long it is said to be does not count, as in Go.
    pub(super) fn enter(&mut self, number: u32) -> Option<bool> {
        if self.rest.is_empty() {
            return Some(false);
        }
        let (rest, header) = header(self.rest)?;
        if header.class() != Class::ContextSpecific || header.tag() != Tag(number) || !header.constructed() {
            return Some(false);
        }
        self.rest = rest;
        (!header.length().is_null()).then_some(true)
    }

    /// An OBJECT IDENTIFIER.
    pub(super) fn oid(&mut self) -> Option<Oid<'a>> {
        self.optional_oid()?
    }

    /// An OBJECT IDENTIFIER, if there is one.
    pub(super) fn optional_oid(&mut self) -> Option<Option<Oid<'a>>> {
        let Some(bytes) = self.field(Class::Universal, Tag::Oid, false)? else { return Some(None) };
        // Each number ends with a byte below 0x80.
        (*bytes.last()? < 0x80).then(|| Some(Oid::new(bytes.into())))
    }

    /// A BIT STRING of whole bytes, if there is one. Bits that are no part of it have to be 0.
    pub(super) fn optional_bits(&mut self) -> Option<Option<&'a [u8]>> {
        let Some(content) = self.field(Class::Universal, Tag::BitString, false)? else { return Some(None) };
        let (unused, bits) = content.split_first()?;
        let last = bits.last().copied().unwrap_or_default();
        let is_padded = *unused > 7 || (bits.is_empty() && *unused != 0) || last & ((1 << unused) - 1) != 0;
        (!is_padded).then_some(Some(bits))
    }

    /// Whether what stands next, whatever it is, is whole; nothing is.
    pub(super) fn is_whole(&self) -> bool {
        let whole = |rest, header: &Header<'_>| {
            header.length().definite().is_ok_and(|length| length <= <[u8]>::len(rest))
        };
        self.rest.is_empty() || header(self.rest).is_some_and(|(rest, header)| whole(rest, &header))
    }

    /// The next field, whatever it is: its first byte, which says what it is, and its content.
    pub(super) fn any(&mut self) -> Option<(u8, &'a [u8])> {
        let (rest, header) = header(self.rest)?;
        let (content, rest) = rest.split_at_checked(header.length().definite().ok()?)?;
        let first = *self.rest.first()?;
        self.rest = rest;
        Some((first, content))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The content of the next field if it is of this kind, and then it has to be whole.
    fn field(&mut self, class: Class, tag: Tag, constructed: bool) -> Option<Option<&'a [u8]>> {
        if self.rest.is_empty() {
            return Some(None);
        }
        let (rest, header) = header(self.rest)?;
        if header.class() != class || header.tag() != tag || header.constructed() != constructed {
            return Some(None);
        }
        let (content, rest) = rest.split_at_checked(header.length().definite().ok()?)?;
        self.rest = rest;
        Some(Some(content))
    }
}

/// What a field is and how long, and what follows that. A length takes no more bytes than it needs.
fn header(der: &[u8]) -> Option<(&[u8], Header<'_>)> {
    if let [_, 0x81, 0..=0x7f, ..] | [_, 0x82..=0xff, 0, ..] = der {
        return None;
    }
    Header::from_der(der).ok()
}

/// Whether an INTEGER has no more bytes than it needs.
fn is_shortest(digits: &[u8]) -> bool {
    !matches!(digits, [] | [0, 0..=0x7f, ..] | [0xff, 0x80..=0xff, ..])
}
