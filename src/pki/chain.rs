//! Whether a certificate is trusted: a chain from it to an authority, as Go's `Certificate.Verify` (1.26) looks for it.
//!
//! webpki, which rustls trusts by, is a stricter verifier than Go's: it refuses certificates that are trusted
//! themselves, authorities shown by servers, and RSA keys that Go takes. What matters here is what Go does, so the
//! steps are Go's; the mathematics is ring's.

use std::fmt;

use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::certificate::{Certificate, Usage, Validity};
use super::moment::Moment;
use super::public_key::{Curve, PublicKey};

/// How many signatures are checked before the search is given up, as in Go.
const MOST_SIGNATURES: usize = 100;

/// Why a certificate is not trusted. As text it is what Go says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustError {
    /// It is not, or not yet, valid at this moment.
    NotValid {
        /// Which of the two.
        validity: Validity,
        /// The moment it is judged at.
        now: Moment,
        /// The end or beginning of its time.
        limit: Moment,
    },
    /// No authority that is trusted signed it.
    UnknownAuthority {
        /// An authority of the right name that did not, and why it does not count.
        candidate: Option<(String, String)>,
    },
    /// It, or an authority above it, is not for this usage.
    Usage,
    /// It demands something unknown of whoever reads it.
    UnknownCritical,
    /// It cannot be judged here: a signature of a kind, or a rule about names, that this room does not know.
    /// Go may well trust it.
    Unjudged(String),
}

impl Certificate {
    /// Whether it is trusted for a usage, given authorities and what is shown along with it.
    ///
    /// # Errors
    /// Why not, or that it cannot be told ([`TrustError::Unjudged`]).
    pub fn is_trusted(
        &self,
        intermediates: &[Self],
        authorities: &[Self],
        usage: Usage,
        now: Moment,
    ) -> Result<(), TrustError> {
        self.is_valid_at(now)?;
        let mut search = Search {
            intermediates,
            authorities,
            usage,
            now,
            signatures: 0,
            hint: None,
            unjudged: None,
            unfit: false,
        };
        if authorities.iter().any(|authority| authority.der == self.der) {
            return if self.is_for(usage) { Ok(()) } else { Err(TrustError::Usage) };
        }
        if search.climb(&mut vec![self]) {
            return Ok(());
        }
        Err(if let Some(reason) = search.unjudged {
            TrustError::Unjudged(reason)
        } else if search.unfit {
            TrustError::Usage
        } else {
            TrustError::UnknownAuthority { candidate: search.hint }
        })
    }

    /// Whether an authority signed it: its name, its right to sign and the signature, without regard to time.
    ///
    /// # Errors
    /// Why not, or that it cannot be told.
    pub fn is_signed_by(&self, authority: &Self) -> Result<(), TrustError> {
        let refused = |reason: String| {
            let candidate = Some((reason, short_name(authority)));
            Err(TrustError::UnknownAuthority { candidate })
        };
        if self.raw_issuer != authority.raw_subject {
            return Err(TrustError::UnknownAuthority { candidate: None });
        }
        match check_signature(self, authority) {
            Ok(()) => Ok(()),
            Err(Signature::Wrong(reason)) => refused(reason),
            Err(Signature::Unjudged(reason)) => Err(TrustError::Unjudged(reason)),
        }
    }

    fn is_valid_at(&self, now: Moment) -> Result<(), TrustError> {
        if self.has_unknown_critical_extension {
            return Err(TrustError::UnknownCritical);
        }
        match self.validity(now) {
            Validity::Valid => Ok(()),
            validity => {
                let limit = if validity == Validity::NotYet { self.not_before() } else { self.not_after() };
                Err(TrustError::NotValid { validity, now, limit })
            }
        }
    }
}

/// A search for a chain, upwards from a certificate.
struct Search<'a> {
    intermediates: &'a [Certificate],
    authorities: &'a [Certificate],
    usage: Usage,
    now: Moment,
    signatures: usize,
    /// The first authority of the right name that does not count: why, and its name.
    hint: Option<(String, String)>,
    /// What could not be judged on the way.
    unjudged: Option<String>,
    /// Whether there is a chain and only the usage is wrong.
    unfit: bool,
}

impl<'a> Search<'a> {
    /// Whether a chain leads from the last certificate of the way to an authority.
    fn climb(&mut self, way: &mut Vec<&'a Certificate>) -> bool
    where
        Self: 'a,
    {
        let child = way[way.len() - 1];
        let parents = [(true, self.authorities), (false, self.intermediates)];
        for (is_authority, candidates) in parents {
            for candidate in candidates.iter().filter(|parent| parent.raw_subject == child.raw_issuer) {
                self.signatures += 1;
                if self.signatures > MOST_SIGNATURES {
                    return false;
                }
                let is_known = |known: &&Certificate| {
                    known.raw_subject == candidate.raw_subject && known.public_key() == candidate.public_key()
                };
                if way.iter().any(is_known) || !self.counts(child, candidate, is_authority, way.len()) {
                    continue;
                }
                way.push(candidate);
                let found = if is_authority { self.fits(way) } else { self.climb(way) };
                if found {
                    return true;
                }
                way.pop();
            }
        }
        false
    }

    /// Whether a candidate signed a certificate and may have done so.
    fn counts(
        &mut self,
        child: &Certificate,
        parent: &Certificate,
        is_authority: bool,
        above: usize,
    ) -> bool {
        let reason = match check_signature(child, parent) {
            Err(Signature::Wrong(reason)) => Some(reason),
            Err(Signature::Unjudged(reason)) => {
                self.unjudged.get_or_insert(reason);
                return false;
            }
            Ok(()) => match parent.is_valid_at(self.now) {
                Err(error) => Some(error.to_string()),
                Ok(()) if !is_authority && !parent.is_authority() => {
                    Some("x509: certificate is not authorized to sign other certificates".to_owned())
                }
                Ok(()) => match parent.basic_constraints {
                    // The certificate at the bottom is no intermediate.
                    Some((_, Some(most))) if above - 1 > most as usize => {
                        Some("x509: too many intermediates for path length constraint".to_owned())
                    }
                    _ => None,
                },
            },
        };
        match reason {
            None => true,
            Some(reason) => {
                self.hint.get_or_insert((reason, short_name(parent)));
                false
            }
        }
    }

    /// Whether a whole chain is for the usage: whoever above says what it is for limits those below.
    fn fits(&mut self, chain: &[&Certificate]) -> bool {
        if !chain.iter().all(|certificate| certificate.is_for(self.usage)) {
            self.unfit = true;
            return false;
        }
        if chain.iter().any(|certificate| certificate.has_name_constraints) {
            self.unjudged.get_or_insert("an authority limits the names it signs for".to_owned());
            return false;
        }
        true
    }
}

/// What an authority is called in errors: its common name, if it has one.
fn short_name(authority: &Certificate) -> String {
    authority.common_name().unwrap_or(authority.subject()).to_owned()
}

/// What a signature is instead of right.
enum Signature {
    Wrong(String),
    Unjudged(String),
}

/// Whether a certificate carries the signature of another one's key, and that one may sign certificates.
fn check_signature(child: &Certificate, parent: &Certificate) -> Result<(), Signature> {
    let wrong = |reason: &str| Err(Signature::Wrong(reason.to_owned()));
    let without_right = match parent.basic_constraints {
        None => parent.version == 3,
        Some((is_authority, _)) => !is_authority,
    };
    if without_right || parent.may_sign_certificates == Some(false) {
        return wrong("x509: invalid signature: parent certificate cannot sign this kind of certificate");
    }
    let Ok((_, parsed)) = X509Certificate::from_der(&child.der) else {
        return wrong("x509: malformed certificate");
    };
    let oid = parsed.signature_algorithm.algorithm.to_id_string();
    let algorithm = match algorithm(&oid, parent.public_key()) {
        Algorithm::Of(algorithm) => algorithm,
        Algorithm::Insecure(name) => {
            return Err(Signature::Wrong(format!(
                "x509: cannot verify signature: insecure algorithm {name}"
            )));
        }
        Algorithm::OtherKey => {
            return wrong("x509: signature algorithm specifies another kind of public key");
        }
        Algorithm::Unknown => {
            return Err(Signature::Unjudged(format!(
                "a signature of the kind {oid} with an {} key is not checked here",
                parent.public_key()
            )));
        }
    };
    let key = key_bytes(parent);
    let signed = parsed.tbs_certificate.as_ref();
    match UnparsedPublicKey::new(algorithm, key).verify(signed, &parsed.signature_value.data) {
        Ok(()) => Ok(()),
        Err(_) => wrong(match parent.public_key() {
            PublicKey::Ec { .. } => "x509: ECDSA verification failure",
            PublicKey::Ed25519(_) => "x509: Ed25519 verification failure",
            _ => "crypto/rsa: verification error",
        }),
    }
}

/// The key as ring takes it: the bits of the certificate's field.
fn key_bytes(certificate: &Certificate) -> Vec<u8> {
    X509Certificate::from_der(&certificate.der)
        .map(|(_, parsed)| parsed.public_key().subject_public_key.data.to_vec())
        .unwrap_or_default()
}

/// What checks a signature.
enum Algorithm {
    Of(&'static dyn VerificationAlgorithm),
    /// Go refuses it.
    Insecure(&'static str),
    /// The key is of another kind than the signature.
    OtherKey,
    Unknown,
}

/// The algorithm for an object identifier (RFC 4055, 5758, 8410) and a key. ring checks RSA from 1024 bits on, and the
/// curves P-256 and P-384.
fn algorithm(oid: &str, key: &PublicKey) -> Algorithm {
    let (is_fitting, algorithm): (bool, Option<&'static dyn VerificationAlgorithm>) = match oid {
        "1.2.840.113549.1.1.4" => return Algorithm::Insecure("MD5-RSA"),
        "1.2.840.113549.1.1.5" => return Algorithm::Insecure("SHA1-RSA"),
        "1.2.840.10045.4.1" => return Algorithm::Insecure("ECDSA-SHA1"),
        "1.2.840.113549.1.1.11" | "1.2.840.113549.1.1.12" | "1.2.840.113549.1.1.13" => {
            let bits = if let PublicKey::Rsa { modulus, .. } = key { modulus.bits() } else { 0 };
            let algorithm: Option<&'static dyn VerificationAlgorithm> = match (oid, bits) {
                ("1.2.840.113549.1.1.11", 1024..=8192) => {
                    Some(&signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY)
                }
                ("1.2.840.113549.1.1.12", 2048..=8192) => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
                ("1.2.840.113549.1.1.13", 1024..=8192) => {
                    Some(&signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY)
                }
                _ => None,
            };
            (matches!(key, PublicKey::Rsa { .. }), algorithm)
        }
        "1.2.840.10045.4.3.2" | "1.2.840.10045.4.3.3" | "1.2.840.10045.4.3.4" => {
            let algorithm: Option<&'static dyn VerificationAlgorithm> = match (oid, key) {
                ("1.2.840.10045.4.3.2", PublicKey::Ec { curve: Curve::P256, .. }) => {
                    Some(&signature::ECDSA_P256_SHA256_ASN1)
                }
                ("1.2.840.10045.4.3.3", PublicKey::Ec { curve: Curve::P256, .. }) => {
                    Some(&signature::ECDSA_P256_SHA384_ASN1)
                }
                ("1.2.840.10045.4.3.2", PublicKey::Ec { curve: Curve::P384, .. }) => {
                    Some(&signature::ECDSA_P384_SHA256_ASN1)
                }
                ("1.2.840.10045.4.3.3", PublicKey::Ec { curve: Curve::P384, .. }) => {
                    Some(&signature::ECDSA_P384_SHA384_ASN1)
                }
                _ => None,
            };
            (matches!(key, PublicKey::Ec { .. }), algorithm)
        }
        "1.3.101.112" => (matches!(key, PublicKey::Ed25519(_)), Some(&signature::ED25519)),
        _ => (true, None),
    };
    match algorithm {
        _ if !is_fitting => Algorithm::OtherKey,
        Some(algorithm) => Algorithm::Of(algorithm),
        None => Algorithm::Unknown,
    }
}

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotValid { validity, now, limit } => {
                let side = if *validity == Validity::NotYet { "before" } else { "after" };
                write!(
                    f,
                    "x509: certificate has expired or is not yet valid: current time {now} is {side} {limit}"
                )
            }
            Self::UnknownAuthority { candidate: None } => {
                f.write_str("x509: certificate signed by unknown authority")
            }
            Self::UnknownAuthority { candidate: Some((reason, name)) } => {
                write!(
                    f,
                    "x509: certificate signed by unknown authority (possibly because of \"{reason}\" while trying to \
                     verify candidate authority certificate \"{name}\")"
                )
            }
            Self::Usage => f.write_str("x509: certificate specifies an incompatible key usage"),
            Self::UnknownCritical => f.write_str("x509: unhandled critical extension"),
            Self::Unjudged(reason) => write!(f, "not judged: {reason}"),
        }
    }
}

impl std::error::Error for TrustError {}
