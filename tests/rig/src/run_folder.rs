//! The folder of one run: state, logs, mounted files; and what killed runs left behind.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal};

/// The folder of one run. Whoever made it removes it, or the next run does.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
}

/// The process a folder belongs to: its number is reused by the system, its number and start time are not.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
struct Owner {
    pid: u32,
    started: u64,
}

const OWNER: &str = "owner";
/// What runs in the namespaces, as seen from outside: it dies with them.
const INSIDE: &str = "inside";

impl RunFolder {
    /// Makes a folder for this process.
    pub(crate) fn create() -> Result<Self, String> {
        let parent = parent();
        fs::create_dir_all(&parent).map_err(|error| format!("{}: {error}", parent.display()))?;
        let path = tempfile::Builder::new()
            .prefix("run-")
            .tempdir_in(&parent)
            .map_err(|error| format!("{}: {error}", parent.display()))?
            .keep();
        let run = Self { path };
        run.note(OWNER, std::process::id())?;
        Ok(run)
    }

    /// The folders of runs whose owner is alive.
    pub fn running() -> Vec<Self> {
        let entries = fs::read_dir(parent()).into_iter().flatten().flatten();
        let mut runs: Vec<Self> = entries.map(|entry| Self::of(entry.path())).collect();
        runs.retain(|run| read_owner(&run.path.join(OWNER)).is_some_and(Owner::is_alive));
        runs
    }

    /// The folder a parent process made.
    pub(crate) fn of(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Remembers the process that carries the namespaces.
    pub(crate) fn note_inside(&self, pid: u32) -> Result<(), String> {
        self.note(INSIDE, pid)
    }

    fn note(&self, file: &str, pid: u32) -> Result<(), String> {
        let started = start_time(pid).ok_or_else(|| format!("process {pid} ended at once"))?;
        let path = self.path.join(file);
        fs::write(&path, format!("{pid} {started}\n")).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Removes the folder.
    pub(crate) fn remove(&self) {
        // A file that cannot be removed is no reason to fail a run that is over: the next run tries again.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Ends and removes what runs left that were killed before they could; says what it did.
pub(crate) fn clean_leftovers(say: &mut dyn FnMut(&str)) {
    let Ok(entries) = fs::read_dir(parent()) else { return };
    for entry in entries.flatten() {
        let run = RunFolder::of(entry.path());
        let Some(owner) = read_owner(&run.path.join(OWNER)) else { continue };
        if owner.is_alive() {
            continue;
        }
        if let Some(inside) = read_owner(&run.path.join(INSIDE)).filter(|inside| inside.is_alive()) {
            // Number and start time are those of the process that run started: it is ours.
            if let Some(pid) = i32::try_from(inside.pid).ok().and_then(Pid::from_raw) {
                let _ = rustix::process::kill_process(pid, Signal::KILL);
            }
            say(&format!("ended a rig whose owner was killed (process {})", inside.pid));
        }
        run.remove();
        say(&format!("removed {}, left by a killed run", run.path.display()));
    }
}

impl Owner {
    fn is_alive(self) -> bool {
        start_time(self.pid) == Some(self.started)
    }
}

fn read_owner(path: &Path) -> Option<Owner> {
    let text = fs::read_to_string(path).ok()?;
    let (pid, started) = text.trim().split_once(' ')?;
    Some(Owner { pid: pid.parse().ok()?, started: started.parse().ok()? })
}

/// When a process started, in clock ticks since boot; nothing if there is no such process or it is a zombie.
fn start_time(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the name in brackets and may hold anything.
    let mut fields = stat[stat.rfind(')')? + 1..].split_whitespace();
    if fields.next()? == "Z" {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

fn parent() -> PathBuf {
    std::env::temp_dir().join(format!("promwire-rig-{}", rustix::process::getuid().as_raw()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_number_and_start() {
        let own = Owner {
            pid: std::process::id(),
            started: start_time(std::process::id()).expect("this process runs"),
        };
        assert!(own.is_alive());
        assert!(!Owner { started: own.started + 1, ..own }.is_alive());
        assert!(!Owner { pid: u32::MAX, started: 1 }.is_alive());
    }
}
