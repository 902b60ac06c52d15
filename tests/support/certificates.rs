//! Certificates and keys for tests, made when the test runs: no key is ever in the repository.

use std::net::IpAddr;

use base64::Engine as _;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, SignatureAlgorithm,
};
use time::OffsetDateTime;

/// What a certificate is to say.
pub(crate) struct Wish<'w> {
    pub(crate) name: &'w str,
    pub(crate) dns: &'w [&'w str],
    pub(crate) addresses: &'w [&'w str],
    pub(crate) usages: &'w [ExtendedKeyUsagePurpose],
    pub(crate) from: &'w str,
    pub(crate) until: &'w str,
    pub(crate) algorithm: &'static SignatureAlgorithm,
}

impl Default for Wish<'_> {
    fn default() -> Self {
        Self {
            name: "etcd",
            dns: &[],
            addresses: &[],
            usages: &[],
            from: "2026-01-01",
            until: "2027-01-01",
            algorithm: &rcgen::PKCS_ECDSA_P256_SHA256,
        }
    }
}

/// A certificate and its key, as PEM.
pub(crate) struct Pair {
    pub(crate) certificate: String,
    pub(crate) key: String,
    pub(crate) der: Vec<u8>,
    pub(crate) key_der: Vec<u8>,
}

impl Pair {
    fn new(certificate: &rcgen::Certificate, key: &KeyPair) -> Self {
        let (der, key_der) = (certificate.der().to_vec(), key.serialize_der());
        Self { certificate: pem("CERTIFICATE", &der), key: pem("PRIVATE KEY", &key_der), der, key_der }
    }
}

/// An authority.
pub(crate) struct Authority {
    pub(crate) pair: Pair,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        Self::with(&Wish { name, until: "2036-01-01", ..Wish::default() })
    }

    pub(crate) fn with(wish: &Wish<'_>) -> Self {
        let key = KeyPair::generate_for(wish.algorithm).unwrap();
        let params = authority_params(wish);
        let certificate = params.self_signed(&key).unwrap();
        let pair = Pair::new(&certificate, &key);
        Self { pair, issuer: Issuer::new(params, key) }
    }

    /// An authority below this one.
    pub(crate) fn intermediate(&self, wish: &Wish<'_>) -> Self {
        let key = KeyPair::generate_for(wish.algorithm).unwrap();
        let params = authority_params(wish);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let pair = Pair::new(&certificate, &key);
        Self { pair, issuer: Issuer::new(params, key) }
    }

    pub(crate) fn issue(&self, wish: &Wish<'_>) -> Pair {
        let key = KeyPair::generate_for(wish.algorithm).unwrap();
        Pair::new(&params(wish).signed_by(&key, &self.issuer).unwrap(), &key)
    }
}

/// A certificate that signed itself and is no authority.
pub(crate) fn self_signed(wish: &Wish<'_>) -> Pair {
    let key = KeyPair::generate_for(wish.algorithm).unwrap();
    Pair::new(&params(wish).self_signed(&key).unwrap(), &key)
}

fn authority_params(wish: &Wish<'_>) -> CertificateParams {
    let mut params = params(wish);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn params(wish: &Wish<'_>) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, wish.name);
    let names = wish.dns.iter().map(|name| SanType::DnsName((*name).try_into().unwrap()));
    let addresses = wish.addresses.iter().map(|text| SanType::IpAddress(text.parse::<IpAddr>().unwrap()));
    params.subject_alt_names = names.chain(addresses).collect();
    params.extended_key_usages = wish.usages.to_vec();
    params.not_before = midnight(wish.from);
    params.not_after = midnight(wish.until);
    params
}

/// The midnight that begins a day.
fn midnight(day: &str) -> OffsetDateTime {
    let mut numbers = day.split('-').map(|number| number.parse::<u16>().unwrap());
    let mut next = || numbers.next().unwrap();
    rcgen::date_time_ymd(i32::from(next()), u8::try_from(next()).unwrap(), u8::try_from(next()).unwrap())
}

/// A PEM block, its base64 in lines of 64.
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let digits = base64::engine::general_purpose::STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in digits.as_bytes().chunks(64) {
        text.extend([std::str::from_utf8(line).unwrap(), "\n"]);
    }
    text.extend(["-----END ", label, "-----\n"]);
    text
}
