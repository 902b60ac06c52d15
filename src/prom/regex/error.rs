//! Why a pattern is refused, in the words of Go's `regexp/syntax` (Go 1.26).

use std::fmt;

/// The kinds of mistakes Go tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A range that ends before it begins, or a class of an unknown name.
    InvalidCharRange,
    /// `\q`
    InvalidEscape,
    /// `(?P<>…)`
    InvalidNamedCapture,
    /// `(?=…)`
    InvalidPerlOp,
    /// `a**`
    InvalidRepeatOp,
    /// `a{1001}`
    InvalidRepeatSize,
    /// `[a`
    MissingBracket,
    /// `(a`
    MissingParen,
    /// `*`
    MissingRepeatArgument,
    /// `a\`
    TrailingBackslash,
    /// `a)`
    UnexpectedParen,
    /// More than 1,000 levels.
    NestingDepth,
    /// Compiled, it would take more than 3,355,443 instructions.
    TooLarge,
    /// Go takes it, but the automaton promwire builds for it would not fit in [`super::LARGEST_AUTOMATON`].
    Unbuildable,
}

impl ErrorKind {
    const fn words(self) -> &'static str {
        match self {
            Self::InvalidCharRange => "invalid character class range",
            Self::InvalidEscape => "invalid escape sequence",
            Self::InvalidNamedCapture => "invalid named capture",
            Self::InvalidPerlOp => "invalid or unsupported Perl syntax",
            Self::InvalidRepeatOp => "invalid nested repetition operator",
            Self::InvalidRepeatSize => "invalid repeat count",
            Self::MissingBracket => "missing closing ]",
            Self::MissingParen => "missing closing )",
            Self::MissingRepeatArgument => "missing argument to repetition operator",
            Self::TrailingBackslash => "trailing backslash at end of expression",
            Self::UnexpectedParen => "unexpected )",
            Self::NestingDepth => "expression nests too deeply",
            Self::TooLarge => "expression too large",
            Self::Unbuildable => "expression too large for promwire",
        }
    }
}

/// Why a pattern is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegexError {
    /// What kind of mistake it is.
    pub kind: ErrorKind,
    /// Go's message: ``error parsing regexp: missing closing ): `^(?s:()$` ``. It quotes the part of the pattern that is wrong.
    pub message: String,
}

impl RegexError {
    pub(super) fn new(kind: ErrorKind, expression: &str) -> Self {
        Self { kind, message: format!("error parsing regexp: {}: `{expression}`", kind.words()) }
    }
}

impl fmt::Display for RegexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RegexError {}
