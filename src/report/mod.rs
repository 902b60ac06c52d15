//! Findings as people and machines read them, one file per format.

pub mod text;
pub mod visible;
