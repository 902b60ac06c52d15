//! What is known about a link.

/// Whether a link of the chain from Prometheus to target holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Both ends are known, and they fit.
    Holds,
    /// An end is not in the input, so that nobody can tell from it.
    Unknown,
    /// Both ends are known, and they do not fit.
    Broken,
}

impl Verdict {
    /// The verdict as reports spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Unknown => "unknown",
            Self::Broken => "broken",
        }
    }
}
