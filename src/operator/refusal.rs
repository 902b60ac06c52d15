//! Why the operator does not take something: its own words, and where the cause stands.

use std::fmt;

/// An error of the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The operator's words.
    pub message: String,
    /// The field it is about, from the object down; empty for the object as a whole.
    pub path: Vec<String>,
}

/// What a check finds.
pub(super) type Check<T = ()> = Result<T, Refusal>;

impl Refusal {
    /// An error that says only what is wrong.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), path: Vec::new() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<String> for Refusal {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}

impl From<&str> for Refusal {
    fn from(message: &str) -> Self {
        Self::new(message)
    }
}

/// Shorthand for an error.
pub(super) fn refuse<T>(message: impl Into<String>) -> Check<T> {
    Err(Refusal::new(message))
}

/// Saying more about an error on its way up.
pub(super) trait Context<T> {
    /// Puts words before the message.
    fn under(self, prefix: impl fmt::Display) -> Check<T>;
    /// Says which field it is in, as a path with dots. What is known already stands below that.
    fn within(self, path: impl AsRef<str>) -> Check<T>;
}

impl<T, E: Into<Refusal>> Context<T> for Result<T, E> {
    fn under(self, prefix: impl fmt::Display) -> Check<T> {
        self.map_err(|error| {
            let error = error.into();
            Refusal { message: format!("{prefix}{}", error.message), path: error.path }
        })
    }

    fn within(self, path: impl AsRef<str>) -> Check<T> {
        self.map_err(|error| {
            let error = error.into();
            let path = path.as_ref().split('.').map(str::to_owned).chain(error.path).collect();
            Refusal { message: error.message, path }
        })
    }
}
