//! Every file of `tests/transcripts/` is a command line with its input and what it answers.
//!
//! The first lines begin with `$` and are run one after the other in a new folder; then come sections headed
//! `-- NAME --`: the files of the folder, `stdin`, and what is expected: `exit`, `stdout`, `stderr` of the last line,
//! `ls` (the files there are afterwards, if that matters). `PROMWIRE_UPDATE=1` writes the expected sections.
//!
//! An empty section `pki` brings a folder of that name with certificates and keys made for this run; what they are is
//! in [`make_pki`], and `--now 2026-06-01T00:00:00Z` is the moment they are made for. No key may be shown.

#[path = "support/json_schema.rs"]
mod json_schema;
mod support;

#[path = "support/certificates.rs"]
#[allow(dead_code, reason = "other tests make other certificates")]
mod certificates;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use certificates::{Authority, Pair, Wish, pem};
use rcgen::ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};

const EXPECTED: [&str; 4] = ["exit", "stdout", "stderr", "ls"];

struct Transcript {
    head: String,
    sections: Vec<(String, String)>,
}

impl Transcript {
    fn parse(text: &str) -> Self {
        let mut head = String::new();
        let mut sections: Vec<(String, String)> = Vec::new();
        for line in text.split_inclusive('\n') {
            let name = line.trim_end().strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --"));
            match (name, sections.last_mut()) {
                (Some(name), _) => sections.push((name.to_owned(), String::new())),
                (None, Some((_, body))) => body.push_str(line),
                (None, None) => head.push_str(line),
            }
        }
        Self { head, sections }
    }

    fn section(&self, name: &str) -> Option<&str> {
        self.sections.iter().find(|(found, _)| found == name).map(|(_, body)| body.as_str())
    }

    fn render(&self, found: &[(&str, String)]) -> String {
        let mut text = self.head.clone();
        for (name, body) in self.sections.iter().filter(|(name, _)| !EXPECTED.contains(&name.as_str())) {
            let _ = write!(text, "-- {name} --\n{body}");
        }
        for (name, body) in found {
            let _ = write!(text, "-- {name} --\n{body}");
        }
        text
    }
}

/// A new folder with the files of a transcript.
fn folder(transcript: &Transcript) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for (name, body) in &transcript.sections {
        if name == "stdin" || EXPECTED.contains(&name.as_str()) {
            continue;
        }
        if name == "pki" {
            make_pki(&folder.path().join("pki"));
            continue;
        }
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().expect("a file has a folder")).expect("the folder can be made");
        fs::write(file, body).expect("the input can be written");
    }
    folder
}

fn run(path: &Path, transcript: &Transcript) -> Vec<(&'static str, String)> {
    let folder = folder(transcript);
    let commands = transcript.head.lines().filter_map(|line| line.strip_prefix("$ promwire "));
    let stdin = transcript.section("stdin").map(str::as_bytes);
    let mut runs: Vec<support::Run> =
        commands.map(|command| support::promwire(command, folder.path(), stdin)).collect();
    for run in &runs {
        shows_no_key(folder.path(), run, path);
    }
    let last = runs.pop().unwrap_or_else(|| panic!("{}: no line begins with `$ promwire`", path.display()));
    let mut found = vec![("exit", format!("{}\n", last.code))];
    for (name, text) in [("stdout", last.stdout), ("stderr", last.stderr)] {
        if !text.is_empty() {
            found.push((name, if text.ends_with('\n') { text } else { text + "\n" }));
        }
    }
    if transcript.section("ls").is_some() {
        found.push(("ls", list(folder.path())));
    }
    found
}

/// Certificates and keys as people have them, good and bad.
fn make_pki(folder: &Path) {
    fs::create_dir_all(folder).expect("the folder can be made");
    let write = |name: &str, content: &[u8]| {
        fs::write(folder.join(name), content).expect("the file can be written");
    };
    let write_pair = |name: &str, pair: &Pair| {
        write(&format!("{name}.crt"), pair.certificate.as_bytes());
        write(&format!("{name}.key"), pair.key.as_bytes());
    };
    let (authority, other) = (Authority::new("etcd-ca"), Authority::new("other-ca"));
    write_pair("ca", &authority.pair);
    write_pair("other-ca", &other.pair);
    let client = Wish { name: "prometheus", usages: &[ClientAuth], ..Wish::default() };
    let pair = authority.issue(&client);
    write_pair("client", &pair);
    write("client.der", &pair.der);
    write("encrypted.key", pem("ENCRYPTED PRIVATE KEY", &[0x30, 0x00]).as_bytes());
    write("cut.crt", &pair.certificate.as_bytes()[..200]);
    write("empty.crt", b"");
    write("bundle.crt", format!("{}{}", authority.pair.certificate, authority.pair.key).as_bytes());
    write_pair("of-another-ca", &other.issue(&client));
    write_pair("other", &authority.issue(&client));
    write_pair("expired", &authority.issue(&Wish { from: "2025-01-01", until: "2026-01-01", ..client }));
    write_pair("future", &authority.issue(&Wish { from: "2026-07-01", ..client }));
    write_pair("soon", &authority.issue(&Wish { until: "2026-06-08", ..client }));
    let server = Wish {
        name: "etcd-1",
        dns: &["etcd-1", "localhost"],
        addresses: &["127.0.0.1", "10.0.0.1"],
        usages: &[ServerAuth, ClientAuth],
        ..Wish::default()
    };
    write_pair("server", &authority.issue(&server));
    write_pair(
        "server-2",
        &authority.issue(&Wish { dns: &["etcd-2", "localhost"], addresses: &["10.0.0.2"], ..server }),
    );
    write_pair("server-by-name", &authority.issue(&Wish { addresses: &["127.0.0.1"], ..server }));
    write_pair(
        "server-by-no-name",
        &authority.issue(&Wish { dns: &[], addresses: &["127.0.0.1"], ..server }),
    );
    write_pair("server-only", &authority.issue(&Wish { name: "server", usages: &[ServerAuth], ..server }));
    write_pair(
        "expired-server",
        &authority.issue(&Wish { from: "2025-01-01", until: "2026-01-01", ..server }),
    );
}

/// No line of a key may be in what a run says.
fn shows_no_key(folder: &Path, run: &support::Run, transcript: &Path) {
    let keys =
        walk(folder).into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "key"));
    for key in keys {
        let text = fs::read_to_string(&key).expect("the key can be read");
        for line in text.lines().filter(|line| !line.starts_with("-----") && line.len() > 8) {
            let shown = run.stdout.contains(line) || run.stderr.contains(line);
            assert!(!shown, "{}: a line of {} is shown", transcript.display(), key.display());
        }
    }
}

fn list(folder: &Path) -> String {
    let mut names: Vec<String> = walk(folder)
        .iter()
        .filter(|path| !path.starts_with(folder.join("pki")))
        .map(|path| path.strip_prefix(folder).expect("it is below").display().to_string())
        .collect();
    names.sort();
    names.push(String::new());
    names.join("\n")
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    entries
        .map(|entry| entry.expect("the entry can be read").path())
        .flat_map(|path| match path.is_dir().then(|| walk(&path)) {
            // An empty folder stands for itself.
            Some(below) if !below.is_empty() => below,
            _ => vec![path],
        })
        .collect()
}

/// Every transcript, with its path and text.
fn transcripts() -> Vec<(PathBuf, String)> {
    let mut paths: Vec<PathBuf> = walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts"));
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    assert!(!paths.is_empty(), "there are no transcripts");
    let text = |path: &Path| fs::read_to_string(path).expect("the transcript can be read");
    paths.into_iter().map(|path| (path.clone(), text(&path))).collect()
}

/// What `check -o json` says about everything that a transcript, an example or the page of a rule shows.
#[test]
fn json_of_check_fits_its_schema() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema = fs::read_to_string(root.join("docs/check.schema.json")).expect("the schema can be read");
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("the schema is JSON");
    let (mut found, mut wrong) = (0, Vec::new());
    let mut judge = |title: &str, command: &str, folder: &Path, stdin: Option<&[u8]>| {
        let command = format!("{command} -o json");
        let run = support::promwire(&command, folder, stdin);
        // What stops the command is told on standard error alone.
        let Ok(document) = serde_json::from_str::<serde_json::Value>(&run.stdout) else {
            assert!(run.code == 2 && run.stdout.is_empty(), "{title}: {command}: {}", run.stdout);
            return;
        };
        found += document["findings"].as_array().map_or(0, Vec::len);
        let errors = json_schema::errors(&schema, &document);
        wrong.extend(errors.into_iter().map(|error| format!("{title}: {command}: {error}")));
    };
    for (path, text) in transcripts() {
        let transcript = Transcript::parse(&text);
        let commands = transcript.head.lines().filter_map(|line| line.strip_prefix("$ promwire "));
        let checks: Vec<&str> =
            commands.filter(|command| command.starts_with("check ") && !command.contains(" -o ")).collect();
        if !checks.is_empty() {
            let folder = folder(&transcript);
            let stdin = transcript.section("stdin").map(str::as_bytes);
            for command in checks {
                judge(&path.display().to_string(), command, folder.path(), stdin);
            }
        }
    }
    for example in fs::read_dir(root.join("examples")).expect("the examples can be read") {
        let path = example.expect("the example can be read").path();
        if path.is_dir() {
            judge("example", &format!("check {}", path.display()), root, None);
        }
    }
    for page in fs::read_dir(root.join("docs/rules")).expect("the pages can be read") {
        let path = page.expect("the page can be read").path();
        judge("page", &format!("check {}", path.display()), root, None);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(found > 100, "only {found} findings were looked at");
}

#[test]
fn transcripts_are_true() {
    let mut wrong = Vec::new();
    for (path, text) in &transcripts() {
        let transcript = Transcript::parse(text);
        let found = transcript.render(&run(path, &transcript));
        if support::updating() {
            fs::write(path, found).expect("the transcript can be written");
        } else if found != *text {
            wrong.push(format!("== {} now says\n{found}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
