//! Replacing files as a whole: what is written is there in full, or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;

/// A file that is written in full beside its place, and not there yet.
pub(super) struct Staged {
    file: NamedTempFile,
    path: PathBuf,
}

/// Who may read a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Readers {
    /// Those of the file that is replaced; of a new one, whomever the umask lets.
    AsBefore,
    /// Its owner alone: it holds a Secret.
    Owner,
}

/// Writes a file beside its place. A symbolic link stays one: what it leads to is replaced.
///
/// # Errors
/// What the system says.
pub(super) fn stage(path: &Path, content: &[u8], readers: Readers) -> io::Result<Staged> {
    let path = if path.is_symlink() { path.canonicalize()? } else { path.to_owned() };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    // Temporary files are made for their owner alone (0600), which is right for Secrets, whatever the replaced file was;
    // other files are for everybody the umask lets read them.
    #[cfg(unix)]
    if readers == Readers::AsBefore {
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(content)?;
    if let Ok(replaced) = fs::metadata(&path)
        && readers == Readers::AsBefore
    {
        keep_owner(&file, &replaced);
        file.as_file().set_permissions(replaced.permissions())?;
    }
    file.as_file().sync_all()?;
    Ok(Staged { file, path })
}

impl Staged {
    /// Puts it into its place.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn commit(self) -> io::Result<()> {
        self.file.persist(&self.path).map(drop).map_err(|error| error.error)
    }
}

/// Replaces a file, or writes to what is none, such as a pipe.
///
/// # Errors
/// What the system says.
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(found) if !found.is_file() => fs::OpenOptions::new().write(true).open(path)?.write_all(content),
        _ => stage(path, content, Readers::AsBefore)?.commit(),
    }
}

/// Who runs this as root does not want the files of others. Where it is not allowed, the file is whose it can be.
#[cfg(unix)]
fn keep_owner(file: &NamedTempFile, replaced: &fs::Metadata) {
    use std::os::unix::fs::MetadataExt as _;

    let _ = std::os::unix::fs::fchown(file.as_file(), Some(replaced.uid()), Some(replaced.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_: &NamedTempFile, _: &fs::Metadata) {}

const PREFIX: &str = ".promwire-";
const SUFFIX: &str = ".tmp";

/// How long a temporary file is left alone: another run may be writing it.
const STALE: Duration = Duration::from_mins(5);

/// Removes what a run that was killed left behind. What cannot be removed does no harm.
pub(super) fn remove_leftovers(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_ours = name.to_str().is_some_and(|name| {
            name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX)).is_some_and(|random| {
                random.len() == 6 && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
            })
        });
        // Without following links.
        let is_stale = || {
            let metadata = entry.metadata().ok()?;
            let age = SystemTime::now().duration_since(metadata.modified().ok()?).ok()?;
            Some(metadata.is_file() && age > STALE)
        };
        if is_ours && is_stale() == Some(true) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_link_stays_and_what_it_leads_to_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("real")).unwrap();
        fs::write(path("real/a.yaml"), "old").unwrap();
        fs::set_permissions(path("real/a.yaml"), fs::Permissions::from_mode(0o640)).unwrap();
        symlink("real/a.yaml", path("link.yaml")).unwrap();
        replace(&path("link.yaml"), b"new").unwrap();
        assert!(path("link.yaml").is_symlink());
        assert_eq!(fs::read_to_string(path("real/a.yaml")).unwrap(), "new");
        assert_eq!(fs::metadata(path("real/a.yaml")).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(path("real")).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_folder_is_not_replaced_and_what_is_no_file_is_written_to() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(replace(folder.path(), b"x").unwrap_err().kind(), io::ErrorKind::IsADirectory);
        replace(Path::new("/dev/null"), b"x").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn only_old_leftovers_of_ours_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str, age: u64| {
            let file = fs::File::create(folder.path().join(name)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        };
        make(".promwire-aB3dE6.tmp", 600);
        make(".promwire-fresh1.tmp", 10);
        make(".promwire-notes.tmp", 600);
        make("service_x.yaml", 600);
        remove_leftovers(folder.path());
        let mut left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, [".promwire-fresh1.tmp", ".promwire-notes.tmp", "service_x.yaml"]);
    }
}
