//! `promwire certs inspect`: what certificates and keys are, and whether they fit.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches, ValueEnum};

use super::super::input::InputArgs;
use super::super::{Exit, Failure, terminal};
use super::shown;
use super::source::{self, Wanted};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::engine::certificates::{CertificateQuestion, GivenKey, Part, inspect};
use crate::pki::{Certificate, Moment};
use crate::source::read_file;

/// The name of the command.
pub(super) const NAME: &str = "inspect";

/// Bytes a file may have.
pub(super) const MAX_FILE: u64 = 1 << 20;

#[derive(Args, Debug, Clone)]
pub(super) struct InspectArgs {
    /// What to look at: files that belong together, `secret/NAME` of the manifests or else of the cluster, `HOST:PORT`, which is asked
    #[arg(value_name = "FILE|secret/NAME|HOST:PORT")]
    pub(super) what: Vec<Wanted>,

    #[command(flatten)]
    pub(super) input: InputArgs,

    #[cfg(feature = "cluster")]
    #[command(flatten)]
    pub(super) access: super::super::cluster::AccessArgs,

    /// Format on standard output
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = Format::Table)]
    output: Format,

    /// A file with the authorities that are trusted; else those beside the certificate
    #[arg(long, value_name = "FILE", help_heading = "Judgement")]
    ca: Option<PathBuf>,

    /// The name or address that the certificate is to be for, and that HOST is asked for; else HOST itself
    #[arg(long, value_name = "NAME", help_heading = "Judgement")]
    pub(super) server_name: Option<String>,

    /// A file with the key that the certificates are to be for: a private key, a public one or a certificate
    #[arg(long, value_name = "FILE", help_heading = "Judgement")]
    key: Option<PathBuf>,

    /// The certificate to show to HOST:PORT, where it asks for one
    #[arg(long, value_name = "FILE", requires = "client_key", help_heading = "Endpoint")]
    pub(super) client_cert: Option<PathBuf>,

    /// The key of --client-cert
    #[arg(long, value_name = "FILE", requires = "client_cert", help_heading = "Endpoint")]
    pub(super) client_key: Option<PathBuf>,

    /// How long to wait for HOST:PORT, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds, help_heading = "Endpoint")]
    pub(super) timeout: Duration,

    /// The moment that certificates are judged at, instead of now
    #[arg(long, value_name = "MOMENT", hide = true)]
    now: Option<Moment>,
}

/// The formats of standard output.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Table,
    Json,
}

/// A whole number of seconds, at least one.
fn seconds(text: &str) -> Result<Duration, String> {
    match text.strip_suffix('s').unwrap_or(text).parse::<u64>() {
        Ok(number @ 1..=3600) => Ok(Duration::from_secs(number)),
        _ => Err("a whole number of seconds, 1 to 3600".to_owned()),
    }
}

pub(super) fn command() -> Command {
    InspectArgs::augment_args(Command::new(NAME))
        .about("Show what certificates and keys are, and whether they fit: files, Secrets, or what an endpoint shows")
        .long_about(
            "Show what certificates and keys are, and whether they fit: files, Secrets, or what an endpoint shows.\n\n\
             They are judged as Go does, which the operator, Prometheus and etcd are written in. An endpoint is shown whether it is \
             trusted or not; what is not right is a finding, and then the exit code is 1. Keys are never shown.",
        )
        .after_help(
            "Examples:\n  \
             promwire certs inspect /etc/kubernetes/pki/etcd/*.crt\n  \
             promwire certs inspect client.crt client.key ca.crt\n  \
             promwire certs inspect -f manifests/ secret/etcd-client-certs -n monitoring\n  \
             promwire certs inspect secret/etcd-client-certs -n monitoring --context prod\n  \
             promwire certs inspect 10.0.0.1:2379 --ca ca.crt --client-cert client.crt --client-key client.key\n  \
             promwire certs inspect etcd-1:2379 --key server.key -o json",
        )
}

/// Runs `promwire certs inspect …`.
pub(super) fn run(matches: &ArgMatches) -> Result<Exit, Failure> {
    let args = InspectArgs::from_arg_matches(matches)?;
    if args.what.is_empty() && args.input.inputs.is_empty() {
        return Err(usage("name a file, secret/NAME or HOST:PORT, or manifests with -f"));
    }
    let ca = args.ca.as_deref().map(authorities).transpose()?;
    let key = args.key.as_deref().map(given_key).transpose()?;
    let groups = source::read(&args)?;
    let mut findings = Vec::new();
    let mut looked = Vec::new();
    for group in groups {
        let named = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let (ca_name, key_name) = (named(&args.ca), named(&args.key));
        let host = group.host.clone();
        let now = args.now.unwrap_or_else(Moment::now);
        let question = CertificateQuestion {
            now,
            authorities: ca_name.as_deref().zip(ca.as_deref()),
            key: key_name.as_deref().zip(key.as_ref()),
            server_name: args.server_name.as_deref().or(host.as_deref()),
        };
        let (judged, found) = inspect(&group.material, &question);
        findings.extend(group.findings.iter().cloned().chain(found));
        looked.push((group, judged, now));
    }
    let text = match args.output {
        Format::Table => shown::table(&looked),
        Format::Json => shown::json(&looked, &findings),
    };
    terminal::write_stdout(&text).map_err(|error| {
        Diagnostic::new(Code::UNWRITABLE, format!("cannot write to standard output: {error}"))
    })?;
    if args.output == Format::Table {
        terminal::print(&findings);
    }
    let is_broken = findings.iter().any(|finding| finding.level == Level::Error);
    Ok(if is_broken { Exit::Findings } else { Exit::Clean })
}

fn usage(message: &str) -> Failure {
    command().bin_name("promwire certs inspect").error(ErrorKind::ValueValidation, message).into()
}

fn authorities(path: &Path) -> Result<Vec<Certificate>, Failure> {
    let read = Certificate::all_from_any(&read_file(path, MAX_FILE)?);
    read.map_err(|error| {
        let message = format!("`{}` (--ca) holds no certificate", path.display());
        Diagnostic::new(Code::UNUSABLE_CERTIFICATE, message).note(error.reason()).into()
    })
}

fn given_key(path: &Path) -> Result<GivenKey, Failure> {
    let part = Part::read(path.display().to_string(), &read_file(path, MAX_FILE)?);
    GivenKey::of(&part).ok_or_else(|| {
        let message = format!("`{}` (--key) holds no key and no certificate", path.display());
        let notes = part.findings.into_iter().flat_map(|finding| finding.notes);
        let mut finding = Diagnostic::new(Code::UNUSABLE_CERTIFICATE, message);
        finding.notes.extend(notes);
        finding.into()
    })
}
