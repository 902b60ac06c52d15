//! Keys come out of promwire where they are asked for and nowhere else.

#[allow(dead_code, reason = "nothing here is updated")]
mod support;

#[path = "support/certificates.rs"]
#[allow(dead_code, reason = "other tests make other certificates")]
mod certificates;

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use certificates::{Authority, Wish};
use serde_json::Value;

const FILES: [(&str, &str); 3] =
    [("ca.crt", "authority.pem"), ("client.crt", "prometheus.pem"), ("client.key", "prometheus-key.pem")];
const COMMAND: &str = "generate etcd --member 10.0.0.1 --ca-file authority.pem --cert-file prometheus.pem \
    --key-file prometheus-key.pem --now 2026-06-01T00:00:00Z";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("etcd-ca");
    let pair = authority.issue(&Wish {
        name: "prometheus",
        usages: &[rcgen::ExtendedKeyUsagePurpose::ClientAuth],
        ..Wish::default()
    });
    for ((_, name), content) in FILES.iter().zip([&authority.pair.certificate, &pair.certificate, &pair.key])
    {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

/// The content of a Secret is that of the files, byte for byte.
fn holds_the_files(secret: &Value, folder: &Path) {
    assert_eq!(secret["kind"], "Secret");
    let data = secret["data"].as_object().unwrap();
    assert_eq!(data.len(), FILES.len());
    for (key, file) in FILES {
        let content = STANDARD.decode(data[key].as_str().unwrap()).unwrap();
        assert_eq!(content, fs::read(folder.join(file)).unwrap(), "{key}");
    }
}

#[test]
fn a_secret_is_written_with_leave_only() {
    let folder = folder();
    let run = support::promwire(&format!("{COMMAND} -o json"), folder.path(), None);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(!run.stdout.contains("\"Secret\"") && !run.stdout.contains("\"data\""), "{}", run.stdout);
    assert!(run.stderr.contains("--from-file=client.key=prometheus-key.pem"), "{}", run.stderr);
    let run = support::promwire(&format!("{COMMAND} -o json --with-secrets"), folder.path(), None);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let list: Value = serde_json::from_str(&run.stdout).unwrap();
    holds_the_files(&list["items"][0], folder.path());
    let key = fs::read_to_string(folder.path().join("prometheus-key.pem")).unwrap();
    assert!(!run.stderr.contains(key.lines().nth(1).unwrap()));
}

#[cfg(unix)]
#[test]
fn a_file_with_a_secret_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = folder();
    let command = format!("{COMMAND} -o json --with-secrets --output-dir out");
    let path = folder.path().join("out/secret_kube-system_etcd-client-certs.json");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let run = support::promwire(&command, folder.path(), None);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(mode(&path), 0o600);
    holds_the_files(&serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap(), folder.path());
    let others = fs::read_dir(folder.path().join("out")).unwrap().map(|entry| entry.unwrap().path());
    for other in others.filter(|other| *other != path) {
        assert_eq!(mode(&other), mode(&folder.path().join("authority.pem")), "what the umask allows");
    }
    // Somebody opened it: a second run closes it again.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let run = support::promwire(&command, folder.path(), None);
    assert!(run.stderr.contains("unchanged, and for its owner alone now"), "{}", run.stderr);
    assert_eq!(mode(&path), 0o600);
}
