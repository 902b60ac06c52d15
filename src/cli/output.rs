//! Flags that say where generated objects go, and writing them there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::replace::{self, Readers};
use super::terminal;
use crate::diagnostic::{Code, Diagnostic};
use crate::source;

/// Where to put what was generated.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Format on standard output
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = Format::Yaml)]
    output: Format,

    /// Write one file per object into this folder instead, with names that stay the same
    #[arg(long, value_name = "DIR")]
    output_dir: Option<PathBuf>,

    /// Replace files in --output-dir that hold something else
    #[arg(long, requires = "output_dir")]
    overwrite: bool,

    /// Write Secrets too, with the keys that are in them; files with one are for their owner alone
    #[arg(long)]
    pub(super) with_secrets: bool,

    /// With --output-dir: only say what would be written
    #[arg(long, value_name = "WHERE", value_enum, requires = "output_dir")]
    dry_run: Option<DryRun>,
}

/// The formats of standard output.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Yaml,
    Json,
    /// YAML files with a kustomization.yaml that lists them; needs --output-dir
    Kustomize,
}

/// Where a dry run stops.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum DryRun {
    Client,
}

/// A file to be.
struct Planned {
    path: PathBuf,
    text: String,
    /// Whether a Secret is in it: then nobody but its owner may read it.
    is_secret: bool,
}

/// What is to be done with one file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Create,
    Replace,
    /// Its content is right, and others can read a Secret in it.
    Protect,
    Keep,
}

impl OutputArgs {
    /// Puts the objects where the flags say. Nothing is written unless everything can be.
    pub(super) fn write(&self, objects: &[Value]) -> Result<(), Box<Diagnostic>> {
        match &self.output_dir {
            Some(folder) => self.write_folder(folder, objects),
            None if self.output == Format::Kustomize => Err(Box::new(
                Diagnostic::new(
                    Code::CONTRADICTORY_OPTIONS,
                    "a kustomization lists files, and none are written",
                )
                .help("say into which folder with --output-dir DIR"),
            )),
            None => terminal::write_stdout(&self.text(objects))
                .map_err(|error| Box::new(unwritable("standard output", &error))),
        }
    }

    fn text(&self, objects: &[Value]) -> String {
        match (self.output, objects) {
            (Format::Yaml | Format::Kustomize, _) => source::emit_stream(objects),
            // As kubectl does: one object as itself, several as a List.
            (Format::Json, [object]) => pretty(object),
            (Format::Json, _) => pretty(&json!({"apiVersion": "v1", "kind": "List", "items": objects})),
        }
    }

    fn extension(&self) -> &'static str {
        match self.output {
            Format::Yaml | Format::Kustomize => "yaml",
            Format::Json => "json",
        }
    }

    /// The kustomization of these objects: their files by name, so that it only changes when they do.
    fn kustomization(&self, objects: &[Value]) -> String {
        let mut names: Vec<String> =
            objects.iter().map(|object| format!("{}.{}", file_stem(object), self.extension())).collect();
        names.sort();
        source::emit(&json!({
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": names,
        }))
    }

    fn write_folder(&self, folder: &Path, objects: &[Value]) -> Result<(), Box<Diagnostic>> {
        let mut files: Vec<Planned> = objects
            .iter()
            .map(|object| Planned {
                path: folder.join(format!("{}.{}", file_stem(object), self.extension())),
                text: self.text(std::slice::from_ref(object)),
                is_secret: object["kind"] == "Secret",
            })
            .collect();
        if self.output == Format::Kustomize {
            refuse_second_kustomization(folder)?;
            files.push(Planned {
                path: folder.join(KUSTOMIZATION),
                text: self.kustomization(objects),
                is_secret: false,
            });
        }
        let mut changes = Vec::with_capacity(files.len());
        let mut refused = Vec::new();
        for Planned { path, text, is_secret } in &files {
            let change = match fs::read(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Change::Create,
                Err(error) => return Err(Box::new(unwritable(&path.display().to_string(), &error))),
                Ok(present) if present == text.as_bytes() => {
                    if *is_secret && is_open_to_others(path) {
                        Change::Protect
                    } else {
                        Change::Keep
                    }
                }
                Ok(_) => Change::Replace,
            };
            if change == Change::Replace && !self.overwrite && self.dry_run.is_none() {
                refused.push(path.display().to_string());
            }
            changes.push(change);
        }
        if !refused.is_empty() {
            let what = if refused.len() == 1 { "and it holds" } else { "and they hold" };
            let message = format!("{} would be overwritten, {what} something else", list(&refused));
            return Err(Box::new(
                Diagnostic::new(Code::WOULD_OVERWRITE, message).note("nothing was written").help(
                    "compare with --dry-run=client, then say --overwrite or choose another --output-dir",
                ),
            ));
        }
        if self.dry_run.is_none() {
            write_all(folder, &files, &changes)
                .map_err(|(path, error)| Box::new(unwritable(&path.display().to_string(), &error)))?;
        }
        for (Planned { path, .. }, change) in files.iter().zip(&changes) {
            let done = match (change, self.dry_run) {
                (Change::Create, None) => "created",
                (Change::Replace, None) => "replaced",
                (Change::Create, Some(_)) => "would be created",
                (Change::Replace, Some(_)) => "would be replaced",
                (Change::Protect, None) => "unchanged, and for its owner alone now",
                (Change::Protect, Some(_)) => "would be for its owner alone",
                (Change::Keep, _) => "unchanged",
            };
            terminal::say(&format!("{} {done}", path.display()));
        }
        Ok(())
    }
}

/// The name of the kustomization that is written.
const KUSTOMIZATION: &str = "kustomization.yaml";

/// Refuses a folder that has a kustomization of another name: kustomize takes one per folder.
fn refuse_second_kustomization(folder: &Path) -> Result<(), Box<Diagnostic>> {
    let others = ["kustomization.yml", "Kustomization"];
    let present = others.iter().map(|name| folder.join(name)).find(|path| path.exists());
    match present {
        None => Ok(()),
        Some(path) => Err(Box::new(
            Diagnostic::new(Code::WOULD_OVERWRITE, format!("`{}` is there already", path.display()))
                .note("kustomize takes one kustomization per folder, and nothing was written")
                .help("choose a folder of its own with --output-dir, and name that under `resources`"),
        )),
    }
}

/// Writes every file beside its place first and renames only when all are written, so that a full disk or an
/// interruption leaves whole files only. An error comes with the path it is about.
fn write_all(folder: &Path, files: &[Planned], changes: &[Change]) -> Result<(), (PathBuf, io::Error)> {
    if files.is_empty() {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(|error| (folder.to_owned(), error))?;
    replace::remove_leftovers(folder);
    let mut written = Vec::new();
    for (file, change) in files.iter().zip(changes) {
        if *change != Change::Keep {
            let path = &file.path;
            let readers = if file.is_secret { Readers::Owner } else { Readers::AsBefore };
            let staged = replace::stage(path, file.text.as_bytes(), readers);
            written.push((staged.map_err(|error| (path.clone(), error))?, path));
        }
    }
    for (file, path) in written {
        file.commit().map_err(|error| (path.clone(), error))?;
    }
    Ok(())
}

/// Whether others than its owner can read a file.
#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

/// Whether others than its owner can read a file: what modes would say on Unix is not told here.
#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
}

/// `servicemonitor_monitoring_api`: kind, namespace where there is one, name. No namespace holds an underscore, so
/// `a-b`/`c` and `a`/`b-c` stay apart.
fn file_stem(object: &Value) -> String {
    let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let kind = text("/kind").to_ascii_lowercase();
    // Names may hold colons (`system:reader`), which some file systems do not allow.
    let name = text("/metadata/name").replace(':', "-");
    match text("/metadata/namespace") {
        "" => format!("{kind}_{name}"),
        namespace => format!("{kind}_{namespace}_{name}"),
    }
}

fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("a JSON value can be written");
    text.push('\n');
    text
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

pub(super) fn unwritable(what: &str, error: &io::Error) -> Diagnostic {
    let (reason, help) = match error.kind() {
        io::ErrorKind::NotFound => ("there is no such folder", Some("make the folder first")),
        io::ErrorKind::PermissionDenied => ("permission denied", Some("check who may write there")),
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            ("something on the way to it is a file and no folder", Some("choose another --output-dir"))
        }
        io::ErrorKind::IsADirectory => ("it is a folder", Some("move it, or choose another --output-dir")),
        io::ErrorKind::ReadOnlyFilesystem => {
            ("the file system is read-only", Some("choose another --output-dir"))
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            ("there is no space left", Some("make room, or choose another --output-dir"))
        }
        _ => ("", None),
    };
    let text = error.to_string();
    let reason = if reason.is_empty() { text.split(" (os error").next().unwrap_or(&text) } else { reason };
    let finding = Diagnostic::new(Code::UNWRITABLE, format!("cannot write `{what}`: {reason}"));
    match help {
        Some(help) => finding.help(help),
        None => finding,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn files_have_the_mode_of_other_files_and_replaced_ones_keep_theirs() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("plain"), "").unwrap();
        fs::write(path("old"), "old").unwrap();
        fs::set_permissions(path("old"), fs::Permissions::from_mode(0o640)).unwrap();
        let files = [planned(path("new"), "a", false), planned(path("old"), "b", false)];
        write_all(folder.path(), &files, &[Change::Create, Change::Replace]).unwrap();
        assert_eq!(mode(&path("new")), mode(&path("plain")), "what the umask allows");
        assert_eq!(mode(&path("old")), 0o640);
        assert_eq!(fs::read_to_string(path("old")).unwrap(), "b");
    }

    fn planned(path: PathBuf, text: &str, is_secret: bool) -> Planned {
        Planned { path, text: text.to_owned(), is_secret }
    }

    #[test]
    fn files_with_a_secret_are_for_their_owner_alone_also_where_they_were_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("old"), "old").unwrap();
        fs::set_permissions(path("old"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(is_open_to_others(&path("old")));
        let files = [planned(path("new"), "a", true), planned(path("old"), "b", true)];
        write_all(folder.path(), &files, &[Change::Create, Change::Protect]).unwrap();
        assert_eq!((mode(&path("new")), mode(&path("old"))), (0o600, 0o600));
        assert!(!is_open_to_others(&path("old")));
    }
}
