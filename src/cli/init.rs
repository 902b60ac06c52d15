//! `promwire init`: the commented file that `promwire generate` reads.

use std::io::{self, Write as _};
use std::path::Path;

use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::output::unwritable;
use super::{Exit, Failure, terminal};
use crate::config;
use crate::diagnostic::{Code, Diagnostic};

/// The name of the command.
pub(super) const NAME: &str = "init";

/// Where a file may already be.
#[derive(Args, Debug, Clone)]
struct InitArgs {
    /// Replace a promwire.yaml that says something else
    #[arg(long)]
    overwrite: bool,
}

pub(super) fn command() -> Command {
    InitArgs::augment_args(Command::new(NAME))
        .about("Write a commented promwire.yaml, which `promwire generate` then reads")
        .long_about(None)
}

/// Runs `promwire init …` in the current folder.
pub(super) fn run(matches: &ArgMatches) -> Result<Exit, Failure> {
    let arguments = InitArgs::from_arg_matches(matches)?;
    write(&config::template(), arguments.overwrite, "edit it, then run promwire generate")
}

/// Writes the file in the current folder, and says what to do `then`.
pub(super) fn write(text: &str, overwrite: bool, then: &str) -> Result<Exit, Failure> {
    let path = Path::new(config::FILE_NAME);
    let failed = |error: &io::Error| Failure::from(unwritable(config::FILE_NAME, error));
    if std::fs::read(path).is_ok_and(|present| present == text.as_bytes()) {
        terminal::say(&format!("{} unchanged", config::FILE_NAME));
        return Ok(Exit::Clean);
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".promwire-").suffix(".tmp");
    // A temporary file is for its owner alone; this one is for everybody the umask lets read it.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(".").map_err(|error| failed(&error))?;
    file.write_all(text.as_bytes()).map_err(|error| failed(&error))?;
    let written = if overwrite { file.persist(path) } else { file.persist_noclobber(path) };
    match written {
        Ok(_) => {
            terminal::say(&format!("{} written; {then}", config::FILE_NAME));
            Ok(Exit::Clean)
        }
        Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => {
            let message = format!("`{}` is here already", config::FILE_NAME);
            let finding = Diagnostic::new(Code::WOULD_OVERWRITE, message);
            Err(finding.note("nothing was written").help("say --overwrite to replace it").into())
        }
        Err(refused) => Err(failed(&refused.error)),
    }
}
