//! What the terminal can do, and writing to it.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use crate::diagnostic::{Diagnostic, Level};
use crate::report;

/// How wide findings are cut where nothing says how wide the terminal is.
const DEFAULT_WIDTH: usize = 140;

/// Prints findings on standard error, the worst last so that it stands above the prompt.
///
/// A closed standard error is no reason to fail: nobody is there to read.
pub(super) fn print(findings: &[Diagnostic]) {
    let stderr = io::stderr();
    let colour = AutoStream::choice(&stderr) != ColorChoice::Never;
    let width = if stderr.is_terminal() { width() } else { DEFAULT_WIDTH };
    let mut sorted: Vec<&Diagnostic> = findings.iter().collect();
    sorted.sort_by_key(|finding| finding.level);
    let mut stderr = stderr.lock();
    for finding in sorted {
        let _ = writeln!(stderr, "{}", report::text::render(finding, colour, width));
    }
}

/// One line on standard error.
pub(super) fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Help on standard error, styled where that is a terminal.
pub(super) fn say_styled(text: &clap::builder::StyledStr) {
    let _ = writeln!(anstream::stderr().lock(), "{}", text.ansi());
}

/// Writes to standard output. A reader that went away (`| head`) is no error.
pub(super) fn write_stdout(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// How many findings of each level there are, as a sentence; none for none.
pub(super) fn summary(findings: &[Diagnostic]) -> Option<String> {
    let count = |level: Level| findings.iter().filter(|finding| finding.level == level).count();
    let parts: Vec<String> = [(Level::Error, "error"), (Level::Warning, "warning")]
        .into_iter()
        .filter_map(|(level, word)| match count(level) {
            0 => None,
            1 => Some(format!("1 {word}")),
            many => Some(format!("{many} {word}s")),
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn width() -> usize {
    terminal_size::terminal_size().map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0).max(40))
}
