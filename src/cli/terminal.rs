//! What the terminal can do, and writing to it.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use crate::diagnostic::{Code, Diagnostic, without_repeats};
use crate::report;

/// Findings of one code that are printed. Who has more mends these first, and a flood would push everything else away.
const MOST_OF_A_CODE: usize = 50;

/// Prints findings on standard error, the worst last so that it stands above the prompt. Of each code only the first are
/// printed, and how many more there are.
///
/// A closed standard error is no reason to fail: nobody is there to read.
pub(super) fn print(findings: &[Diagnostic]) {
    let stderr = io::stderr();
    let colour = AutoStream::choice(&stderr) != ColorChoice::Never;
    let width = if stderr.is_terminal() { width() } else { report::WIDTH };
    let (mut shown, left_out) = most_of_each_code(without_repeats(findings).into_iter());
    shown.sort_by_key(|finding| finding.level);
    show(&mut stderr.lock(), &shown, &left_out, colour, width);
}

/// Prints findings on standard output, in their order: they are what was asked for. Of each code only the first.
pub(super) fn report(findings: &[Diagnostic]) {
    let stdout = io::stdout();
    let colour = AutoStream::choice(&stdout) != ColorChoice::Never;
    let width = if stdout.is_terminal() { width() } else { report::WIDTH };
    let (shown, left_out) = most_of_each_code(without_repeats(findings).into_iter());
    show(&mut io::BufWriter::new(stdout.lock()), &shown, &left_out, colour, width);
}

fn show(out: &mut impl Write, shown: &[&Diagnostic], left_out: &[(Code, usize)], colour: bool, width: usize) {
    for finding in shown {
        let _ = writeln!(out, "{}", report::text::render(finding, colour, width));
    }
    for (code, count) in left_out {
        let _ = writeln!(out, "… and {count} more `{}` ({})\n", code.id(), code.name());
    }
}

/// The first findings of each code, in their order, and how many more of which codes there are.
fn most_of_each_code<'f>(
    findings: impl Iterator<Item = &'f Diagnostic>,
) -> (Vec<&'f Diagnostic>, Vec<(Code, usize)>) {
    let mut counts: BTreeMap<Code, usize> = BTreeMap::new();
    let shown = findings
        .filter(|finding| {
            let count = counts.entry(finding.code).or_default();
            *count += 1;
            *count <= MOST_OF_A_CODE
        })
        .collect();
    counts.retain(|_, count| *count > MOST_OF_A_CODE);
    (shown, counts.into_iter().map(|(code, count)| (code, count - MOST_OF_A_CODE)).collect())
}

/// One line on standard error.
pub(super) fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", report::visible::visible(line));
}

/// Help on standard error, styled where that is a terminal.
pub(super) fn say_styled(text: &clap::builder::StyledStr) {
    let _ = writeln!(anstream::stderr().lock(), "{}", text.ansi());
}

/// Writes to standard output. A reader that went away (`| head`) is no error.
///
/// Neither is an output that was closed before the start (`>&-`): Rust's runtime opens `/dev/null` in its place, and
/// nothing tells that from an output thrown away on purpose.
pub(super) fn write_stdout(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

fn width() -> usize {
    terminal_size::terminal_size().map_or(report::WIDTH, |(width, _)| usize::from(width.0).max(40))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_findings_the_first_of_each_code_are_shown() {
        let many = std::iter::repeat_n(Diagnostic::new(Code::DUPLICATE_KEY, "again"), 60);
        let findings: Vec<Diagnostic> = many.chain([Diagnostic::new(Code::SYNTAX, "once")]).collect();
        let (shown, left_out) = most_of_each_code(findings.iter());
        assert_eq!(shown.len(), MOST_OF_A_CODE + 1);
        assert_eq!(shown.last().map(|finding| finding.code), Some(Code::SYNTAX));
        assert_eq!(left_out, [(Code::DUPLICATE_KEY, 10)]);
    }
}
