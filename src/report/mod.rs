//! Findings as people and machines read them, one file per format.

pub mod concise;
pub mod github;
pub mod json;
pub mod sarif;
pub mod summary;
pub mod text;
pub mod tree;
pub mod visible;

use clap::ValueEnum;

use crate::engine::Judged;

/// The formats of a check.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Lines of the input with what is wrong with them
    Text,
    /// One line per finding
    Concise,
    /// JSON; docs/check.schema.json is its schema
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
}

/// How wide findings are cut where nothing says how wide lines may be.
pub const WIDTH: usize = 140;

impl Format {
    /// What a check came to, in this format and for a file: without colours, and in full. The same at every run.
    pub fn render(self, judged: &Judged) -> String {
        match self {
            Self::Text => {
                let findings =
                    judged.findings.iter().map(|finding| text::render(finding, false, WIDTH) + "\n");
                findings.collect::<String>() + &summary::text(judged)
            }
            Self::Concise => concise::render(judged),
            Self::Json => json::render(judged),
            Self::Sarif => sarif::render(judged),
            Self::Github => github::render(judged),
        }
    }
}
