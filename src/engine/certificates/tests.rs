use super::*;
use crate::pki::testing::{Authority, Pair, Wish, self_signed};
use rcgen::ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};

const NOW: &str = "2026-06-01T00:00:00Z";

fn question<'q>() -> CertificateQuestion<'q> {
    CertificateQuestion { now: NOW.parse().unwrap(), authorities: None, key: None, server_name: None }
}

fn material(parts: &[(&str, &str)]) -> Material {
    let parts = parts.iter().map(|(name, text)| Part::read(*name, text.as_bytes())).collect();
    Material { parts, usage: None }
}

fn codes(findings: &[Diagnostic]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.code.name()).collect()
}

fn server(authority: &Authority) -> Pair {
    authority.issue(&Wish { dns: &["etcd-1"], usages: &[ServerAuth, ClientAuth], ..Wish::default() })
}

#[test]
fn what_belongs_together_is_found_among_files() {
    let authority = Authority::new("etcd-ca");
    let (pair, other) = (server(&authority), server(&authority));
    let whole =
        material(&[("ca", &authority.pair.certificate), ("crt", &pair.certificate), ("key", &pair.key)]);
    let (judged, findings) = inspect(&whole, &question());
    assert_eq!(findings, []);
    assert_eq!(judged[1].trust, Some(Answer::Yes("by ca".to_owned())));
    assert_eq!(judged[2].key, Some(Answer::Yes("that of crt".to_owned())));
    let mixed = material(&[("crt", &pair.certificate), ("key", &other.key)]);
    let (judged, findings) = inspect(&mixed, &question());
    assert_eq!(codes(&findings), ["key-mismatch"]);
    assert!(matches!(judged[0].trust, Some(Answer::Open(_))));
}

#[test]
fn a_certificate_is_compared_with_a_given_key_of_either_half() {
    let authority = Authority::new("etcd-ca");
    let (pair, other) = (server(&authority), server(&authority));
    let shown = material(&[("10.0.0.1:2379", &pair.certificate)]);
    for (text, expected) in [
        (&pair.key, vec![]),
        (&pair.certificate, vec![]),
        (&other.key, vec!["key-mismatch"]),
        (&other.certificate, vec!["key-mismatch"]),
    ] {
        let given = GivenKey::of(&Part::read("given", text.as_bytes())).unwrap();
        let asked = CertificateQuestion { key: Some(("given", &given)), ..question() };
        assert_eq!(codes(&inspect(&shown, &asked).1), expected);
    }
}

#[test]
fn what_go_refuses_is_told() {
    let (authority, other) = (Authority::new("etcd-ca"), Authority::new("other-ca"));
    let expired = authority.issue(&Wish { from: "2025-01-01", until: "2026-01-01", ..Wish::default() });
    let soon = authority.issue(&Wish { until: "2026-06-08", ..Wish::default() });
    let future = authority.issue(&Wish { from: "2026-07-01", ..Wish::default() });
    let found = |text: &str, name: Option<&str>, of: &Authority| {
        let authorities = Certificate::all_from_pem(of.pair.certificate.as_bytes()).unwrap();
        let asked =
            CertificateQuestion { authorities: Some(("ca", &authorities)), server_name: name, ..question() };
        codes(&inspect(&material(&[("crt", text)]), &asked).1)
    };
    assert_eq!(found(&expired.certificate, None, &authority), ["not-valid-now"]);
    assert_eq!(found(&future.certificate, None, &authority), ["not-valid-now"]);
    assert_eq!(found(&soon.certificate, None, &authority), ["expires-soon"]);
    assert_eq!(found(&server(&authority).certificate, None, &other), ["wrong-authority"]);
    assert_eq!(found(&server(&authority).certificate, Some("etcd-2"), &authority), ["wrong-server-name"]);
    assert_eq!(found(&self_signed(&Wish::default()).certificate, None, &authority), ["wrong-authority"]);
    assert_eq!(found("nothing", None, &authority), ["unusable-certificate"]);
}
