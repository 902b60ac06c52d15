//! What Prometheus' own code makes of configurations, compared with what promwire makes of them: which are refused, with the
//! message, and what the jobs of the others are in effect.
//!
//! `PROMWIRE_ORACLE_DOCS` sets how many are compared (10,000 unless set) and `PROMWIRE_ORACLE_SEED` which of them; half are of a seed
//! of the moment, which is told. Without Go the test is
//! skipped, loudly; in CI it then fails.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the figures belong to the result")]

mod random;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use promwire::diagnostic::TextFile;
use promwire::kubernetes::selector_text;
use promwire::prom::config::{Config, Loader, ScrapeConfig, Selectors, Tls};
use promwire::prom::duration::canonical;
use promwire::prom::label_name::Scheme;
use promwire::prom::relabel;
use promwire::prom::version::Version;
use random::{Random, configuration, number_from_environment};
use serde_json::{Value, json};

const SEED: u64 = 20_261_121;

/// The oracle's program, built anew; none where there is no Go.
fn oracle() -> Option<PathBuf> {
    let required = std::env::var_os("CI").is_some_and(|value| value == "true");
    let module = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/config-oracle");
    let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("config-oracle");
    match Command::new("go").args(["build", "-o"]).arg(&program).arg(".").current_dir(module).output() {
        Ok(output) if output.status.success() => Some(program),
        Ok(output) => panic!("the oracle does not build: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            assert!(!required, "CI needs Go for the oracle: {error}");
            eprintln!(
                "SKIPPED: no Go, so nothing was compared with Prometheus' own configurations ({error})"
            );
            None
        }
    }
}

/// Asks the oracle about each configuration, in order. It sees no variables of this machine.
fn ask(program: &Path, texts: &[String], mut answered: impl FnMut(usize, Value)) {
    let mut child =
        Command::new(program).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for text in texts {
                let mut line = serde_json::to_vec(&json!({ "yaml": text })).unwrap();
                line.push(b'\n');
                stdin.write_all(&line).unwrap();
            }
        });
        let mut count = 0;
        for line in stdout.lines() {
            answered(count, serde_json::from_str(&line.unwrap()).unwrap());
            count += 1;
        }
        assert_eq!(count, texts.len(), "the oracle stopped early");
    });
    assert!(child.wait().unwrap().success());
}

/// The oracle's question, answered by promwire.
fn ours(text: &str) -> Value {
    let loader = Loader {
        version: Version::new(3, 13, 5),
        is_agent: false,
        selectors: Selectors { label: selector_text::check_labels, field: selector_text::check_fields },
    };
    match loader.load(&Arc::new(TextFile::new("prometheus.yml", text))) {
        Ok(config) => answer(&config),
        Err(refused) => json!({ "error": refused.message }),
    }
}

fn answer(config: &Config) -> Value {
    json!({
        "interval": canonical(config.global.scrape_interval),
        "timeout": canonical(config.global.scrape_timeout),
        "external_labels": config.global.external_labels,
        "jobs": config.scrape_configs.iter().map(job).collect::<Vec<_>>(),
    })
}

fn job(job: &ScrapeConfig) -> Value {
    let limits = &job.limits;
    let kubernetes = job.kubernetes_sd_configs.iter().map(|sd| {
        let selectors = sd.selectors.iter().map(|one| [one.role.spelling(), &one.label, &one.field]);
        let attach = sd.attach_metadata;
        json!({
            "role": sd.role.spelling(),
            "names": sd.namespaces.names,
            "own": sd.namespaces.own_namespace,
            "selectors": selectors.collect::<Vec<_>>(),
            "attach": [attach.node, attach.namespace, attach.deployment, attach.job, attach.cronjob],
            "server": sd.api_server.is_some(),
            "kubeconfig": sd.kubeconfig_file.as_deref().unwrap_or_default(),
            "files": files(&sd.tls),
        })
    });
    let static_configs = job.static_configs.iter().map(|group| {
        let labels = group.labels.iter().map(|(name, value)| (name.clone(), json!(value)));
        json!({ "targets": group.targets, "labels": labels.collect::<serde_json::Map<_, _>>() })
    });
    json!({
        "name": job.job_name,
        "interval": canonical(job.scrape_interval),
        "timeout": canonical(job.scrape_timeout),
        "path": job.metrics_path,
        "scheme": job.scheme,
        "params": job.params,
        "honor": [job.honor_labels, job.honor_timestamps],
        "histograms": [
            job.scrape_native_histograms,
            job.always_scrape_classic_histograms,
            job.convert_classic_histograms_to_nhcb,
        ],
        "names": if job.dialect.scheme == Scheme::Legacy { "legacy" } else { "utf8" },
        "limits": [
            limits.body_size,
            limits.sample,
            limits.target,
            limits.label,
            limits.label_name_length,
            limits.label_value_length,
            limits.keep_dropped_targets,
        ],
        "rules": rules(&job.relabel_configs),
        "metrics": rules(&job.metric_relabel_configs),
        "files": files(&job.tls),
        "static": static_configs.collect::<Vec<_>>(),
        "kubernetes": kubernetes.collect::<Vec<_>>(),
        "http": job.http_sd_configs.iter().map(|sd| &sd.url).collect::<Vec<_>>(),
        "file": job.file_sd_configs.iter().map(|sd| &sd.files).collect::<Vec<_>>(),
        "other": job.other_sd_configs.iter().map(|sd| sd.mechanism).collect::<Vec<_>>(),
    })
}

fn files(tls: &Tls) -> [&str; 3] {
    [&tls.ca_file, &tls.cert_file, &tls.key_file].map(|file| file.as_deref().unwrap_or_default())
}

fn rules(rules: &[relabel::Config]) -> Vec<Value> {
    let rule = |rule: &relabel::Config| {
        json!({
            "sources": rule.source_labels.clone().unwrap_or_default(),
            "separator": rule.separator(),
            "regex": rule.regex(),
            "modulus": rule.modulus,
            "target": rule.target_label(),
            "replacement": rule.replacement(),
            "action": rule.action.as_deref().unwrap_or("replace").to_lowercase(),
        })
    };
    rules.iter().map(rule).collect()
}

/// The answer without what differs for no reason of ours: a negative size limits nothing, a library's own name.
fn comparable(mut prometheus: Value) -> Value {
    for job in prometheus["jobs"].as_array_mut().into_iter().flatten() {
        if job["limits"][0].as_i64().is_some_and(|size| size < 0) {
            job["limits"][0] = json!(0);
        }
    }
    if !prometheus["error"].is_null() {
        prometheus = json!({ "error": prometheus["error"] });
    }
    prometheus
}

#[test]
fn configurations_are_what_they_are_to_prometheus() {
    let Some(program) = oracle() else { return };
    let wanted = usize::try_from(number_from_environment("PROMWIRE_ORACLE_DOCS", 10_000)).unwrap();
    let seed = number_from_environment("PROMWIRE_ORACLE_SEED", SEED);
    let mut texts = random::texts("prometheus");
    // Half of them are the same in every run, and half are not.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    for (seed, count) in [(seed, wanted / 2), (now, wanted)] {
        let mut random = Random::new(seed);
        while texts.len() < count {
            texts.push(configuration::configuration(&mut random));
        }
    }
    let (mut refused, mut jobs) = (0, 0);
    let mut differences = Vec::new();
    ask(&program, &texts, |index, prometheus| {
        let prometheus = comparable(prometheus);
        let ours = ours(&texts[index]);
        refused += usize::from(!prometheus["error"].is_null());
        jobs += prometheus["jobs"].as_array().map_or(0, Vec::len);
        if ours != prometheus {
            differences.push((&texts[index], ours, prometheus));
        }
    });
    println!(
        "{} configurations, seeds {seed} and {now}: {refused} refused, {jobs} jobs compared: {} differences",
        texts.len(),
        differences.len(),
    );
    differences.sort_by_key(|(text, ..)| text.len());
    for (text, ours, prometheus) in differences.iter().take(12) {
        println!("---\n  ours       {ours}\n  Prometheus {prometheus}\n{text}");
    }
    assert!(differences.is_empty(), "{} differences", differences.len());
    assert!(refused > texts.len() / 5 && refused < texts.len() * 4 / 5, "too few of one kind");
}
