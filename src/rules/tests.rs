//! Pages are complete, their examples do what they say, and `docs/rules/` has what they say.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use super::*;
use crate::chain::{Completeness, Setting, runtime};
use crate::diagnostic::{Level, TextFile};
use crate::model::inventory::Inventory;
use crate::model::schema::SchemaSet;
use crate::operator::Reality;
use crate::pki::Moment;
use crate::pki::testing::{Authority, Pair, Wish};
use crate::source;

/// The moment examples are judged at: 2026-06-01.
const NOW: Moment = Moment::from_unix(1_780_272_000);

/// An example with certificates and keys, made for this run, in place of the words that stand for them.
fn with_certificates(text: &str) -> String {
    if !text.contains("CA\n") && !text.contains("-CERTIFICATE\n") {
        return text.to_owned();
    }
    let authority = Authority::new("example-ca");
    let until = |until| Authority::with(&Wish { name: "example-ca", until, ..Wish::default() }).pair;
    let issue = |usage| authority.issue(&Wish { usages: &[usage], ..Wish::default() });
    let client = issue(rcgen::ExtendedKeyUsagePurpose::ClientAuth);
    let usages = &[rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let server = authority.issue(&Wish { usages, dns: &["web.shop.svc"], ..Wish::default() });
    let certificate = |pair: Pair| pair.certificate;
    let words = [
        ("SOON-EXPIRED-CA", certificate(until("2026-06-10"))),
        ("OTHER-CA", certificate(Authority::new("other-ca").pair)),
        ("EXPIRED-CA", certificate(until("2026-02-01"))),
        ("CLIENT-CERTIFICATE", client.certificate),
        ("CLIENT-KEY", client.key),
        ("SERVER-CERTIFICATE", server.certificate),
        ("SERVER-KEY", server.key),
        ("CA", certificate(authority.pair)),
    ];
    words.iter().fold(text.to_owned(), |text, (word, pem)| {
        text.replace(&format!(": {word}\n"), &format!(": {}\n", serde_json::Value::String(pem.clone())))
    })
}

/// What the rules and the schemas find in a text, at warning or above.
fn findings(text: &str) -> Vec<Diagnostic> {
    worth_changing(all_findings(text))
}

/// Those at warning or above.
fn worth_changing(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found.retain(|finding| finding.level >= Level::Warning);
    found
}

/// Everything the rules and the schemas find in a text.
fn all_findings(text: &str) -> Vec<Diagnostic> {
    let read = |name: &str, text: &str| source::read(std::sync::Arc::new(TextFile::new(name, text)));
    let reading = read("example.yaml", text);
    let mut found = reading.findings;
    let build = |more: Vec<source::Document>| {
        let documents = read("example.yaml", text).documents;
        Inventory::builder().default_namespace(Some("default")).documents(documents).documents(more).build()
    };
    let made = runtime::text(&build(Vec::new()).0);
    let (inventory, noticed) = build(read(runtime::MADE_AT_RUN_TIME, &made).documents);
    found.extend(noticed);
    let (schemas, _) = SchemaSet::new(&inventory);
    found.extend(
        inventory
            .objects()
            .filter(|object| !runtime::is_made(*object))
            .flat_map(|object| schemas.validate(object)),
    );
    let (reality, completeness) = (Reality::default(), Completeness::default());
    let setting = Setting {
        inventory: &inventory,
        schemas: &schemas,
        reality: &reality,
        completeness: &completeness,
        now: NOW,
    };
    let chain = Chain::trace(setting);
    found.extend(ALL.iter().flat_map(|rule| (rule.check)(&chain)));
    found
}

#[test]
fn examples_do_what_pages_say() {
    let mut wrong = Vec::new();
    for rule in ALL {
        let (id, page) = (rule.code.id(), rule.page());
        for heading in ["\n## Why it matters\n", "\n## Example\n", "\n## Use instead\n"] {
            assert!(page.contains(heading), "{id}: the page lacks {heading:?}");
        }
        let codes =
            |found: &[Diagnostic]| found.iter().map(|finding| finding.code.id()).collect::<BTreeSet<_>>();
        let messages =
            |found: &[Diagnostic]| found.iter().map(|finding| finding.message.clone()).collect::<Vec<_>>();
        let bad = with_certificates(&rule.example("Example"));
        assert!(!bad.is_empty(), "{id}: no example");
        let found = all_findings(&bad);
        // The rule itself finds it, at whatever level.
        if !found.iter().any(|finding| finding.code == rule.code) {
            wrong.push(format!("{id}: the rule is silent about its example"));
        }
        let found = worth_changing(found);
        // What is only worth knowing is not found at this level.
        let expected = if rule.code.level() == Level::Info { BTreeSet::new() } else { BTreeSet::from([id]) };
        if codes(&found) != expected {
            wrong.push(format!("{id}: the example gives {:?}: {:#?}", codes(&found), messages(&found)));
        }
        let found = all_findings(&with_certificates(&rule.example("Use instead")));
        if found.iter().any(|finding| finding.code == rule.code) {
            wrong.push(format!("{id}: the rule complains about what to use instead"));
        }
        let found = worth_changing(found);
        if !found.is_empty() {
            wrong.push(format!(
                "{id}: what to use instead gives {:?}: {:#?}",
                codes(&found),
                messages(&found)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_is_in_order() {
    assert!(ALL.iter().map(|rule| rule.code).is_sorted(), "rules are listed by code, each once");
    assert!(find("pw201").is_some() && find("monitor-not-selected").is_some() && find("PW000").is_none());
}

/// The pages users read are those of the rules; `PROMWIRE_UPDATE=1` writes them.
#[test]
fn the_pages_are_those_of_the_rules() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules");
    let mut index = "# Findings\n\nEvery code promwire reports, with its usual level; those with a page are rules of \
        `promwire check`. The first digit is the\nfamily: 0 reading, 1 structure, 2 the chain from Prometheus to target, \
        3 certificates and keys, 4 the operator, 5 what Prometheus\nmakes of it, 7 configuration, 8 generating and the systems it is for, 9 the command line.\n\n\
        | code | name | level | what it means |\n|---|---|---|---|\n"
        .to_owned();
    let mut pages = vec![];
    for code in Code::ALL {
        let id = code.id();
        let rule = ALL.iter().find(|rule| rule.code == *code);
        let shown = if rule.is_some() { format!("[{id}]({id}.md)") } else { id.to_owned() };
        let _ = writeln!(
            index,
            "| {shown} | {} | {} | {} |",
            code.name(),
            code.level().as_str(),
            page::summary(*code)
        );
        pages.extend(rule.map(|rule| (format!("{id}.md"), rule.page())));
    }
    pages.push(("README.md".to_owned(), index));
    pages.push(("coverage.md".to_owned(), coverage_page()));
    for (name, text) in &pages {
        let path = folder.join(name);
        if std::env::var_os("PROMWIRE_UPDATE").is_some() {
            std::fs::create_dir_all(&folder).expect("the folder can be made");
            std::fs::write(&path, text).expect("the page can be written");
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), *text, "{name}");
    }
    let known: BTreeSet<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
    for entry in std::fs::read_dir(&folder).expect("the folder is there") {
        let name = entry.expect("it can be read").file_name().to_string_lossy().into_owned();
        assert!(known.contains(name.as_str()), "{name} is the page of no rule");
    }
}

/// The files of this name in the folders of a folder, by name.
fn texts(folder: &str, file: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(root).expect("the folder is there");
    let mut found: Vec<(String, String)> = entries
        .filter_map(|entry| {
            let entry = entry.expect("it can be read");
            let text = std::fs::read_to_string(entry.path().join(file)).ok()?;
            Some((entry.file_name().to_string_lossy().into_owned(), text))
        })
        .collect();
    found.sort();
    found
}

/// The generated stacks are clean at warning and above.
#[test]
fn nothing_is_said_about_what_was_generated() {
    let examples = texts("examples", "expected.yaml");
    assert!(examples.len() > 5, "there are examples");
    let mut wrong = Vec::new();
    for (name, text) in examples {
        for finding in findings(&text) {
            wrong.push(format!("{name}: {} {}", finding.code.id(), finding.message));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is found in the manifests that ran in the rig, where real components judged; `PROMWIRE_UPDATE=1` writes it.
#[test]
fn the_recorded_cases_are_told() {
    let mut told = String::new();
    for (name, text) in texts("tests/e2e/cases", "manifests.yaml") {
        let _ = writeln!(told, "{name}");
        let lines: BTreeSet<String> = findings(&text)
            .iter()
            .map(|finding| format!("  {} {} {}", finding.code.id(), finding.level.as_str(), finding.message))
            .collect();
        for line in &lines {
            told.push_str(line);
            told.push('\n');
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rules/cases.txt");
    if std::env::var_os("PROMWIRE_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("the folder can be made");
        std::fs::write(&path, &told).expect("it can be written");
    }
    assert_eq!(told, std::fs::read_to_string(&path).unwrap_or_default());
}

/// What can go wrong, and what tells it: number, what, codes, and why no rule does.
fn coverage() -> Vec<[String; 4]> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rules/coverage.tsv");
    let text = std::fs::read_to_string(path).expect("the table is there");
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| {
        let mut fields = row.split('\t').map(str::to_owned);
        std::array::from_fn(|_| fields.next().unwrap_or_default())
    })
    .collect()
}

fn coverage_page() -> String {
    let mut page = "# What can go wrong, and what tells it\n\nWhat users report (practice), what guides get wrong (catalogue), \
        and what the operator takes and Prometheus takes otherwise\n(hazard, recorded), each with the findings that tell \
        it, or with why none does.\n\n| what | told by | why not, or not all of it |\n|---|---|---|\n"
        .to_owned();
    for [id, what, codes, why] in coverage() {
        let codes: Vec<String> = codes
            .split_whitespace()
            .map(|id| {
                let is_rule = ALL.iter().any(|rule| rule.code.id() == id);
                if is_rule { format!("[{id}]({id}.md)") } else { id.to_owned() }
            })
            .collect();
        let family = id.split('.').next().unwrap_or_default();
        let _ = writeln!(page, "| {what} ({family}) | {} | {why} |", codes.join(", "));
    }
    page
}

/// Every row is there, names findings that exist, and says why where it names none.
#[test]
fn everything_that_can_go_wrong_is_told_or_said_why_not() {
    let rows = coverage();
    let mut wrong = Vec::new();
    for [id, _, codes, why] in &rows {
        if codes.is_empty() && why.is_empty() {
            wrong.push(format!("{id}: neither a finding nor a reason"));
        }
        let unknown = codes.split_whitespace().filter(|id| !Code::ALL.iter().any(|code| code.id() == *id));
        wrong.extend(unknown.map(|code| format!("{id}: {code} does not exist")));
    }
    let has = |id: &str| rows.iter().filter(|[known, ..]| known == id).count() == 1;
    let numbered = [("practice", 60), ("hazard", 18), ("recorded", 21)];
    let numbered =
        numbered.iter().flat_map(|(family, last)| (1..=*last).map(move |n| format!("{family}.{n}")));
    let mut catalogue: Vec<String> = Vec::new();
    for (family, last) in [
        ("SEL", 5),
        ("NS", 3),
        ("PORT", 6),
        ("API", 1),
        ("FIELD", 1),
        ("RLB", 2),
        ("TLS", 7),
        ("EPS", 5),
        ("RBAC", 2),
        ("CAL", 7),
        ("ETCD", 4),
        ("NEX", 5),
        ("JOB", 1),
        ("PROM", 3),
        ("WL", 6),
        ("EXP", 2),
        ("OWN", 1),
        ("LEG", 2),
        ("GRAF", 1),
    ] {
        catalogue.extend((1..=last).map(|n| format!("catalogue.{family}-{n:02}")));
    }
    catalogue.extend(["01", "04", "05"].map(|n| format!("catalogue.YAML-{n}")));
    let missing = numbered.chain(catalogue).filter(|id| !has(id));
    wrong.extend(missing.map(|id| format!("{id}: there is no such row, or several")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Further ways in which rules fire, and in which they do not.
#[test]
fn every_way_is_told() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rules/ways.txt");
    let text = std::fs::read_to_string(path).expect("the cases are there");
    let mut wrong = Vec::new();
    let mut cases = 0;
    for case in text.split("\n=== ").skip(1) {
        let (head, manifests) = case.split_once('\n').expect("a case has objects");
        let (name, expected) = head.split_once(": ").expect("a case says what is told");
        let found = findings(manifests);
        let told: BTreeSet<String> =
            found.iter().map(|finding| format!("{} {}", finding.code.id(), finding.level.as_str())).collect();
        let told = told.into_iter().collect::<Vec<_>>().join(" ");
        let told = if told.is_empty() { "nothing" } else { &told };
        let messages: Vec<&str> = found.iter().map(|finding| finding.message.as_str()).collect();
        if told != expected {
            wrong.push(format!("{name}: {told} instead of {expected}: {messages:#?}"));
        }
        if messages.iter().any(|message| message.contains("hunter2")) {
            wrong.push(format!("{name}: a secret is told"));
        }
        cases += 1;
    }
    assert!(cases > 20, "there are cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
