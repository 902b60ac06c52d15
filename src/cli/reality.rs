//! The reality a command assumes: as its flags say, else as the Stack does.

use clap::ArgMatches;

use super::Failure;
use crate::config::{RealityArgs, Stack};
use crate::diagnostic::{Diagnostic, Note};
use crate::operator::Reality;

/// The reality of flags (`matches`, of the command) and Stack. With `changes` (`prometheus-version=2.55.1,…`) these go on top.
///
/// # Errors
/// What does not go together, is not known or cannot be read. `usage` makes it what the command says of its flags.
pub(super) fn assumed(
    matches: &ArgMatches,
    stack: Option<&Stack>,
    changes: Option<&str>,
    usage: fn(&str) -> Failure,
) -> Result<Reality, Failure> {
    let empty = Stack::empty();
    let section = &stack.unwrap_or(&empty).reality;
    let mut args = RealityArgs::layered(matches, section)?;
    if let Some(changes) = changes {
        args = args.with(changes).map_err(|message| usage(&message))?;
    }
    args.reality().map_err(|finding| {
        let finding = section.point(*finding);
        if finding.place.is_some() { finding.into() } else { usage(&one_line(&finding)) }
    })
}

/// A finding as a message of the command line: what there is instead belongs to it.
fn one_line(finding: &Diagnostic) -> String {
    let notes = finding.notes.iter().map(|note| match note {
        Note::Info(text) | Note::Help(text) => format!("; {text}"),
    });
    std::iter::once(finding.message.clone()).chain(notes).collect()
}
