//! `promwire certs sync`: the certificate that Prometheus shows to etcd, from the files of a node into its Secret.
//!
//! kubeadm renews these files and nothing else. On several control-plane nodes each has a certificate of its own, and all of
//! them are good: so a node writes only where the Secret's is not good any more, or ends earlier than its own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::super::cluster::AccessArgs;
use super::super::{Exit, Failure, terminal};
use super::inspect::{MAX_FILE, seconds};
use crate::cluster::{Connection, SecretData};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::engine::certificates::{CertificateQuestion, Material, Part, inspect};
use crate::pki::{Certificate, Moment, PrivateKey, Usage, Validity, keys_match};
use crate::source::read_file;

/// The name of the command.
pub(super) const NAME: &str = "sync";

#[derive(Args, Debug, Clone)]
struct SyncArgs {
    /// The Secret
    #[arg(long, value_name = "NAME", default_value = "etcd-client-certs", value_parser = crate::model::name::subdomain)]
    secret: String,

    /// Its namespace
    #[arg(short, long, value_name = "NAMESPACE", value_parser = crate::model::name::label)]
    namespace: Option<String>,

    /// The keys of the Secret
    #[arg(
        long,
        value_name = "CA,CERT,KEY",
        default_value = "ca.crt,client.crt,client.key",
        value_delimiter = ',',
        num_args = 1
    )]
    secret_keys: Vec<String>,

    /// The authorities that signed the certificates of etcd
    #[arg(long, value_name = "FILE", default_value = "/etc/kubernetes/pki/etcd/ca.crt")]
    ca_file: PathBuf,

    /// The certificate to show to etcd
    #[arg(long, value_name = "FILE", default_value = "/etc/kubernetes/pki/etcd/healthcheck-client.crt")]
    cert_file: PathBuf,

    /// Its private key
    #[arg(long, value_name = "FILE", default_value = "/etc/kubernetes/pki/etcd/healthcheck-client.key")]
    key_file: PathBuf,

    /// Stay, and write whenever the files change
    #[arg(long)]
    watch: bool,

    /// How often to look at the files and the Secret, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "15", value_parser = seconds, requires = "watch")]
    interval: Duration,

    /// Write the files whatever the Secret holds, even a certificate that lasts longer
    #[arg(long, conflicts_with = "watch")]
    always: bool,

    /// Only say what would be written
    #[arg(long, conflicts_with = "watch")]
    dry_run: bool,

    #[command(flatten)]
    access: AccessArgs,

    /// The moment that certificates are judged at, instead of now
    #[arg(long, value_name = "MOMENT", hide = true)]
    now: Option<Moment>,
}

pub(super) fn command() -> Command {
    SyncArgs::augment_args(Command::new(NAME))
        .about("Write the certificate that Prometheus shows to etcd from files into its Secret, when they are good")
        .long_about(
            "Write the certificate that Prometheus shows to etcd from files into its Secret, when they are good.\n\n\
             kubeadm renews the files of a control-plane node; the Secret keeps the old ones. The files are judged first, and nothing that \
             etcd or the operator would refuse is written. On several nodes the certificate that lasts longest wins, so that nodes do \
             not write in turns. deploy/certs-sync runs it on every control-plane node.",
        )
        .after_help(
            "Examples:\n  \
             promwire certs sync -n monitoring --dry-run\n  \
             promwire certs sync -n monitoring --watch\n  \
             promwire certs sync -n monitoring --ca-file ca.pem --cert-file prometheus.pem --key-file prometheus-key.pem --always",
        )
}

/// Runs `promwire certs sync …`.
pub(super) fn run(matches: &ArgMatches) -> Result<Exit, Failure> {
    let args = SyncArgs::from_arg_matches(matches)?;
    if args.secret_keys.len() != 3 || args.secret_keys.iter().any(String::is_empty) {
        return Err(command()
            .bin_name("promwire certs sync")
            .error(clap::error::ErrorKind::ValueValidation, "--secret-keys takes three keys: CA,CERT,KEY")
            .into());
    }
    if args.watch {
        return watch(&args);
    }
    let connection = Connection::open(&args.access.access())?;
    let said = once(&args, &connection)?;
    terminal::say(&said);
    Ok(Exit::Clean)
}

/// Stays. What is wrong now may be right the next time: files are renewed one after the other, and API servers come back.
fn watch(args: &SyncArgs) -> Result<Exit, Failure> {
    let mut last = String::new();
    // Without a way to the cluster there is nothing to wait for.
    let mut connection = Connection::open(&args.access.access())?;
    loop {
        let said = match once(args, &connection) {
            Ok(said) => said,
            Err(Failure::Findings(findings)) => {
                let text =
                    findings.iter().map(|finding| finding.message.as_str()).collect::<Vec<_>>().join("; ");
                if text != last {
                    terminal::print(&findings);
                }
                // A token may have been renewed meanwhile.
                if let Ok(fresh) = Connection::open(&args.access.access()) {
                    connection = fresh;
                }
                last = text;
                std::thread::sleep(args.interval);
                continue;
            }
            Err(usage) => return Err(usage),
        };
        // One line for each change, and none while nothing changes.
        if said != last {
            terminal::say(&said);
        }
        last = said;
        std::thread::sleep(args.interval);
    }
}

/// Looks once, and says what was done.
fn once(args: &SyncArgs, connection: &Connection) -> Result<String, Failure> {
    let now = args.now.unwrap_or_else(Moment::now);
    let files = Files::read(args)?;
    let certificate = files.judge(now)?;
    let namespace = args.namespace.as_deref().unwrap_or_else(|| connection.namespace());
    let name = format!("Secret {namespace}/{}", args.secret);
    let lasts =
        format!("the certificate of {} lasts until {}", certificate.subject(), certificate.not_after());
    let wanted = files.data(&args.secret_keys);
    let live = connection.secret(namespace, &args.secret)?;
    if let Some(live) = &live {
        if wanted.iter().all(|(key, value)| live.get(key) == Some(value)) {
            return Ok(format!("{name} unchanged; {lasts}"));
        }
        if !args.always
            && let Some(until) =
                good_until(live, &files, args, now).filter(|until| *until >= certificate.not_after())
        {
            return Ok(format!(
                "{name} unchanged: its certificate is good until {until}, as long as the one here"
            ));
        }
    }
    connection.write_secret(namespace, &args.secret, &wanted, args.dry_run)?;
    let done = match (args.dry_run, live.is_some()) {
        (true, true) => "would be changed",
        (true, false) => "would be created",
        (false, true) => "changed",
        (false, false) => "created",
    };
    Ok(format!("{name} {done}; {lasts}"))
}

/// The files, in the order of the keys.
struct Files {
    ca: (String, Vec<u8>),
    certificate: (String, Vec<u8>),
    key: (String, Vec<u8>),
}

impl Files {
    fn read(args: &SyncArgs) -> Result<Self, Failure> {
        let file = |path: &Path| -> Result<(String, Vec<u8>), Failure> {
            Ok((path.display().to_string(), read_file(path, MAX_FILE)?))
        };
        Ok(Self { ca: file(&args.ca_file)?, certificate: file(&args.cert_file)?, key: file(&args.key_file)? })
    }

    fn data(&self, keys: &[String]) -> SecretData {
        let contents = [&self.ca.1, &self.certificate.1, &self.key.1];
        keys.iter().cloned().zip(contents.into_iter().cloned()).collect()
    }

    /// The certificate, when it is good for etcd: everything that Prometheus, its operator or etcd would refuse keeps it here.
    fn judge(&self, now: Moment) -> Result<Certificate, Failure> {
        let parts = [&self.certificate, &self.key, &self.ca];
        let material = Material {
            parts: parts.into_iter().map(|(name, bytes)| Part::read(name, bytes)).collect(),
            usage: Some(Usage::Client),
        };
        let authorities = &material.parts[2].certificates;
        let question = CertificateQuestion {
            now,
            authorities: Some((self.ca.0.as_str(), authorities)),
            key: None,
            server_name: None,
        };
        let (_, mut findings) = inspect(&material, &question);
        findings.retain(|finding| finding.level == Level::Error);
        let leaf = material.parts[0].certificates.first();
        match leaf {
            Some(leaf) if findings.is_empty() && !leaf.is_authority() && material.parts[1].key.is_some() => {
                Ok(leaf.clone())
            }
            Some(leaf) if leaf.is_authority() => {
                let message = format!("`{}` is the certificate of an authority", self.certificate.0);
                findings.push(
                    Diagnostic::new(Code::WRONG_USAGE, message)
                        .note("whoever reads the Secret could sign certificates with its key, for anybody"),
                );
                Err(Failure::Findings(findings))
            }
            _ => {
                if findings.is_empty() {
                    let message = format!("`{}` holds no private key", self.key.0);
                    findings.push(Diagnostic::new(Code::UNUSABLE_CERTIFICATE, message));
                }
                Err(Failure::Findings(findings))
            }
        }
    }
}

/// Until when what a Secret holds is good; none where it is not: incomplete, not a pair, of other authorities than those of etcd
/// here, or over.
fn good_until(live: &SecretData, files: &Files, args: &SyncArgs, now: Moment) -> Option<Moment> {
    let [ca, certificate, key] = args.secret_keys.as_slice() else { return None };
    let chain = Certificate::all_from_pem(live.get(certificate)?).ok()?;
    let (leaf, intermediates) = chain.split_first()?;
    keys_match(leaf, &PrivateKey::from_pem(live.get(key)?).ok()?).ok()?;
    let here = Certificate::pool_from_pem(&files.ca.1);
    leaf.is_trusted(intermediates, &here, Usage::Client, now).ok()?;
    // Prometheus has to trust the members, whose authorities are those here.
    let there = Certificate::pool_from_pem(live.get(ca)?);
    let knows =
        |authority: &Certificate| there.iter().any(|known| known.fingerprint() == authority.fingerprint());
    let is_known = here.iter().filter(|authority| authority.validity(now) == Validity::Valid).all(knows);
    is_known.then(|| leaf.not_after())
}
