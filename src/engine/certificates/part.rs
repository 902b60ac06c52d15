//! What certificates and keys are read from.

use std::fmt;

use crate::diagnostic::{Code, Diagnostic};
use crate::pki::{Certificate, CertificateError, PrivateKey, PublicKey, Usage, blocks};

/// Certificates and keys that belong together: the files of a command line, a Secret, what an endpoint shows.
#[derive(Debug, Default)]
pub struct Material {
    /// The parts, in their order.
    pub parts: Vec<Part>,
    /// What its certificates are shown for, where that is known.
    pub usage: Option<Usage>,
}

/// One file, one key of a Secret, or the chain of an endpoint.
pub struct Part {
    /// What a person knows it by: a path, `Secret kube-system/etcd tls.crt`, `10.0.0.1:2379`.
    pub name: String,
    /// The certificates in it, the first one its own and the others the chain.
    pub certificates: Vec<Certificate>,
    /// The private key in it.
    pub key: Option<PrivateKey>,
    /// The public key in it.
    pub public_key: Option<PublicKey>,
    /// What is wrong with it.
    pub findings: Vec<Diagnostic>,
}

/// Never a key.
impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Part").field(&self.name).field(&self.certificates).finish()
    }
}

impl Part {
    /// What is in some bytes: PEM with certificates and keys, or a certificate as DER.
    pub fn read(name: impl Into<String>, bytes: &[u8]) -> Self {
        let mut part = Self {
            name: name.into(),
            certificates: Vec::new(),
            key: None,
            public_key: PublicKey::from_pem(bytes),
            findings: Vec::new(),
        };
        if blocks(bytes).any(|block| block.is_private_key()) {
            match PrivateKey::from_pem(bytes) {
                Ok(key) => part.key = Some(key),
                Err(error) => {
                    part.add(Code::UNUSABLE_CERTIFICATE, "holds no usable private key", &error.reason());
                }
            }
        }
        match Certificate::all_from_any(bytes) {
            Ok(certificates) => part.certificates = certificates,
            // Something else than a certificate was meant.
            Err(CertificateError::NoCertificate(_)) if part.key.is_some() || !part.findings.is_empty() => {}
            Err(_) if part.public_key.is_some() => {}
            Err(error) => {
                part.add(Code::UNUSABLE_CERTIFICATE, "holds no certificate", &error.reason());
            }
        }
        part
    }

    /// A chain as an endpoint shows it.
    pub fn of_chain(name: impl Into<String>, chain: &[Vec<u8>]) -> Self {
        let mut part = Self {
            name: name.into(),
            certificates: Vec::new(),
            key: None,
            public_key: None,
            findings: Vec::new(),
        };
        for der in chain {
            match Certificate::from_der(der) {
                Ok(certificate) => part.certificates.push(certificate),
                Err(error) => {
                    part.add(
                        Code::UNUSABLE_CERTIFICATE,
                        "shows a certificate that Go cannot read",
                        &error.to_string(),
                    );
                }
            }
        }
        part
    }

    fn add(&mut self, code: Code, what: &str, note: &str) {
        self.findings.push(Diagnostic::new(code, format!("`{}` {what}", self.name)).note(note));
    }

    /// Its own certificate, unless it holds authorities and nothing else.
    pub fn leaf(&self) -> Option<&Certificate> {
        self.certificates.first().filter(|_| !self.is_bundle())
    }

    /// Whether it holds authorities and nothing else.
    pub fn is_bundle(&self) -> bool {
        self.key.is_none()
            && !self.certificates.is_empty()
            && self.certificates.iter().all(Certificate::is_authority)
    }
}
