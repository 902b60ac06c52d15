//! `promwire.yaml`: what to generate and how to check, as a file (`apiVersion: promwire.dev/v1alpha1`, `kind: Stack`).
//!
//! Flags, file and defaults are one model. An integration's options are a struct whose flags clap derives; a section
//! of the file is a mapping from the names of these flags to values, and goes through the same parser. So an option that
//! exists as a flag exists in the file, in its JSON Schema and in what `promwire init` writes, without another line.
//! A flag on the command line replaces what the file says, and the file replaces the default.

mod check;
#[doc(hidden)]
pub mod fuzz;
mod layers;
mod option;
mod reality;
mod schema;
mod section;
mod stack;
mod template;
mod wiring;

pub use check::CheckArgs;
pub use layers::layer;
pub use reality::RealityArgs;
pub use schema::json_schema;
pub use section::Section;
pub use stack::{API_VERSION, Input, KIND, Stack, is_stack};
pub use template::template;
pub use wiring::WiringArgs;

/// The file in the current folder that is read where no other Stack is given.
pub const FILE_NAME: &str = "promwire.yaml";

/// The one of these that a word was meant to be, if one is near enough.
fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let folded = word.replace('_', "-").to_ascii_lowercase();
    let distance = |candidate: &str| {
        // `storageClass` for `storage-class`: what other files of Kubernetes would call it.
        let same = candidate.replace('-', "").eq_ignore_ascii_case(&folded.replace('-', ""));
        if same { 0 } else { strsim::damerau_levenshtein(candidate, &folded) }
    };
    candidates
        .into_iter()
        .map(|candidate| (distance(candidate), candidate))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= 2 && distance * 2 < word.len().max(1))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests;
