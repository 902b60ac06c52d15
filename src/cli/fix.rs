//! `promwire check --fix` and `--diff`: the files behind texts, and writing them.

use std::fs;
use std::path::{Path, PathBuf};

use super::replace::{self, Readers};
use super::{Failure, output, terminal};
use crate::diagnostic::{Code, Diagnostic, TextFile};
use crate::engine::{Fixed, FixedText};
use crate::report;
use crate::source::{Instead, STDIN};

/// The file that a text was read from, by its canonical path; or why it is not written to. `instead` are texts that are not
/// written yet.
pub(super) fn file_of(text: &TextFile, instead: &Instead) -> Result<PathBuf, String> {
    let name = text.name();
    if name == STDIN {
        return Err("standard input is not written to".to_owned());
    }
    let extension = Path::new(name).extension().unwrap_or_default();
    if ["md", "markdown"].iter().any(|known| extension.eq_ignore_ascii_case(known)) {
        return Err(format!("`{name}` is a text with manifests in it, and is not written to"));
    }
    let Ok(path) = Path::new(name).canonicalize() else {
        return Err(format!("`{name}` is no file"));
    };
    let is_as_read = match instead.get(&path) {
        Some(changed) => changed == text.text(),
        None => fs::read(&path).is_ok_and(|bytes| bytes == text.text().as_bytes()),
    };
    if !is_as_read {
        return Err(format!("`{name}` is not UTF-8, or was changed since it was read"));
    }
    Ok(path)
}

/// Shows what fixes change, on standard output.
pub(super) fn show(fixed: &Fixed) -> Result<(), Failure> {
    let text: String =
        fixed.changes.iter().map(|change| report::diff::render(&change.before, &change.after)).collect();
    terminal::write_stdout(&text).map_err(|error| output::unwritable("standard output", &error))?;
    Ok(())
}

/// Writes what fixes change: all of it, or nothing where something cannot be.
pub(super) fn write(fixed: &Fixed) -> Result<(), Failure> {
    let mut staged = Vec::new();
    for FixedText { path, before, after } in &fixed.changes {
        let unwritable = |error| output::unwritable(before.name(), &error);
        if fs::read(path).map_err(unwritable)? != before.text().as_bytes() {
            let message = format!("`{}` was changed while it was checked", before.name());
            return Err(Diagnostic::new(Code::UNWRITABLE, message).help("run it again").into());
        }
        staged.push((
            before,
            replace::stage(path, after.text().as_bytes(), Readers::AsBefore).map_err(unwritable)?,
        ));
    }
    for (before, file) in staged {
        file.commit().map_err(|error| output::unwritable(before.name(), &error))?;
    }
    Ok(())
}

/// Says what was fixed and what was not, on standard error.
pub(super) fn tell(fixed: &Fixed, done: &str) {
    for finding in &fixed.fixed {
        let Some(fix) = &finding.fix else { continue };
        let place = finding.place.as_ref().map(|at| format!("{}: ", at.place)).unwrap_or_default();
        terminal::say(&format!("{place}{} {done}: {}", finding.code.id(), fix.description));
    }
    terminal::print(&fixed.unwritten);
}
