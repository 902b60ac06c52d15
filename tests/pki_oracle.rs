//! What Go's own code says about certificates and keys, compared with what promwire says of them.
//!
//! A quarter of `PROMWIRE_ORACLE_DOCS` is how many pairs are compared (5,000 unless set; in CI 25,000), and
//! `PROMWIRE_ORACLE_SEED` what is done to them. Without Go the test is skipped, loudly; in CI it then fails.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the figures belong to the result")]

mod random;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use promwire::pki::{self, Certificate, Moment, TrustError, Usage};
use random::number_from_environment;
use serde::Deserialize;

const SEED: u64 = 20_261_121;

#[derive(Deserialize)]
struct Case {
    ask: String,
    how: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    host: String,
    #[serde(default)]
    shown: Option<String>,
    #[serde(default)]
    roots: Option<String>,
    #[serde(default)]
    usage: String,
    #[serde(default)]
    now: i64,
    #[serde(default)]
    found: Vec<FoundBlock>,
    error: String,
}

#[derive(Deserialize)]
struct FoundBlock {
    r#type: String,
    bytes: usize,
}

fn decode(text: Option<&String>) -> Vec<u8> {
    STANDARD.decode(text.map(String::as_str).unwrap_or_default()).unwrap()
}

/// The oracle's answers; none where there is no Go.
fn answers(count: usize) -> Option<Vec<Case>> {
    let required = std::env::var_os("CI").is_some_and(|value| value == "true");
    let module = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pki-oracle");
    let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pki-oracle");
    match Command::new("go").args(["build", "-o"]).arg(&program).arg(".").current_dir(module).output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => panic!("the oracle does not build: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            assert!(!required, "CI needs Go for the oracle: {error}");
            eprintln!(
                "SKIPPED: no Go, so nothing was compared with Go's own verdict on certificates ({error})"
            );
            return None;
        }
    }
    let seed = number_from_environment("PROMWIRE_ORACLE_SEED", SEED);
    let output = Command::new(program).arg(seed.to_string()).arg(count.to_string()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// What promwire says, in Go's words; empty for yes.
fn verdict(case: &Case) -> String {
    let text = decode(case.text.as_ref());
    let said = |error: Option<String>| error.unwrap_or_default();
    match case.ask.as_str() {
        "pair" => said(pki::pair_matches(&text, &decode(case.key.as_ref())).err().map(|e| e.to_string())),
        "host" => {
            let certificate = Certificate::first_from_pem(&text).unwrap();
            said(certificate.is_valid_for(&case.host).err().map(|error| error.to_string()))
        }
        "trust" => {
            let certificate = Certificate::first_from_pem(&text).unwrap();
            let pool = |text: Option<&String>| Certificate::pool_from_pem(&decode(text));
            let usage = if case.usage == "client" { Usage::Client } else { Usage::Server };
            let now = Moment::from_unix(case.now);
            let (shown, roots) = (pool(case.shown.as_ref()), pool(case.roots.as_ref()));
            match certificate.is_trusted(&shown, &roots, usage, now) {
                Err(TrustError::Unjudged(reason)) => panic!("{reason}: nothing here is beyond judgement"),
                other => said(other.err().map(|error| error.to_string())),
            }
        }
        _ => {
            let found: Vec<(String, usize)> =
                pki::blocks(&text).map(|block| (block.label().to_owned(), block.size())).collect();
            let expected: Vec<(String, usize)> =
                case.found.iter().map(|block| (block.r#type.clone(), block.bytes)).collect();
            if found == expected { String::new() } else { format!("found {found:?}, not {expected:?}") }
        }
    }
}

/// Differences that are known, with their reason. No person meets them but with damaged files.
fn known(case: &Case, ours: &str) -> Option<&'static str> {
    let go = case.error.as_str();
    // All else that Go says begins so.
    let is_certificate = |error: &str| !error.is_empty() && !error.starts_with("tls: ");
    if case.ask != "pair" {
        return None;
    }
    if ours == "x509: malformed certificate" && is_certificate(go) {
        return Some("a certificate that cannot be read: Go says which part");
    }
    if is_certificate(go) && !ours.starts_with("x509: ") {
        return Some("a damaged certificate that Go refuses and promwire reads");
    }
    let is_damaged = |marks: &[&str]| marks.iter().any(|mark| case.how.contains(mark));
    if ours == "x509: malformed certificate" && is_damaged(&["certificate bytes", "a byte changed", "a line"])
    {
        return Some("a damaged certificate that Go reads and promwire refuses; nobody would trust it");
    }
    let is_rare_curve = case.how.contains("p224") || case.how.contains("p521");
    if is_rare_curve && is_damaged(&["key bytes", "a byte changed", "a line"]) {
        return Some("a damaged key on P-224 or P-521: the public point it carries is believed");
    }
    None
}

#[test]
fn certificates_and_keys_are_judged_as_go_judges_them() {
    let count = number_from_environment("PROMWIRE_ORACLE_DOCS", 20_000);
    let Some(cases) = answers(usize::try_from(count).unwrap() / 4) else { return };
    let mut figures: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for case in &cases {
        let ours = verdict(case);
        let class = if ours == case.error {
            format!(
                "{}: {}",
                case.ask,
                if ours.is_empty() { "yes, as Go" } else { "no, as Go, in its words" }
            )
        } else if let Some(reason) = known(case, &ours) {
            reason.to_owned()
        } else {
            wrong.push(format!(
                "{} ({} {}): Go says {:?}, promwire {ours:?}",
                case.ask, case.how, case.host, case.error
            ));
            continue;
        };
        *figures.entry(class).or_default() += 1;
    }
    println!("{} cases", cases.len());
    for (class, count) in &figures {
        println!("  {count:>6} {class}");
    }
    wrong.sort();
    wrong.dedup();
    let shown = wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} differences:\n{shown}", wrong.len());
}
