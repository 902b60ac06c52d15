//! A TLS handshake with an endpoint, to see what certificate it shows, trusted or not.
//!
//! Nobody decides about trust here: whatever is shown is taken and handed back as bytes, and `pki` judges it as Go does. Nothing
//! but the handshake is sent, so that nothing can be lost to an impostor.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ClientConfig, ClientConnection, ResolvesClientCert};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{DigitallySignedStruct, Error, SignatureScheme};

/// How long a server is listened to after the handshake: in TLS 1.3 it says only then what it thinks of the client's certificate.
const VERDICT: Duration = Duration::from_secs(2);

/// What an endpoint is asked with.
#[derive(Debug)]
pub struct Endpoint<'e> {
    /// A name or an address, an IPv6 one without brackets.
    pub host: &'e str,
    /// The port.
    pub port: u16,
    /// The name it is asked for, in place of the host.
    pub server_name: Option<&'e str>,
    /// How long to wait for it, for each step.
    pub timeout: Duration,
}

/// What an endpoint showed.
#[derive(Debug)]
pub struct Shown {
    /// Its certificates as DER, its own first. Empty when it showed none.
    pub chain: Vec<Vec<u8>>,
    /// `TLS 1.3`; none when the handshake did not get that far.
    pub protocol: Option<&'static str>,
    /// Whether it proved that it has the key of its certificate; none when that was not asked, or cannot be told here.
    pub has_key: Option<bool>,
    /// Whether it asked for a certificate of the client, and the names (DER) of the authorities it takes.
    pub asks_for: Option<Vec<Vec<u8>>>,
    /// Why the handshake, or what the server said right after it, went wrong.
    pub refused: Option<String>,
}

/// The certificate and key of a client, checked to be a pair. It never shows them.
pub struct ClientIdentity(Arc<CertifiedKey>);

impl std::fmt::Debug for ClientIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientIdentity")
    }
}

impl ClientIdentity {
    /// From PEM.
    ///
    /// # Errors
    /// What is wrong with them, in the words of rustls.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, String> {
        let chain = CertificateDer::pem_slice_iter(certificates)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| error.to_string())?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| error.to_string())?;
        let key = ring::default_provider().key_provider.load_private_key(key);
        Ok(Self(Arc::new(CertifiedKey::new(chain, key.map_err(|error| error.to_string())?))))
    }
}

/// Shakes hands with an endpoint.
///
/// # Errors
/// When it cannot be reached, or its name is none.
pub fn shake(endpoint: &Endpoint<'_>, client: Option<&ClientIdentity>) -> Result<Shown, String> {
    let name = endpoint.server_name.unwrap_or(endpoint.host);
    let name =
        ServerName::try_from(name.to_owned()).map_err(|_| format!("`{name}` is no name of a server"))?;
    let watcher = Arc::new(Watcher::default());
    let asked = Arc::new(Asked { by: Mutex::default(), own: client.map(|client| Arc::clone(&client.0)) });
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&watcher) as Arc<dyn ServerCertVerifier>)
        .with_client_cert_resolver(Arc::clone(&asked) as Arc<dyn ResolvesClientCert>);
    let mut connection = ClientConnection::new(Arc::new(config), name).map_err(|error| error.to_string())?;
    let mut socket = connect(endpoint)?;
    let refused = handshake(&mut connection, &mut socket).err().map(|error| reason(&error));
    let seen = watcher.0.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(Shown {
        chain: seen.chain.clone(),
        protocol: connection.protocol_version().map(|version| match version {
            rustls::ProtocolVersion::TLSv1_2 => "TLS 1.2",
            rustls::ProtocolVersion::TLSv1_3 => "TLS 1.3",
            _ => "TLS",
        }),
        has_key: seen.has_key,
        asks_for: asked.by.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        refused,
    })
}

/// The first address that answers.
fn connect(endpoint: &Endpoint<'_>) -> Result<TcpStream, String> {
    let addresses = (endpoint.host, endpoint.port)
        .to_socket_addrs()
        .map_err(|error| format!("`{}` has no address: {error}", endpoint.host))?;
    let mut last = format!("`{}` has no address", endpoint.host);
    for address in addresses {
        let connected = TcpStream::connect_timeout(&address, endpoint.timeout).and_then(|socket| {
            socket.set_read_timeout(Some(endpoint.timeout))?;
            socket.set_write_timeout(Some(endpoint.timeout))?;
            Ok(socket)
        });
        match connected {
            Ok(socket) => return Ok(socket),
            Err(error) => last = format!("no connection to {address}: {}", reason(&error)),
        }
    }
    Err(last)
}

/// The handshake, a goodbye, and what the server answers to that.
fn handshake(connection: &mut ClientConnection, socket: &mut TcpStream) -> io::Result<()> {
    while connection.is_handshaking() {
        connection.complete_io(socket)?;
    }
    connection.send_close_notify();
    connection.complete_io(socket)?;
    socket.flush()?;
    socket.set_read_timeout(Some(VERDICT))?;
    let mut stream = rustls::Stream::new(connection, socket);
    match stream.read(&mut [0; 256]) {
        Ok(_) => Ok(()),
        // It says nothing, or hangs up without a word: it has nothing against us.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::WouldBlock
                    | io::ErrorKind::TimedOut
                    | io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::ConnectionReset
                    | io::ErrorKind::BrokenPipe
            ) =>
        {
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// An error without what only programmers read.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => "it does not answer in time".to_owned(),
        io::ErrorKind::UnexpectedEof => "the connection was closed during the handshake".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or(&text).to_owned()
        }
    }
}

/// What was seen of the server.
#[derive(Debug, Default)]
struct Seen {
    chain: Vec<Vec<u8>>,
    has_key: Option<bool>,
}

/// Notes what the server shows, and takes everything.
#[derive(Debug, Default)]
struct Watcher(Mutex<Seen>);

impl Watcher {
    /// Notes whether the server signed with the key of its certificate.
    fn note(&self, verified: &Result<HandshakeSignatureValid, Error>) -> HandshakeSignatureValid {
        let has_key = match verified {
            Ok(_) => Some(true),
            Err(Error::InvalidCertificate(rustls::CertificateError::BadSignature)) => Some(false),
            // A certificate or key that webpki does not take says nothing about who has the key.
            Err(_) => None,
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).has_key = has_key;
        HandshakeSignatureValid::assertion()
    }
}

fn provider() -> CryptoProvider {
    ring::default_provider()
}

impl ServerCertVerifier for Watcher {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(end_entity).chain(intermediates).map(|der| der.to_vec()).collect();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).chain = chain;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = provider().signature_verification_algorithms;
        Ok(self.note(&verify_tls12_signature(message, certificate, signed, &algorithms)))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = provider().signature_verification_algorithms;
        Ok(self.note(&verify_tls13_signature(message, certificate, signed, &algorithms)))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

/// Notes what the server asks for, and answers with the client's own certificate if it has one.
#[derive(Debug)]
struct Asked {
    by: Mutex<Option<Vec<Vec<u8>>>>,
    own: Option<Arc<CertifiedKey>>,
}

impl ResolvesClientCert for Asked {
    fn resolve(&self, authorities: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let names = authorities.iter().map(|name| name.to_vec()).collect();
        *self.by.lock().unwrap_or_else(PoisonError::into_inner) = Some(names);
        self.own.clone()
    }

    /// That it has some even when it has none: it is asked only then, and what the server asks for is to be seen.
    fn has_certs(&self) -> bool {
        true
    }
}
