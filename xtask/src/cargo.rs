//! Running cargo, the one that runs us.

use std::env;
use std::process::Command;

use crate::Outcome;

/// Runs cargo with variables that the caller's own environment overrides: that is how a seed or a count is tried.
pub(crate) fn cargo(arguments: &[&str], environment: &[(&str, &str)]) -> Outcome {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments);
    for (name, value) in environment {
        if env::var_os(name).is_none() {
            command.env(name, value);
        }
    }
    let status = command.status().map_err(|error| format!("cargo {}: {error}", arguments.join(" ")))?;
    if status.success() { Ok(()) } else { Err(format!("`cargo {}` failed", arguments.join(" "))) }
}
