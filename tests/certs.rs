//! `promwire certs inspect` asks servers that really speak TLS.
#![cfg(feature = "cluster")]

#[allow(dead_code, reason = "nothing here is updated")]
mod support;

#[path = "support/certificates.rs"]
#[allow(dead_code, reason = "other tests make other certificates")]
mod certificates;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use certificates::{Authority, Pair, Wish};
use rcgen::ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion};
use serde_json::Value;

const NOW: &str = "--now 2026-06-01T00:00:00Z";

/// Whom a server lets in.
enum Clients<'c> {
    Everybody,
    Of(&'c Authority),
}

/// A server on an address of this machine; it answers until the test ends.
fn serve(pair: &Pair, clients: &Clients<'_>, version: &'static SupportedProtocolVersion) -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[version])
        .unwrap();
    let builder = match clients {
        Clients::Everybody => builder.with_no_client_auth(),
        Clients::Of(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from(authority.pair.der.clone())).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.unwrap())
        }
    };
    let chain = vec![CertificateDer::from(pair.der.clone())];
    let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap();
    let config = Arc::new(builder.with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::Stream::new(&mut connection, &mut socket);
            let _ = stream.read(&mut [0; 64]);
            let _ = stream.flush();
        }
    });
    port
}

struct Scene {
    folder: tempfile::TempDir,
    authority: Authority,
    server: Pair,
}

fn scene() -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let (authority, other) = (Authority::new("etcd-ca"), Authority::new("other-ca"));
    let wish = Wish {
        name: "etcd-1",
        addresses: &["127.0.0.1"],
        usages: &[ServerAuth, ClientAuth],
        ..Wish::default()
    };
    let server = authority.issue(&wish);
    let client = Wish { name: "prometheus", usages: &[ClientAuth], ..Wish::default() };
    for (name, pair) in [("ca", &authority.pair), ("other-ca", &other.pair), ("server", &server)] {
        write(folder.path(), name, pair);
    }
    write(folder.path(), "client", &authority.issue(&client));
    write(folder.path(), "stranger", &other.issue(&client));
    Scene { folder, authority, server }
}

fn write(folder: &Path, name: &str, pair: &Pair) {
    fs::write(folder.join(format!("{name}.crt")), &pair.certificate).unwrap();
    fs::write(folder.join(format!("{name}.key")), &pair.key).unwrap();
}

fn inspect(scene: &Scene, arguments: &str) -> (i32, Value) {
    let run =
        support::promwire(&format!("certs inspect {NOW} -o json {arguments}"), scene.folder.path(), None);
    for path in fs::read_dir(scene.folder.path()).unwrap().map(|entry| entry.unwrap().path()) {
        if path.extension().is_some_and(|extension| extension == "key") {
            let key = fs::read_to_string(path).unwrap();
            let line = key.lines().nth(1).unwrap();
            assert!(!run.stdout.contains(line) && !run.stderr.contains(line), "a key is shown");
        }
    }
    (run.code, serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr)))
}

fn codes(shown: &Value) -> Vec<&str> {
    shown["findings"].as_array().unwrap().iter().map(|finding| finding["name"].as_str().unwrap()).collect()
}

#[test]
fn a_certificate_is_shown_whether_it_is_trusted_or_not() {
    let scene = scene();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let port = serve(&scene.server, &Clients::Everybody, version);
        let at = format!("127.0.0.1:{port}");
        let (code, shown) = inspect(&scene, &format!("{at} --ca ca.crt --key server.key"));
        assert_eq!((code, codes(&shown)), (0, vec![]), "{shown}");
        let first = &shown["groups"][0]["parts"][0];
        assert_eq!(first["certificates"][0]["subject"], "CN=etcd-1");
        assert_eq!(first["certificates"][0]["ipAddresses"][0], "127.0.0.1");
        assert_eq!(first["trusted"]["answer"], "yes");
        assert_eq!(first["keyMatches"]["answer"], "yes");
        assert_eq!(first["serverName"]["answer"], "yes");
        assert!(first["handshake"].to_string().contains("it has the key of its certificate"), "{first}");
        let (code, shown) = inspect(&scene, &format!("{at} --ca other-ca.crt"));
        assert_eq!((code, codes(&shown)), (1, vec!["wrong-authority"]), "{shown}");
        assert_eq!(shown["groups"][0]["parts"][0]["certificates"][0]["subject"], "CN=etcd-1");
        let (code, shown) = inspect(&scene, &format!("{at} --server-name etcd-2 --key client.key"));
        assert_eq!((code, codes(&shown)), (1, vec!["key-mismatch", "wrong-server-name"]), "{shown}");
    }
}

#[test]
fn a_server_that_asks_for_a_client_says_what_it_thinks_of_it() {
    let scene = scene();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let port = serve(&scene.server, &Clients::Of(&scene.authority), version);
        let at = format!("127.0.0.1:{port} --ca ca.crt");
        let (code, shown) = inspect(&scene, &at);
        assert_eq!((code, codes(&shown)), (1, vec!["client-refused"]), "{shown}");
        let first = &shown["groups"][0]["parts"][0];
        assert_eq!(first["certificates"][0]["subject"], "CN=etcd-1", "shown all the same");
        assert!(
            first["handshake"].to_string().contains("a certificate of the client of CN=etcd-ca"),
            "{first}"
        );
        let (code, shown) =
            inspect(&scene, &format!("{at} --client-cert client.crt --client-key client.key"));
        assert_eq!((code, codes(&shown)), (0, vec![]), "{shown}");
        let (code, shown) =
            inspect(&scene, &format!("{at} --client-cert stranger.crt --client-key stranger.key"));
        assert_eq!((code, codes(&shown)), (1, vec!["client-refused"]), "{shown}");
    }
}

#[test]
fn who_speaks_no_tls_is_told_so() {
    let scene = scene();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let _ = socket.unwrap().write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let run = support::promwire(&format!("certs inspect 127.0.0.1:{port}"), scene.folder.path(), None);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(
        run.stderr.contains("shows no certificate") && run.stderr.contains("does it speak TLS"),
        "{}",
        run.stderr
    );
}
