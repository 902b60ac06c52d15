//! A program that runs, with its log.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

/// A running program. It ends when this is dropped.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program; what it says goes to `logs/NAME.log`, after what an earlier one of that name said.
    ///
    /// # Errors
    ///
    /// It cannot be started, or the log not be written.
    pub fn start(name: &str, logs: &Path, command: &mut Command) -> Result<Self, String> {
        std::fs::create_dir_all(logs).map_err(|error| format!("{}: {error}", logs.display()))?;
        let log = logs.join(format!("{name}.log"));
        let file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .map_err(|error| format!("{}: {error}", log.display()))?;
        let errors = file.try_clone().map_err(|error| format!("{}: {error}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{name}: {error}"))?;
        Ok(Self { name: name.to_owned(), child, log })
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    ///
    /// It cannot be waited for.
    pub async fn wait(&mut self) -> Result<ExitStatus, String> {
        self.child.wait().await.map_err(|error| format!("{}: {error}", self.name))
    }

    /// The end of its log, if it has ended by itself.
    pub fn ended(&mut self) -> Option<String> {
        matches!(self.child.try_wait(), Ok(Some(_))).then(|| self.last_words())
    }

    /// Asks it to end, and waits up to five seconds before it is killed.
    pub async fn stop(mut self) {
        if let Some(pid) =
            self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        if tokio::time::timeout(Duration::from_secs(5), self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }

    /// Waits until `ready` says yes, and fails with the end of the log if the program ends before or takes longer.
    ///
    /// # Errors
    ///
    /// It ended, or was not ready in time.
    pub async fn ready<F, R>(&mut self, within: Duration, ready: F) -> Result<(), String>
    where
        F: Fn() -> R,
        R: Future<Output = bool>,
    {
        let started = Instant::now();
        loop {
            if ready().await {
                return Ok(());
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("{} ended ({status}); it said:\n{}", self.name, self.last_words()));
            }
            if started.elapsed() > within {
                return Err(format!(
                    "{} was not ready after {} s; it said:\n{}",
                    self.name,
                    within.as_secs(),
                    self.last_words()
                ));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The path of its log.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The end of its log.
    pub fn last_words(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        // Of a Go program that panicked, the reason stands above the stacks.
        let panic = lines.iter().rposition(|line| line.starts_with("panic:"));
        let first = panic.unwrap_or(lines.len().saturating_sub(15));
        lines[first..].iter().take(15).copied().collect::<Vec<_>>().join("\n")
    }
}
