//! Public keys of certificates.

use std::fmt;

use num_bigint::BigUint;
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::der::Fields;
use super::pem;

/// RSA, whatever it is used for (RFC 8017).
pub(super) const OID_RSA: &str = "1.2.840.113549.1.1.1";
/// Keys on a named curve (RFC 5480).
pub(super) const OID_EC: &str = "1.2.840.10045.2.1";
pub(super) const OID_ED25519: &str = "1.3.101.112";
/// For key exchange only; no certificate of a TLS server or client has one.
pub(super) const OID_X25519: &str = "1.3.101.110";

/// The bytes of an Ed25519 public key, and of the seed of a private one.
pub(super) const ED25519_LENGTH: usize = 32;

/// RSA keys below this many bits are weak (NIST SP 800-131A since 2014).
const RSA_STRONG_BITS: u64 = 2048;

/// The curves that Go's `crypto/x509` (1.26) knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// secp224r1
    P224,
    /// secp256r1, prime256v1
    P256,
    /// secp384r1
    P384,
    /// secp521r1
    P521,
}

impl Curve {
    pub(super) fn from_oid(oid: &str) -> Option<Self> {
        match oid {
            "1.3.132.0.33" => Some(Self::P224),
            "1.2.840.10045.3.1.7" => Some(Self::P256),
            "1.3.132.0.34" => Some(Self::P384),
            "1.3.132.0.35" => Some(Self::P521),
            _ => None,
        }
    }

    /// The bytes of a private key, and of each coordinate of a public one.
    pub(super) const fn length(self) -> usize {
        match self {
            Self::P224 => 28,
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// The prime of the curve's field, and b of y² = x³ - 3x + b (SEC 2, version 2).
    fn parameters(self) -> (BigUint, BigUint) {
        let (prime, b): (&[u8], &[u8]) = match self {
            Self::P224 => (
                b"ffffffffffffffffffffffffffffffff000000000000000000000001",
                b"b4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4",
            ),
            Self::P256 => (
                b"ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
                b"5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
            ),
            Self::P384 => (
                b"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
                b"b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
            ),
            Self::P521 => (
                b"1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\
                  fffffffffffffffffffffffffffffffff",
                b"51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf07\
                  3573df883d2c34f1ef451fd46b503f00",
            ),
        };
        let number = |digits| BigUint::parse_bytes(digits, 16).expect("the digits are written above");
        (number(prime), number(b))
    }

    /// Whether an uncompressed point is on the curve.
    fn has(self, point: &[u8]) -> bool {
        let (prime, b) = self.parameters();
        let [4, coordinates @ ..] = point else { return false };
        if coordinates.len() != 2 * self.length() {
            return false;
        }
        let (x, y) = coordinates.split_at(self.length());
        let (x, y) = (BigUint::from_bytes_be(x), BigUint::from_bytes_be(y));
        // 3(p - x) instead of -3x: these numbers have no sign.
        x < prime && y < prime && (&y * &y) % &prime == (&x * &x * &x + (&prime - &x) * 3_u8 + b) % &prime
    }

    const fn name(self) -> &'static str {
        match self {
            Self::P224 => "P-224",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }
}

/// A public key. As text it is its kind and strength: `RSA 2048`, `ECDSA P-256`, `Ed25519`.
#[derive(Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// RSA.
    Rsa {
        /// n
        modulus: BigUint,
        /// e
        exponent: BigUint,
    },
    /// ECDSA.
    Ec {
        /// The curve.
        curve: Curve,
        /// The point, uncompressed.
        point: Vec<u8>,
    },
    /// Ed25519.
    Ed25519([u8; ED25519_LENGTH]),
    /// Of an algorithm that neither Go's TLS nor this room knows, by its object identifier.
    Unknown(String),
}

impl PublicKey {
    /// From the part of a certificate that holds it; none where Go's `x509.ParseCertificate` refuses the certificate for
    /// it.
    pub(super) fn read(info: &SubjectPublicKeyInfo<'_>) -> Option<Self> {
        let parameters = info.algorithm.parameters.as_ref();
        let bits = &info.subject_public_key;
        match info.algorithm.algorithm.to_id_string().as_str() {
            OID_RSA => {
                // The parameters have to be NULL.
                parameters
                    .filter(|any| any.tag() == x509_parser::asn1_rs::Tag::Null && any.data.is_empty())?;
                let (mut fields, _) = Fields::of(&bits.data)?;
                let (modulus, exponent) = (fields.number()?, fields.number()?);
                let zero = BigUint::ZERO;
                (modulus != zero && exponent != zero && exponent.bits() < 64)
                    .then_some(Self::Rsa { modulus, exponent })
            }
            OID_EC => {
                let curve = Curve::from_oid(&parameters?.as_oid().ok()?.to_id_string())?;
                let point = bits.data.to_vec();
                curve.has(&point).then_some(Self::Ec { curve, point })
            }
            OID_ED25519 => {
                parameters.is_none().then_some(())?;
                Some(Self::Ed25519(bits.data.as_ref().try_into().ok()?))
            }
            other => Some(Self::Unknown(other.to_owned())),
        }
    }

    /// Reads the first public key of a PEM text (`PUBLIC KEY`, RFC 7468); none where there is none.
    pub fn from_pem(text: &[u8]) -> Option<Self> {
        let block = pem::blocks(text).find(|block| block.label() == "PUBLIC KEY")?;
        let (rest, info) = SubjectPublicKeyInfo::from_der(block.content()).ok()?;
        if rest.is_empty() { Self::read(&info) } else { None }
    }

    /// What makes the key weak, in a few words; none when nothing does. Go takes weak keys for certificates, so this is
    /// advice and no verdict.
    pub fn weakness(&self) -> Option<String> {
        match self {
            Self::Rsa { modulus, .. } if modulus.bits() < RSA_STRONG_BITS => {
                Some(format!("an RSA key of {} bits; {RSA_STRONG_BITS} is the least today", modulus.bits()))
            }
            _ => None,
        }
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { modulus, .. } => write!(f, "RSA {}", modulus.bits()),
            Self::Ec { curve, .. } => write!(f, "ECDSA {}", curve.name()),
            Self::Ed25519(_) => f.write_str("Ed25519"),
            Self::Unknown(oid) => write!(f, "algorithm {oid}"),
        }
    }
}

/// As [`PublicKey`]'s text.
impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}
