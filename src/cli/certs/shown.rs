//! Certificates and keys as a table and as JSON. The shape of the latter is in `docs/certs.md`.

use std::fmt::Write as _;

use serde::Serialize;

use super::source::Group;
use crate::diagnostic::{Diagnostic, Note};
use crate::engine::certificates::{Answer, Judged, Part};
use crate::pki::{Certificate, Moment, Validity};
use crate::report::visible::visible;

/// A group, what is said of its parts, and the moment it was judged at.
pub(super) type Looked = (Group, Vec<Judged>, Moment);

/// One block for each part, with a line for each thing there is to know.
pub(super) fn table(looked: &[Looked]) -> String {
    let mut text = String::new();
    for (group, judged, now) in looked {
        for (part, judged) in group.material.parts.iter().zip(judged) {
            if !text.is_empty() {
                text.push('\n');
            }
            line(&mut text, &part.name);
            for (label, value) in rows(part, judged, *now, &group.facts) {
                line(&mut text, &format!("  {label:<13}{value}"));
            }
        }
    }
    text
}

fn line(text: &mut String, line: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "{}", visible(line));
}

fn rows(
    part: &Part,
    judged: &Judged,
    now: Moment,
    facts: &[(&'static str, String)],
) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    for (index, certificate) in part.certificates.iter().enumerate() {
        let what = match (index, certificate.is_authority()) {
            (_, true) => "authority",
            (0, false) => "subject",
            (_, false) => "beside it",
        };
        rows.push((what, certificate.subject().to_owned()));
        let names = names(certificate);
        if !names.is_empty() {
            rows.push(("names", names.join(", ")));
        }
        if !certificate.is_authority() {
            let usages = certificate.usages();
            let usages = if usages.is_empty() { "anything".to_owned() } else { usages.join(", ") };
            rows.push(("used as", usages));
        }
        rows.push(("key", certificate.public_key().to_string()));
        rows.push(("valid", validity(certificate, now)));
        rows.push(("issuer", certificate.issuer().to_owned()));
    }
    if part.key.is_some() {
        rows.push(("private key", "there is one, and it is not shown".to_owned()));
    }
    if part.certificates.is_empty()
        && let Some(key) = &part.public_key
    {
        rows.push(("public key", key.to_string()));
    }
    rows.extend(facts.iter().cloned());
    let answers = [("fits", &judged.key), ("trusted", &judged.trust), ("for the name", &judged.server_name)];
    for (label, answer) in answers {
        match answer {
            Some(Answer::Yes(what)) => rows.push((label, format!("✔ {what}"))),
            Some(Answer::No(why)) => rows.push((label, format!("✘ {why}"))),
            Some(Answer::Open(why)) => rows.push((label, format!("? {why}"))),
            None => {}
        }
    }
    rows
}

fn names(certificate: &Certificate) -> Vec<String> {
    let addresses = certificate.ip_addresses().iter().map(ToString::to_string);
    certificate.dns_names().iter().cloned().chain(addresses).collect()
}

fn validity(certificate: &Certificate, now: Moment) -> String {
    let (from, until) = (certificate.not_before(), certificate.not_after());
    match certificate.validity(now) {
        Validity::NotYet => format!("✘ from {from} to {until}, not yet"),
        Validity::Expired => format!("✘ until {until}, {} days ago", until.days_until(now)),
        Validity::Valid => format!("until {until}, {} days", now.days_until(until)),
    }
}

#[derive(Serialize)]
struct Document<'d> {
    version: u32,
    groups: Vec<JsonGroup<'d>>,
    findings: Vec<JsonFinding<'d>>,
}

#[derive(Serialize)]
struct JsonGroup<'d> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'d str>,
    parts: Vec<JsonPart<'d>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonPart<'d> {
    name: &'d str,
    certificates: Vec<JsonCertificate<'d>>,
    has_private_key: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_matches: Option<JsonAnswer<'d>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trusted: Option<JsonAnswer<'d>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_name: Option<JsonAnswer<'d>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    handshake: Vec<JsonFact<'d>>,
}

#[derive(Serialize)]
struct JsonFact<'d> {
    what: &'d str,
    text: &'d str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonCertificate<'d> {
    subject: &'d str,
    issuer: &'d str,
    dns_names: &'d [String],
    ip_addresses: Vec<String>,
    usages: Vec<&'static str>,
    is_authority: bool,
    public_key: String,
    not_before: String,
    not_after: String,
    days_left: i64,
    sha256: String,
}

#[derive(Serialize)]
struct JsonAnswer<'d> {
    answer: &'static str,
    why: &'d str,
}

#[derive(Serialize)]
struct JsonFinding<'d> {
    code: &'d str,
    name: &'d str,
    level: &'d str,
    message: &'d str,
    notes: Vec<&'d str>,
}

/// The format for machines.
pub(super) fn json(looked: &[Looked], findings: &[Diagnostic]) -> String {
    let document = Document {
        version: 1,
        groups: looked
            .iter()
            .map(|(group, judged, now)| JsonGroup {
                name: group.title.as_deref(),
                parts: group
                    .material
                    .parts
                    .iter()
                    .zip(judged)
                    .map(|(part, judged)| json_part(part, judged, *now, &group.facts))
                    .collect(),
            })
            .collect(),
        findings: findings
            .iter()
            .map(|finding| JsonFinding {
                code: finding.code.id(),
                name: finding.code.name(),
                level: finding.level.as_str(),
                message: &finding.message,
                notes: finding
                    .notes
                    .iter()
                    .map(|note| match note {
                        Note::Info(text) | Note::Help(text) => text.as_str(),
                    })
                    .collect(),
            })
            .collect(),
    };
    let mut text = serde_json::to_string_pretty(&document).expect("strings and numbers can be written");
    text.push('\n');
    text
}

fn json_part<'d>(
    part: &'d Part,
    judged: &'d Judged,
    now: Moment,
    facts: &'d [(&'static str, String)],
) -> JsonPart<'d> {
    let answer = |answer: &'d Option<Answer>| {
        answer.as_ref().map(|answer| match answer {
            Answer::Yes(why) => JsonAnswer { answer: "yes", why },
            Answer::No(why) => JsonAnswer { answer: "no", why },
            Answer::Open(why) => JsonAnswer { answer: "unknown", why },
        })
    };
    JsonPart {
        name: &part.name,
        certificates: part
            .certificates
            .iter()
            .map(|certificate| JsonCertificate {
                subject: certificate.subject(),
                issuer: certificate.issuer(),
                dns_names: certificate.dns_names(),
                ip_addresses: certificate.ip_addresses().iter().map(ToString::to_string).collect(),
                usages: certificate.usages(),
                is_authority: certificate.is_authority(),
                public_key: certificate.public_key().to_string(),
                not_before: certificate.not_before().to_string(),
                not_after: certificate.not_after().to_string(),
                days_left: now.days_until(certificate.not_after()),
                sha256: certificate.fingerprint(),
            })
            .collect(),
        has_private_key: part.key.is_some(),
        public_key: part.public_key.as_ref().map(ToString::to_string),
        key_matches: answer(&judged.key),
        trusted: answer(&judged.trust),
        server_name: answer(&judged.server_name),
        handshake: facts.iter().map(|(what, text)| JsonFact { what, text }).collect(),
    }
}
