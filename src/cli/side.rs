//! Worlds to look at, and two of them to compare, each with the reality assumed for it.

use clap::{ArgMatches, FromArgMatches};

use super::beneath::BeneathArgs;
use super::input::{InputArgs, WorldArgs};
use super::stack::{self, Input};
use super::{Failure, git, reality, terminal};
use crate::engine::{World, Worlds};
use crate::operator::Reality;
use crate::source::{self, Reading};

/// One side of a comparison.
pub(super) struct Side {
    /// The objects.
    pub(super) world: World,
    /// What is assumed besides them.
    pub(super) reality: Reality,
}

/// The world of the input: what `-f` gives, or the Stack says to read. `otherwise` is what is said where there is none.
pub(super) fn one(
    input: &InputArgs,
    beneath: &BeneathArgs,
    matches: &ArgMatches,
    otherwise: &str,
    usage: fn(&str) -> Failure,
) -> Result<Side, Failure> {
    let given = if beneath.is_input() && input.inputs.is_empty() {
        // A Stack still says what is assumed.
        stack::beside(Reading::default(), &input.options())?
    } else {
        given(input, matches, otherwise, usage)?
    };
    let beneath = beneath.look(input.namespace.as_deref())?;
    terminal::print(beneath.findings());
    let given = Input { stack: beneath.settle(given.stack, matches), ..given };
    let mut side = of(input, matches, given, None, usage)?;
    beneath.adjust(&mut side.reality);
    Ok(Side { world: beneath.under_one(side.world), ..side })
}

/// Two sides, each a path, `git:REV:PATH`, or `reality:FLAG=VALUE,…`; one that names a reality only has the input that is given, or
/// that of the other side.
pub(super) fn both(
    input: &InputArgs,
    matches: &ArgMatches,
    [before, after]: [&str; 2],
    usage: fn(&str) -> Failure,
) -> Result<[Side; 2], Failure> {
    let side = |this, other| side(input, matches, this, other, usage);
    Ok([side(before, after)?, side(after, before)?])
}

fn side(
    input: &InputArgs,
    matches: &ArgMatches,
    this: &str,
    other: &str,
    usage: fn(&str) -> Failure,
) -> Result<Side, Failure> {
    let changes = this.strip_prefix("reality:");
    let source = match changes {
        None => Some(this),
        Some(_) if input.inputs.is_empty() && !other.starts_with("reality:") => Some(other),
        Some(_) => None,
    };
    let read = match source {
        None => {
            given(input, matches, "there is no input: name it with -f, or as one of the two sides", usage)?
        }
        Some(source) => match source.strip_prefix("git:") {
            Some(source) => {
                let mut reading = Reading::default();
                for (name, bytes) in git::files(source, input.max_input)? {
                    reading.append(source::read_bytes(&name, bytes));
                }
                stack::beside(reading, &input.options())?
            }
            None => stack::read(&InputArgs { inputs: vec![source.into()], ..input.clone() })?,
        },
    };
    of(input, matches, read, changes, usage)
}

/// What `-f` gives, or else the folders that are said to be roots, or what the Stack says to read.
fn given(
    input: &InputArgs,
    matches: &ArgMatches,
    otherwise: &str,
    usage: fn(&str) -> Failure,
) -> Result<Input, Failure> {
    let roots = WorldArgs::from_arg_matches(matches)?.roots;
    let inputs = if input.inputs.is_empty() { roots } else { input.inputs.clone() };
    let is_empty = inputs.is_empty();
    let given = stack::read(&InputArgs { inputs, ..input.clone() })?;
    let by_stack = given.stack.as_ref().is_some_and(|stack| !stack.input.is_empty());
    if is_empty && !by_stack { Err(usage(otherwise)) } else { Ok(given) }
}

/// The world of what was read, in the reality that is assumed for it.
fn of(
    input: &InputArgs,
    matches: &ArgMatches,
    read: Input,
    changes: Option<&str>,
    usage: fn(&str) -> Failure,
) -> Result<Side, Failure> {
    let Input { reading, stack } = read;
    let reality = reality::assumed(matches, stack.as_ref(), changes, usage)?;
    let named = stack.as_ref().and_then(|stack| stack.namespace.as_deref());
    let namespace = input.namespace.as_deref().or(named).unwrap_or("default");
    let roots = WorldArgs::from_arg_matches(matches)?.roots;
    let options = input.options();
    let worlds = Worlds::of(reading, &options, Some(namespace), &roots);
    let world = worlds.into_one().map_err(|names| {
        let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        usage(&format!(
            "the input holds several worlds: {}; choose one with --root DIR, or name its folder alone",
            quoted.join(", ")
        ))
    })?;
    Ok(Side { world, reality })
}
