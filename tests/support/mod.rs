//! Running the command as a user does.

use std::env;
use std::path::Path;
use std::process::{Command, Output};

/// What a run ended with.
pub(crate) struct Run {
    /// Exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

/// Whether expected files are to be rewritten with what was seen: `PROMWIRE_UPDATE=1`.
pub(crate) fn updating() -> bool {
    env::var_os("PROMWIRE_UPDATE").is_some()
}

/// Runs `promwire` with arguments split at blanks (quotes keep them together) in a folder.
pub(crate) fn promwire(arguments: &str, folder: &Path, stdin: Option<&[u8]>) -> Run {
    use std::io::Write as _;
    use std::process::Stdio;

    let mut child = Command::new(env!("CARGO_BIN_EXE_promwire"))
        .args(split(arguments))
        .current_dir(folder)
        .env_remove("CLICOLOR_FORCE")
        .env("COLUMNS", "100")
        .stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    if let Some(bytes) = stdin {
        let mut pipe = child.stdin.take().expect("standard input is a pipe");
        pipe.write_all(bytes).expect("standard input is read");
    }
    let Output { status, stdout, stderr } = child.wait_with_output().expect("the run ends");
    Run {
        code: status.code().expect("no signal ends the run"),
        stdout: String::from_utf8(stdout).expect("standard output is UTF-8"),
        stderr: String::from_utf8(stderr).expect("standard error is UTF-8"),
    }
}

fn split(arguments: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for character in arguments.chars() {
        match character {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            other => word.push(other),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}
