//! The certificates and the key that Prometheus shows to etcd, judged before anybody has to find out from a target
//! that is down.

use std::fmt;
use std::path::Path;

use super::options::{Intent, Options, SecretKeys, contradiction};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::integrations::Surroundings;
use crate::pki::{
    self, Certificate, CertificateError, KeyError, Leftover, Moment, PrivateKey, TrustError, Usage, Validity,
};

/// How many days before its end a certificate is worth a word.
const SOON: i64 = 30;

/// A file and the option that names it. What is in it may be a key, so it is not shown.
pub(super) struct File {
    option: &'static str,
    path: String,
    bytes: Vec<u8>,
}

impl File {
    fn read(
        option: &'static str,
        path: &Path,
        surroundings: &Surroundings<'_>,
    ) -> Result<Self, Box<Diagnostic>> {
        let bytes = (surroundings.read)(path)
            .map_err(|finding| Box::new(finding.note(format!("it is named by {option}"))))?;
        Ok(Self { option, path: path.display().to_string(), bytes })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Something is wrong with what is in it.
    fn finding(&self, code: Code, what: &str) -> Diagnostic {
        Diagnostic::new(code, format!("`{}` ({}) {what}", self.path, self.option))
    }

    fn no_certificate(&self, error: &CertificateError) -> Diagnostic {
        let finding = self.finding(Code::UNUSABLE_CERTIFICATE, "holds no certificate").note(error.reason());
        match error.remedy(&shell(&self.path)) {
            Some(remedy) => finding.help(remedy),
            None => finding,
        }
    }

    fn no_key(&self, error: &KeyError) -> Diagnostic {
        let finding =
            self.finding(Code::UNUSABLE_CERTIFICATE, "holds no usable private key").note(error.reason());
        match error.remedy(&shell(&self.path)) {
            Some(remedy) => finding.help(remedy),
            None => finding,
        }
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("File").field(&self.path).finish()
    }
}

/// The files of the Secret.
#[derive(Debug)]
pub(super) struct Credentials {
    /// None where nothing is verified.
    ca: Option<File>,
    certificate: File,
    key: File,
}

impl Credentials {
    /// The files that are named, if they are.
    ///
    /// # Errors
    /// When only some of them are named, or one cannot be read.
    pub(super) fn read(
        options: &Options,
        surroundings: &Surroundings<'_>,
    ) -> Result<Option<Self>, Box<Diagnostic>> {
        let mut named = vec![("--cert-file", &options.cert_file), ("--key-file", &options.key_file)];
        if !options.insecure_skip_verify {
            named.insert(0, ("--ca-file", &options.ca_file));
        }
        let Some((given, _)) = named.iter().find(|(_, path)| path.is_some()) else { return Ok(None) };
        if let Some((missing, _)) = named.iter().find(|(_, path)| path.is_none()) {
            let all: Vec<&str> = named.iter().map(|(option, _)| *option).collect();
            return Err(Box::new(contradiction(format!("{given} comes without {missing}")).help(format!(
                "name all of {}, or none to be told how the Secret is made",
                all.join(", ")
            ))));
        }
        let file = |option: &'static str, path: &Option<std::path::PathBuf>| match path {
            Some(path) => File::read(option, path, surroundings).map(Some),
            None => Ok(None),
        };
        let ca = file("--ca-file", &options.ca_file)?;
        let certificate = file("--cert-file", &options.cert_file)?;
        let key = file("--key-file", &options.key_file)?;
        Ok(certificate.zip(key).map(|(certificate, key)| Self { ca, certificate, key }))
    }

    /// The keys of the Secret, and what is in them.
    pub(super) fn entries<'c>(&'c self, keys: &'c SecretKeys) -> impl Iterator<Item = (&'c str, &'c File)> {
        let ca = self.ca.as_ref().map(|file| (keys.ca.as_str(), file));
        ca.into_iter().chain([(keys.certificate.as_str(), &self.certificate), (keys.key.as_str(), &self.key)])
    }

    /// Judges them: what Prometheus, its operator or etcd would refuse is an error.
    ///
    /// # Errors
    /// The first thing that keeps them from working.
    pub(super) fn judge(
        &self,
        servers: &[ServerCertificate],
        now: Moment,
        findings: &mut Vec<Diagnostic>,
    ) -> Result<(), Box<Diagnostic>> {
        let authorities = match &self.ca {
            Some(file) => self::authorities(file, now, findings)?,
            None => Vec::new(),
        };
        self.judge_client(&authorities, now, findings)?;
        if self.ca.is_some() {
            for server in servers {
                server.judge_trust(&authorities, now)?;
            }
        }
        Ok(())
    }

    fn judge_client(
        &self,
        authorities: &[Certificate],
        now: Moment,
        findings: &mut Vec<Diagnostic>,
    ) -> Result<(), Box<Diagnostic>> {
        let file = &self.certificate;
        let certificates =
            Certificate::all_from_pem(file.bytes()).map_err(|error| Box::new(file.no_certificate(&error)))?;
        let key =
            PrivateKey::from_pem(self.key.bytes()).map_err(|error| Box::new(self.key.no_key(&error)))?;
        let Some((certificate, intermediates)) = certificates.split_first() else {
            return Err(file.no_certificate(&CertificateError::NoPem(Leftover::Empty)).into());
        };
        pki::keys_match(certificate, &key).map_err(|error| {
            Box::new(
                self.key
                    .finding(
                        Code::KEY_MISMATCH,
                        &format!("is not the key of the certificate `{}`", file.path),
                    )
                    .note(format!("the certificate is for {}", certificate.subject()))
                    .note(format!("the operator rejects such a pair: {error}"))
                    .help("name the key that was made with this certificate"),
            )
        })?;
        if certificate.is_authority() {
            return Err(Box::new(
                file.finding(Code::WRONG_USAGE, "is the certificate of an authority")
                    .note("whoever reads the Secret could sign certificates with its key, for anybody")
                    .help("have it sign a certificate for Prometheus, and name that one and its key"),
            ));
        }
        validity(file, certificate, now, findings)?;
        if !certificate.is_for(Usage::Client) {
            return Err(Box::new(
                file.finding(
                    Code::WRONG_USAGE,
                    "is not for clients: it lacks the extended key usage `clientAuth`",
                )
                .note("etcd refuses it, and Prometheus sees `remote error: tls: bad certificate`")
                .help(
                    "name the certificate of a client, or have one issued with extendedKeyUsage = clientAuth",
                ),
            ));
        }
        weakness(file, certificate, findings);
        // Nobody shows the authority's end or usage here: those are judged where they count.
        let is_known = authorities.is_empty()
            || certificate.is_trusted(intermediates, authorities, Usage::Client, now).is_ok()
            || authorities.iter().chain(intermediates).any(|authority| {
                !matches!(certificate.is_signed_by(authority), Err(TrustError::UnknownAuthority { .. }))
            });
        if !is_known {
            let message =
                format!("is signed by another authority than those of --ca-file: {}", certificate.issuer());
            findings.push(
                file.finding(Code::OTHER_CLIENT_AUTHORITY, &message)
                    .note("that is fine where etcd trusts it for its clients (--trusted-ca-file)"),
            );
        }
        Ok(())
    }
}

/// The authorities of a CA file, as the operator and Prometheus take them.
fn authorities(
    file: &File,
    now: Moment,
    findings: &mut Vec<Diagnostic>,
) -> Result<Vec<Certificate>, Box<Diagnostic>> {
    if pki::blocks(file.bytes()).any(|block| block.is_private_key())
        && Certificate::all_from_pem(file.bytes()).is_ok()
    {
        return Err(Box::new(
            file.finding(Code::UNUSABLE_CERTIFICATE, "holds a private key beside its certificates")
                .note("authorities are public, and copied to places where a key must not be")
                .help("name a file with the certificates alone"),
        ));
    }
    let all =
        Certificate::all_from_pem(file.bytes()).map_err(|error| Box::new(file.no_certificate(&error)))?;
    let pool = Certificate::pool_from_pem(file.bytes());
    if Certificate::from_first_block(file.bytes()).is_err() || pool.is_empty() {
        return Err(Box::new(
            file.finding(Code::UNUSABLE_CERTIFICATE, "does not begin with a certificate")
                .note("the operator reads its first PEM block, and rejects the monitor")
                .help("put the certificates first"),
        ));
    }
    for authority in &all {
        weakness(file, authority, findings);
    }
    // One that is valid is enough.
    if all.iter().all(|authority| authority.validity(now) != Validity::Valid) {
        validity(file, &all[0], now, findings)?;
    }
    if !all.iter().any(|authority| authority.is_authority() || authority.issuer() == authority.subject()) {
        findings.push(
            file.finding(Code::WRONG_AUTHORITY, "holds no certificate of an authority")
                .level(Level::Warning)
                .note(format!("it is for {}", all[0].subject()))
                .help("name the certificate of whoever signed those of the members"),
        );
    }
    Ok(pool)
}

/// Refuses what is not valid now, with a word about what soon will not be.
fn validity(
    file: &File,
    certificate: &Certificate,
    now: Moment,
    findings: &mut Vec<Diagnostic>,
) -> Result<(), Box<Diagnostic>> {
    let subject = certificate.subject();
    match certificate.validity(now) {
        Validity::Valid => {
            let days = now.days_until(certificate.not_after());
            if days < SOON {
                let what = format!("expires on {}, in {days} days", certificate.not_after().day());
                findings.push(
                    file.finding(Code::EXPIRES_SOON, &what)
                        .note("a Secret is a copy: no renewal reaches it")
                        .help("renew it first, or put the renewed one into the Secret in time"),
                );
            }
            Ok(())
        }
        Validity::Expired => Err(Box::new(
            file.finding(Code::NOT_VALID_NOW, &format!("expired on {}", certificate.not_after().day()))
                .note(format!("it is for {subject}"))
                .help("renew it (kubeadm: `kubeadm certs renew`) and name the new one"),
        )),
        Validity::NotYet => Err(Box::new(
            file.finding(Code::NOT_VALID_NOW, &format!("is not valid before {}", certificate.not_before()))
                .note(format!("it is for {subject}, and now it is {now}"))
                .help("check the clocks of this machine and of the one that issued it"),
        )),
    }
}

fn weakness(file: &File, certificate: &Certificate, findings: &mut Vec<Diagnostic>) {
    if let Some(weakness) = certificate.public_key().weakness() {
        findings.push(
            file.finding(Code::WEAK_KEY, &format!("has a weak key: {weakness}"))
                .help("have it issued again with a stronger one"),
        );
    }
}

/// A certificate that a member shows.
pub(super) struct ServerCertificate {
    pub(super) path: String,
    pub(super) certificate: Certificate,
    intermediates: Vec<Certificate>,
}

impl ServerCertificate {
    /// Reads and judges those that are named.
    ///
    /// # Errors
    /// When one is none, not valid now, or not for servers.
    pub(super) fn read_all(
        intent: &Intent<'_>,
        surroundings: &Surroundings<'_>,
        findings: &mut Vec<Diagnostic>,
    ) -> Result<Vec<Self>, Box<Diagnostic>> {
        let mut read = Vec::new();
        for path in &intent.options.server_cert {
            let file = File::read("--server-cert", path, surroundings)?;
            let mut all = Certificate::all_from_pem(file.bytes())
                .map_err(|error| Box::new(file.no_certificate(&error)))?
                .into_iter();
            let Some(certificate) = all.next() else {
                return Err(file.no_certificate(&CertificateError::NoPem(Leftover::Empty)).into());
            };
            validity(&file, &certificate, surroundings.now, findings)?;
            if !certificate.is_for(Usage::Server) {
                return Err(Box::new(
                    file.finding(
                        Code::WRONG_USAGE,
                        "is not for servers: it lacks the extended key usage `serverAuth`",
                    )
                    .note("Prometheus refuses a member that shows it")
                    .help("name the certificate etcd is started with (--cert-file of etcd)"),
                ));
            }
            weakness(&file, &certificate, findings);
            read.push(Self { path: file.path, certificate, intermediates: all.collect() });
        }
        Ok(read)
    }

    /// Whether Prometheus trusts it by these authorities.
    fn judge_trust(&self, authorities: &[Certificate], now: Moment) -> Result<(), Box<Diagnostic>> {
        match self.certificate.is_trusted(&self.intermediates, authorities, Usage::Server, now) {
            Ok(()) | Err(TrustError::Unjudged(_)) => Ok(()),
            Err(error) => Err(Box::new(
                Diagnostic::new(
                    Code::WRONG_AUTHORITY,
                    format!("the authorities of --ca-file do not vouch for the certificate `{}`", self.path),
                )
                .note(format!("it is signed by {}", self.certificate.issuer()))
                .note(format!("Prometheus would say: {error}"))
                .help("name the authority that signed the members' certificates with --ca-file"),
            )),
        }
    }
}

/// A word of a shell command.
pub(super) fn shell(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=:,@+%".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_command_are_quoted_where_a_shell_would_read_them_otherwise() {
        assert_eq!(shell("pki/ca.crt"), "pki/ca.crt");
        assert_eq!(shell("my certs/it's.crt"), r"'my certs/it'\''s.crt'");
        assert_eq!(shell("$HOME"), "'$HOME'");
        assert_eq!(shell(""), "''");
    }
}
