//! `promwire check --fix` and the files it writes, and those it does not.
#![cfg(unix)]

#[allow(dead_code, reason = "other tests look at less of a run")]
mod support;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use support::Run;

/// A monitor with a word that only YAML 1.1 takes for a boolean.
const MONITOR: &str = "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: a, namespace: a}\nspec:\n  \
                       selector: {matchLabels: {app: a}}\n  endpoints: [{port: web, honorLabels: on}] # kept\n";

fn fixed() -> String {
    MONITOR.replace("honorLabels: on", "honorLabels: true")
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }

    fn read(&self, name: &str) -> String {
        String::from_utf8_lossy(&fs::read(self.path(name)).expect("it can be read")).into_owned()
    }

    fn run(&self, arguments: &str) -> Run {
        support::promwire(arguments, self.0.path(), None)
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

#[test]
fn a_file_keeps_its_mode_its_links_and_every_other_byte() {
    let folder = Folder::new();
    folder.write("real/a.yaml", MONITOR);
    fs::set_permissions(folder.path("real/a.yaml"), fs::Permissions::from_mode(0o640)).expect("it is ours");
    symlink("real/a.yaml", folder.path("link.yaml")).expect("it can be made");
    folder.write("b.yaml", "\u{feff}# nothing here\n");
    folder.write(
        "windows.yaml",
        format!("\u{feff}{}", MONITOR.replace("name: a", "name: b").replace('\n', "\r\n")),
    );
    let untouched = fs::metadata(folder.path("b.yaml")).expect("it is there").ino();
    let run = folder.run("check . --fix");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(folder.read("real/a.yaml"), fixed());
    assert!(folder.path("link.yaml").is_symlink());
    assert_eq!(mode(&folder.path("real/a.yaml")), 0o640);
    let windows = format!("\u{feff}{}", fixed().replace("name: a", "name: b").replace('\n', "\r\n"));
    assert_eq!(folder.read("windows.yaml"), windows);
    assert_eq!(
        fs::metadata(folder.path("b.yaml")).expect("it is there").ino(),
        untouched,
        "it is not written"
    );
    assert_eq!(fs::read_dir(folder.0.path()).expect("it is there").count(), 4, "nothing is left behind");
}

#[test]
fn markdown_and_what_is_no_utf8_are_not_written() {
    let folder = Folder::new();
    folder.write("guide.md", format!("# Guide\n\n```sh\nkubectl apply -f - <<EOF\n{MONITOR}EOF\n```\n"));
    folder.write("latin.yaml", [MONITOR.as_bytes(), b"---\n# caf\xe9\na: 1\n"].concat());
    folder.write(
        "typo.md",
        format!("```yaml\n{}```\n", MONITOR.replace("on}", "true}").replace("spec:", "spec: # x")),
    );
    let before = (folder.read("guide.md"), fs::read(folder.path("latin.yaml")).expect("it is there"));
    let run = folder.run("check guide.md typo.md latin.yaml --fix");
    assert_eq!((folder.read("guide.md"), fs::read(folder.path("latin.yaml")).expect("it is there")), before);
    assert!(run.stderr.contains("`latin.yaml` is not UTF-8"), "{}", run.stderr);
}

#[test]
fn what_a_kustomization_makes_is_not_written() {
    let folder = Folder::new();
    let prometheus = "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: main, namespace: a}\nspec: {serviceMonitorSelector: {matchLabels: {release: prom}}}\n";
    let monitor = MONITOR
        .replace("on}", "true}")
        .replace("{name: a, namespace: a}", "{name: a, labels: {release: prm}}");
    folder.write("prometheus.yaml", prometheus);
    folder.write("app/monitor.yaml", &monitor);
    folder.write("app/kustomization.yaml", "namespace: a\nresources: [monitor.yaml]\n");
    let run = folder.run("check . --fix");
    assert_eq!(folder.read("app/monitor.yaml"), monitor, "{}", run.stdout);
}

#[test]
fn nothing_is_written_where_something_cannot_be() {
    let folder = Folder::new();
    folder.write("a.yaml", MONITOR);
    folder.write("closed/b.yaml", MONITOR.replace("name: a", "name: b"));
    fs::set_permissions(folder.path("closed"), fs::Permissions::from_mode(0o555)).expect("it is ours");
    if fs::write(folder.path("closed/probe"), "").is_ok() {
        // Root may write everywhere.
        return;
    }
    let run = folder.run("check . --fix");
    fs::set_permissions(folder.path("closed"), fs::Permissions::from_mode(0o755)).expect("it is ours");
    assert_eq!((run.code, folder.read("a.yaml").as_str()), (2, MONITOR), "{}", run.stderr);
    assert!(run.stderr.contains("PW902"), "{}", run.stderr);
}

#[test]
fn a_diff_shows_no_secrets_and_writes_nothing() {
    let folder = Folder::new();
    let secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: a}\nstringData:\n  flag: yes\n  password: hunter2\n";
    let text = format!("{MONITOR}{secret}");
    folder.write("a.yaml", &text);
    let run = folder.run("check . --diff");
    assert!(run.stdout.contains("+  endpoints: [{port: web, honorLabels: true}] # kept"), "{}", run.stdout);
    assert!(!run.stdout.contains("hunter2") && !run.stderr.contains("hunter2"));
    assert_eq!((run.code, folder.read("a.yaml")), (1, text));
    let run = folder.run("check . --diff --select PW2");
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "what is not told is not fixed");
    folder.run("check . --fix");
    assert!(folder.read("a.yaml").contains("flag: yes\n  password: hunter2"), "Secrets stay as they are");
}

#[test]
fn what_is_suppressed_is_not_fixed() {
    let folder = Folder::new();
    let text = MONITOR.replace("# kept", "# promwire: ignore[PW006] on purpose");
    folder.write("a.yaml", &text);
    folder.run("check . --fix");
    assert_eq!(folder.read("a.yaml"), text);
}

#[test]
fn one_file_in_two_worlds_is_fixed_for_both() {
    let folder = Folder::new();
    let prometheus = |name: &str, label: &str| {
        format!(
            "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {{name: main, namespace: a}}\nspec: {{externalUrl: \"http://{name}\", serviceMonitorSelector: {{matchLabels: {{release: {label}}}}}}}\n"
        )
    };
    // One world asks for what the file says, and the other for another word.
    folder.write("base/kustomization.yaml", "resources: [monitor.yaml]\n");
    let monitor =
        MONITOR.replace("on}", "true}").replace("namespace: a}", "namespace: a, labels: {release: promts}}");
    folder.write("base/monitor.yaml", &monitor);
    for (name, label) in [("dev", "promts"), ("prod", "proms")] {
        folder.write(&format!("{name}/kustomization.yaml"), "resources: [../base, prometheus.yaml]\n");
        folder.write(&format!("{name}/prometheus.yaml"), prometheus(name, label));
    }
    let services = "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: a, labels: {app: a}}\nspec: {ports: [{name: web, port: 80}]}\n---\napiVersion: v1\nkind: Endpoints\nmetadata: {name: a, namespace: a}\nsubsets: [{addresses: [{ip: 10.0.0.1}], ports: [{name: web, port: 80}]}]\n";
    folder.write("services.yaml", services);
    let run = folder.run("check . --fix");
    assert_eq!(folder.read("base/monitor.yaml"), monitor, "dev would lose its target\n{}", run.stderr);
    assert!(run.stderr.contains("PW730"), "{}", run.stderr);
}
