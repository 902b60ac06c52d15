//! Certificates and keys that somebody wants to see: read, put together, and judged as Go judges them.

mod part;

use crate::diagnostic::{Code, Diagnostic, Level};
use crate::pki::{Certificate, Moment, PrivateKey, PublicKey, TrustError, Usage, Validity, keys_match};

pub use part::{Material, Part};

/// How many days before its end a certificate is worth a word.
const SOON: i64 = 30;

/// What is asked about it.
#[derive(Debug)]
pub struct CertificateQuestion<'q> {
    /// What time it is.
    pub now: Moment,
    /// Who is trusted, and how that is called; the authorities beside a certificate where nothing is given.
    pub authorities: Option<(&'q str, &'q [Certificate])>,
    /// The public half of the key that the certificates are to be for, and how that is called.
    pub key: Option<(&'q str, &'q GivenKey)>,
    /// The name or address they are to be for.
    pub server_name: Option<&'q str>,
}

/// A key that a certificate is compared with.
#[derive(Debug)]
pub enum GivenKey {
    /// A private one.
    Private(PrivateKey),
    /// A public one, that of a certificate or by itself.
    Public(PublicKey),
}

impl GivenKey {
    /// The key in a part, whichever half.
    pub fn of(part: &Part) -> Option<Self> {
        let public =
            || part.public_key.clone().or_else(|| Some(part.certificates.first()?.public_key().clone()));
        part.key.clone().map(Self::Private).or_else(|| public().map(Self::Public))
    }

    /// Whether a certificate is for it, and why not.
    fn fits(&self, certificate: &Certificate) -> Result<(), String> {
        match self {
            Self::Private(key) => keys_match(certificate, key).map_err(|error| error.to_string()),
            Self::Public(key) if key == certificate.public_key() => Ok(()),
            Self::Public(key) => {
                let own = certificate.public_key().to_string();
                let given = key.to_string();
                Err(if own == given {
                    format!("both keys are {own}, and not the same")
                } else {
                    format!("the given key is {given}, that of the certificate {own}")
                })
            }
        }
    }
}

/// What came of it, for one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What a key goes with: a certificate, by its part.
    pub key: Option<Answer>,
    /// Whether its own certificate is trusted.
    pub trust: Option<Answer>,
    /// Whether its own certificate is for the name asked for.
    pub server_name: Option<Answer>,
}

/// An answer, in a person's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Yes, and by what.
    Yes(String),
    /// No, and why.
    No(String),
    /// It cannot be told, and why.
    Open(String),
}

/// Judges the parts: one answer for each, and what is wrong with all of them.
pub fn inspect(material: &Material, question: &CertificateQuestion<'_>) -> (Vec<Judged>, Vec<Diagnostic>) {
    let mut findings: Vec<Diagnostic> =
        material.parts.iter().flat_map(|part| part.findings.iter().cloned()).collect();
    let judged = material
        .parts
        .iter()
        .map(|part| {
            for certificate in &part.certificates {
                look(part, certificate, question.now, &mut findings);
            }
            Judged {
                key: key(material, part, question, &mut findings),
                trust: part.leaf().map(|leaf| trust(material, part, leaf, question, &mut findings)),
                server_name: question
                    .server_name
                    .zip(part.leaf())
                    .map(|(name, leaf)| server_name(part, leaf, name, &mut findings)),
            }
        })
        .collect();
    (judged, findings)
}

/// What can be said of a certificate by itself.
fn look(part: &Part, certificate: &Certificate, now: Moment, findings: &mut Vec<Diagnostic>) {
    let what = format!("the certificate of {} in `{}`", certificate.subject(), part.name);
    match certificate.validity(now) {
        Validity::Expired => findings.push(
            Diagnostic::new(
                Code::NOT_VALID_NOW,
                format!("{what} expired on {}", certificate.not_after().day()),
            )
            .help("renew it"),
        ),
        Validity::NotYet => findings.push(
            Diagnostic::new(
                Code::NOT_VALID_NOW,
                format!("{what} is not valid before {}", certificate.not_before()),
            )
            .help("compare the clocks of whoever issued it and of this machine"),
        ),
        Validity::Valid if now.days_until(certificate.not_after()) <= SOON => findings.push(
            Diagnostic::new(
                Code::EXPIRES_SOON,
                format!("{what} expires on {}", certificate.not_after().day()),
            )
            .help("renew it, and let something do so in time"),
        ),
        Validity::Valid => {}
    }
    if let Some(weakness) = certificate.public_key().weakness() {
        findings.push(
            Diagnostic::new(Code::WEAK_KEY, format!("{what} is for {weakness}"))
                .level(Level::Info)
                .note("Go takes it all the same"),
        );
    }
}

/// Which certificate goes with the key: the given one, or a key beside the certificates.
fn key(
    material: &Material,
    part: &Part,
    question: &CertificateQuestion<'_>,
    findings: &mut Vec<Diagnostic>,
) -> Option<Answer> {
    if let Some((leaf, (given, key))) = part.leaf().zip(question.key) {
        return Some(match key.fits(leaf) {
            Ok(()) => Answer::Yes(format!("for the key in {given}")),
            Err(why) => {
                findings.push(
                    Diagnostic::new(
                        Code::KEY_MISMATCH,
                        format!("`{}` is not for the key in `{given}`", part.name),
                    )
                    .note(why.clone())
                    .help("name the key that was made with this certificate"),
                );
                Answer::No(format!("not for the key in {given}"))
            }
        });
    }
    let key = part.key.as_ref()?;
    let mut leaves = material.parts.iter().filter_map(|other| Some((other, other.leaf()?))).peekable();
    if leaves.peek().is_none() {
        return Some(Answer::Open("there is no certificate to compare it with".to_owned()));
    }
    let mut why = None;
    for (other, leaf) in leaves {
        match keys_match(leaf, key) {
            Ok(()) => return Some(Answer::Yes(format!("that of {}", other.name))),
            Err(error) => why = Some(error.to_string()),
        }
    }
    findings.push(
        Diagnostic::new(
            Code::KEY_MISMATCH,
            format!("the key in `{}` is that of no certificate here", part.name),
        )
        .note(format!("the operator, Prometheus and etcd refuse such a pair: {}", why.unwrap_or_default()))
        .help("name the key that was made with this certificate"),
    );
    Some(Answer::No("that of no certificate here".to_owned()))
}

fn trust(
    material: &Material,
    part: &Part,
    leaf: &Certificate,
    question: &CertificateQuestion<'_>,
    findings: &mut Vec<Diagnostic>,
) -> Answer {
    let beside: Vec<Certificate> = material
        .parts
        .iter()
        .filter(|other| other.is_bundle())
        .flat_map(|other| other.certificates.iter().cloned())
        .collect();
    let names: Vec<&str> =
        material.parts.iter().filter(|other| other.is_bundle()).map(|other| other.name.as_str()).collect();
    let (by, authorities) = match question.authorities {
        Some((by, authorities)) => (by.to_owned(), authorities),
        None if beside.is_empty() => {
            return Answer::Open("no authority is given, name it with --ca".to_owned());
        }
        None => (names.join(", "), beside.as_slice()),
    };
    let usage = match material.usage {
        Some(usage) => usage,
        None if leaf.is_for(Usage::Server) => Usage::Server,
        None => Usage::Client,
    };
    match leaf.is_trusted(&part.certificates[1..], authorities, usage, question.now) {
        Ok(()) => Answer::Yes(format!("by {by}")),
        Err(TrustError::Unjudged(why)) => Answer::Open(why),
        Err(error) => {
            let (code, message) = match error {
                // It has been told.
                TrustError::NotValid { .. } if leaf.validity(question.now) != Validity::Valid => {
                    return Answer::No(error.to_string());
                }
                TrustError::Usage => {
                    let usage = if usage == Usage::Server { "servers" } else { "clients" };
                    (Code::WRONG_USAGE, format!("the certificate in `{}` is not for {usage}", part.name))
                }
                _ => (
                    Code::WRONG_AUTHORITY,
                    format!("the certificate in `{}` is not trusted by {by}", part.name),
                ),
            };
            findings.push(
                Diagnostic::new(code, message)
                    .note(error.to_string())
                    .note(format!("it is signed by {}", leaf.issuer())),
            );
            Answer::No(error.to_string())
        }
    }
}

fn server_name(part: &Part, leaf: &Certificate, name: &str, findings: &mut Vec<Diagnostic>) -> Answer {
    match leaf.is_valid_for(name) {
        Ok(()) => Answer::Yes(format!("for {name}")),
        Err(error) => {
            findings.push(
                Diagnostic::new(
                    Code::WRONG_SERVER_NAME,
                    format!("the certificate in `{}` is not for `{name}`", part.name),
                )
                .note(error.to_string())
                .help("set `serverName` to a name it is for, or have one issued for this one"),
            );
            Answer::No(error.to_string())
        }
    }
}

#[cfg(test)]
mod tests;
