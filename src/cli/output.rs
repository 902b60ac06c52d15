//! Flags that say where generated objects go, and writing them there.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

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

    /// With --output-dir: only say what would be written
    #[arg(long, value_name = "WHERE", value_enum, requires = "output_dir")]
    dry_run: Option<DryRun>,
}

/// The formats of standard output.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Yaml,
    Json,
}

/// Where a dry run stops.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum DryRun {
    Client,
}

/// What is to be done with one file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Create,
    Replace,
    Keep,
}

impl OutputArgs {
    /// Puts the objects where the flags say. Nothing is written unless everything can be.
    pub(super) fn write(&self, objects: &[Value]) -> Result<(), Box<Diagnostic>> {
        match &self.output_dir {
            Some(folder) => self.write_folder(folder, objects),
            None => terminal::write_stdout(&self.text(objects))
                .map_err(|error| Box::new(unwritable("standard output", &error))),
        }
    }

    fn text(&self, objects: &[Value]) -> String {
        match (self.output, objects) {
            (Format::Yaml, _) => source::emit_stream(objects),
            // As kubectl does: one object as itself, several as a List.
            (Format::Json, [object]) => pretty(object),
            (Format::Json, _) => pretty(&json!({"apiVersion": "v1", "kind": "List", "items": objects})),
        }
    }

    fn extension(&self) -> &'static str {
        match self.output {
            Format::Yaml => "yaml",
            Format::Json => "json",
        }
    }

    fn write_folder(&self, folder: &Path, objects: &[Value]) -> Result<(), Box<Diagnostic>> {
        let files: Vec<(PathBuf, String)> = objects
            .iter()
            .map(|object| {
                let name = format!("{}.{}", file_stem(object), self.extension());
                (folder.join(name), self.text(std::slice::from_ref(object)))
            })
            .collect();
        let mut changes = Vec::with_capacity(files.len());
        let mut refused = Vec::new();
        for (path, text) in &files {
            let change = match fs::read(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Change::Create,
                Err(error) => return Err(Box::new(unwritable(&path.display().to_string(), &error))),
                Ok(present) if present == text.as_bytes() => Change::Keep,
                Ok(_) => Change::Replace,
            };
            if change == Change::Replace && !self.overwrite && self.dry_run.is_none() {
                refused.push(path.display().to_string());
            }
            changes.push(change);
        }
        if !refused.is_empty() {
            let message = format!("{} would be overwritten and hold something else", list(&refused));
            return Err(Box::new(
                Diagnostic::new(Code::WOULD_OVERWRITE, message).note("nothing was written").help(
                    "compare with --dry-run=client, then say --overwrite or choose another --output-dir",
                ),
            ));
        }
        if self.dry_run.is_none() {
            write_all(folder, &files, &changes)
                .map_err(|error| Box::new(unwritable(&folder.display().to_string(), &error)))?;
        }
        for ((path, _), change) in files.iter().zip(&changes) {
            let done = match (change, self.dry_run) {
                (Change::Create, None) => "created",
                (Change::Replace, None) => "replaced",
                (Change::Create, Some(_)) => "would be created",
                (Change::Replace, Some(_)) => "would be replaced",
                (Change::Keep, _) => "unchanged",
            };
            terminal::say(&format!("{} {done}", path.display()));
        }
        Ok(())
    }
}

/// Writes every file beside its place first and renames only when all are written, so that a full disk or an
/// interruption leaves whole files only.
fn write_all(folder: &Path, files: &[(PathBuf, String)], changes: &[Change]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut written = Vec::new();
    for ((path, text), change) in files.iter().zip(changes) {
        if *change != Change::Keep {
            let mut file = tempfile::Builder::new().prefix(".promwire-").tempfile_in(folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            written.push((file, path));
        }
    }
    for (file, path) in written {
        let file = file.persist(path).map_err(|error| error.error)?;
        share(&file)?;
    }
    Ok(())
}

/// Temporary files are made for their owner alone; manifests are for everybody who reads the folder.
#[cfg(unix)]
fn share(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn share(_file: &fs::File) -> io::Result<()> {
    Ok(())
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

fn unwritable(what: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::new(Code::UNWRITABLE, format!("cannot write `{what}`: {error}"))
}
