use rcgen::ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};

use super::testing::{Authority, Pair, Wish, pem, self_signed};
use super::*;

fn certificate(pair: &Pair) -> Certificate {
    Certificate::first_from_pem(pair.certificate.as_bytes()).unwrap()
}

fn verdict(certificate: &str, key: &str) -> Result<(), String> {
    pair_matches(certificate.as_bytes(), key.as_bytes()).map_err(|error| error.to_string())
}

/// The part of a PKCS#8 key that is one of SEC 1.
fn sec1(pkcs8: &[u8]) -> Vec<u8> {
    let start = pkcs8.windows(3).rposition(|bytes| bytes == [0x02, 0x01, 0x01]).unwrap() - 2;
    let mut inner = pkcs8[start..].to_vec();
    // Alone it has to say which curve it is on: [0] prime256v1, after version (3 bytes) and number (34).
    let curve = [0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    inner.splice(2 + 3 + 34..2 + 3 + 34, curve);
    inner[1] += 12;
    inner
}

#[test]
fn a_key_goes_with_its_certificate_only() {
    let authority = Authority::new("ca");
    for algorithm in [&rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ECDSA_P384_SHA384, &rcgen::PKCS_ED25519] {
        let pair = authority.issue(&Wish { algorithm, ..Wish::default() });
        let other = authority.issue(&Wish { algorithm, ..Wish::default() });
        assert_eq!(verdict(&pair.certificate, &pair.key), Ok(()), "{algorithm:?}");
        assert_eq!(
            verdict(&pair.certificate, &other.key),
            Err("tls: private key does not match public key".to_owned()),
            "{algorithm:?}"
        );
    }
    let p256 = authority.issue(&Wish::default());
    let p384 = authority.issue(&Wish { algorithm: &rcgen::PKCS_ECDSA_P384_SHA384, ..Wish::default() });
    let ed25519 = authority.issue(&Wish { algorithm: &rcgen::PKCS_ED25519, ..Wish::default() });
    assert_eq!(
        pair_matches(p256.certificate.as_bytes(), p384.key.as_bytes()),
        Err(PairError::OtherKey),
        "of another curve is another key to Go, not another kind"
    );
    assert_eq!(
        verdict(&p256.certificate, &ed25519.key),
        Err("tls: private key type does not match public key type".to_owned())
    );
}

#[test]
fn keys_come_in_several_forms() {
    let pair = Authority::new("ca").issue(&Wish::default());
    let sec1 = sec1(&pair.key_der);
    let parameters = pem("EC PARAMETERS", &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]);
    let ec = pem("EC PRIVATE KEY", &sec1);
    for key in [
        ec.clone(),
        format!("{parameters}{ec}"),
        ec.replace('\n', "\r\n"),
        format!("Bag Attributes\n    friendlyName: x\nKey Attributes: <No Attributes>\n{}", pair.key),
        // The content decides, not the label.
        pem("RSA PRIVATE KEY", &sec1),
        pem("PRIVATE KEY", &sec1),
        format!("{}{}", pair.certificate, pair.key),
    ] {
        assert_eq!(verdict(&pair.certificate, &key), Ok(()), "{}", &key[..20]);
    }
    let broken = pem("EC PRIVATE KEY", &sec1[..40]);
    assert_eq!(verdict(&pair.certificate, &broken), Err("tls: failed to parse private key".to_owned()));
}

#[test]
fn what_is_no_key_is_named() {
    let pair = Authority::new("ca").issue(&Wish::default());
    let reason = |text: &[u8]| PrivateKey::from_pem(text).map(|_| ()).unwrap_err().reason();
    assert_eq!(reason(b""), "it is empty");
    assert_eq!(reason(&pair.key_der), "it is DER, and PEM is needed");
    assert_eq!(reason(&pair.key.as_bytes()[..100]), "its PEM block is cut off or damaged");
    assert_eq!(reason(pair.certificate.as_bytes()), "it holds a certificate and no private key");
    let encrypted = "the key is encrypted, and Prometheus knows no password";
    assert_eq!(reason(pem("ENCRYPTED PRIVATE KEY", &[0x30, 0x00]).as_bytes()), encrypted);
    let old = pem("EC PRIVATE KEY", &[7; 40]).replacen(
        "-----\n",
        "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n",
        1,
    );
    assert_eq!(reason(old.as_bytes()), encrypted);
    assert_eq!(
        reason(pem("DSA PRIVATE KEY", &[0x30, 0x00]).as_bytes()),
        "what is in its PEM block `DSA PRIVATE KEY` is no key that TLS uses"
    );
}

#[test]
fn what_is_no_certificate_is_named() {
    let pair = Authority::new("ca").issue(&Wish::default());
    let error = |text: &[u8]| Certificate::first_from_pem(text).unwrap_err();
    assert_eq!(error(&pair.der).reason(), "it is DER, and PEM is needed");
    assert!(error(&pair.der).remedy("ca.der").unwrap().contains("openssl x509 -inform der -in ca.der"));
    assert_eq!(error(pair.key.as_bytes()).reason(), "it holds a private key and no certificate");
    assert_eq!(
        error(pem("CERTIFICATE REQUEST", &pair.der).as_bytes()).reason(),
        "it holds no certificate but `CERTIFICATE REQUEST`"
    );
    assert_eq!(
        error(pem("CERTIFICATE", &pair.der[..pair.der.len() - 1]).as_bytes()),
        CertificateError::Malformed("malformed certificate")
    );
    let mut longer = pair.der.clone();
    longer.push(0);
    assert_eq!(
        error(pem("CERTIFICATE", &longer).as_bytes()),
        CertificateError::Malformed("malformed certificate")
    );
    assert_eq!(
        verdict(&pair.key, &pair.key).unwrap_err(),
        "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may \
         have been switched"
    );
}

#[test]
fn the_operator_takes_the_first_block_for_the_authority() {
    let authority = Authority::new("ca");
    let ca = &authority.pair.certificate;
    assert!(Certificate::from_first_block(format!("text\n{ca}").as_bytes()).is_ok());
    let renamed = ca.replace("CERTIFICATE", "TRUST ANCHOR");
    assert!(Certificate::from_first_block(renamed.as_bytes()).is_ok(), "whatever the label says");
    assert!(
        Certificate::pool_from_pem(renamed.as_bytes()).is_empty(),
        "and Prometheus then has no authority"
    );
    let after_a_key = format!("{}{ca}", authority.pair.key);
    assert_eq!(
        Certificate::from_first_block(after_a_key.as_bytes()).unwrap_err(),
        CertificateError::Malformed("malformed tbs certificate")
    );
    assert_eq!(Certificate::pool_from_pem(after_a_key.as_bytes()).len(), 1);
}

#[test]
fn what_a_certificate_says_is_read() {
    let pair = Authority::new("the authority").issue(&Wish {
        name: "etcd-1",
        dns: &["localhost", "*.etcd.example"],
        addresses: &["10.0.0.1", "::1", "fd00::1"],
        usages: &[ServerAuth, ClientAuth],
        ..Wish::default()
    });
    let read = certificate(&pair);
    assert_eq!((read.subject(), read.issuer()), ("CN=etcd-1", "CN=the authority"));
    assert_eq!(read.common_name(), Some("etcd-1"));
    assert_eq!(read.dns_names(), ["localhost", "*.etcd.example"]);
    let addresses: Vec<String> = read.ip_addresses().iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["10.0.0.1", "::1", "fd00::1"]);
    assert!(read.is_for(Usage::Client) && read.is_for(Usage::Server) && !read.is_authority());
    assert_eq!(read.not_after().day(), "2027-01-01");
    let at = |text: &str| read.validity(text.parse().unwrap());
    assert_eq!(at("2025-12-31T23:59:59Z"), Validity::NotYet);
    assert_eq!(at("2027-01-01T00:00:00Z"), Validity::Valid, "the last second is one of them");
    assert_eq!(at("2027-01-01T00:00:01Z"), Validity::Expired);
    assert_eq!(read.public_key().to_string(), "ECDSA P-256");
    let server = certificate(&Authority::new("ca").issue(&Wish { usages: &[ServerAuth], ..Wish::default() }));
    assert!(server.is_for(Usage::Server) && !server.is_for(Usage::Client));
    assert!(certificate(&self_signed(&Wish::default())).is_for(Usage::Client), "which says nothing of it");
}

#[test]
fn nothing_shows_a_key() {
    let pair = Authority::new("ca").issue(&Wish::default());
    let key = PrivateKey::from_pem(pair.key.as_bytes()).unwrap();
    assert_eq!(format!("{key:?}"), "PrivateKey(ECDSA)");
    assert_eq!(format!("{:?}", certificate(&pair)), "Certificate(\"CN=etcd\")");
    assert_eq!(format!("{:?}", certificate(&pair).public_key()), "PublicKey(ECDSA P-256)");
}

#[test]
fn names_and_addresses_are_matched_as_go_does() {
    let read = certificate(&self_signed(&Wish {
        name: "common.example",
        dns: &["localhost", "*.etcd.example", "etcd-1"],
        addresses: &["10.0.0.1", "fd00::1"],
        ..Wish::default()
    }));
    for host in [
        "localhost",
        "LOCALHOST.",
        "a.etcd.example",
        "*.etcd.example",
        "etcd-1",
        "10.0.0.1",
        "::ffff:10.0.0.1",
        "[fd00::1]",
        "fd00:0::1",
    ] {
        assert_eq!(read.is_valid_for(host), Ok(()), "{host}");
    }
    for host in ["common.example", "etcd.example", "a.b.etcd.example", "etcd-2", "10.0.0.2", "", "."] {
        assert!(read.is_valid_for(host).is_err(), "{host}");
    }
    let said = |host: &str| read.is_valid_for(host).unwrap_err().to_string();
    assert_eq!(said("10.0.0.2"), "x509: certificate is valid for 10.0.0.1, fd00::1, not 10.0.0.2");
    assert_eq!(said("x"), "x509: certificate is valid for localhost, *.etcd.example, etcd-1, not x");
    let bare = certificate(&self_signed(&Wish { name: "old.example", ..Wish::default() }));
    assert_eq!(
        bare.is_valid_for("old.example").unwrap_err().to_string(),
        "x509: certificate relies on legacy Common Name field, use SANs instead"
    );
}

#[test]
fn trust_needs_a_chain_to_an_authority() {
    let now: Moment = "2026-06-01T00:00:00Z".parse().unwrap();
    let root = Authority::new("root");
    let namesake = Authority::new("root");
    let stranger = Authority::new("stranger");
    let below = root.intermediate(&Wish { name: "below", until: "2030-01-01", ..Wish::default() });
    let wish = Wish { usages: &[ServerAuth], ..Wish::default() };
    let (leaf, deep) = (certificate(&root.issue(&wish)), certificate(&below.issue(&wish)));
    let [root, namesake, stranger, below] =
        [&root, &namesake, &stranger, &below].map(|made| certificate(&made.pair));
    let said = |leaf: &Certificate, shown: &[Certificate], trusted: &[Certificate], usage| {
        leaf.is_trusted(shown, trusted, usage, now).map_err(|error| error.to_string())
    };
    let (server, roots) = (Usage::Server, std::slice::from_ref(&root));
    assert_eq!(said(&leaf, &[], roots, server), Ok(()));
    assert_eq!(said(&leaf, &[], &[stranger.clone(), root.clone()], server), Ok(()));
    let unknown = "x509: certificate signed by unknown authority";
    assert_eq!(said(&leaf, &[], &[stranger], server), Err(unknown.to_owned()));
    assert_eq!(
        said(&leaf, &[], std::slice::from_ref(&namesake), server),
        Err(format!(
            "{unknown} (possibly because of \"x509: ECDSA verification failure\" while trying to verify candidate \
             authority certificate \"root\")"
        ))
    );
    assert_eq!(
        said(&leaf, &[], roots, Usage::Client),
        Err("x509: certificate specifies an incompatible key usage".to_owned())
    );
    assert_eq!(said(&deep, &[], roots, server), Err(unknown.to_owned()), "the server shows no intermediate");
    assert_eq!(said(&deep, std::slice::from_ref(&below), roots, server), Ok(()));
    assert_eq!(said(&deep, &[], &[below], server), Ok(()), "an authority need not be at the end");
    assert_eq!(said(&root, &[], roots, server), Ok(()), "what is trusted itself needs no chain");
    let itself = certificate(&self_signed(&wish));
    assert_eq!(
        said(&itself, &[], std::slice::from_ref(&itself), server),
        Ok(()),
        "be it no authority at all"
    );
    let late: Moment = "2028-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(
        leaf.is_trusted(&[], roots, server, late).unwrap_err().to_string(),
        "x509: certificate has expired or is not yet valid: current time 2028-01-01T00:00:00Z is after 2027-01-01T00:00:00Z"
    );
    assert!(leaf.is_signed_by(&root).is_ok() && leaf.is_signed_by(&namesake).is_err());
}
