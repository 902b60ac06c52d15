//! How `check` and `explain` judge, as flags and as the section `check` of the file.

use clap::Args;

use crate::chain::Scope;

/// How `check` and `explain` judge.
#[derive(Args, Debug, Clone)]
pub struct CheckArgs {
    /// What the input shows in full, so that what is not there is missing: `all`, kinds such as `Service`, `namespace/NAME`
    #[arg(long, value_name = "WHAT", value_delimiter = ',', num_args = 0..=1, require_equals = true, default_missing_value = "all")]
    pub complete: Vec<Scope>,
}
