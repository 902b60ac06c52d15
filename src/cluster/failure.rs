//! What goes wrong on the way to an API server, or there: each as one finding with where, why and what to do.
//!
//! Nothing of a kubeconfig is quoted: it holds tokens and keys.

use std::error::Error as StdError;
use std::io;

use kube::config::{InClusterError, KubeconfigError};
use kube::core::Status;

use crate::diagnostic::{Code, Diagnostic};

/// What is wrong with a kubeconfig. `shown` names the file or the files.
pub(super) fn of_kubeconfig(error: &KubeconfigError, shown: &str) -> Diagnostic {
    let bad = |why: String| Diagnostic::new(Code::BAD_KUBECONFIG, format!("{shown} cannot be used: {why}"));
    match error {
        KubeconfigError::ReadConfig(error, _) if error.kind() == io::ErrorKind::NotFound => {
            Diagnostic::new(Code::NO_KUBECONFIG, format!("there is no kubeconfig: {shown} does not exist"))
                .help("name one with --kubeconfig or KUBECONFIG")
        }
        KubeconfigError::ReadConfig(error, _) => bad(error.to_string()),
        KubeconfigError::Parse(error) => {
            // The message would quote the line.
            let line = error.location().map_or(0, |location| location.line());
            bad(format!("it is not the YAML of a kubeconfig, see line {line}"))
                .help("`kubectl config view` tells more")
        }
        KubeconfigError::LoadClusterOfContext(cluster) => {
            bad(format!("the context names the cluster `{cluster}`, which it does not have"))
        }
        KubeconfigError::MissingClusterUrl => bad("the cluster of the context has no `server`".to_owned()),
        KubeconfigError::LoadCertificateAuthority(error) => {
            bad(format!("the certificate authority of the cluster: {error}"))
        }
        KubeconfigError::LoadClientCertificate(error) => bad(format!("the client certificate: {error}")),
        KubeconfigError::LoadClientKey(error) => bad(format!("the client key: {error}")),
        other => bad(other.to_string()),
    }
}

/// What a pod lacks to talk to its API server.
pub(super) fn of_pod(error: &InClusterError) -> Diagnostic {
    Diagnostic::new(
        Code::BAD_KUBECONFIG,
        format!("there is no kubeconfig, and this pod has no access: {error}"),
    )
    .help("give the pod a ServiceAccount whose token is mounted (automountServiceAccountToken)")
}

/// What went wrong when something was asked of an API server. `task` is what was tried: `list services`.
pub(super) fn of(error: &kube::Error, server: &str, task: &str) -> Diagnostic {
    let failed = |code, why: &str| Diagnostic::new(code, format!("cannot {task} at {server}: {why}"));
    match error {
        kube::Error::Api(status) => of_status(status, server, task),
        kube::Error::Auth(error) => {
            failed(Code::NOT_LOGGED_IN, &of_login(error)).help("log in again, as you would for kubectl")
        }
        kube::Error::RustlsTls(error) => failed(Code::BAD_KUBECONFIG, &error.to_string())
            .help("look at the certificates and the key of the context in the kubeconfig"),
        kube::Error::ProxyProtocolDisabled { .. } | kube::Error::ProxyProtocolUnsupported { .. } => {
            failed(Code::BAD_KUBECONFIG, "the context names a `proxy-url`, and promwire speaks to no proxy")
                .help("use a context without one, for instance by way of `kubectl proxy`")
        }
        kube::Error::Service(error) => of_transport(error.as_ref(), server, task),
        other => of_transport(other, server, task),
    }
}

/// What an API server answers.
fn of_status(status: &Status, server: &str, task: &str) -> Diagnostic {
    // What is no answer of Kubernetes may be a page of HTML.
    let message = status.message.lines().next().unwrap_or_default();
    let failed = |code, why: &str| Diagnostic::new(code, format!("cannot {task} at {server}: {why}"));
    match status.code {
        401 => failed(Code::NOT_LOGGED_IN, "it does not know who asks (401)")
            .note("the token or certificate of the context has expired, or is that of another cluster")
            .help("log in again, as you would for kubectl"),
        403 => failed(Code::FORBIDDEN, &format!("not allowed (403): {message}"))
            .help("ask for the right; `kubectl auth can-i --list` shows those you have"),
        404 => failed(Code::CLUSTER_FAILED, &format!("there is no such thing (404): {message}")),
        429 => failed(Code::CLUSTER_FAILED, "it is busy (429)").help("try again later"),
        code @ 500.. => failed(Code::CLUSTER_FAILED, &format!("it failed ({code}): {message}"))
            .help("try again; the log of the API server tells more"),
        code => failed(Code::CLUSTER_FAILED, &format!("{message} ({code})")),
    }
}

/// Why nobody could be logged in. What a plugin printed may be a token, so only its complaints are told.
fn of_login(error: &kube::client::AuthError) -> String {
    match error {
        kube::client::AuthError::AuthExecRun { cmd, out } => {
            let complaint = String::from_utf8_lossy(&out.stderr);
            let last = complaint.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
            format!("the login command `{cmd}` failed ({}): {last}", out.status)
        }
        kube::client::AuthError::AuthExecParse(_) => {
            "what the login command printed is no ExecCredential".to_owned()
        }
        other => other.to_string(),
    }
}

/// What happens before there is an answer, or in the middle of one.
fn of_transport(error: &(dyn StdError + 'static), server: &str, task: &str) -> Diagnostic {
    let failed = |code, why: &str| Diagnostic::new(code, format!("cannot {task} at {server}: {why}"));
    if let Some(error) = deep::<rustls::Error>(error) {
        return of_tls(error, server, task);
    }
    let unreachable = |why: &str, help: &str| failed(Code::UNREACHABLE, why).help(help);
    let is_it_there = "is the cluster running, and is this its address? `kubectl cluster-info` asks the same";
    if let Some(error) = deep::<io::Error>(error) {
        return match error.kind() {
            io::ErrorKind::ConnectionRefused => unreachable("connection refused", is_it_there),
            io::ErrorKind::TimedOut => unreachable("no answer in time", is_it_there),
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                unreachable("no way to that address", "is a VPN or a network missing?")
            }
            io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => {
                unreachable("the connection was cut off", "try again")
            }
            _ => unreachable(&error.to_string(), is_it_there),
        };
    }
    let words = innermost(error).to_string();
    if words.contains("incomplete") || words.contains("connection closed") {
        return unreachable("the connection was cut off", "try again");
    }
    failed(Code::CLUSTER_FAILED, &words)
}

/// What is wrong between two ends of TLS.
fn of_tls(error: &rustls::Error, server: &str, task: &str) -> Diagnostic {
    use rustls::{AlertDescription, CertificateError, Error};
    let failed =
        |why: &str| Diagnostic::new(Code::UNTRUSTED_SERVER, format!("cannot {task} at {server}: {why}"));
    let ca = "look at `certificate-authority` of the cluster in the kubeconfig: is it that of this cluster?";
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            failed("its certificate is of an authority that the kubeconfig does not trust").help(ca)
        }
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            failed("its certificate has expired")
                .help("renew it (kubeadm certs renew), or set the clock here")
        }
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => failed("its certificate is for other names than this address")
            .help("use a name of the certificate in `server`, or `tls-server-name`"),
        Error::InvalidCertificate(error) => {
            failed(&format!("its certificate is not valid: {error}")).help(ca)
        }
        Error::AlertReceived(AlertDescription::UnknownCA | AlertDescription::BadCertificate) => {
            failed("it does not take the client certificate of the context")
                .help("is `client-certificate` that of this cluster? Log in again")
        }
        Error::InvalidMessage(_) => {
            failed("it does not speak TLS").help("does `server` begin with https by mistake?")
        }
        other => failed(&other.to_string()).help(ca),
    }
}

/// The first error of a kind in what caused an error. An [`io::Error`] hides what it carries from its sources.
fn deep<'e, E: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let carried = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match carried {
            Some(carried) => Some(carried),
            None => error.source(),
        };
    }
    None
}

fn innermost<'e>(error: &'e (dyn StdError + 'static)) -> &'e (dyn StdError + 'static) {
    let mut error = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    error
}
