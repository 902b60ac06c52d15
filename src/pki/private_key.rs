//! Private keys: read from every form Go's `tls.X509KeyPair` (1.26) reads, and compared with public ones.

use std::fmt;

use num_bigint::BigUint;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair,
};

use super::der::{self, Fields};
use super::pem::{self, Block, Leftover};
use super::public_key::{Curve, ED25519_LENGTH, OID_EC, OID_ED25519, OID_RSA, OID_X25519, PublicKey};

/// A private key. It never shows what it is made of.
#[derive(Clone)]
pub struct PrivateKey(Kind);

#[derive(Clone)]
enum Kind {
    Rsa { modulus: BigUint, exponent: BigUint },
    Ec { curve: Curve, scalar: Vec<u8>, point: Option<Vec<u8>> },
    Ed25519([u8; ED25519_LENGTH]),
    // For key exchange, not for signing.
    X25519,
}

/// Why a text holds no private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyError {
    /// There is no PEM block in it.
    NoPem(Leftover),
    /// There are blocks, with these labels, and none is a private key.
    NoKey(Vec<String>),
    /// The key is encrypted: only a password opens it, and Prometheus has none.
    Encrypted,
    /// The content of the block, whose label this is, is no key that Go reads.
    Malformed(String),
    /// A key for key exchange, which cannot sign.
    Unsupported,
}

impl PrivateKey {
    /// Reads the first private key of a PEM text, as `tls.X509KeyPair` does: blocks of other kinds are passed over, and
    /// the content decides about the form, whatever the label says.
    pub fn from_pem(text: &[u8]) -> Result<Self, KeyError> {
        let mut labels = Vec::new();
        for block in pem::blocks(text) {
            if block.is_private_key() {
                return Self::from_block(&block);
            }
            labels.push(block.label().to_owned());
        }
        Err(if labels.is_empty() { KeyError::NoPem(pem::leftover(text)) } else { KeyError::NoKey(labels) })
    }

    fn from_block(block: &Block) -> Result<Self, KeyError> {
        // Headers do not stop Go from trying, so what can be read is no encrypted key.
        match Self::from_der(block.content()) {
            Some(Self(Kind::X25519)) => Err(KeyError::Unsupported),
            Some(key) => Ok(key),
            None if block.is_encrypted() => Err(KeyError::Encrypted),
            None => Err(KeyError::Malformed(block.label().to_owned())),
        }
    }

    /// Tries the forms in Go's order: PKCS#1 (RSA), PKCS#8 (any), SEC 1 (curves).
    fn from_der(der: &[u8]) -> Option<Self> {
        rsa(der).or_else(|| pkcs8(der)).or_else(|| sec1(der, None)).map(Self)
    }

    /// Whether the public half of this key is that one. Where a key on the curves P-224 or P-521 does not say what its
    /// public half is, it is taken to be.
    pub(super) fn matches(&self, public: &PublicKey) -> Match {
        let is_same = match (&self.0, public) {
            (Kind::Rsa { modulus: n, exponent: e }, PublicKey::Rsa { modulus, exponent }) => {
                n == modulus && e == exponent
            }
            (Kind::Ec { curve, scalar, point }, PublicKey::Ec { curve: other, point: expected }) => {
                curve == other && has_point(*curve, scalar, point.as_deref(), expected)
            }
            (Kind::Ed25519(seed), PublicKey::Ed25519(expected)) => {
                Ed25519KeyPair::from_seed_and_public_key(seed, expected).is_ok()
            }
            _ => return Match::OtherKind,
        };
        if is_same { Match::Same } else { Match::Different }
    }

    const fn kind(&self) -> &'static str {
        match self.0 {
            Kind::Rsa { .. } => "RSA",
            Kind::Ec { .. } => "ECDSA",
            Kind::Ed25519(_) => "Ed25519",
            Kind::X25519 => "X25519",
        }
    }
}

/// The kind only.
impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.kind())
    }
}

/// How a private and a public key go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    Same,
    Different,
    OtherKind,
}

/// PKCS#1: version, n, e, d, p, q, d mod p-1, d mod q-1, 1/q mod p, and further primes where the version is 1.
fn rsa(der: &[u8]) -> Option<Kind> {
    let (mut fields, after) = Fields::of(der)?;
    if !after.is_empty() || fields.number()? > BigUint::from(1_u8) {
        return None;
    }
    let [modulus, exponent, d, p, q] = numbers(&mut fields)?;
    let crt: Option<[BigUint; 3]> = if fields.is_empty() { None } else { Some(numbers(&mut fields)?) };
    let mut others = Vec::new();
    if let Some(mut infos) = fields.sequence() {
        while let Some(mut info) = infos.sequence() {
            others.push(info.number()?);
        }
    }
    is_consistent(&modulus, &exponent, &d, &p, &q, crt.as_ref(), &others)
        .then_some(Kind::Rsa { modulus, exponent })
}

fn numbers<const N: usize>(fields: &mut Fields<'_>) -> Option<[BigUint; N]> {
    let read: Vec<BigUint> = (0..N).map_while(|_| fields.number()).collect();
    let zero = BigUint::ZERO;
    read.try_into().ok().filter(|numbers: &[BigUint; N]| numbers.iter().all(|number| *number != zero))
}

/// Whether the parts of an RSA key fit together: Go refuses a key whose parts do not.
fn is_consistent(
    modulus: &BigUint,
    exponent: &BigUint,
    d: &BigUint,
    p: &BigUint,
    q: &BigUint,
    crt: Option<&[BigUint; 3]>,
    others: &[BigUint],
) -> bool {
    let one = BigUint::from(1_u8);
    let primes: Vec<&BigUint> = [p, q].into_iter().chain(others).collect();
    let is_inverse = |left: &BigUint, right: &BigUint, of: &BigUint| (left * right) % of == one;
    if primes.iter().any(|prime| **prime <= one)
        || primes.iter().fold(one.clone(), |product, prime| product * *prime) != *modulus
        || !primes
            .iter()
            .all(|prime| **prime == BigUint::from(2_u8) || is_inverse(exponent, d, &(*prime - &one)))
    {
        return false;
    }
    match crt {
        Some([dp, dq, qinv]) if others.is_empty() => {
            is_inverse(exponent, dp, &(p - &one))
                && is_inverse(exponent, dq, &(q - &one))
                && is_inverse(qinv, q, p)
        }
        _ => true,
    }
}

/// PKCS#8: version, algorithm, and the key as it is without the wrapping.
fn pkcs8(der: &[u8]) -> Option<Kind> {
    let (mut fields, _) = Fields::of(der)?;
    fields.number()?;
    let mut algorithm = fields.sequence()?;
    let oid = algorithm.oid()?.to_id_string();
    let inner = fields.octets()?;
    match oid.as_str() {
        OID_RSA => rsa(inner),
        OID_EC => sec1(inner, algorithm.oid().map(|curve| curve.to_id_string()).as_deref()),
        OID_ED25519 => algorithm.is_empty().then(|| curve_key(inner)).flatten().map(Kind::Ed25519),
        OID_X25519 => algorithm.is_empty().then(|| curve_key(inner)).flatten().map(|_| Kind::X25519),
        _ => None,
    }
}

/// The seed in an OCTET STRING (RFC 8410).
fn curve_key(der: &[u8]) -> Option<[u8; ED25519_LENGTH]> {
    use x509_parser::asn1_rs::{Any, FromDer, Tag};
    let (_, any) = Any::from_der(der).ok()?;
    (any.tag() == Tag::OctetString).then_some(())?;
    any.data.try_into().ok()
}

/// SEC 1: version 1, the number, the curve (which a wrapping may name instead), the public point.
fn sec1(der: &[u8], wrapped: Option<&str>) -> Option<Kind> {
    let (mut fields, _) = Fields::of(der)?;
    if fields.number()? != BigUint::from(1_u8) {
        return None;
    }
    let stored = fields.octets()?;
    let named = fields.context(0).and_then(|any| Some(any_oid(any.data)?.to_id_string()));
    let point = fields.context(1).and_then(|any| {
        use x509_parser::asn1_rs::{Any, FromDer};
        let (_, inner) = Any::from_der(any.data).ok()?;
        der::bits(&inner).map(<[u8]>::to_vec)
    });
    let curve = Curve::from_oid(wrapped.or(named.as_deref())?)?;
    // Some writers pad the number, others drop its leading zeros; Go takes both.
    let significant = &stored[stored.iter().position(|byte| *byte != 0)?..];
    let mut scalar = vec![0; curve.length().checked_sub(significant.len())?];
    scalar.extend_from_slice(significant);
    Some(Kind::Ec { curve, scalar, point })
}

fn any_oid(der: &[u8]) -> Option<x509_parser::asn1_rs::Oid<'_>> {
    use x509_parser::asn1_rs::FromDer;
    x509_parser::asn1_rs::Oid::from_der(der).ok().map(|(_, oid)| oid)
}

/// Whether the public point of a number is that one. The point a key carries itself is not trusted where it can be
/// computed, as Go does not trust it.
fn has_point(curve: Curve, scalar: &[u8], stored: Option<&[u8]>, expected: &[u8]) -> bool {
    let computes = |algorithm: &'static EcdsaSigningAlgorithm| {
        EcdsaKeyPair::from_private_key_and_public_key(algorithm, scalar, expected, &SystemRandom::new())
            .is_ok()
    };
    match curve {
        Curve::P256 => computes(&ECDSA_P256_SHA256_ASN1_SIGNING),
        Curve::P384 => computes(&ECDSA_P384_SHA384_ASN1_SIGNING),
        Curve::P224 | Curve::P521 => stored.is_none_or(|point| point == expected),
    }
}
