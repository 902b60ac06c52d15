//! Whether a certificate and a private key belong together.

use std::fmt;

use super::certificate::{Certificate, CertificateError};
use super::pem::Leftover;
use super::private_key::{KeyError, Match, PrivateKey};
use super::public_key::PublicKey;

/// Why a certificate and a key are no pair.
///
/// As text it is what Go's `tls.X509KeyPair` (1.26) says, which is what prometheus-operator, Prometheus and etcd log,
/// except that a certificate that is wrong inside its signed part is `x509: malformed certificate`, where Go says which part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PairError {
    /// The certificate's text holds none that can be read.
    Certificate(CertificateError),
    /// The key's text holds none that can be read.
    Key(KeyError),
    /// The certificate is for a key of an algorithm Go's TLS does not know.
    UnknownAlgorithm,
    /// The key is of another kind than the certificate's: RSA for ECDSA.
    OtherKind,
    /// The key is that of another certificate.
    OtherKey,
}

/// Whether a TLS client or server can use this certificate with this key: they can be read, and the first certificate
/// is for the public half of the first key. This is the verdict of Go's `tls.X509KeyPair` (1.26), by which
/// prometheus-operator (0.93) accepts or rejects a monitor's `tlsConfig`. How strong the key is, who signed the
/// certificate and when it expires are no part of it.
///
/// # Errors
/// Why not.
pub fn pair_matches(certificate: &[u8], key: &[u8]) -> Result<(), PairError> {
    // In Go's order, so that of two mistakes the same one is told.
    let certificate = Certificate::first_from_pem(certificate);
    if let Err(error @ (CertificateError::NoPem(_) | CertificateError::NoCertificate(_))) = certificate {
        return Err(PairError::Certificate(error));
    }
    let key = PrivateKey::from_pem(key);
    if let Err(error @ (KeyError::NoPem(_) | KeyError::NoKey(_))) = key {
        return Err(PairError::Key(error));
    }
    keys_match(&certificate.map_err(PairError::Certificate)?, &key.map_err(PairError::Key)?)
}

/// Whether a certificate is for the public half of a key, both read before.
///
/// # Errors
/// Why not: never one of reading.
pub fn keys_match(certificate: &Certificate, key: &PrivateKey) -> Result<(), PairError> {
    if matches!(certificate.public_key(), PublicKey::Unknown(_)) {
        return Err(PairError::UnknownAlgorithm);
    }
    match key.matches(certificate.public_key()) {
        Match::Same => Ok(()),
        Match::Different => Err(PairError::OtherKey),
        Match::OtherKind => Err(PairError::OtherKind),
    }
}

impl fmt::Display for PairError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate(error) => error.fmt(f),
            Self::Key(error) => error.fmt(f),
            Self::UnknownAlgorithm => f.write_str("tls: unknown public key algorithm"),
            Self::OtherKind => f.write_str("tls: private key type does not match public key type"),
            Self::OtherKey => f.write_str("tls: private key does not match public key"),
        }
    }
}

impl std::error::Error for PairError {}

/// As Go's `tls.X509KeyPair` (1.26) says it.
impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPem(_) => f.write_str("tls: failed to find any PEM data in certificate input"),
            Self::NoCertificate(labels) => match labels.as_slice() {
                [only] if only.ends_with("PRIVATE KEY") => f.write_str(
                    "tls: failed to find certificate PEM data in certificate input, but did find a private key; \
                     PEM inputs may have been switched",
                ),
                _ => write!(
                    f,
                    "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of \
                     the following types: [{}]",
                    labels.join(" ")
                ),
            },
            Self::Malformed(part) => write!(f, "x509: {part}"),
        }
    }
}

impl std::error::Error for CertificateError {}

/// As Go's `tls.X509KeyPair` (1.26) says it. It does not tell an encrypted key from a damaged one.
impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPem(_) => f.write_str("tls: failed to find any PEM data in key input"),
            Self::NoKey(labels) if labels == &["CERTIFICATE"] => {
                f.write_str("tls: found a certificate rather than a key in the PEM for the private key")
            }
            Self::NoKey(labels) => write!(
                f,
                "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping PEM \
                 blocks of the following types: [{}]",
                labels.join(" ")
            ),
            Self::Encrypted | Self::Malformed(_) => f.write_str("tls: failed to parse private key"),
            Self::Unsupported => f.write_str("tls: found unknown private key type in PKCS#8 wrapping"),
        }
    }
}

impl std::error::Error for KeyError {}

/// What is wrong with a file that is to hold a certificate, in a person's words, and what to do about it.
impl CertificateError {
    /// What the text is instead of a certificate: `it is DER, not PEM`.
    pub fn reason(&self) -> String {
        match self {
            Self::NoPem(leftover) => leftover.reason().to_owned(),
            Self::NoCertificate(labels) if labels.iter().any(|label| label.ends_with("PRIVATE KEY")) => {
                "it holds a private key and no certificate".to_owned()
            }
            Self::NoCertificate(labels) => format!("it holds no certificate but {}", quoted(labels)),
            Self::Malformed(_) => "what is in its PEM block is no certificate".to_owned(),
        }
    }

    /// What to do about it; none where only a better file helps.
    pub fn remedy(&self, path: &str) -> Option<String> {
        match self {
            Self::NoPem(Leftover::Der) => {
                Some(format!("convert it: openssl x509 -inform der -in {path} -out NEW_FILE"))
            }
            Self::NoCertificate(labels) if labels.iter().any(|label| label.ends_with("PRIVATE KEY")) => {
                Some("name the certificate here; the key has an option of its own".to_owned())
            }
            _ => None,
        }
    }
}

/// What is wrong with a file that is to hold a private key, in a person's words, and what to do about it.
impl KeyError {
    /// What the text is instead of a key: `the key is encrypted`.
    pub fn reason(&self) -> String {
        match self {
            Self::NoPem(leftover) => leftover.reason().to_owned(),
            Self::NoKey(labels) if labels.iter().any(|label| label == "CERTIFICATE") => {
                "it holds a certificate and no private key".to_owned()
            }
            Self::NoKey(labels) => format!("it holds no private key but {}", quoted(labels)),
            Self::Encrypted => "the key is encrypted, and Prometheus knows no password".to_owned(),
            Self::Malformed(label) => format!("what is in its PEM block `{label}` is no key that TLS uses"),
            Self::Unsupported => "the key is for key exchange (X25519) and cannot sign".to_owned(),
        }
    }

    /// What to do about it; none where only a better file helps.
    pub fn remedy(&self, path: &str) -> Option<String> {
        match self {
            Self::NoPem(Leftover::Der) => {
                Some(format!("convert it: openssl pkey -inform der -in {path} -out NEW_FILE"))
            }
            Self::NoKey(labels) if labels.iter().any(|label| label == "CERTIFICATE") => {
                Some("name the key here; the certificate has an option of its own".to_owned())
            }
            Self::Encrypted => Some(format!(
                "decrypt it to a file for its owner alone: (umask 077; openssl pkey -in {path} -out NEW_FILE)"
            )),
            _ => None,
        }
    }
}

impl Leftover {
    /// In a person's words.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Empty => "it is empty",
            Self::Der => "it is DER, and PEM is needed",
            Self::Damaged => "its PEM block is cut off or damaged",
            Self::Foreign => "it is no PEM (a text with `-----BEGIN`)",
        }
    }
}

fn quoted(labels: &[String]) -> String {
    labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ")
}
