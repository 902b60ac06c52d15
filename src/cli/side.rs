//! Worlds to look at, and two of them to compare.

use super::input::InputArgs;
use super::reality::RealityArgs;
use super::{Failure, git};
use crate::engine::World;
use crate::operator::Reality;
use crate::source::{InputPath, LoadOptions};

/// One side of a comparison.
pub(super) struct Side {
    /// The objects.
    pub(super) world: World,
    /// What is assumed besides them.
    pub(super) reality: Reality,
}

/// The world of the input.
pub(super) fn load(input: &InputArgs) -> World {
    load_from(input, &input.inputs.iter().cloned().map(InputPath::from).collect::<Vec<_>>())
}

fn load_from(input: &InputArgs, inputs: &[InputPath]) -> World {
    World::load(inputs, &LoadOptions { max_input: input.max_input }, Some(namespace(input)))
}

/// The namespace of objects that name none.
fn namespace(input: &InputArgs) -> &str {
    input.namespace.as_deref().unwrap_or("default")
}

/// Two sides, each a path, `git:REV:PATH`, or `reality:FLAG=VALUE,…`; one that names a reality only has the input that is given, or
/// that of the other side.
pub(super) fn both(
    input: &InputArgs,
    flags: &RealityArgs,
    [before, after]: [&str; 2],
    usage: fn(&str) -> Failure,
) -> Result<[Side; 2], Failure> {
    let side = |this, other| side(input, flags, this, other, usage);
    Ok([side(before, after)?, side(after, before)?])
}

fn side(
    input: &InputArgs,
    flags: &RealityArgs,
    this: &str,
    other: &str,
    usage: fn(&str) -> Failure,
) -> Result<Side, Failure> {
    let changed;
    let flags = match this.strip_prefix("reality:") {
        Some(settings) => {
            changed = flags.with(settings).map_err(|message| usage(&message))?;
            &changed
        }
        None => flags,
    };
    let reality = flags.reality().map_err(|message| usage(&message))?;
    let source = if this.starts_with("reality:") {
        if !input.inputs.is_empty() {
            return Ok(Side { world: load(input), reality });
        }
        other
    } else {
        this
    };
    if source.starts_with("reality:") {
        return Err(usage("there is no input: name it with -f, or as one of the two sides"));
    }
    let world = match source.strip_prefix("git:") {
        Some(source) => World::of_files(git::files(source, input.max_input)?, Some(namespace(input))),
        None => load_from(input, &[InputPath::from(source)]),
    };
    Ok(Side { world, reality })
}
