//! Findings as people and machines read them, one file per format.

pub mod json;
pub mod text;
pub mod tree;
pub mod visible;
