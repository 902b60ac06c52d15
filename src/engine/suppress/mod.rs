//! Suppressions: what the input itself says is not to be told, in comments and annotations, each with its reason.
//!
//! * `# promwire: ignore[PW201] reason` at the end of a line is for that line, on a line of its own for the next one, and above a
//!   document for all of it. `# promwire: ignore-file[PW201] reason` above the first document is for the file.
//! * The annotation `promwire.dev/ignore: "PW201 reason"` is for its object, in every file; JSON has no comments.
//!
//! Several codes are separated by commas. A suppression that cannot be read, names no code, gives no reason or suppresses nothing
//! is a finding itself, and those findings are not suppressed.

mod annotation;
mod comment;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Worlds;
use crate::diagnostic::{Code, Diagnostic, Place, Span, Subject, TextFile};
use crate::source;

/// A finding that is not told, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// The finding.
    pub finding: Diagnostic,
    /// Why it is not told.
    pub reason: String,
    /// Where it is said, in the input; none where a setting says so.
    pub place: Option<Place>,
}

/// Something that suppresses findings, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Suppression {
    codes: Vec<Code>,
    reason: String,
    place: Place,
    covers: Covers,
}

/// What a suppression is for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Covers {
    /// A line of its file, counted from one.
    Line(usize),
    /// A stretch of its file.
    Document(Span),
    /// Its file.
    File,
    /// An object, which stands in this file and stretch.
    Object(Box<Subject>, Place),
}

impl Suppression {
    fn covers(&self, finding: &Diagnostic) -> bool {
        let at = finding.place.as_ref().map(|at| &at.place);
        let is_within = |file: &TextFile, span: Span| {
            at.is_some_and(|at| {
                at.file.name() == file.name() && span.start <= at.span.start && at.span.start <= span.end
            })
        };
        match &self.covers {
            Covers::Line(line) => at.is_some_and(|at| {
                at.file.name() == self.place.file.name() && at.file.line_column(at.span.start).0 == *line
            }),
            Covers::Document(span) => is_within(&self.place.file, *span),
            Covers::File => at.is_some_and(|at| at.file.name() == self.place.file.name()),
            Covers::Object(subject, place) => {
                finding.subject.as_ref() == Some(subject) || is_within(&place.file, place.span)
            }
        }
    }

    /// The narrowest first: what is said of a line is used before what is said of a file.
    fn breadth(&self) -> u8 {
        match self.covers {
            Covers::Line(_) => 0,
            Covers::Object(..) => 1,
            Covers::Document(_) => 2,
            Covers::File => 3,
        }
    }
}

/// What suppressions leave of findings, with what is wrong with them; and what they suppress.
pub(super) fn apply(worlds: &Worlds, findings: Vec<Diagnostic>) -> (Vec<Diagnostic>, Vec<Suppressed>) {
    let mut mistakes = Vec::new();
    let mut found = Vec::new();
    for file in files(worlds, &findings) {
        comment::find(&file, &mut found, &mut mistakes);
    }
    annotation::find(worlds, &mut found, &mut mistakes);
    found.sort_by_key(Suppression::breadth);
    let mut used: BTreeSet<(usize, Code)> = BTreeSet::new();
    let (mut left, mut suppressed) = (Vec::new(), Vec::new());
    for finding in findings {
        let by = found.iter().enumerate().find(|(_, suppression)| {
            suppression.codes.contains(&finding.code) && suppression.covers(&finding)
        });
        match by {
            Some((index, suppression)) => {
                used.insert((index, finding.code));
                let (reason, place) = (suppression.reason.clone(), Some(suppression.place.clone()));
                suppressed.push(Suppressed { finding, reason, place });
            }
            None => left.push(finding),
        }
    }
    for (index, suppression) in found.iter().enumerate() {
        let idle = suppression.codes.iter().filter(|code| !used.contains(&(index, **code)));
        mistakes.extend(idle.map(|code| unused(*code, suppression)));
    }
    mistakes.sort_by(by_place);
    left.extend(mistakes);
    (left, suppressed)
}

/// By file and place, then by code and words: the same at every run.
fn by_place(one: &Diagnostic, other: &Diagnostic) -> Ordering {
    let key = |finding: &Diagnostic| {
        let at = finding.place.as_ref().map(|at| &at.place);
        (at.map(|place| place.file.name().to_owned()), at.map(|place| place.span))
    };
    key(one).cmp(&key(other)).then_with(|| (one.code, &one.message).cmp(&(other.code, &other.message)))
}

fn unused(code: Code, suppression: &Suppression) -> Diagnostic {
    let message = format!("`{}` is suppressed here, and not found", code.id());
    let what = match &suppression.covers {
        Covers::Line(line) => format!("there is no `{}` that points to line {line}", code.id()),
        Covers::Document(_) => format!("there is no `{}` in this document", code.id()),
        Covers::File => format!("there is no `{}` in this file", code.id()),
        Covers::Object(subject, _) => format!("there is no `{}` about this {}", code.id(), subject.kind),
    };
    Diagnostic::new(Code::UNUSED_SUPPRESSION, message)
        .at(suppression.place.clone(), "")
        .note(what)
        .help("remove it, so that it does not hide what comes later")
}

/// The texts in which something may be suppressed: those of the input, and those that findings point to.
fn files(worlds: &Worlds, findings: &[Diagnostic]) -> Vec<Arc<TextFile>> {
    let documents = worlds.iter().flat_map(|named| named.world.documents()).map(source::Document::file);
    let places = findings.iter().filter_map(|finding| finding.place.as_ref()).map(|at| &at.place.file);
    let mut seen: BTreeSet<*const TextFile> = BTreeSet::new();
    let mut files: BTreeMap<&str, &Arc<TextFile>> = BTreeMap::new();
    for file in documents.chain(places) {
        // Most files are met again and again, and have none.
        if seen.insert(Arc::as_ptr(file)) && file.text().contains(comment::MARK) {
            files.entry(file.name()).or_insert(file);
        }
    }
    files.into_values().cloned().collect()
}

/// The codes of a list, and a finding for each that there is not.
fn codes(text: &str, place: &Place, mistakes: &mut Vec<Diagnostic>) -> Vec<Code> {
    let mut codes = Vec::new();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        if let Some(code) = Code::find(word) {
            if !codes.contains(&code) {
                codes.push(code);
            }
            continue;
        }
        let finding =
            Diagnostic::new(Code::UNKNOWN_SUPPRESSED_CODE, format!("there is no code `{word}` to suppress"));
        mistakes.push(match Code::nearest(word) {
            Some(meant) => finding.at(place.clone(), format!("did you mean `{meant}`?")),
            None => finding.at(place.clone(), "").help("`promwire rule` lists all codes and their names"),
        });
    }
    codes
}

fn without_reason(place: Place, example: &str) -> Diagnostic {
    Diagnostic::new(Code::SUPPRESSION_WITHOUT_REASON, "this does not say why, and suppresses nothing")
        .at(place, "")
        .help(format!("write the reason behind it: `{example}`"))
}

fn malformed(place: Place, what: &str, example: &str) -> Diagnostic {
    Diagnostic::new(Code::MALFORMED_SUPPRESSION, format!("{what}, so it suppresses nothing"))
        .at(place, "")
        .help(format!("write `{example}`"))
}

#[cfg(test)]
mod tests;
