//! Writes the files of a volume so that a reader sees all of the old or all of the new (as the kubelet's
//! `atomic_writer.go)`: the files lie in a folder named after the time, the link `..data` names the folder, and links
//! beside it lead through `..data`.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::content::Files;

const DATA: &str = "..data";
const NEW: &str = "..data_tmp";

/// The folder of one volume, and what was written last.
#[derive(Debug)]
pub(super) struct Writer {
    folder: PathBuf,
    written: Option<Files>,
}

impl Writer {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, written: None }
    }

    /// The folder of the volume.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes the folder show these files, and says whether that changed anything.
    ///
    /// # Errors
    ///
    /// A path leaves the volume; the disk.
    pub(super) fn write(&mut self, files: &Files) -> Result<bool, String> {
        if self.written.as_ref() == Some(files) {
            return Ok(false);
        }
        for path in files.keys() {
            let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
            if !inside || path.starts_with("..") {
                return Err(format!("invalid path {path}"));
            }
        }
        self.replace(files).map_err(|error| format!("{}: {error}", self.folder.display()))?;
        self.written = Some(files.clone());
        Ok(true)
    }

    fn replace(&self, files: &Files) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let old = fs::read_link(self.folder.join(DATA)).ok();
        let nanoseconds = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?.as_nanos();
        let name = format!("..{nanoseconds}");
        let new = self.folder.join(&name);
        fs::create_dir(&new)?;
        for (path, file) in files {
            let path = new.join(path);
            fs::create_dir_all(path.parent().unwrap_or(&new))?;
            fs::write(&path, &file.bytes)?;
            fs::set_permissions(&path, Permissions::from_mode(file.mode))?;
        }
        // The one step that readers see.
        symlink(&name, self.folder.join(NEW))?;
        fs::rename(self.folder.join(NEW), self.folder.join(DATA))?;
        let shown: BTreeSet<&str> =
            files.keys().map(|path| path.split('/').next().unwrap_or_default()).collect();
        for name in &shown {
            let link = self.folder.join(name);
            if fs::symlink_metadata(&link).is_err() {
                symlink(Path::new(DATA).join(name), link)?;
            }
        }
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            if !name.starts_with("..") && !shown.contains(name.as_ref()) {
                fs::remove_file(self.folder.join(name.as_ref()))?;
            }
        }
        if let Some(old) = old {
            fs::remove_dir_all(self.folder.join(old))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::content::File;

    fn files(list: &[(&str, &str)]) -> Files {
        list.iter()
            .map(|(path, text)| ((*path).to_owned(), File { bytes: text.as_bytes().to_vec(), mode: 0o640 }))
            .collect()
    }

    fn shown(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .expect("it is a folder")
            .map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn replaces_all_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut writer = Writer::new(folder.path().join("v"));
        assert_eq!(writer.write(&files(&[("a", "1"), ("sub/b", "2"), ("gone", "3")])), Ok(true));
        let path = writer.folder().to_owned();
        let first = fs::read_link(path.join(DATA)).expect("it is a link");
        assert_eq!(fs::read_link(path.join("a")).expect("it is a link"), Path::new("..data/a"));
        assert_eq!(fs::read_to_string(path.join("sub/b")).expect("it is there"), "2");
        let mode = fs::metadata(path.join("a")).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o640);

        assert_eq!(writer.write(&files(&[("a", "1"), ("sub/b", "2"), ("gone", "3")])), Ok(false));
        assert_eq!(fs::read_link(path.join(DATA)).expect("it is a link"), first);

        assert_eq!(writer.write(&files(&[("a", "9"), ("sub/c", "4")])), Ok(true));
        let second = fs::read_link(path.join(DATA)).expect("it is a link");
        assert_ne!(first, second);
        assert_eq!(shown(&path), [second.to_str().expect("digits"), "..data", "a", "sub"]);
        assert_eq!(fs::read_to_string(path.join("a")).expect("it is there"), "9");
        assert!(!path.join("sub/b").exists());
    }

    #[test]
    fn nothing_is_written_outside() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut writer = Writer::new(folder.path().join("v"));
        for path in ["../a", "/a", "a/../../b", "..data"] {
            assert!(writer.write(&files(&[(path, "1")])).is_err(), "{path}");
        }
        assert_eq!(shown(folder.path()), [""; 0]);
    }
}
