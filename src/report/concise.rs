//! One line per finding, `path:line:column: level[CODE] message`, as editors and `grep` take it.

use std::fmt::Write as _;

use super::visible::visible;
use crate::diagnostic::Diagnostic;
use crate::engine::Judged;

/// A line per finding, in their order; nothing for none.
pub fn render(judged: &Judged) -> String {
    let mut text = String::new();
    for finding in &judged.findings {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", line(finding));
    }
    text
}

fn line(finding: &Diagnostic) -> String {
    let place = finding.place.as_ref().map(|at| format!("{}: ", at.place)).unwrap_or_default();
    let line = format!("{place}{}[{}] {}", finding.level.as_str(), finding.code.id(), finding.message);
    // Names of files may hold line breaks, too.
    visible(&line).replace('\n', "\\n").replace('\t', "\\t")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::{Code, Place, Span, TextFile};

    #[test]
    fn a_finding_is_one_line_whatever_it_says() {
        let file = Arc::new(TextFile::new("a\nb.yaml", "kind: x\n"));
        let finding =
            Diagnostic::new(Code::SYNTAX, "one\ntwo\u{1b}[1m").at(Place::new(file, Span::new(6, 7)), "");
        assert_eq!(line(&finding), "a\\nb.yaml:1:7: error[PW002] one\\ntwo\\u{1b}[1m");
        assert_eq!(line(&Diagnostic::new(Code::UNREADABLE, "gone")), "error[PW001] gone");
    }
}
