//! SARIF 2.1.0, as code scanning takes it.
//!
//! Read from the OASIS standard (errata 01): regions count lines and columns from one, columns in Unicode code points
//! (`columnKind`), and end at the first character after; paths are percent-encoded references to the root of the sources, with
//! absolute ones as `file:` URIs. What is suppressed is a result with `suppressions`. The standard's JSON Schema judges in
//! `tests/report_oracle.rs`.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::diagnostic::{Code, Diagnostic, Fix, Level, Note, Place};
use crate::engine::{Judged, Suppressed};
use crate::rules;

/// What a check came to, as JSON with a line feed at the end.
pub fn render(judged: &Judged) -> String {
    let mut codes: Vec<Code> = judged.findings.iter().map(|finding| finding.code).collect();
    codes.extend(judged.suppressed.iter().map(|one| one.finding.code));
    codes.sort_by_key(|code| code.id());
    codes.dedup();
    let told = judged.findings.iter().map(|finding| result(finding, None, &codes));
    let suppressed = judged.suppressed.iter().map(|one| result(&one.finding, Some(one), &codes));
    let results: Vec<Value> = told.chain(suppressed).collect();
    let document = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "promwire",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            }},
            "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": not_checked(judged)}],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// What could not be judged, and what would settle it.
fn not_checked(judged: &Judged) -> Vec<Value> {
    let open = judged.summary.links.iter().filter(|tally| tally.open() > 0);
    let text = |tally: &crate::chain::Tally| {
        format!("not checked: {}; {}", tally.hop.unknown(tally.open()), tally.hop.settled_by())
    };
    open.map(|tally| json!({"level": "note", "message": {"text": text(tally)}})).collect()
}

fn rule(code: Code) -> Value {
    let summary = code.summary().trim();
    let page = rules::find(code.id()).map(rules::Rule::page);
    let text = page.unwrap_or_else(|| format!("# {} {}\n\n{summary}\n", code.id(), code.name()));
    json!({
        "id": code.id(),
        "name": code.name(),
        "shortDescription": {"text": summary},
        "fullDescription": {"text": summary},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": level(code.level())},
    })
}

const fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    }
}

fn result(finding: &Diagnostic, suppressed: Option<&Suppressed>, codes: &[Code]) -> Value {
    let mut result = Map::new();
    let mut put = |key: &str, value: Value| drop(result.insert(key.to_owned(), value));
    put("ruleId", json!(finding.code.id()));
    put("ruleIndex", json!(codes.iter().position(|code| *code == finding.code)));
    put("level", json!(level(finding.level)));
    put("message", json!({"text": message(finding)}));
    if let Some(location) = location(finding) {
        put("locations", json!([location]));
    }
    let related: Vec<Value> = finding.related.iter().enumerate().map(related).collect();
    if !related.is_empty() {
        put("relatedLocations", Value::Array(related));
    }
    put("partialFingerprints", json!({"promwireFinding/v1": fingerprint(finding)}));
    if let Some(fix) = &finding.fix {
        put("fixes", json!([self::fix(fix)]));
    }
    if let Some(suppressed) = suppressed {
        let mut suppression = json!({
            "kind": if suppressed.place.is_some() { "inSource" } else { "external" },
            "status": "accepted",
            "justification": suppressed.reason,
        });
        if let Some(place) = &suppressed.place {
            suppression["location"] = json!({"physicalLocation": physical(place)});
        }
        put("suppressions", json!([suppression]));
    }
    put("properties", json!({"verdict": finding.verdict.as_str()}));
    Value::Object(result)
}

/// The message with reasons and remedies: viewers show nothing else of a finding.
fn message(finding: &Diagnostic) -> String {
    let own = finding.place.iter().filter(|at| !at.message.is_empty()).map(|at| at.message.clone());
    let notes = finding.notes.iter().map(|note| match note {
        Note::Info(text) => format!("note: {text}"),
        Note::Help(text) => format!("help: {text}"),
    });
    let lines: Vec<String> = std::iter::once(finding.message.clone()).chain(own).chain(notes).collect();
    lines.join("\n")
}

fn location(finding: &Diagnostic) -> Option<Value> {
    let mut location = Map::new();
    if let Some(at) = &finding.place {
        location.insert("physicalLocation".to_owned(), physical(&at.place));
    }
    if let Some(subject) = &finding.subject {
        let namespace =
            subject.namespace.as_ref().map(|namespace| format!("{namespace}/")).unwrap_or_default();
        location.insert(
            "logicalLocations".to_owned(),
            json!([{
                "name": subject.name,
                "fullyQualifiedName": format!("{} {namespace}{}", subject.kind, subject.name),
                "kind": "resource",
            }]),
        );
    }
    (!location.is_empty()).then_some(Value::Object(location))
}

fn related((index, at): (usize, &crate::diagnostic::Annotation)) -> Value {
    json!({"id": index + 1, "message": {"text": at.message}, "physicalLocation": physical(&at.place)})
}

fn physical(place: &Place) -> Value {
    json!({"artifactLocation": artifact(place.file.name()), "region": region(place)})
}

fn region(place: &Place) -> Value {
    let (line, column) = place.file.line_column(place.span.start);
    let (end_line, end_column) = place.file.line_column(place.span.end);
    json!({"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column})
}

fn fix(fix: &Fix) -> Value {
    let mut changes: Vec<(&str, Vec<Value>)> = Vec::new();
    for edit in &fix.edits {
        let replacement =
            json!({"deletedRegion": region(&edit.place), "insertedContent": {"text": edit.replacement}});
        let name = edit.place.file.name();
        match changes.iter_mut().find(|(known, _)| *known == name) {
            Some((_, replacements)) => replacements.push(replacement),
            None => changes.push((name, vec![replacement])),
        }
    }
    let changes = changes.into_iter().map(
        |(name, replacements)| json!({"artifactLocation": artifact(name), "replacements": replacements}),
    );
    json!({"description": {"text": fix.description}, "artifactChanges": changes.collect::<Vec<_>>()})
}

/// A file as a URI: below the root of the sources, or absolute.
fn artifact(name: &str) -> Value {
    let path = name.strip_prefix("./").unwrap_or(name);
    if path.starts_with('/') {
        json!({"uri": format!("file://{}", encoded(path))})
    } else {
        json!({"uri": encoded(path), "uriBaseId": "%SRCROOT%"})
    }
}

/// A path with everything percent-encoded that is not plainly part of one (RFC 3986, `pchar` without what has a meaning).
fn encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/' | b'+' | b'=' | b'@')
        {
            uri.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

/// What makes a finding the same after lines above it have changed: its code, its object, its words and its file.
fn fingerprint(finding: &Diagnostic) -> String {
    let file = finding.place.as_ref().map(|at| at.place.file.name());
    let subject = finding.subject.as_ref().map(|subject| (&subject.kind, &subject.namespace, &subject.name));
    let words = format!("{}\0{subject:?}\0{file:?}\0{}", finding.code.id(), finding.message);
    format!("{:x}", md5::compute(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_references() {
        assert_eq!(artifact("./a b/c:d%.yaml")["uri"], "a%20b/c%3Ad%25.yaml");
        assert_eq!(artifact("/x/ü.yaml"), json!({"uri": "file:///x/%C3%BC.yaml"}));
        assert_eq!(artifact("<stdin>")["uri"], "%3Cstdin%3E");
    }
}
