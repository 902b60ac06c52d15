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

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
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

/// The files of a repository, with comments, and half of those in YAML with the line breaks of Windows.
fn decorated(repository: &Repository) -> BTreeMap<String, String> {
    let decorate = |(number, (path, text)): (usize, (String, String))| {
        // JSON has no comments, and Markdown is not read.
        if text.starts_with(['{', '#']) {
            return (path, text);
        }
        let feed = if number % 2 == 0 { "\n" } else { "\r\n" };
        let line = |line: &str| match line.chars().last() {
            Some(last) if last.is_ascii_alphanumeric() && !line.contains('#') => {
                format!("{line}  # kept{feed}")
            }
            _ => format!("{line}{feed}"),
        };
        (path, text.lines().map(line).collect())
    };
    repository.files().into_iter().enumerate().map(decorate).collect()
}

/// What `promwire check` prints in a folder, with more arguments.
fn run(folder: &Path, more: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_promwire"))
        .args(["check", ".", "-n", DEFAULT_NAMESPACE, "--now", "2026-06-01T00:00:00Z"])
        .args(more)
        .current_dir(folder)
        .output()
        .expect("it runs");
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it is UTF-8")
}

fn findings(folder: &Path) -> Vec<Value> {
    let report: Value = serde_json::from_str(&run(folder, &["-o", "json"])).expect("it is JSON");
    report["findings"].as_array().expect("a list").clone()
}

fn written(folder: &Path, files: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let read = |path: &String| (path.clone(), fs::read_to_string(folder.join(path)).expect("it can be read"));
    files.keys().map(read).collect()
}

fn write(folder: &Path, files: &BTreeMap<String, String>) {
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }
}

/// Makes the edits of a report in the texts, those that touch none before them, and says whether there were any.
fn edit(files: &mut BTreeMap<String, String>, findings: &[Value]) -> bool {
    let number = |value: &Value| usize::try_from(value.as_u64().expect("a number")).expect("it is small");
    let mut edits: Vec<(String, usize, usize, String)> = Vec::new();
    for finding in findings.iter().filter(|finding| !finding["fix"].is_null()) {
        let own = finding["fix"]["edits"].as_array().expect("a list").iter().map(|edit| {
            let text = |key: &str| edit[key].as_str().expect("a text").to_owned();
            let path = text("path").trim_start_matches("./").to_owned();
            (path, number(&edit["start"]), number(&edit["end"]), text("replacement"))
        });
        let own: Vec<_> = own.collect();
        let touches = own.iter().any(|(path, start, end, text)| {
            edits.iter().any(|other| {
                let is_same = (&other.0, other.1, other.2, &other.3) == (path, *start, *end, text);
                other.0 == *path && other.1 <= *end && *start <= other.2 && !is_same
            })
        });
        if !touches {
            edits.extend(own);
        }
    }
    // From the end, so that the places of others stay true.
    edits.sort();
    edits.dedup();
    for (path, start, end, replacement) in edits.iter().rev() {
        files.get_mut(path).expect("it is there").replace_range(start..end, replacement);
    }
    !edits.is_empty()
}

/// A finding without where in its file it is.
fn what(finding: &Value) -> (String, String) {
    (finding["code"].to_string(), finding["object"].to_string())
}

#[test]
fn what_can_be_fixed_is_fixed_once_and_nothing_else_changes() {
    let repositories = number_from_environment("PROMWIRE_PLANTED", 4);
    let seed: u64 = number_from_environment("PROMWIRE_PLANTED_SEED", 20_261_121);
    let mut fixed = 0;
    for number in 0..repositories {
        let mut random = Random::new(seed + number);
        let mut apps: Vec<App> = Vec::new();
        for (number, mistake) in MISTAKES.iter().enumerate() {
            let mut app = app(number, &mut random, Some(mistake));
            (mistake.make)(&mut app);
            apps.push(app);
        }
        let files = decorated(&Repository::new(apps, &mut random));
        let (own, byhand) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        write(own.path(), &files);
        let before = findings(own.path());
        let fixable = before.iter().filter(|finding| !finding["fix"].is_null()).count();
        assert!(fixable > 3, "repository {number}: {fixable} fixes");
        let diff = run(own.path(), &["--diff"]);
        assert_eq!(written(own.path(), &files), files, "repository {number}: a diff changes nothing");
        run(own.path(), &["--fix"]);
        let after = written(own.path(), &files);
        let left = findings(own.path());
        let fixable_left: Vec<_> =
            left.iter().filter(|finding| !finding["fix"].is_null()).map(what).collect();
        assert!(fixable_left.is_empty(), "repository {number}: {fixable_left:?} left");
        let known: BTreeSet<_> = before.iter().map(what).collect();
        let new: Vec<_> = left.iter().map(what).filter(|finding| !known.contains(finding)).collect();
        assert!(new.is_empty(), "repository {number}: {new:?} are new");
        assert!(left.len() < before.len());
        fixed += before.len() - left.len();
        // The same as making the edits of the reports one report after the other, and as patching with the diff.
        let mut expected = files.clone();
        for _ in 0..10 {
            write(byhand.path(), &expected);
            if !edit(&mut expected, &findings(byhand.path())) {
                break;
            }
        }
        assert_eq!(after, expected, "repository {number}");
        write(byhand.path(), &files);
        fs::write(byhand.path().join("fixes.diff"), diff).expect("it can be written");
        let git = Command::new("git").args(["apply", "fixes.diff"]).current_dir(byhand.path()).output();
        let git = git.expect("git is there");
        assert!(git.status.success(), "{}", String::from_utf8_lossy(&git.stderr));
        assert_eq!(after, written(byhand.path(), &files), "repository {number}: git apply");
    }
    eprintln!("{fixed} findings fewer in {repositories} repositories");
}
