//! TLS material, judged as the operator's Go judges it.

use crate::operator::refusal::{Check, Refusal};
use crate::pki::{Certificate, CertificateError, pair_matches};

/// A CA: the first PEM block has to be a certificate.
pub(super) fn check_ca(content: &[u8]) -> Check {
    Certificate::from_first_block(content).map(drop).map_err(|error| match error {
        CertificateError::NoPem(_) => Refusal::new("failed to decode PEM block"),
        other => Refusal::new(format!("failed to parse certificate: {other}")),
    })
}

/// A certificate and a key: their public keys have to be the same.
pub(super) fn check_pair(certificate: &[u8], key: &[u8]) -> Check {
    pair_matches(certificate, key).map_err(|error| Refusal::new(error.to_string()))
}
