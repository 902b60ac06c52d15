//! Relabel rules: as data, what Prometheus and the operator refuse of them, and what they do to labels.
//!
//! `tests/relabel_oracle.rs` holds execution and Prometheus' checks to Prometheus' own package.

mod admission;
mod check;
mod config;
pub mod fuzz;
mod labels;
mod matcher;
mod rules;
#[cfg(test)]
mod tests;

pub use admission::{admit, admit_all};
pub use check::{check_combination, is_sound, regex_is_sound};
pub use config::{Action, Config, DEFAULT_REGEX, DEFAULT_REPLACEMENT, DEFAULT_SEPARATOR, Dialect};
pub use labels::{Labels, Name};
pub use rules::{Compiler, Condition, RuleError, Rules, Scratch, Step, Verdict};
