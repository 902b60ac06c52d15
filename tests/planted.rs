//! Repositories with mistakes planted in them: `promwire check` has to report every one, for the right reason, and nothing else as
//! an error or a warning; the same repositories without mistakes give neither.
//!
//! `PROMWIRE_PLANTED_SEED` chooses other repositories, and `PROMWIRE_PLANTED` how many.
#![expect(clippy::print_stderr, reason = "how much was planted is said")]

#[path = "planted/mistake.rs"]
mod mistake;
mod random;
#[path = "planted/repository.rs"]
mod repository;

use std::fs;
use std::process::Command;

use mistake::{About, MISTAKES, Mistake};
use random::{Random, number_from_environment};
use repository::{App, By, DEFAULT_NAMESPACE, LAYOUTS, Repository};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Report {
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    code: String,
    level: String,
    message: String,
    path: Option<String>,
    line: Option<usize>,
    object: Option<Object>,
}

#[derive(Deserialize)]
struct Object {
    kind: String,
    namespace: Option<String>,
    name: String,
}

/// What errors and warnings `promwire check` has about a repository.
fn check(repository: &Repository) -> Vec<Finding> {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in repository.files() {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_promwire"))
        .args(["check", ".", "-n", DEFAULT_NAMESPACE, "-o", "json", "--now", "2026-06-01T00:00:00Z"])
        .current_dir(folder.path())
        .output()
        .expect("it runs");
    let report: Report = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let mut findings = report.findings;
    findings.retain(|finding| finding.level == "error" || finding.level == "warning");
    findings
}

/// Whether a finding is about an object of an application.
fn is_about(finding: &Finding, app: &App, about: About) -> bool {
    let object = match about {
        About::Monitor => &app.monitor,
        About::Service => &app.service,
        About::Workload => &app.workload,
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    finding.object.as_ref().is_some_and(|found| {
        Some(&found.kind) == text(&object["kind"]).as_ref()
            && Some(&found.name) == text(&object["metadata"]["name"]).as_ref()
            && found.namespace == text(&object["metadata"]["namespace"])
    })
}

fn describe(finding: &Finding) -> String {
    let Finding { code, message, path, line, .. } = finding;
    format!("{code} {}:{} {message}", path.as_deref().unwrap_or_default(), line.unwrap_or_default())
}

/// A way of scraping that a mistake needs, or any.
fn way(random: &mut Random, of: Option<&Mistake>) -> By {
    const USUAL: &[By] = &[
        By::ServiceMonitor,
        By::ServiceMonitor,
        By::ServiceMonitor,
        By::PodMonitor,
        By::Probe,
        By::ScrapeConfig,
    ];
    let from = of.map_or(USUAL, |mistake| mistake.by);
    from[random.below(from.len())]
}

/// An application in which a mistake can be made.
fn app(number: usize, random: &mut Random, mistake: Option<&Mistake>) -> App {
    loop {
        let by = way(random, mistake);
        let layout = LAYOUTS[random.below(LAYOUTS.len())];
        let app = App::new(number, random, by, layout);
        if mistake.is_none_or(|mistake| (mistake.fits)(&app)) {
            return app;
        }
    }
}

#[test]
fn every_planted_mistake_is_reported_and_nothing_else() {
    let repositories = number_from_environment("PROMWIRE_PLANTED", 6);
    let seed: u64 = number_from_environment("PROMWIRE_PLANTED_SEED", 20_261_121);
    let (mut planted, mut problems) = (0, Vec::new());
    for number in 0..repositories {
        let mut random = Random::new(seed + number);
        // One application in two is as it should be.
        let mistakes: Vec<Option<&Mistake>> =
            MISTAKES.iter().flat_map(|mistake| [Some(mistake), None]).collect();
        let apps: Vec<App> =
            mistakes.iter().enumerate().map(|(number, mistake)| app(number, &mut random, *mistake)).collect();
        let mut repository = Repository::new(apps, &mut random);
        for finding in check(&repository) {
            problems.push(format!("repository {number}, clean: {}", describe(&finding)));
        }
        for (app, mistake) in repository.apps.iter_mut().zip(&mistakes) {
            if let Some(mistake) = mistake {
                (mistake.make)(app);
                planted += 1;
            }
        }
        let mut findings = check(&repository);
        for (app, mistake) in repository.apps.iter().zip(&mistakes) {
            let Some(mistake) = mistake else { continue };
            let is_one = |finding: &Finding, of: &[(About, &str)]| {
                of.iter().any(|(about, code)| finding.code == *code && is_about(finding, app, *about))
            };
            let made =
                format!("repository {number}, {} {} {:?} {:?}", mistake.name, app.name, app.by, app.layout);
            if !findings.iter().any(|finding| is_one(finding, mistake.told)) {
                problems.push(format!("{made}: not reported"));
            }
            findings.retain(|finding| !is_one(finding, mistake.told) && !is_one(finding, mistake.follows));
        }
        problems.extend(
            findings.iter().map(|finding| format!("repository {number}, too much: {}", describe(finding))),
        );
    }
    eprintln!("{planted} mistakes in {repositories} repositories");
    let shown: Vec<_> = problems.iter().take(60).map(String::as_str).collect();
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), shown.join("\n"));
}
