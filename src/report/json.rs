//! The format for machines. `docs/check.schema.json` is its JSON Schema.

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Level, Note, Place};
use crate::engine::{Judged, Suppressed};

/// The version of the format. It rises when a field goes away or changes what it means.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'d> {
    version: u32,
    summary: Summary,
    findings: Vec<Finding<'d>>,
    suppressed: Vec<SuppressedFinding<'d>>,
}

#[derive(Serialize)]
struct SuppressedFinding<'d> {
    reason: &'d str,
    by: At<'d>,
    finding: Finding<'d>,
}

#[derive(Serialize)]
struct Summary {
    objects: usize,
    files: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    suppressed: usize,
    links: Links,
    not_checked: Vec<NotChecked>,
}

#[derive(Serialize)]
struct Links {
    holds: usize,
    broken: usize,
    unknown: usize,
}

#[derive(Serialize)]
struct NotChecked {
    what: String,
    count: usize,
    settled_by: &'static str,
}

#[derive(Serialize)]
struct Finding<'d> {
    code: &'d str,
    name: &'d str,
    level: &'d str,
    message: &'d str,
    verdict: &'d str,
    object: Option<Object<'d>>,
    #[serde(flatten)]
    at: At<'d>,
    evidence: Vec<Evidence<'d>>,
    fix: Option<Fix<'d>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<'d> {
    api_version: &'d str,
    kind: &'d str,
    namespace: Option<&'d str>,
    name: &'d str,
}

/// A place; lines and columns count from one, columns in characters, and the end is the first character after it.
#[derive(Serialize, Default)]
struct At<'d> {
    path: Option<&'d str>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
}

#[derive(Serialize)]
struct Evidence<'d> {
    kind: &'d str,
    message: &'d str,
    #[serde(flatten)]
    at: At<'d>,
}

#[derive(Serialize)]
struct Fix<'d> {
    description: &'d str,
    edits: Vec<Edit<'d>>,
}

#[derive(Serialize)]
struct Edit<'d> {
    path: &'d str,
    start: u32,
    end: u32,
    replacement: &'d str,
}

/// What a check came to, as JSON with a line feed at the end.
pub fn render(judged: &Judged) -> String {
    let links = &judged.summary.links;
    let document = Document {
        version: VERSION,
        summary: Summary {
            objects: judged.summary.objects,
            files: judged.summary.files,
            errors: judged.count(Level::Error),
            warnings: judged.count(Level::Warning),
            infos: judged.count(Level::Info),
            suppressed: judged.suppressed.len(),
            links: Links {
                holds: links.iter().map(|tally| tally.holds).sum(),
                broken: links.iter().map(|tally| tally.broken).sum(),
                unknown: links.iter().map(|tally| tally.unknown).sum(),
            },
            not_checked: links
                .iter()
                .filter(|tally| tally.open() > 0)
                .map(|tally| NotChecked {
                    what: tally.hop.unknown(tally.open()),
                    count: tally.open(),
                    settled_by: tally.hop.settled_by(),
                })
                .collect(),
        },
        findings: judged.findings.iter().map(finding).collect(),
        suppressed: judged.suppressed.iter().map(suppressed).collect(),
    };
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn suppressed(suppressed: &Suppressed) -> SuppressedFinding<'_> {
    SuppressedFinding {
        reason: &suppressed.reason,
        by: suppressed.place.as_ref().map(at).unwrap_or_default(),
        finding: finding(&suppressed.finding),
    }
}

fn finding(finding: &Diagnostic) -> Finding<'_> {
    Finding {
        code: finding.code.id(),
        name: finding.code.name(),
        level: finding.level.as_str(),
        message: &finding.message,
        verdict: finding.verdict.as_str(),
        object: finding.subject.as_ref().map(|subject| Object {
            api_version: &subject.api_version,
            kind: &subject.kind,
            namespace: subject.namespace.as_deref(),
            name: &subject.name,
        }),
        at: finding.place.as_ref().map(|annotation| at(&annotation.place)).unwrap_or_default(),
        evidence: evidence(finding),
        fix: finding.fix.as_ref().map(|fix| Fix {
            description: &fix.description,
            edits: fix
                .edits
                .iter()
                .map(|edit| Edit {
                    path: edit.place.file.name(),
                    start: edit.place.span.start,
                    end: edit.place.span.end,
                    replacement: &edit.replacement,
                })
                .collect(),
        }),
    }
}

fn evidence(finding: &Diagnostic) -> Vec<Evidence<'_>> {
    let own = finding.place.iter().filter(|annotation| !annotation.message.is_empty());
    let places = own.chain(&finding.related).map(|annotation| Evidence {
        kind: "place",
        message: &annotation.message,
        at: at(&annotation.place),
    });
    let notes = finding.notes.iter().map(|note| match note {
        Note::Info(text) => Evidence { kind: "note", message: text, at: At::default() },
        Note::Help(text) => Evidence { kind: "help", message: text, at: At::default() },
    });
    places.chain(notes).collect()
}

fn at(place: &Place) -> At<'_> {
    let (line, column) = place.file.line_column(place.span.start);
    let (end_line, end_column) = place.file.line_column(place.span.end);
    At {
        path: Some(place.file.name()),
        line: Some(line),
        column: Some(column),
        end_line: Some(end_line),
        end_column: Some(end_column),
    }
}
