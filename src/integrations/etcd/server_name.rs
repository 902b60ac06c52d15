//! Which name the members' certificates are checked for.
//!
//! Without a `serverName` Prometheus (Go) looks for the address of the target among the addresses of the certificate.
//! That is best: each member has to be itself. Where the certificates hold no such address, a name they have in common
//! is the next best.

use std::net::IpAddr;

use super::credentials::ServerCertificate;
use super::options::{Intent, Targets};
use crate::diagnostic::{Code, Diagnostic};
use crate::pki::Certificate;

/// Decides on the name, none where the addresses do.
///
/// # Errors
/// When the certificates are not for the name that was given, or neither for an address of a member nor for a common
/// name.
pub(super) fn server_name(
    intent: &Intent<'_>,
    certificates: &[ServerCertificate],
    findings: &mut Vec<Diagnostic>,
) -> Result<Option<String>, Box<Diagnostic>> {
    if let Some(given) = &intent.options.server_name {
        for ServerCertificate { path, certificate, .. } in certificates {
            certificate.is_valid_for(given).map_err(|error| {
                Box::new(
                    Diagnostic::new(
                        Code::WRONG_SERVER_NAME,
                        format!("the certificate `{path}` is not for `{given}`"),
                    )
                    .note(format!("Prometheus would say: {error}"))
                    .help(match common_name(certificates) {
                        Some(name) => format!("say --server-name {name}, or leave it out"),
                        None => "leave --server-name out".to_owned(),
                    }),
                )
            })?;
        }
        return Ok(Some(given.clone()));
    }
    let Some(by_name) =
        certificates.iter().find(|server| !is_for_a_member(&server.certificate, intent.targets))
    else {
        note_strangers(intent, certificates, findings);
        return Ok(None);
    };
    let path = &by_name.path;
    let missing = match intent.targets {
        Targets::Addresses(..) => format!("the certificate `{path}` is for none of the members' addresses"),
        Targets::Pods => format!("the certificate `{path}` is for no address of a node"),
    };
    let Some(name) = common_name(certificates) else {
        return Err(Box::new(
            Diagnostic::new(Code::WRONG_SERVER_NAME, format!("{missing}, and for no name that all have"))
                .note(names(&by_name.certificate))
                .help(
                    "have a certificate issued with the address of its member as a subject alternative name",
                ),
        ));
    };
    findings.push(
        Diagnostic::new(Code::CHOICE, format!("`serverName: {name}` is a choice: {missing}"))
            .note(names(&by_name.certificate))
            .help("say --server-name NAME for another"),
    );
    Ok(Some(name))
}

/// Whether a certificate is for the address of a member; of pods nobody knows the address, and any that other machines
/// can reach is taken for it.
fn is_for_a_member(certificate: &Certificate, targets: Targets<'_>) -> bool {
    certificate.ip_addresses().iter().any(|address| match targets {
        Targets::Addresses(members, _) => members.contains(address),
        Targets::Pods => !address.is_loopback(),
    })
}

/// Says so where there is a certificate for every member, and still one of them is in none.
fn note_strangers(intent: &Intent<'_>, certificates: &[ServerCertificate], findings: &mut Vec<Diagnostic>) {
    let Targets::Addresses(members, _) = intent.targets else { return };
    let is_known = |member: &&IpAddr| {
        certificates.iter().any(|server| server.certificate.ip_addresses().contains(member))
    };
    if certificates.len() >= members.len()
        && let Some(stranger) = members.iter().find(|member| !is_known(member))
    {
        findings.push(
            Diagnostic::new(
                Code::WRONG_SERVER_NAME,
                format!("no certificate that was given is for the member {stranger}"),
            )
            .level(crate::diagnostic::Level::Warning)
            .note("Prometheus refuses a member whose certificate is not for its address")
            .help("check the address, or name a --server-name that all certificates are for"),
        );
    }
}

/// The name that every certificate is for: `localhost`, which kubeadm puts into every one, else the first.
fn common_name(certificates: &[ServerCertificate]) -> Option<String> {
    let (first, others) = certificates.split_first()?;
    let is_common = |name: &&String| {
        !name.contains('*') && others.iter().all(|server| server.certificate.is_valid_for(name).is_ok())
    };
    let common: Vec<&String> = first.certificate.dns_names().iter().filter(is_common).collect();
    common.iter().find(|name| **name == "localhost").or(common.first()).map(|name| (*name).clone())
}

fn names(certificate: &Certificate) -> String {
    let addresses = certificate.ip_addresses().iter().map(ToString::to_string);
    let all: Vec<String> = certificate.dns_names().iter().cloned().chain(addresses).collect();
    if all.is_empty() {
        "it has no subject alternative name".to_owned()
    } else {
        format!("it is for {}", all.join(", "))
    }
}
