//! What is looked at: files, Secrets of manifests, and endpoints.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::super::{Failure, stack};
use super::inspect::{InspectArgs, MAX_FILE};
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::World;
use crate::engine::certificates::{Material, Part};
use crate::kubernetes::data;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::pki::blocks;
use crate::source::read_file;

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    File(PathBuf),
    Secret(String),
    Endpoint { host: String, port: u16 },
}

impl FromStr for Wanted {
    type Err = String;

    /// A file that is there is a file, whatever it is called.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if Path::new(text).exists() {
            return Ok(Self::File(text.into()));
        }
        if let Some(name) = ["secret/", "secrets/"].iter().find_map(|kind| text.strip_prefix(kind)) {
            return Ok(Self::Secret(name.to_owned()));
        }
        let bare = text.strip_prefix("https://").map(|rest| rest.split('/').next().unwrap_or(rest));
        let endpoint = |text: &str| {
            let (host, port) = text.rsplit_once(':')?;
            let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
            let is_host = !host.is_empty() && !host.contains(['/', '[', ']']);
            let port = port.parse().ok().filter(|port| *port > 0)?;
            is_host.then(|| Self::Endpoint { host: host.to_owned(), port })
        };
        match bare {
            Some(bare) => endpoint(bare)
                .or_else(|| endpoint(&format!("{bare}:443")))
                .ok_or_else(|| format!("`{text}` names no host")),
            None => Ok(endpoint(text).unwrap_or_else(|| Self::File(text.into()))),
        }
    }
}

/// Things that belong together.
pub(super) struct Group {
    /// What it is called; files are called by themselves.
    pub(super) title: Option<String>,
    pub(super) material: Material,
    /// The host that was asked, for which its certificate has to be.
    pub(super) host: Option<String>,
    /// What else was seen, as label and text.
    pub(super) facts: Vec<(&'static str, String)>,
    /// What is wrong with the whole.
    pub(super) findings: Vec<Diagnostic>,
}

impl Group {
    pub(super) fn of(parts: Vec<Part>, title: Option<String>) -> Self {
        Self {
            title,
            material: Material { parts, usage: None },
            host: None,
            facts: Vec::new(),
            findings: Vec::new(),
        }
    }
}

/// Reads everything that is named. Files belong together; every Secret and every endpoint stands for itself.
pub(super) fn read(args: &InspectArgs) -> Result<Vec<Group>, Failure> {
    let mut groups = Vec::new();
    let files: Vec<&PathBuf> = args
        .what
        .iter()
        .filter_map(|wanted| if let Wanted::File(path) = wanted { Some(path) } else { None })
        .collect();
    if !files.is_empty() {
        let parts = files
            .into_iter()
            .map(|path| Ok(Part::read(path.display().to_string(), &read_file(path, MAX_FILE)?)))
            .collect::<Result<_, Box<Diagnostic>>>()?;
        groups.push(Group::of(parts, None));
    }
    let named: Vec<&str> = args
        .what
        .iter()
        .filter_map(|wanted| if let Wanted::Secret(name) = wanted { Some(name.as_str()) } else { None })
        .collect();
    let of_everything = args.what.is_empty();
    if of_everything || !named.is_empty() {
        groups.extend(secrets(args, (!of_everything).then_some(&named))?);
    }
    for wanted in &args.what {
        if let Wanted::Endpoint { host, port } = wanted {
            groups.push(endpoint(args, host, *port)?);
        }
    }
    Ok(groups)
}

/// The Secrets of the manifests that hold certificates or keys, or those that are named.
fn secrets(args: &InspectArgs, named: Option<&[&str]>) -> Result<Vec<Group>, Failure> {
    if args.input.inputs.is_empty() {
        return named.unwrap_or_default().iter().map(|name| live(args, name)).collect();
    }
    let reading = stack::read(&args.input)?.reading;
    let world = World::of(reading, args.input.namespace.as_deref());
    let inventory = world.inventory();
    let all: Vec<Object<'_>> = inventory
        .of_kind(GroupKind::SECRET)
        .filter(|secret| {
            args.input.namespace.as_deref().is_none_or(|wanted| secret.namespace() == Some(wanted))
        })
        .collect();
    let Some(named) = named else {
        let found: Vec<Group> =
            all.into_iter().map(of_secret).filter(|group| !group.material.parts.is_empty()).collect();
        return if found.is_empty() {
            Err(Diagnostic::new(Code::UNREADABLE, "no Secret of the input shows a certificate or key").into())
        } else {
            Ok(found)
        };
    };
    let mut groups = Vec::new();
    for name in named {
        let fitting: Vec<Object<'_>> = all.iter().copied().filter(|secret| secret.name() == *name).collect();
        if fitting.is_empty() {
            let near: Vec<String> = all.iter().map(|secret| format!("`{}`", secret.identity())).collect();
            let finding = Diagnostic::new(Code::UNREADABLE, format!("no Secret `{name}` is in the input"));
            return Err(if near.is_empty() {
                finding
            } else {
                finding.note(format!("there are {}", near.join(", ")))
            }
            .into());
        }
        groups.extend(fitting.into_iter().map(|secret| {
            let mut group = of_secret(secret);
            if group.material.parts.is_empty() {
                let message = format!("{} shows no certificate and no key", secret.identity());
                group
                    .findings
                    .push(Diagnostic::new(Code::UNUSABLE_CERTIFICATE, message).at(secret.place(), ""));
            }
            group
        }));
    }
    Ok(groups)
}

/// A Secret of the cluster.
#[cfg(feature = "cluster")]
fn live(args: &InspectArgs, name: &str) -> Result<Group, Failure> {
    use crate::cluster::Connection;

    let connection = Connection::open(&args.access.access())?;
    let namespace = args.input.namespace.as_deref().unwrap_or_else(|| connection.namespace());
    let title = format!("Secret {namespace}/{name}");
    let Some(data) = connection.secret(namespace, name)? else {
        let message = format!("there is no {title} at {}", connection.server());
        return Err(Diagnostic::new(Code::UNREADABLE, message).help("name its namespace with -n").into());
    };
    let mut group = Group::of(parts_of(&title, &data), Some(title.clone()));
    if group.material.parts.is_empty() {
        let message = format!("{title} holds no certificate and no key");
        group.findings.push(Diagnostic::new(Code::UNUSABLE_CERTIFICATE, message));
    }
    Ok(group)
}

#[cfg(not(feature = "cluster"))]
fn live(_: &InspectArgs, name: &str) -> Result<Group, Failure> {
    let message = format!("no manifests are given to find the Secret `{name}` in");
    Err(Diagnostic::new(Code::UNREADABLE, message).help("name them with -f").into())
}

/// Entries with PEM in them; others, such as passwords, are nobody's business here.
fn of_secret(secret: Object<'_>) -> Group {
    let title = secret.identity().to_string();
    Group::of(parts_of(&title, &data::of_secret(secret)), Some(title))
}

/// The entries of a Secret that hold PEM.
pub(super) fn parts_of(secret: &str, data: &data::Data) -> Vec<Part> {
    data.iter()
        .filter(|(key, value)| {
            let is_named = Path::new(key).extension().is_some_and(|extension| {
                ["crt", "pem", "cer", "key"].iter().any(|known| extension.eq_ignore_ascii_case(known))
            });
            blocks(value).next().is_some() || is_named
        })
        .map(|(key, value)| Part::read(format!("{secret} {key}"), value))
        .collect()
}

#[cfg(feature = "cluster")]
fn endpoint(args: &InspectArgs, host: &str, port: u16) -> Result<Group, Failure> {
    use crate::cluster::handshake::{ClientIdentity, Endpoint, shake};
    use crate::pki::{Usage, name_from_der};

    let client = match (&args.client_cert, &args.client_key) {
        (Some(certificate), Some(key)) => {
            let identity =
                ClientIdentity::from_pem(&read_file(certificate, MAX_FILE)?, &read_file(key, MAX_FILE)?);
            Some(identity.map_err(|why| {
                let message = format!("`{}` and `{}` make no client", certificate.display(), key.display());
                Diagnostic::new(Code::UNUSABLE_CERTIFICATE, message)
                    .note(why)
                    .help("promwire certs inspect says of both files what is wrong with them")
            })?)
        }
        _ => None,
    };
    let name = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let asked = Endpoint { host, port, server_name: args.server_name.as_deref(), timeout: args.timeout };
    let unreachable =
        |why: String| Diagnostic::new(Code::NO_HANDSHAKE, format!("`{name}` shows no certificate")).note(why);
    let shown = shake(&asked, client.as_ref()).map_err(unreachable)?;
    if shown.chain.is_empty() {
        let why = shown.refused.unwrap_or_else(|| "it sent none".to_owned());
        return Err(unreachable(why)
            .help("does it speak TLS? an HTTP port answers in plain text, which is no handshake")
            .into());
    }
    let mut group = Group::of(vec![Part::of_chain(&name, &shown.chain)], None);
    group.material.usage = Some(Usage::Server);
    group.host = Some(host.to_owned());
    group.facts.extend(shown.protocol.map(|protocol| ("protocol", protocol.to_owned())));
    group.facts.push((
        "its key",
        match shown.has_key {
            Some(true) => "it has the key of its certificate".to_owned(),
            Some(false) => "it does not have the key of its certificate".to_owned(),
            None => "not judged".to_owned(),
        },
    ));
    if shown.has_key == Some(false) {
        let message = format!("`{name}` does not have the key of the certificate it shows");
        group.findings.push(Diagnostic::new(Code::KEY_MISMATCH, message));
    }
    if let Some(names) = &shown.asks_for {
        let names: Vec<String> = names.iter().filter_map(|der| name_from_der(der)).collect();
        let of = if names.is_empty() { String::new() } else { format!(" of {}", names.join(" or ")) };
        group.facts.push(("asks for", format!("a certificate of the client{of}")));
    }
    if let Some(why) = shown.refused {
        let (what, help) = match (&client, &shown.asks_for) {
            (Some(_), _) => {
                ("refuses the client's certificate", "show it one that it trusts, for clients, and valid now")
            }
            (None, Some(_)) => {
                ("takes nobody without a certificate", "show it one with --client-cert and --client-key")
            }
            (None, None) => ("breaks the handshake off", "its log says why"),
        };
        group.facts.push(("answer", format!("it {what}")));
        let finding = Diagnostic::new(Code::CLIENT_REFUSED, format!("`{name}` {what}")).note(why);
        group.findings.push(finding.help(help));
    }
    Ok(group)
}

#[cfg(not(feature = "cluster"))]
fn endpoint(_: &InspectArgs, host: &str, port: u16) -> Result<Group, Failure> {
    let message = format!("this promwire is built without a client, and cannot ask {host}:{port}");
    Err(Diagnostic::new(Code::NO_HANDSHAKE, message).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_is_told_apart() {
        let endpoint = |host: &str, port| Ok(Wanted::Endpoint { host: host.to_owned(), port });
        assert_eq!("10.0.0.1:2379".parse(), endpoint("10.0.0.1", 2379));
        assert_eq!("[::1]:2379".parse(), endpoint("::1", 2379));
        assert_eq!("https://etcd-1:2379/metrics".parse(), endpoint("etcd-1", 2379));
        assert_eq!("https://api".parse(), endpoint("api", 443));
        assert_eq!("secret/etcd".parse(), Ok(Wanted::Secret("etcd".to_owned())));
        assert_eq!("pki/ca.crt".parse(), Ok(Wanted::File("pki/ca.crt".into())));
        assert_eq!("etcd:0".parse(), Ok(Wanted::File("etcd:0".into())), "there is no port 0");
        assert!("https:///x".parse::<Wanted>().is_err());
    }
}
