//! Changes to the text of the input.

use super::Place;

/// Puts a text in place of a stretch of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; an empty stretch is where something is put in.
    pub place: Place,
    /// What stands there afterwards.
    pub replacement: String,
}

/// A change that mends a finding. Whoever offers one has tried it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, and what comes of it: `` change the label to `web`: +3 targets, none lost ``.
    pub description: String,
    /// The edits, which do not overlap.
    pub edits: Vec<Edit>,
}
