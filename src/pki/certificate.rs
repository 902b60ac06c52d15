//! Certificates: what of them matters to whoever is to be reached over TLS.

use std::fmt::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::x509::X509Name;

use super::der::Fields;
use super::moment::Moment;
use super::pem::{self, Block, CERTIFICATE, Leftover};
use super::public_key::PublicKey;

/// An X.509 certificate, read from DER as Go's `x509.ParseCertificate` (1.26) reads it.
///
/// Go is stricter about details that no issuer gets wrong (the characters of names, values of extensions nobody asks
/// for); what it then refuses is accepted here.
#[derive(Clone)]
pub struct Certificate {
    pub(super) der: Vec<u8>,
    subject: String,
    common_name: Option<String>,
    issuer: String,
    pub(super) raw_subject: Vec<u8>,
    pub(super) raw_issuer: Vec<u8>,
    not_before: Moment,
    not_after: Moment,
    dns_names: Vec<String>,
    ip_addresses: Vec<IpAddr>,
    has_alternative_names: bool,
    pub(super) usages: Option<Usages>,
    pub(super) version: u32,
    /// `cA` and the longest path, if there are basic constraints at all.
    pub(super) basic_constraints: Option<(bool, Option<u32>)>,
    /// Whether the key may sign certificates, if there is a key usage at all.
    pub(super) may_sign_certificates: Option<bool>,
    /// The identifiers of its own key and of its signer's; empty where it has none.
    pub(super) subject_key_id: Vec<u8>,
    pub(super) authority_key_id: Vec<u8>,
    pub(super) has_name_constraints: bool,
    pub(super) has_unknown_critical_extension: bool,
    public_key: PublicKey,
}

/// Extensions that decide: key usage, basic constraints, name constraints, extended key usage; and alternative names.
const LOOKED_INTO: [&str; 4] = ["2.5.29.15", "2.5.29.19", "2.5.29.30", "2.5.29.37"];
const ALTERNATIVE_NAMES: &str = "2.5.29.17";

/// What a key may be used for. A certificate that does not say is good for everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "it is a set of four")]
pub(super) struct Usages {
    pub(super) any: bool,
    pub(super) server: bool,
    pub(super) client: bool,
    pub(super) other: bool,
}

/// What a certificate is shown for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// A server shows it to its clients (`serverAuth`).
    Server,
    /// A client shows it to a server (`clientAuth`).
    Client,
}

/// Why a text holds no certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateError {
    /// There is no PEM block in it.
    NoPem(Leftover),
    /// There are blocks, with these labels, and none is a certificate.
    NoCertificate(Vec<String>),
    /// The content of a certificate's block is no certificate; which part is wrong, in Go's words.
    Malformed(&'static str),
}

/// What Go's `x509.ParseCertificate` (1.26) says of DER that is no certificate, as far as it is told here: what stands where the
/// signed part should be is no sequence, which is so of a key, or it is wrong in another way.
fn part(der: &[u8]) -> &'static str {
    let content = Fields::of(der).map(|(fields, _)| fields);
    match content.map(|mut fields| fields.sequence()) {
        Some(None) => "malformed tbs certificate",
        _ => "malformed certificate",
    }
}

impl Certificate {
    /// Reads DER, with nothing after it.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let read = match X509Certificate::from_der(der) {
            Ok(([], certificate)) => Self::read(der, &certificate),
            _ => None,
        };
        read.ok_or_else(|| CertificateError::Malformed(part(der)))
    }

    /// Reads bytes that are DER or a PEM text with at least one certificate in it, whichever they are.
    pub fn all_from_any(bytes: &[u8]) -> Result<Vec<Self>, CertificateError> {
        match Self::all_from_pem(bytes) {
            Err(CertificateError::NoPem(Leftover::Der)) => Self::from_der(bytes).map(|only| vec![only]),
            read => read,
        }
    }

    /// Reads the first certificate of a PEM text, as `tls.X509KeyPair` does: blocks of other kinds are passed over.
    pub fn first_from_pem(text: &[u8]) -> Result<Self, CertificateError> {
        match Self::blocks(text)?.first() {
            Some(first) => Self::from_der(first.content()),
            None => Err(CertificateError::Malformed(part(&[]))),
        }
    }

    /// Reads every certificate of a PEM text, at least one: a chain, or the authorities of a bundle.
    pub fn all_from_pem(text: &[u8]) -> Result<Vec<Self>, CertificateError> {
        Self::blocks(text)?.iter().map(|block| Self::from_der(block.content())).collect()
    }

    /// Reads the authorities that Go's `CertPool.AppendCertsFromPEM` (1.26) takes from a PEM text: blocks of other kinds,
    /// with headers, or with something else in them are passed over without a word. Prometheus reads its CA files so,
    /// and fails when none is left.
    pub fn pool_from_pem(text: &[u8]) -> Vec<Self> {
        pem::blocks(text)
            .filter(|block| block.label() == CERTIFICATE && !block.has_headers())
            .filter_map(|block| Self::from_der(block.content()).ok())
            .collect()
    }

    /// Reads the first block of a PEM text as a certificate, whatever its label says: how prometheus-operator (0.93)
    /// judges a `ca`.
    pub fn from_first_block(text: &[u8]) -> Result<Self, CertificateError> {
        match pem::blocks(text).next() {
            Some(block) => Self::from_der(block.content()),
            None => Err(CertificateError::NoPem(pem::leftover(text))),
        }
    }

    fn blocks(text: &[u8]) -> Result<Vec<Block>, CertificateError> {
        let (certificates, others): (Vec<Block>, Vec<Block>) =
            pem::blocks(text).partition(|block| block.label() == CERTIFICATE);
        if !certificates.is_empty() {
            return Ok(certificates);
        }
        Err(if others.is_empty() {
            CertificateError::NoPem(pem::leftover(text))
        } else {
            CertificateError::NoCertificate(others.iter().map(|block| block.label().to_owned()).collect())
        })
    }

    fn read(der: &[u8], certificate: &X509Certificate<'_>) -> Option<Self> {
        let mut read = Self {
            der: der.to_vec(),
            subject: name(certificate.subject()),
            common_name: common_name(certificate.subject()),
            issuer: name(certificate.issuer()),
            raw_subject: certificate.subject().as_raw().to_vec(),
            raw_issuer: certificate.issuer().as_raw().to_vec(),
            not_before: Moment::from_unix(certificate.validity().not_before.timestamp()),
            not_after: Moment::from_unix(certificate.validity().not_after.timestamp()),
            dns_names: Vec::new(),
            ip_addresses: Vec::new(),
            has_alternative_names: false,
            usages: None,
            version: certificate.version().0 + 1,
            basic_constraints: None,
            may_sign_certificates: None,
            subject_key_id: Vec::new(),
            authority_key_id: Vec::new(),
            has_name_constraints: false,
            has_unknown_critical_extension: false,
            public_key: PublicKey::read(certificate.public_key())?,
        };
        // Both are signed and have to say the same.
        if certificate.signature_algorithm != certificate.tbs_certificate.signature
            || certificate.tbs_certificate.raw_serial().first().is_some_and(|byte| *byte >= 0x80)
            || certificate.extensions_map().is_err()
        {
            return None;
        }
        for extension in certificate.extensions() {
            // What Go looks into has to be right; what it passes over may be anything.
            if extension.parsed_extension().error().is_some()
                && LOOKED_INTO.contains(&extension.oid.to_id_string().as_str())
            {
                return None;
            }
            if extension.oid.to_id_string() == ALTERNATIVE_NAMES {
                read.read_alternative_names(extension.value)?;
            } else {
                read.read_extension(extension.parsed_extension(), extension.critical);
            }
        }
        Some(read)
    }

    /// Names of the kinds [1], [2] and [6] are ASCII; of others than [2] and [7], addresses, nobody asks for more here.
    fn read_alternative_names(&mut self, der: &[u8]) -> Option<()> {
        self.has_alternative_names = true;
        let (mut names, _) = Fields::of(der)?;
        while !names.is_empty() {
            match names.any()? {
                (0x81 | 0x82 | 0x86, text) if !text.is_ascii() => return None,
                (0x82, name) => self.dns_names.push(String::from_utf8_lossy(name).into_owned()),
                (0x87, bytes) => self.ip_addresses.push(address(bytes)?),
                _ => {}
            }
        }
        Some(())
    }

    fn read_extension(&mut self, extension: &ParsedExtension<'_>, critical: bool) {
        match extension {
            ParsedExtension::ExtendedKeyUsage(usages) => {
                let other = usages.code_signing
                    || usages.email_protection
                    || usages.time_stamping
                    || usages.ocsp_signing
                    || !usages.other.is_empty();
                self.usages = Some(Usages {
                    any: usages.any,
                    server: usages.server_auth,
                    client: usages.client_auth,
                    other,
                });
            }
            ParsedExtension::BasicConstraints(constraints) => {
                self.basic_constraints = Some((constraints.ca, constraints.path_len_constraint));
            }
            // No bit at all counts as no key usage.
            ParsedExtension::KeyUsage(usage) if usage.flags != 0 => {
                self.may_sign_certificates = Some(usage.key_cert_sign());
            }
            ParsedExtension::NameConstraints(_) => self.has_name_constraints = true,
            ParsedExtension::UnsupportedExtension { .. } if critical => {
                self.has_unknown_critical_extension = true;
            }
            ParsedExtension::SubjectKeyIdentifier(id) => self.subject_key_id = id.0.to_vec(),
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                self.authority_key_id = id.key_identifier.as_ref().map_or_else(Vec::new, |id| id.0.to_vec());
            }
            _ => {}
        }
    }

    /// Who it is for: `O=system:masters, CN=kube-etcd`.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Who signed it.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The subject's common name. No TLS client of today looks at it.
    pub fn common_name(&self) -> Option<&str> {
        self.common_name.as_deref()
    }

    /// When it begins to be valid.
    pub fn not_before(&self) -> Moment {
        self.not_before
    }

    /// The last second it is valid.
    pub fn not_after(&self) -> Moment {
        self.not_after
    }

    /// The names it is for, with wildcards as they stand, in its order.
    pub fn dns_names(&self) -> &[String] {
        &self.dns_names
    }

    /// The addresses it is for, in its order.
    pub fn ip_addresses(&self) -> &[IpAddr] {
        &self.ip_addresses
    }

    /// Whether it has alternative names of whatever kind.
    pub fn has_alternative_names(&self) -> bool {
        self.has_alternative_names
    }

    /// The public key.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// Whether it may be shown for this; one that does not say what it is for may be shown for anything.
    pub fn is_for(&self, usage: Usage) -> bool {
        self.usages.is_none_or(|usages| {
            usages == Usages::default()
                || usages.any
                || match usage {
                    Usage::Server => usages.server,
                    Usage::Client => usages.client,
                }
        })
    }

    /// What it may be used for, as its extended key usage says it: `serverAuth`, `clientAuth`, `any`, `other`. Empty where it does
    /// not say, which is good for everything.
    pub fn usages(&self) -> Vec<&'static str> {
        let usages = self.usages.unwrap_or_default();
        let named = [
            (usages.any, "any"),
            (usages.server, "serverAuth"),
            (usages.client, "clientAuth"),
            (usages.other, "other"),
        ];
        named.into_iter().filter_map(|(is_named, name)| is_named.then_some(name)).collect()
    }

    /// SHA-256 of it, in hexadecimal digits: how it is told from others of the same name.
    pub fn fingerprint(&self) -> String {
        let digest = ring::digest::digest(&ring::digest::SHA256, &self.der);
        digest.as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Whether it is that of an authority.
    pub fn is_authority(&self) -> bool {
        self.basic_constraints.is_some_and(|(is_authority, _)| is_authority)
    }

    /// How a moment stands to the time it is valid in.
    pub fn validity(&self, now: Moment) -> Validity {
        if now < self.not_before {
            Validity::NotYet
        } else if now > self.not_after {
            Validity::Expired
        } else {
            Validity::Valid
        }
    }
}

/// How a moment stands to the time a certificate is valid in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// It is not valid yet.
    NotYet,
    /// It is valid.
    Valid,
    /// It is not valid any more.
    Expired,
}

/// Who it is for, nothing else.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Certificate").field(&self.subject).finish()
    }
}

/// A name as DER has it, such as those of the authorities that a server takes, in the words of [`Certificate::subject`].
pub fn name_from_der(der: &[u8]) -> Option<String> {
    X509Name::from_der(der).ok().map(|(_, read)| name(&read))
}

/// The parts of a name in its order, without what text cannot hold.
fn name(name: &X509Name<'_>) -> String {
    let text = name.to_string();
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

fn common_name(name: &X509Name<'_>) -> Option<String> {
    Some(name.iter_common_name().last()?.as_str().ok()?.to_owned())
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(octets) = <[u8; 4]>::try_from(bytes) {
        return Some(Ipv4Addr::from(octets).into());
    }
    // As Go compares them, an IPv4 address in the shape of IPv6 is the IPv4 address.
    <[u8; 16]>::try_from(bytes).ok().map(|octets| IpAddr::from(Ipv6Addr::from(octets)).to_canonical())
}
