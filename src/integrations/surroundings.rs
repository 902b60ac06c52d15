//! What lies outside of the objects: the clock, the files that options name, and what may be written.

use std::fmt;
use std::path::Path;

use crate::diagnostic::Diagnostic;
use crate::pki::Moment;

/// How a file that an option names is read.
pub type ReadFile<'r> = dyn Fn(&Path) -> Result<Vec<u8>, Box<Diagnostic>> + 'r;

/// What integrations have to be told besides objects. They look at no clock and open no file themselves.
#[derive(Clone, Copy)]
pub struct Surroundings<'r> {
    /// What time it is.
    pub now: Moment,
    /// Reads a file.
    pub read: &'r ReadFile<'r>,
    /// Whether Secrets may be among what is generated (`--with-secrets`).
    pub with_secrets: bool,
}

impl fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings")
            .field("now", &self.now)
            .field("with_secrets", &self.with_secrets)
            .finish_non_exhaustive()
    }
}
