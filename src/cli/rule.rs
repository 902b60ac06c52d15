//! `promwire rule`: the page of a rule, or all there are.

use std::fmt::Write as _;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::{Exit, Failure, terminal};
use crate::diagnostic::{Code, Diagnostic};
use crate::rules;

/// The name of the command.
pub(super) const NAME: &str = "rule";

#[derive(Args, Debug, Clone)]
struct RuleArgs {
    /// A code or a name; all there are without
    #[arg(value_name = "ID")]
    id: Option<String>,
}

/// The command.
pub(super) fn command() -> Command {
    RuleArgs::augment_args(Command::new(NAME))
        .about("Explain a finding by its code or name, or list all there are")
        .after_help("Examples:\n  promwire rule\n  promwire rule PW201\n  promwire rule monitor-not-selected")
}

/// Runs `promwire rule …`.
pub(super) fn run(matches: &ArgMatches) -> Result<Exit, Failure> {
    let args = RuleArgs::from_arg_matches(matches)?;
    let text = match &args.id {
        None => list(),
        Some(id) => page(id)?,
    };
    terminal::write_stdout(&text).map_err(|error| {
        Diagnostic::new(Code::UNWRITABLE, format!("cannot write to standard output: {error}"))
    })?;
    Ok(Exit::Clean)
}

fn list() -> String {
    let mut text = String::new();
    let width = Code::ALL.iter().map(|code| code.name().len()).max().unwrap_or_default();
    for code in Code::ALL {
        let (level, summary) = (code.level().as_str(), code.summary().trim());
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}  {:width$}  {level:7}  {summary}", code.id(), code.name());
    }
    text
}

fn page(id: &str) -> Result<String, Failure> {
    if let Some(rule) = rules::find(id) {
        return Ok(rule.page());
    }
    let is_meant = |code: &&Code| code.id().eq_ignore_ascii_case(id) || code.name() == id;
    let Some(code) = Code::ALL.iter().find(is_meant) else {
        let near = crate::chain::alike::closest(id, Code::ALL.iter().map(|code| code.name()));
        let message = match near {
            Some(near) => format!("there is no rule `{id}`; did you mean `{near}`?"),
            None => format!("there is no rule `{id}`; `promwire rule` lists all"),
        };
        return Err(command().bin_name("promwire rule").error(ErrorKind::ValueValidation, message).into());
    };
    let (level, summary) = (code.level().as_str(), code.summary().trim());
    Ok(format!("# {} {}\n\n{summary}\n\nLevel: {level}\n", code.id(), code.name()))
}
