//! The few shapes of DER that keys are made of, read as Go's `encoding/asn1` (1.26) reads them into a struct: what
//! follows the fields it knows is left alone.

use num_bigint::BigUint;
use x509_parser::asn1_rs::{Any, Class, FromDer, Oid, Tag};

/// A SEQUENCE being read from the front. Reading fails with none: what was wrong with a key is nothing to tell anybody.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// The fields of a SEQUENCE, and what follows it.
    pub(super) fn of(der: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (after, any) = Any::from_der(der).ok()?;
        let is_sequence = any.class() == Class::Universal && any.tag() == Tag::Sequence;
        is_sequence.then_some((Self { rest: any.data }, after))
    }

    /// The next field, whatever it is.
    pub(super) fn any(&mut self) -> Option<Any<'a>> {
        let (rest, any) = Any::from_der(self.rest).ok()?;
        self.rest = rest;
        Some(any)
    }

    /// The next field, if it has this number in its context.
    pub(super) fn context(&mut self, number: u32) -> Option<Any<'a>> {
        let mut ahead = *self;
        let any = ahead.any()?;
        if any.class() != Class::ContextSpecific || any.tag().0 != number {
            return None;
        }
        *self = ahead;
        Some(any)
    }

    /// An OCTET STRING.
    pub(super) fn octets(&mut self) -> Option<&'a [u8]> {
        self.universal(Tag::OctetString)
    }

    /// A whole number that is not negative.
    pub(super) fn number(&mut self) -> Option<BigUint> {
        let data = self.universal(Tag::Integer)?;
        match data {
            // Negative, or not as short as can be.
            [] | [0x80..=0xff, ..] | [0, 0..=0x7f, ..] => None,
            _ => Some(BigUint::from_bytes_be(data)),
        }
    }

    /// A SEQUENCE.
    pub(super) fn sequence(&mut self) -> Option<Self> {
        self.universal(Tag::Sequence).map(|rest| Self { rest })
    }

    /// An OBJECT IDENTIFIER.
    pub(super) fn oid(&mut self) -> Option<Oid<'a>> {
        Some(Oid::new(self.universal(Tag::Oid)?.into()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    fn universal(&mut self, tag: Tag) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let any = ahead.any()?;
        if any.class() != Class::Universal || any.tag() != tag {
            return None;
        }
        *self = ahead;
        Some(any.data)
    }
}

/// The bits of a BIT STRING that ends with a byte.
pub(super) fn bits<'a>(any: &Any<'a>) -> Option<&'a [u8]> {
    match any.data {
        [0, bits @ ..] if any.tag() == Tag::BitString => Some(bits),
        _ => None,
    }
}
