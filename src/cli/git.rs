//! Files as a revision of a git repository has them, read with the user's own git.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::diagnostic::{Code, Diagnostic};

/// The manifests below a path in a revision: `REV:PATH`, where the path is relative to where the command is run. Each has the
/// name `git:REV:PATH`. A folder is read for what ends in `.yaml`, `.yml` or `.json`; symbolic links are not followed.
pub(super) fn files(source: &str, max_input: u64) -> Result<Vec<(String, Vec<u8>)>, Box<Diagnostic>> {
    let Some((revision, path)) = source.split_once(':') else {
        return Err(unreadable(source, "it is not written git:REV:PATH").into());
    };
    // A revision that looks like an option would be one.
    if revision.is_empty() || revision.starts_with('-') {
        return Err(unreadable(source, "it names no revision").into());
    }
    let path = if path.is_empty() { "." } else { path };
    let listing = git(source, &["ls-tree", "-r", "-z", "--long", revision, "--", path])?;
    let mut files = Vec::new();
    for line in String::from_utf8_lossy(&listing).split('\0').filter(|line| !line.is_empty()) {
        // `100644 blob HASH    SIZE\tNAME`
        let Some((head, name)) = line.split_once('\t') else { continue };
        let mut head = head.split_whitespace();
        let (mode, kind, hash) = (head.next(), head.next(), head.next().unwrap_or_default());
        let size: u64 = head.next().and_then(|size| size.parse().ok()).unwrap_or(0);
        let is_file = kind == Some("blob") && mode != Some("120000");
        if !is_file || !(name == path || is_manifest(name)) {
            continue;
        }
        let shown = format!("git:{revision}:{name}");
        if size > max_input {
            return Err(Box::new(
                Diagnostic::new(Code::TOO_LARGE, format!("`{shown}` is larger than {max_input} bytes"))
                    .help("split it, or raise the limit with `--max-input`"),
            ));
        }
        files.push((shown, git(source, &["cat-file", "blob", hash])?));
    }
    if files.is_empty() {
        return Err(unreadable(source, "there is no manifest at this path in this revision").into());
    }
    Ok(files)
}

fn is_manifest(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| {
        ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
    })
}

fn git(source: &str, arguments: &[&str]) -> Result<Vec<u8>, Box<Diagnostic>> {
    let output = Command::new("git")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| unreadable(source, &format!("git cannot be run: {error}")))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_owned();
    Err(unreadable(source, &format!("git says: {said}")).into())
}

fn unreadable(source: &str, reason: &str) -> Diagnostic {
    Diagnostic::new(Code::UNREADABLE, format!("cannot read `git:{source}`: {reason}"))
}
