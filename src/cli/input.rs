//! Flags that say what to read, the same for every command.

use std::path::PathBuf;

use clap::Args;

use crate::source::{Instead, LoadOptions};

/// What to read.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Input")]
pub(super) struct InputArgs {
    /// Manifests to read: a file, a folder (all *.yaml, *.yml and *.json below it, .gitignore respected) or `-`
    #[arg(short = 'f', long = "filename", value_name = "INPUT")]
    pub(super) inputs: Vec<PathBuf>,

    /// The namespace to work in: of objects that name none, and where new ones are made
    #[arg(short, long, value_name = "NAMESPACE", value_parser = crate::model::name::label)]
    pub(super) namespace: Option<String>,

    /// Refuse, unread, a file above this size: a number of bytes, or one with the unit KiB, MiB or GiB
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = size)]
    pub(super) max_input: u64,

    /// Texts that are read in place of files, because fixes have changed them.
    #[arg(skip)]
    pub(super) instead: Instead,
}

impl InputArgs {
    /// How to load.
    pub(super) fn options(&self) -> LoadOptions {
        LoadOptions { max_input: self.max_input, instead: self.instead.clone() }
    }
}

/// What belongs together.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Input")]
pub(super) struct WorldArgs {
    /// A folder that is a world of its own, such as a cluster or an overlay; may be repeated. Else kustomizations say which are
    #[arg(long = "root", value_name = "DIR")]
    pub(super) roots: Vec<PathBuf>,
}

/// A number of bytes, with an optional unit `KiB`, `MiB` or `GiB`.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|character: char| !character.is_ascii_digit());
    let factor = match &text[digits.len()..] {
        "" | "B" => 1,
        "KiB" | "Ki" => 1 << 10,
        "MiB" | "Mi" => 1 << 20,
        "GiB" | "Gi" => 1 << 30,
        _ => {
            return Err(
                "a size is a number of bytes, or one with the unit KiB, MiB or GiB: 4096, 64MiB".to_owned()
            );
        }
    };
    let number: u64 = digits.parse().map_err(|_| "a size starts with a whole number".to_owned())?;
    number.checked_mul(factor).ok_or_else(|| "the size is too large".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_binary_units() {
        assert_eq!(size("64MiB"), Ok(64 << 20));
        assert_eq!(size("10"), Ok(10));
        assert!(size("64MB").is_err() && size("MiB").is_err() && size("99999999999GiB").is_err());
    }
}
