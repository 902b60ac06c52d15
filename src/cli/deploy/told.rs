//! How plans, steps and what stops them are told.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use super::super::{Failure, terminal};
use crate::cluster::Connection;
use crate::cluster::apply::{Action, Done, Outcome, Plan, Reference, Report};
use crate::diagnostic::{Code, Diagnostic};
use crate::report::visible::visible;

/// The plan, one line for each object that is not as it should be.
pub(in crate::cli) fn plan(plan: &Plan) -> String {
    let mut text = String::new();
    for step in plan.steps.iter().filter(|step| step.action != Action::Keep) {
        let what = match &step.action {
            Action::Create => "create",
            Action::Change if step.is_setting => "set",
            Action::Change => "change",
            Action::Delete => "delete",
            Action::Release => "give back",
            Action::Leave => "leave",
            Action::Conflict { .. } => "conflict",
            Action::Foreign { .. } | Action::OfAnotherSet => "not ours",
            Action::Refused { .. } => "refused",
            Action::Keep => "keep",
        };
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {what:<10} {}", visible(&step.reference.to_string()));
    }
    let _ = writeln!(text, "{}", summary(plan));
    text
}

/// `2 to create, 1 to change, 14 unchanged`.
pub(in crate::cli) fn summary(plan: &Plan) -> String {
    let count = |wanted: fn(&Action) -> bool| plan.steps.iter().filter(|step| wanted(&step.action)).count();
    let parts = [
        (count(|action| *action == Action::Create), "to create"),
        (count(|action| *action == Action::Change), "to change"),
        (count(|action| *action == Action::Delete), "to delete"),
        (count(|action| *action == Action::Release), "to give back"),
        (count(Action::stops), "in the way"),
        (count(|action| *action == Action::Leave), "not wanted any more (--prune deletes them)"),
        (count(|action| *action == Action::Keep), "unchanged"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if parts.is_empty() { "nothing to do".to_owned() } else { parts.join(", ") }
}

/// What keeps a plan from being done, each with what to do about it.
pub(in crate::cli) fn stops(plan: &Plan) -> Vec<Diagnostic> {
    plan.steps.iter().filter_map(|step| stop(&step.reference, &step.action)).collect()
}

fn stop(reference: &Reference, action: &Action) -> Option<Diagnostic> {
    Some(match action {
        Action::Conflict { owners, advice } => {
            let names: Vec<String> = owners.iter().map(|(owner, _)| owner.to_string()).collect();
            let message = format!("{} has set fields of {reference} to other values", names.join(" and "));
            let mut finding = Diagnostic::new(Code::FIELD_CONFLICT, message);
            for (owner, fields) in owners {
                finding = finding.note(format!("{owner}: {}", fields.join(", ")));
            }
            advice.iter().fold(finding, |finding, line| finding.help(line.clone()))
        }
        Action::Foreign { owner } => {
            let whose = owner.as_ref().map_or_else(|| "somebody else".to_owned(), ToString::to_string);
            Diagnostic::new(
                Code::FOREIGN_OBJECT,
                format!("{reference} is there already, and is that of {whose}"),
            )
            .note("promwire takes nobody's objects over")
            .help("choose another name or namespace, or delete it first")
        }
        Action::OfAnotherSet => {
            Diagnostic::new(Code::FOREIGN_OBJECT, format!("{reference} is in another inventory"))
                .help("name that one with --inventory and -n, or choose another name or namespace")
        }
        Action::Refused { why } => {
            Diagnostic::new(Code::REFUSED_OBJECT, format!("the API server refuses {reference}"))
                .note(why.lines().next().unwrap_or_default().to_owned())
        }
        _ => return None,
    })
}

/// One line for a step that was done.
pub(in crate::cli) fn done(done: &Done) {
    let what = match &done.outcome {
        Outcome::Created => "created".to_owned(),
        Outcome::Changed => "changed".to_owned(),
        Outcome::Deleted => "deleted".to_owned(),
        Outcome::Released => "given back".to_owned(),
        Outcome::Stays(why) => format!("stays: {why}"),
        Outcome::Stopped(_) | Outcome::Failed(_) => "failed".to_owned(),
    };
    // A reader that went away does not end what was begun.
    let _ = writeln!(io::stdout().lock(), "{} {what}", visible(&done.reference.to_string()));
}

/// What went wrong, and a sum of what was done.
pub(in crate::cli) fn report(report: &Report) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> = report
        .done
        .iter()
        .filter_map(|done| match &done.outcome {
            Outcome::Stopped(action) => stop(&done.reference, action),
            Outcome::Failed(why) => {
                Some(Diagnostic::new(Code::REFUSED_OBJECT, format!("{}: {why}", done.reference)))
            }
            _ => None,
        })
        .collect();
    findings.extend(report.stopped.iter().map(|finding| (**finding).clone()));
    if !findings.is_empty() {
        findings.push(
            Diagnostic::new(Code::NOT_FINISHED, "not everything was done")
                .help("mend that and run it again: what was done is not done twice"),
        );
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for done in &report.done {
        let what = match &done.outcome {
            Outcome::Created => "created",
            Outcome::Changed => "changed",
            Outcome::Deleted => "deleted",
            Outcome::Released => "given back",
            Outcome::Stays(_) => "left",
            Outcome::Stopped(_) | Outcome::Failed(_) => "failed",
        };
        *counts.entry(what).or_default() += 1;
    }
    let counts: Vec<String> = counts.into_iter().map(|(what, count)| format!("{count} {what}")).collect();
    if !counts.is_empty() {
        terminal::say(&counts.join(", "));
    }
    findings
}

/// Which cluster, in the words of a person.
pub(in crate::cli) fn cluster(connection: &Connection) -> String {
    match connection.context() {
        Some(context) => format!("{} (context {context})", connection.server()),
        None => connection.server().to_owned(),
    }
}

/// Whether somebody confirms. Where nobody can be asked, `--yes` has to have said so.
///
/// # Errors
/// Nobody can be asked, and nothing was said.
pub(in crate::cli) fn confirm(question: &str, yes: bool) -> Result<bool, Failure> {
    if yes {
        return Ok(true);
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Diagnostic::new(Code::NOT_CONFIRMED, "nobody is here to confirm this")
            .note("nothing was changed")
            .help("say --yes where no terminal is, such as in a pipeline; --dry-run=server only looks")
            .into());
    }
    let _ = write!(io::stderr().lock(), "{question} [y/N] ");
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    Ok(read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
