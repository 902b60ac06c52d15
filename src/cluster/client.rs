//! A connection to an API server.

use std::future::Future;
use std::time::Duration;

use http::HeaderValue;
use http::header::USER_AGENT;
use kube::{Client, Config};
use tokio::runtime::{Builder, Runtime};

use super::access::{Access, Found};
use super::{FIELD_MANAGER, failure};
use crate::diagnostic::{Code, Diagnostic};
use crate::prom::version::Version;

/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// How long to wait for the next bytes of an answer. API servers cut their own requests off after 60 s.
const READ: Duration = Duration::from_secs(70);

/// A client of one API server, and the runtime it lives in.
pub struct Connection {
    runtime: Runtime,
    client: Client,
    server: String,
    context: Option<String>,
}

impl Connection {
    /// Prepares to talk to the API server that flags and environment name. Nothing is sent yet.
    ///
    /// # Errors
    /// A configuration that is missing or leads nowhere.
    pub fn open(access: &Access) -> Result<Self, Box<Diagnostic>> {
        let Found { config, context } = access.find()?;
        Self::of(config, context)
    }

    fn of(mut config: Config, context: Option<String>) -> Result<Self, Box<Diagnostic>> {
        // One provider is compiled in; whoever embeds the library may have installed another before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = config.cluster_url.to_string();
        let agent = concat!("promwire/", env!("CARGO_PKG_VERSION"));
        debug_assert!(agent.starts_with(FIELD_MANAGER), "one name for both");
        config.headers.push((USER_AGENT, HeaderValue::from_static(agent)));
        config.connect_timeout = Some(CONNECT);
        config.read_timeout = Some(READ);
        config.reset_reader_on_write = true;
        let runtime =
            Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|error| {
                let message = format!("cannot start the client of the API server: {error}");
                Box::new(Diagnostic::new(Code::CLUSTER_FAILED, message))
            })?;
        let client = {
            // The client keeps a task of its own.
            let _inside = runtime.enter();
            Client::try_from(config).map_err(|error| Box::new(failure::of(&error, &server, "connect")))?
        };
        Ok(Self { runtime, client, server, context })
    }

    /// The address of the API server.
    pub fn server(&self) -> &str {
        self.server.trim_end_matches('/')
    }

    /// The context of the kubeconfig; None inside of a pod.
    pub fn context(&self) -> Option<&str> {
        self.context.as_deref()
    }

    /// The namespace of the context or the pod, where kubectl works unless it is told otherwise.
    pub fn namespace(&self) -> &str {
        self.client.default_namespace()
    }

    /// The version of the API server.
    ///
    /// # Errors
    /// Whatever stands between here and an answer; a good first question.
    pub fn version(&self) -> Result<Version, Box<Diagnostic>> {
        let task = "ask for the version";
        let info =
            self.wait(self.client().apiserver_version()).map_err(|error| self.failure(&error, task))?;
        Version::parse_tolerant(&info.git_version).map_err(|error| {
            let message =
                format!("cannot {task} at {}: `{}` is none: {error}", self.server(), info.git_version);
            Box::new(Diagnostic::new(Code::CLUSTER_FAILED, message))
        })
    }

    /// The client.
    pub(super) fn client(&self) -> Client {
        self.client.clone()
    }

    /// Waits for something of this connection.
    pub(super) fn wait<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// What went wrong on the way to the API server or there, as a finding. `task` says what was tried: `list services`.
    pub(super) fn failure(&self, error: &kube::Error, task: &str) -> Box<Diagnostic> {
        Box::new(failure::of(error, self.server(), task))
    }
}

/// Where it leads, and nothing of how it is opened.
impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Connection").field(&self.server).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::Arc;
    use std::thread;

    use rcgen::{CertifiedKey, generate_simple_self_signed};
    use rustls::pki_types::PrivateKeyDer;

    use super::*;

    /// Asks a server for its version that does this with each connection.
    fn asked(scheme: &str, serve: impl Fn(TcpStream) + Send + 'static) -> Result<Version, Box<Diagnostic>> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || listener.incoming().flatten().for_each(serve));
        let mut config = Config::new(format!("{scheme}://{address}").parse().unwrap());
        config.root_cert = Some(Vec::new());
        config.default_retry = false;
        Connection::of(config, None).unwrap().version()
    }

    fn answer(status: &str, body: &str) -> impl Fn(TcpStream) + Send + 'static + use<> {
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        move |mut stream| {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    }

    #[test]
    fn every_failure_has_its_code() {
        let status = |code: u16, reason: &str| {
            format!(
                r#"{{"kind":"Status","status":"Failure","message":"{reason} said","reason":"{reason}","code":{code}}}"#
            )
        };
        let code = |line: &str, body: &str| asked("http", answer(line, body)).unwrap_err();
        assert_eq!(code("401 Unauthorized", &status(401, "Unauthorized")).code, Code::NOT_LOGGED_IN);
        let forbidden = code("403 Forbidden", &status(403, "Forbidden"));
        assert!(forbidden.code == Code::FORBIDDEN && forbidden.message.contains("Forbidden said"));
        assert_eq!(code("500 Oops", "<html>\n<p>long</p>").code, Code::CLUSTER_FAILED);
        assert_eq!(code("200 OK", "<html>").code, Code::CLUSTER_FAILED);
        let cut = asked("http", drop).unwrap_err();
        assert_eq!(cut.code, Code::UNREACHABLE, "{}", cut.message);
        let plain = asked("https", answer("400 Bad Request", "")).unwrap_err();
        assert!(
            plain.code == Code::UNTRUSTED_SERVER && plain.message.contains("does not speak TLS"),
            "{}",
            plain.message
        );
        let refused = Config::new("http://127.0.0.1:1".parse().unwrap());
        let refused = Connection::of(refused, None).unwrap().version().unwrap_err();
        assert!(
            refused.code == Code::UNREACHABLE && refused.message.contains("refused"),
            "{}",
            refused.message
        );
    }

    #[test]
    fn a_server_of_another_authority_is_not_trusted() {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let server = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let server = Arc::new(server);
        let finding = asked("https", move |mut stream| {
            let mut tls = rustls::ServerConnection::new(Arc::clone(&server)).unwrap();
            while tls.complete_io(&mut stream).is_ok_and(|(read, written)| read + written > 0) {}
        })
        .unwrap_err();
        assert_eq!(finding.code, Code::UNTRUSTED_SERVER, "{}", finding.message);
        assert!(finding.message.contains("authority"), "{}", finding.message);
    }

    #[test]
    fn the_version_is_read() {
        let body = r#"{"major":"1","minor":"36","gitVersion":"v1.36.3","gitCommit":"","gitTreeState":"","buildDate":"","goVersion":"","compiler":"","platform":""}"#;
        assert!(asked("http", answer("200 OK", body)).unwrap().is_at_least(1, 36, 3));
    }
}
