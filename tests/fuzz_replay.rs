//! The fuzz targets on a stable toolchain: the corpus, and mutations of it that repeat.
//!
//! `PROMWIRE_FUZZ_MUTATIONS` sets how many mutations each target gets (10,000 unless set; CI takes 100,000), and
//! `PROMWIRE_FUZZ_SEED` which.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the figures belong to the result")]

#[path = "support/certificates.rs"]
#[allow(dead_code, reason = "other tests make other certificates")]
mod certificates;
mod random;

use std::path::PathBuf;

use random::{Random, generate, number_from_environment, patterns};

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// Runs a target; what breaks it is shown in a form that can be added to the corpus.
fn run(target: fn(&[u8]), bytes: &[u8]) {
    if let Err(panic) = std::panic::catch_unwind(|| target(bytes)) {
        eprintln!("broken by: {:?}", String::from_utf8_lossy(bytes));
        std::panic::resume_unwind(panic);
    }
}

fn replay(name: &str, target: fn(&[u8])) {
    replay_of(name, &corpus(name), target);
}

fn replay_of(name: &str, corpus: &[(PathBuf, Vec<u8>)], target: fn(&[u8])) {
    let count = number_from_environment("PROMWIRE_FUZZ_MUTATIONS", 10_000);
    replay_times(name, corpus, target, count);
}

fn replay_times(name: &str, corpus: &[(PathBuf, Vec<u8>)], target: fn(&[u8]), count: u64) {
    assert!(!corpus.is_empty());
    for (path, bytes) in corpus {
        eprintln!("{}", path.display());
        run(target, bytes);
    }
    let mut random = Random::new(number_from_environment("PROMWIRE_FUZZ_SEED", 7));
    for _ in 0..count {
        let mut bytes = corpus[random.below(corpus.len())].1.clone();
        for _ in 0..=random.below(4) {
            bytes = mutate(&mut random, &bytes, corpus);
        }
        run(target, &bytes);
    }
    println!("{name}: {} inputs and {count} mutations", corpus.len());
}

fn mutate(random: &mut Random, bytes: &[u8], corpus: &[(PathBuf, Vec<u8>)]) -> Vec<u8> {
    let at = random.below(bytes.len() + 1);
    match random.below(8) {
        0 => {
            let mut bytes = bytes.to_vec();
            bytes.insert(at, u8::try_from(random.below(256)).unwrap());
            bytes
        }
        1 if at < bytes.len() => {
            let mut bytes = bytes.to_vec();
            bytes[at] ^= 1 << random.below(8);
            bytes
        }
        2 => bytes[..at].to_vec(),
        3 => {
            let other = &corpus[random.below(corpus.len())].1;
            let from = random.below(other.len() + 1);
            [&bytes[..at], &other[from..]].concat()
        }
        _ => generate::mutate(random, &String::from_utf8_lossy(bytes)).into_bytes(),
    }
}

#[test]
fn prometheus_yml() {
    let mut corpus = corpus("prometheus_yml");
    let mut random = Random::new(3);
    corpus.extend((0..40).map(|_| {
        (PathBuf::from("generated"), random::configuration::configuration(&mut random).into_bytes())
    }));
    replay_of("prometheus_yml", &corpus, promwire::prom::config::fuzz::load);
}

#[test]
fn read() {
    replay("read", promwire::source::fuzz::read);
}

#[test]
fn markdown() {
    replay("markdown", promwire::source::fuzz::markdown);
}

#[test]
fn worlds() {
    replay("worlds", promwire::engine::worlds::fuzz::worlds);
}

#[test]
fn emit() {
    replay("emit", promwire::source::fuzz::emit_json);
}

/// Keys are in no corpus: they are made for the run.
#[test]
fn pki() {
    use certificates::{Authority, Wish, pem};

    let authority = Authority::new("ca");
    let mut corpus = corpus("pki");
    let mut add = |name: &str, bytes: &[u8]| corpus.push((PathBuf::from(name), bytes.to_vec()));
    for algorithm in [&rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ECDSA_P384_SHA384, &rcgen::PKCS_ED25519] {
        let pair = authority.issue(&Wish {
            dns: &["localhost", "*.example.com"],
            addresses: &["10.0.0.1", "fd00::1"],
            usages: &[rcgen::ExtendedKeyUsagePurpose::ClientAuth],
            algorithm,
            ..Wish::default()
        });
        add("pair", format!("{}{}{}", pair.certificate, authority.pair.certificate, pair.key).as_bytes());
        add("der", &pair.der);
        add("key", pem("PRIVATE KEY", &pair.key_der).as_bytes());
    }
    replay_of("pki", &corpus, promwire::pki::fuzz::read);
}

#[test]
fn lock() {
    replay("lock", promwire::engine::lock::fuzz::lock);
}

#[test]
fn stack() {
    replay("stack", promwire::config::fuzz::stack);
}

#[test]
fn scrape_config() {
    replay("scrape_config", promwire::operator::fuzz::configurations);
}

/// Each input is traced many times, so that fewer of them take as long as all the others.
#[test]
fn check() {
    let count = number_from_environment("PROMWIRE_FUZZ_MUTATIONS", 10_000) / 50;
    replay_times("check", &corpus("check"), promwire::engine::fuzz::checked, count);
}

#[test]
fn controllers() {
    replay("controllers", promwire::kubernetes::controllers::fuzz::settled);
}

#[test]
fn network_policy() {
    replay("network_policy", promwire::kubernetes::network_policy::fuzz::policies);
}

#[test]
fn rights() {
    replay("rights", promwire::kubernetes::rbac::fuzz::rights);
}

/// What is emitted is read back the same: values made of what YAML gets wrong.
#[test]
fn emitted_values_are_read_back() {
    let count = number_from_environment("PROMWIRE_FUZZ_MUTATIONS", 10_000);
    let mut random = Random::new(number_from_environment("PROMWIRE_FUZZ_SEED", 7));
    for scalar in generate::SCALARS {
        let value = serde_json::json!({"value": scalar, *scalar: [scalar, {"nested": scalar}]});
        run(promwire::source::fuzz::emit_json, value.to_string().as_bytes());
    }
    for _ in 0..count {
        let value = generate::value(&mut random, 4);
        run(promwire::source::fuzz::emit_json, value.to_string().as_bytes());
    }
    println!("{count} values emitted and read back");
}

#[test]
fn regex() {
    replay("regex", promwire::prom::regex::fuzz::pattern);
}

#[test]
fn targets() {
    replay("targets", promwire::sd::fuzz::targets);
}

#[test]
fn relabel() {
    replay("relabel", promwire::prom::relabel::fuzz::rules);
}

/// Patterns of the grammar rather than mutated bytes: what is matched without an automaton is what an automaton matches.
#[test]
fn generated_patterns() {
    let count = number_from_environment("PROMWIRE_FUZZ_MUTATIONS", 10_000) / 10;
    let mut random = Random::new(number_from_environment("PROMWIRE_FUZZ_SEED", 7));
    for _ in 0..count {
        let pattern = patterns::pattern(&mut random).replace('\n', " ");
        let texts: Vec<String> = (0..4).map(|_| patterns::text_for(&mut random, &pattern)).collect();
        let template = patterns::template(&mut random);
        run(
            promwire::prom::regex::fuzz::pattern,
            format!("{pattern}\n{template}\n{}", texts.join("\n")).as_bytes(),
        );
    }
    println!("{count} generated patterns");
}
