//! Manifests with their expected findings as comments: every file in `tests/fixtures/schema` is a case.
//!
//! `# error[PW101]: some words` at the end of a line, or on a line of its own above it, expects a finding that begins on that
//! line, with these words in its message, annotation or notes. Everything that reading, the inventory and the schema find has to
//! be expected, and everything expected has to be found.

use std::path::Path;
use std::sync::Arc;

use promwire::diagnostic::{Diagnostic, Note, TextFile};
use promwire::model::inventory::Inventory;
use promwire::model::schema::SchemaSet;
use promwire::source;

#[derive(Debug)]
struct Expected {
    line: usize,
    level: String,
    code: String,
    words: String,
}

/// `# level[CODE]: words`, where it begins in the line.
fn marker(line: &str) -> Option<(usize, &str, &str, &str)> {
    let (start, level) = ["error", "warning", "info"]
        .into_iter()
        .find_map(|level| Some((line.find(&format!("# {level}[PW"))?, level)))?;
    let (code, words) = line[start..].split_once('[')?.1.split_once("]:")?;
    Some((start, level, code, words.trim()))
}

fn expectations(text: &str) -> Vec<Expected> {
    let mut above = Vec::new();
    let mut expected = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let take = |line: usize, (_, level, code, words): (usize, &str, &str, &str)| Expected {
            line,
            level: level.to_owned(),
            code: code.to_owned(),
            words: words.to_owned(),
        };
        match marker(line) {
            Some(marker) if line[..marker.0].trim().is_empty() => above.push(take(0, marker)),
            marker => {
                expected.extend(above.drain(..).map(|above| Expected { line: number, ..above }));
                expected.extend(marker.map(|marker| take(number, marker)));
            }
        }
    }
    expected
}

fn findings(name: &str, text: &str) -> Vec<Diagnostic> {
    let reading = source::read(Arc::new(TextFile::new(name, text)));
    let mut findings = reading.findings;
    let (inventory, noticed) = Inventory::builder().documents(reading.documents).build();
    findings.extend(noticed);
    let (schemas, noticed) = SchemaSet::new(&inventory);
    findings.extend(noticed);
    findings.extend(schemas.validate_all(&inventory));
    findings
}

fn line_of(finding: &Diagnostic) -> usize {
    finding.place.as_ref().map_or(0, |at| at.place.file.line_column(at.place.span.start).0)
}

fn words_of(finding: &Diagnostic) -> String {
    let mut words = vec![finding.message.clone()];
    words.extend(finding.place.iter().map(|at| at.message.clone()));
    words.extend(finding.notes.iter().map(|note| match note {
        Note::Info(text) | Note::Help(text) => text.clone(),
    }));
    words.retain(|words| !words.is_empty());
    words.join("; ")
}

fn check(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("a fixture is readable");
    let name = path.file_name().and_then(|name| name.to_str()).expect("fixtures have plain names");
    let mut found = findings(name, &text);
    let mut problems = Vec::new();
    for expected in expectations(&text) {
        let matching = found.iter().position(|finding| {
            line_of(finding) == expected.line
                && finding.code.id() == expected.code
                && finding.level.as_str() == expected.level
                && words_of(finding).contains(&expected.words)
        });
        match matching {
            Some(at) => drop(found.remove(at)),
            None => problems.push(format!("{name}:{} not found: {expected:?}", expected.line)),
        }
    }
    problems.extend(found.iter().map(|finding| {
        let (level, code) = (finding.level.as_str(), finding.code.id());
        format!("{name}:{} not expected: {level}[{code}]: {}", line_of(finding), words_of(finding))
    }));
    problems
}

#[test]
fn every_fixture_gives_exactly_the_findings_it_states() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/schema");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("a folder can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    let problems: Vec<_> = paths.iter().flat_map(|path| check(path)).collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}
