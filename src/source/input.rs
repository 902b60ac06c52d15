//! Files, folders and standard input to documents.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::markdown::{is_markdown, read_markdown};
use super::read::{Reading, read, read_replaced};
use crate::diagnostic::{Code, Diagnostic, Level, TextFile};

/// Where to read from, as given on the command line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InputPath {
    /// `-`: standard input.
    Stdin,
    /// A file, read whatever its name is (as Markdown if it ends in `.md` or `.markdown`), or a folder, read for what ends in `.yaml`, `.yml` or `.json` (in any case)
    /// and is not ignored by git. Symbolic links in a folder are followed only within it.
    Path(PathBuf),
}

impl From<&str> for InputPath {
    fn from(argument: &str) -> Self {
        if argument == "-" { Self::Stdin } else { Self::Path(PathBuf::from(argument)) }
    }
}

impl From<PathBuf> for InputPath {
    fn from(path: PathBuf) -> Self {
        if path.as_os_str() == "-" { Self::Stdin } else { Self::Path(path) }
    }
}

/// The name that what comes from standard input has in findings.
pub const STDIN: &str = "<stdin>";

/// What the names of texts begin with that are objects of a cluster: `<cluster>/shop/service/web`.
pub const CLUSTER: &str = "<cluster>";

/// How to load.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// Bytes a file or standard input may have; larger ones are refused unread. 64 MiB by default, at most 4 GiB.
    pub max_input: u64,
    /// Texts that are read in place of files and of standard input.
    pub instead: Instead,
}

/// Texts by what is not read for them: the canonical path of a file, or [`STDIN`]. A file has several names, one for each link.
pub type Instead = BTreeMap<PathBuf, String>;

impl Default for LoadOptions {
    fn default() -> Self {
        Self { max_input: 64 << 20, instead: Instead::new() }
    }
}

/// Loads inputs in the order given, the files of a folder by their paths. What cannot be read is a finding. The same
/// file given twice is read once.
pub fn load(inputs: &[InputPath], options: &LoadOptions) -> Reading {
    let mut walked = Vec::new();
    let mut readings: Vec<Reading> = Vec::new();
    let mut seen: HashSet<InputPath> = HashSet::new();
    let mut named: Vec<&InputPath> = Vec::new();
    let read_named = |named: &mut Vec<&InputPath>, readings: &mut Vec<Reading>| {
        readings.par_extend(named.par_drain(..).map(|file| read_input(file, options)));
    };
    for input in inputs {
        match input {
            InputPath::Path(folder) if folder.is_dir() => {
                read_named(&mut named, &mut readings);
                let found = read_folder(folder, &mut walked, |file| {
                    let file = InputPath::Path(file);
                    (!seen.contains(&file)).then(|| (read_input(&file, options), file))
                });
                for (reading, file) in found {
                    seen.insert(file);
                    readings.push(reading);
                }
            }
            file => {
                if seen.insert(file.clone()) {
                    named.push(file);
                }
            }
        }
    }
    read_named(&mut named, &mut readings);
    let documents = readings.iter().map(|reading| reading.documents.len()).sum();
    let mut all = Reading { documents: Vec::with_capacity(documents), findings: walked };
    for reading in readings {
        all.append(reading);
    }
    all
}

fn read_input(file: &InputPath, options: &LoadOptions) -> Reading {
    read_text(file, options)
        .unwrap_or_else(|finding| Reading { documents: Vec::new(), findings: vec![*finding] })
}

/// Something on the way through a folder.
enum Found<R> {
    Read(PathBuf, R),
    Finding(usize, Box<Diagnostic>),
}

/// Reads the files of a folder while they are found, and gives what came of them in the order of their paths.
fn read_folder<R: Send>(
    folder: &Path,
    findings: &mut Vec<Diagnostic>,
    read: impl Fn(PathBuf) -> Option<R> + Sync,
) -> Vec<R> {
    // Folders that no one committed to git honour a .gitignore too.
    let entries = ignore::WalkBuilder::new(folder).require_git(false).build();
    let found = entries.enumerate().par_bridge().filter_map(|(number, entry)| match entry {
        Ok(entry) => {
            let path = entry.path();
            if !has_manifest_extension(path) {
                return None;
            }
            if entry.path_is_symlink()
                && let Some(finding) = refuse_link(folder, path)
            {
                return Some(Found::Finding(number, Box::new(finding)));
            }
            let path = is_file(&entry).then(|| entry.into_path())?;
            read(path.clone()).map(|read| Found::Read(path, read))
        }
        Err(error) => {
            let path = path_of(&error).unwrap_or(folder);
            let reason = error.io_error().map_or_else(|| "its content is unknown".to_owned(), reason);
            Some(Found::Finding(number, Box::new(unreadable(&path.display().to_string(), &reason))))
        }
    });
    let (mut files, mut refused) = (Vec::new(), Vec::new());
    for found in found.collect::<Vec<_>>() {
        match found {
            Found::Read(path, read) => files.push((path, read)),
            Found::Finding(number, finding) => refused.push((number, finding)),
        }
    }
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    refused.sort_by_key(|(number, _)| *number);
    findings.extend(refused.into_iter().map(|(_, finding)| *finding));
    files.into_iter().map(|(_, read)| read).collect()
}

/// Whether there is a file, by itself or behind a link that was not refused.
fn is_file(entry: &ignore::DirEntry) -> bool {
    let kind = entry.file_type().filter(|kind| !kind.is_symlink());
    kind.map_or_else(|| entry.path().is_file(), |kind| kind.is_file())
}

/// The path a walk failed at, which may be far below where it began.
fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        ignore::Error::Loop { child, .. } => Some(child),
        _ => None,
    }
}

fn has_manifest_extension(path: &Path) -> bool {
    // One of the names kustomize looks for has no extension.
    if path.file_name().is_some_and(|name| name == "Kustomization") {
        return true;
    }
    path.extension().is_some_and(|extension| {
        ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// Why a symbolic link in a folder is not read. One that leads out of the folder could show any file of the machine in
/// findings, and whoever made the folder is not always who reads it; those inside are how a `ConfigMap` is mounted.
fn refuse_link(folder: &Path, link: &Path) -> Option<Diagnostic> {
    let name = link.display();
    let target = match link.canonicalize() {
        Ok(target) => target,
        Err(error) => {
            let finding = unreadable(&name.to_string(), "it is a symbolic link that leads nowhere");
            return Some(match error.kind() {
                io::ErrorKind::NotFound => finding.help("mend or remove the link"),
                _ => unreadable(&name.to_string(), &reason(&error)),
            });
        }
    };
    match folder.canonicalize() {
        Ok(folder) if target.starts_with(&folder) => None,
        _ => Some(
            Diagnostic::new(Code::UNREADABLE, format!("`{name}` leads out of `{}`", folder.display()))
                .level(Level::Warning)
                .note("symbolic links in a folder are followed only within it, so this one was not read")
                .help(format!("name it if it is to be read: `-f {name}`")),
        ),
    }
}

/// The text that is read in place of an input, with the name of the input.
fn instead(input: &InputPath, instead: &Instead) -> Option<(String, Vec<u8>)> {
    if instead.is_empty() {
        return None;
    }
    let (name, text) = match input {
        InputPath::Stdin => (STDIN.to_owned(), instead.get(Path::new(STDIN))?),
        InputPath::Path(path) => (path.display().to_string(), instead.get(&path.canonicalize().ok()?)?),
    };
    Some((name, text.clone().into_bytes()))
}

fn read_text(input: &InputPath, options: &LoadOptions) -> Result<Reading, Box<Diagnostic>> {
    if let Some((name, bytes)) = instead(input, &options.instead) {
        return Ok(read_bytes(&name, bytes));
    }
    // Places count in 32 bits.
    let limit = options.max_input.min(u64::from(u32::MAX) - 1);
    let (name, bytes) = match input {
        InputPath::Stdin => (STDIN.to_owned(), bounded(io::stdin().lock(), 0, limit)),
        InputPath::Path(path) => {
            let bytes = File::open(path).and_then(|file| {
                let length = file.metadata()?.len();
                if length > limit { Ok(None) } else { bounded(file, length, limit) }
            });
            (path.display().to_string(), bytes)
        }
    };
    match bytes {
        Err(error) => Err(Box::new(unreadable(&name, &reason(&error)))),
        Ok(None) => Err(Box::new(
            Diagnostic::new(Code::TOO_LARGE, format!("`{name}` is larger than {}", size(limit)))
                .note("it was not read")
                .help("split it, or raise the limit with `--max-input`"),
        )),
        Ok(Some(bytes)) => Ok(read_bytes(&name, bytes)),
    }
}

/// Reads a file that is no manifest, such as a certificate, if it has at most `limit` bytes.
///
/// # Errors
/// When it cannot be read, or is larger.
pub fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, Box<Diagnostic>> {
    let name = path.display().to_string();
    match File::open(path).and_then(|file| bounded(file, 0, limit)) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(Box::new(Diagnostic::new(
            Code::TOO_LARGE,
            format!("`{name}` is larger than {}", size(limit)),
        ))),
        Err(error) => Err(Box::new(unreadable(&name, &reason(&error)))),
    }
}

/// All bytes, or none when there are more than `limit`; `expected` of them are likely.
fn bounded(source: impl Read, expected: u64, limit: u64) -> io::Result<Option<Vec<u8>>> {
    // One more, so that the end is seen without more space.
    let mut bytes = Vec::with_capacity(usize::try_from(expected.min(limit)).unwrap_or_default() + 1);
    source.take(limit + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

/// Reads bytes under a name, which says whether they are Markdown. A document with bytes that are no UTF-8 is a finding; the text of its file shows U+FFFD there.
pub fn read_bytes(name: &str, bytes: Vec<u8>) -> Reading {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        let finding = Diagnostic::new(Code::UNREADABLE, format!("`{name}` is UTF-16"))
            .note("kubectl cuts such a file at the wrong bytes")
            .help("save it as UTF-8");
        return Reading { documents: Vec::new(), findings: vec![finding] };
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => {
            let file = Arc::new(TextFile::new(name, text));
            return if is_markdown(name) { read_markdown(&file) } else { read(file) };
        }
        Err(error) => error.into_bytes(),
    };
    let mut text = String::with_capacity(bytes.len());
    let mut replaced = Vec::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            replaced.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    drop(bytes);
    let file = Arc::new(TextFile::new(name, text));
    if is_markdown(name) { read_markdown(&file) } else { read_replaced(file, &replaced) }
}

fn unreadable(name: &str, reason: &str) -> Diagnostic {
    let finding = Diagnostic::new(Code::UNREADABLE, format!("cannot read `{name}`: {reason}"));
    match reason {
        NO_SUCH => finding.help("check the path; relative ones begin where the command is run"),
        NOT_ALLOWED => finding.help("check who may read it, and the folders above it"),
        _ => finding,
    }
}

const NO_SUCH: &str = "no such file or folder";
const NOT_ALLOWED: &str = "permission denied";

/// An error of the system without its number, which means nothing to most.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => NO_SUCH.to_owned(),
        io::ErrorKind::PermissionDenied => NOT_ALLOWED.to_owned(),
        io::ErrorKind::NotADirectory => "something on the way to it is a file and no folder".to_owned(),
        io::ErrorKind::InvalidInput => "no path can be like this".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or(&text).to_lowercase()
        }
    }
}

fn size(bytes: u64) -> String {
    if bytes.is_multiple_of(1 << 20) { format!("{} MiB", bytes >> 20) } else { format!("{bytes} bytes") }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn names(reading: &Reading, folder: &Path) -> Vec<String> {
        let prefix = format!("{}/", folder.display());
        reading
            .documents
            .iter()
            .map(|document| document.file().name().trim_start_matches(&prefix).to_owned())
            .collect()
    }

    #[test]
    fn folders_are_read_in_the_order_of_paths_and_without_what_git_ignores() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("b.yml", "b: 1\n");
        write("a.yaml", "a: 1\n---\na: 2\n");
        write("c/d.json", "{\"d\": 1}\n");
        write("c/notes.txt", "not: read\n");
        write("build/out.yaml", "out: 1\n");
        write("skipped.yaml", "skipped: 1\n");
        write(".gitignore", "build/\nskipped.yaml\n");
        write(".hidden/x.yaml", "x: 1\n");
        let reading = load(&[InputPath::from(folder.path().to_owned())], &LoadOptions::default());
        assert_eq!(names(&reading, folder.path()), ["a.yaml", "a.yaml", "b.yml", "c/d.json"]);
        assert!(reading.findings.is_empty());
        // What is named is read, whatever it is called; twice is once.
        let file = InputPath::from(folder.path().join("c/notes.txt"));
        let reading = load(&[file.clone(), file], &LoadOptions::default());
        assert_eq!(names(&reading, folder.path()), ["c/notes.txt"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_only_within_the_folder() {
        use std::os::unix::fs::symlink;

        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("a.yaml"), "outside: 1\n").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        // As the kubelet mounts a ConfigMap.
        fs::create_dir(path("..2026_01")).unwrap();
        fs::write(path("..2026_01/rules.YAML"), "inside: 1\n").unwrap();
        symlink("..2026_01", path("..data")).unwrap();
        symlink("..data/rules.YAML", path("rules.YAML")).unwrap();
        symlink(outside.path().join("a.yaml"), path("out.yaml")).unwrap();
        symlink("nowhere", path("nowhere.yaml")).unwrap();
        let reading = load(&[InputPath::from(folder.path().to_owned())], &LoadOptions::default());
        assert_eq!(names(&reading, folder.path()), ["rules.YAML"]);
        let mut said: Vec<String> = reading
            .findings
            .iter()
            .map(|finding| finding.message.replace(&folder.path().display().to_string(), "FOLDER"))
            .collect();
        said.sort();
        assert_eq!(
            said,
            [
                "`FOLDER/out.yaml` leads out of `FOLDER`",
                "cannot read `FOLDER/nowhere.yaml`: it is a symbolic link that leads nowhere",
            ]
        );
        // What is named is read.
        let reading = load(&[InputPath::from(path("out.yaml"))], &LoadOptions::default());
        assert_eq!(reading.documents.len(), 1);
    }

    #[test]
    fn what_cannot_be_read_is_a_finding_and_the_rest_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("large.yaml"), "a: 12345678901234567890123\n").unwrap();
        fs::write(path("latin.yaml"), b"name: caf\xe9\n---\nb: 2\n").unwrap();
        fs::write(path("good.yaml"), "a: 1\n").unwrap();
        let inputs = ["missing.yaml", "large.yaml", "latin.yaml", "good.yaml"].map(|name| path(name).into());
        let reading = load(&inputs, &LoadOptions { max_input: 24, ..LoadOptions::default() });
        assert_eq!(
            names(&reading, folder.path()),
            ["latin.yaml", "good.yaml"],
            "one document of latin.yaml is fine"
        );
        let said: Vec<String> = reading
            .findings
            .iter()
            .map(|finding| {
                let message = finding.message.replace(&folder.path().display().to_string(), "FOLDER");
                format!("{} {message}", finding.code.id())
            })
            .collect();
        assert_eq!(
            said,
            [
                "PW001 cannot read `FOLDER/missing.yaml`: no such file or folder",
                "PW003 `FOLDER/large.yaml` is larger than 24 bytes",
                "PW002 invalid UTF-8",
            ]
        );
    }
}
