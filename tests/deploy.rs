//! The examples of pipelines in `deploy/` and the hooks for pre-commit: they are read, GitHub's are linted by actionlint, and their
//! commands are run in a repository with a change that loses a target.
#![cfg(unix)]
#![allow(clippy::print_stderr, reason = "what is skipped is said")]

#[path = "support/report_oracle.rs"]
mod oracle;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use promwire::source;
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> Value {
    let text = fs::read_to_string(root().join(path)).expect("it can be read");
    let reading = source::read_bytes(path, text.into_bytes());
    assert!(
        reading.findings.iter().all(|finding| finding.code.id() == "PW006"),
        "{path}: {:?}",
        reading.findings
    );
    reading.documents[0].root().to_json()
}

/// A repository in which a change has put a letter of a selector out of place.
struct Repository(tempfile::TempDir);

impl Repository {
    fn new() -> Self {
        let repository = Self(tempfile::tempdir().expect("a folder"));
        repository.write("manifests/prometheus.yaml", PROMETHEUS);
        repository.write("manifests/shop.yaml", SHOP);
        repository.git(&["init", "--quiet", "--initial-branch", "main"]);
        repository.commit("base");
        repository.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
        repository.write(
            "manifests/shop.yaml",
            &SHOP.replace(
                "selector: {matchLabels: {app: catalog}}\n  endpoints",
                "selector: {matchLabels: {app: catalgo}}\n  endpoints",
            ),
        );
        repository.commit("change");
        repository
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }

    fn git(&self, arguments: &[&str]) -> String {
        let own = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"];
        let output = Command::new("git")
            .args(own)
            .args(arguments)
            .current_dir(self.0.path())
            .output()
            .expect("git is there");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("it is UTF-8").trim().to_owned()
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", message]);
    }

    /// Runs a command of a pipeline as its shell does: the exit code and standard output.
    fn run(&self, command: &str) -> (i32, String) {
        let folder = Path::new(env!("CARGO_BIN_EXE_promwire")).parent().expect("a folder");
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
        let output = Command::new("bash")
            .args(["-e", "-o", "pipefail", "-c", command])
            .env("PATH", path)
            .env("BASE", "main")
            .env("CI_MERGE_REQUEST_DIFF_BASE_SHA", self.git(&["rev-parse", "origin/main"]))
            .current_dir(self.0.path())
            .output()
            .expect("there is a shell");
        (
            output.status.code().expect("no signal ends it"),
            String::from_utf8(output.stdout).expect("it is UTF-8"),
        )
    }
}

const PROMETHEUS: &str = "apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: main, namespace: monitoring}
spec: {serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {}, serviceAccountName: main}
";

const SHOP: &str = "apiVersion: v1
kind: Service
metadata: {name: catalog, namespace: shop, labels: {app: catalog}}
spec: {selector: {app: catalog}, ports: [{name: metrics, port: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: catalog, namespace: shop}
spec:
  selector: {matchLabels: {app: catalog}}
  template:
    metadata: {labels: {app: catalog}}
    spec: {containers: [{name: catalog, image: \"catalog:1\", ports: [{name: metrics, containerPort: 8080}]}]}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: catalog, namespace: shop}
spec:
  selector: {matchLabels: {app: catalog}}
  endpoints: [{port: metrics}]
";

/// The commands of a workflow's steps that are promwire's.
fn commands(workflow: &Value) -> Vec<String> {
    let jobs = workflow["jobs"].as_object().expect("it has jobs").values();
    let steps = jobs.flat_map(|job| job["steps"].as_array().expect("it has steps"));
    let run = steps.filter_map(|step| step["run"].as_str());
    run.filter(|command| command.starts_with("promwire ")).map(str::to_owned).collect()
}

#[test]
fn the_workflow_annotates_reports_and_compares() {
    let commands = commands(&read("deploy/github/check.yaml"));
    let [check, targets] = &commands[..] else { panic!("{commands:?}") };
    let repository = Repository::new();
    let (code, annotations) = repository.run(check);
    assert_eq!(code, 0, "a near miss is a warning");
    assert!(annotations.contains("::warning file=manifests/shop.yaml,line="), "{annotations}");
    let sarif = fs::read_to_string(repository.path("promwire.sarif")).expect("it is written");
    assert!(sarif.contains("\"ruleId\": \"PW204\""), "{sarif}");
    let (code, _) = repository.run(targets);
    let comment = fs::read_to_string(repository.path("targets.md")).expect("it is written");
    assert_eq!(code, 1, "a target is lost");
    assert!(comment.contains("lost 1 target"), "{comment}");
    if let Some(answers) = oracle::ask(&[("sarif", sarif)]) {
        assert_eq!(answers, [None]);
    }
}

#[test]
fn workflows_are_such() {
    let text =
        |name: &str| fs::read_to_string(root().join("deploy/github").join(name)).expect("it can be read");
    let broken = text("check.yaml").replace("runs-on", "runs-of");
    let asked =
        [("workflow", text("check.yaml")), ("workflow", text("generated.yaml")), ("workflow", broken)];
    let Some(answers) = oracle::ask(&asked) else { return };
    assert_eq!(answers[..2], [None, None]);
    assert!(answers[2].is_some(), "the judge sees mistakes");
}

#[test]
fn the_job_of_gitlab_reports_and_compares() {
    let jobs = read("deploy/gitlab/check.yaml");
    let repository = Repository::new();
    let script = |job: &str| jobs[job]["script"][0].as_str().expect("it has a script").to_owned();
    assert_eq!(repository.run(&script("promwire-check")).0, 0);
    assert_eq!(repository.run(&script("promwire-targets")).0, 1, "a target is lost");
    for job in ["promwire-check", "promwire-targets"] {
        assert_eq!(jobs[job]["extends"], ".promwire");
        for artifact in jobs[job]["artifacts"]["paths"].as_array().expect("a list") {
            let name = artifact.as_str().expect("a name");
            assert!(repository.path(name).is_file(), "{name} is kept and not made");
        }
    }
}

#[test]
fn hooks_check_and_fix() {
    let hooks = read(".pre-commit-hooks.yaml");
    for hook in hooks.as_array().expect("a list") {
        let words =
            [hook["entry"].as_str().expect("a command"), hook["args"][0].as_str().expect("an argument")];
        let repository = Repository::new();
        let (code, _) = repository.run(&format!("{} --fail-on warning", words.join(" ")));
        let is_fix = hook["id"] == "promwire-fix";
        assert_eq!(code == 0, is_fix, "{words:?}");
        assert_eq!(repository.git(&["status", "--porcelain"]).is_empty(), !is_fix, "{words:?}");
    }
}
