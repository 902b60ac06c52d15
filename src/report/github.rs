//! Annotations of a GitHub workflow: commands on standard output that the runner shows beside the lines of a change.
//!
//! The commands and their escapes are those of the runner (`actions/toolkit`, `command.ts`): `%`, carriage return and line feed in
//! messages, `:` and `,` besides in properties. Columns are given for places in one line alone; the runner ignores others.

use std::fmt::Write as _;

use super::visible::visible;
use crate::diagnostic::{Diagnostic, Level, Note};
use crate::engine::Judged;

/// A command per finding, in their order; nothing for none.
pub fn render(judged: &Judged) -> String {
    let mut text = String::new();
    for finding in &judged.findings {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", command(finding));
    }
    text
}

fn command(finding: &Diagnostic) -> String {
    let command = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "notice",
    };
    let mut properties = Vec::new();
    if let Some(at) = &finding.place {
        let file = &at.place.file;
        let (line, column) = file.line_column(at.place.span.start);
        let (end_line, end_column) = file.line_column(at.place.span.end);
        properties.push(format!("file={}", property(file.name().strip_prefix("./").unwrap_or(file.name()))));
        properties.push(format!("line={line}"));
        properties.push(format!("endLine={end_line}"));
        if line == end_line {
            properties.push(format!("col={column}"));
            properties.push(format!("endColumn={end_column}"));
        }
    }
    let title = format!("{} {}", finding.code.id(), finding.code.name());
    properties.push(format!("title={}", property(&title)));
    format!("::{command} {}::{}", properties.join(","), data(&message(finding)))
}

/// The message with what explains it: an annotation shows no other lines.
fn message(finding: &Diagnostic) -> String {
    let own = finding.place.iter().filter(|at| !at.message.is_empty()).map(|at| at.message.clone());
    let related = finding.related.iter().map(|at| format!("{}: {}", at.place, at.message));
    let notes = finding.notes.iter().map(|note| match note {
        Note::Info(text) => format!("note: {text}"),
        Note::Help(text) => format!("help: {text}"),
    });
    let fix = finding.fix.iter().map(|fix| format!("help: {}", fix.description));
    let lines: Vec<String> =
        std::iter::once(finding.message.clone()).chain(own).chain(related).chain(notes).chain(fix).collect();
    visible(&lines.join("\n")).into_owned()
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::{Code, Place, Span, TextFile};

    #[test]
    fn what_steers_the_runner_is_escaped() {
        let file = Arc::new(TextFile::new("./a,b:c%.yaml", "kind: x\nb: 1\n"));
        let at = |start, end| Place::new(file.clone(), Span::new(start, end));
        let finding =
            Diagnostic::new(Code::SYNTAX, "100% wrong\r\n::error::x").at(at(6, 7), "").help("mend it");
        assert_eq!(
            command(&finding),
            "::error file=a%2Cb%3Ac%25.yaml,line=1,endLine=1,col=7,endColumn=8,title=PW002 syntax-error::100%25 \
             wrong\\u{d}%0A::error::x%0Ahelp: mend it"
        );
        let finding = Diagnostic::new(Code::NO_STORAGE, "x").at(at(0, 9), "");
        assert_eq!(
            command(&finding),
            "::notice file=a%2Cb%3Ac%25.yaml,line=1,endLine=2,title=PW418 no-storage::x",
            "columns are for one line"
        );
    }
}
