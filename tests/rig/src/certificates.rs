//! Certificates of a run, made when it starts and never kept.

use std::fs;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

/// An authority that signs.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Certificate,
}

/// A signed certificate and its key, as PEM.
pub struct Pair {
    /// The certificate.
    pub certificate: String,
    /// The key, PKCS#8.
    pub key: String,
}

impl Authority {
    /// An authority of that common name.
    ///
    /// # Errors
    ///
    /// What the library said.
    pub fn new(name: &str) -> Result<Self, String> {
        let mut params = params(name, &[])?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages =
            vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().map_err(|error| error.to_string())?;
        let certificate = params.self_signed(&key).map_err(|error| error.to_string())?;
        Ok(Self { issuer: Issuer::new(params, key), certificate })
    }

    /// Its own certificate, as PEM.
    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// Its own certificate, as DER.
    pub fn der(&self) -> Vec<u8> {
        self.certificate.der().to_vec()
    }

    /// A certificate for a server of these names and addresses, that also serves as a client's, as etcd's peers do.
    ///
    /// # Errors
    ///
    /// What the library said.
    pub fn server(&self, name: &str, hosts: &[&str]) -> Result<Pair, String> {
        self.sign(name, hosts, |params| {
            params.extended_key_usages =
                vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        })
    }

    /// A certificate for a client.
    ///
    /// # Errors
    ///
    /// What the library said.
    pub fn client(&self, name: &str) -> Result<Pair, String> {
        self.sign(name, &[], |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth])
    }

    /// A certificate with what `adjust` asks for.
    ///
    /// # Errors
    ///
    /// What the library said.
    pub fn sign(
        &self,
        name: &str,
        hosts: &[&str],
        adjust: impl FnOnce(&mut CertificateParams),
    ) -> Result<Pair, String> {
        let mut params = params(name, hosts)?;
        adjust(&mut params);
        let key = KeyPair::generate().map_err(|error| error.to_string())?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(|error| error.to_string())?;
        Ok(Pair { certificate: certificate.pem(), key: key.serialize_pem() })
    }
}

fn params(name: &str, hosts: &[&str]) -> Result<CertificateParams, String> {
    let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(hosts).map_err(|error| error.to_string())?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    Ok(params)
}

/// A key pair without a certificate, as PEM.
pub struct BareKey {
    /// The private key, PKCS#8.
    pub private: String,
    /// The public key.
    pub public: String,
}

/// A key pair without a certificate: what service-account tokens are signed and checked with.
///
/// # Errors
///
/// What the library said.
pub fn key() -> Result<BareKey, String> {
    let key = KeyPair::generate().map_err(|error| error.to_string())?;
    Ok(BareKey { private: key.serialize_pem(), public: key.public_key_pem() })
}

/// Writes a file that only its owner can read, and gives its path.
///
/// # Errors
///
/// What the system said.
pub fn write_private(folder: &Path, name: &str, content: &str) -> Result<PathBuf, String> {
    use std::io::Write as _;

    let path = folder.join(name);
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    fs::create_dir_all(folder).map_err(failed)?;
    fs::OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| file.write_all(content.as_bytes()))
        .map_err(failed)?;
    Ok(path)
}
