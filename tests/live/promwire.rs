//! Runs promwire: the code this program was built with, as a process of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use promwire_rig::cluster::{Cluster, kubeconfig};
use promwire_rig::network::RIG;
use serde_json::Value;

use crate::{World, check};

/// Set when this program is to be `promwire`.
pub(crate) const AS_PROMWIRE: &str = "PROMWIRE_LIVE_AS_PROMWIRE";

/// A promwire that knows a cluster, as somebody.
pub(crate) struct Promwire {
    /// Where it runs: its kubeconfig is there, and what a test writes.
    pub(crate) folder: PathBuf,
    kubeconfig: PathBuf,
}

/// What it said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Promwire {
    /// As an administrator.
    pub(crate) fn of_admin(cluster: &Cluster) -> Result<Self, String> {
        let (authority, token) = cluster.admin();
        Self::new(cluster, "admin", &kubeconfig(&format!("https://{RIG}"), authority, token))
    }

    /// As the bearer of a token.
    pub(crate) fn of_token(cluster: &Cluster, name: &str, token: &str) -> Result<Self, String> {
        Self::new(cluster, name, &kubeconfig(&format!("https://{RIG}"), cluster.admin().0, token))
    }

    /// At another address, without TLS: a proxy is no secret.
    pub(crate) fn at(cluster: &Cluster, name: &str, address: &str) -> Result<Self, String> {
        Self::new(cluster, name, &kubeconfig(&format!("http://{address}"), cluster.admin().0, "proxied"))
    }

    fn new(cluster: &Cluster, name: &str, kubeconfig: &str) -> Result<Self, String> {
        let folder = cluster.run().path().join("promwire").join(name);
        let path = folder.join("kubeconfig");
        let failed = |error: std::io::Error| format!("{}: {error}", path.display());
        std::fs::create_dir_all(&folder).map_err(failed)?;
        std::fs::write(&path, kubeconfig).map_err(failed)?;
        Ok(Self { folder, kubeconfig: path })
    }

    /// The command `promwire ARGUMENTS`, words between blanks.
    pub(crate) fn command(&self, arguments: &str) -> Result<Command, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        command
            .env(AS_PROMWIRE, "1")
            .env("KUBECONFIG", &self.kubeconfig)
            .args(arguments.split_whitespace())
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        Ok(command)
    }

    /// Runs it.
    pub(crate) async fn run(&self, arguments: &str) -> Result<Said, String> {
        let mut command = self.command(arguments)?;
        let output = tokio::task::spawn_blocking(move || command.output()).await;
        let output = output.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
        Ok(Said::of(&output))
    }

    /// Writes a file it can read.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), String> {
        let path: &Path = &self.folder.join(name);
        std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
    }
}

impl Said {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// All of it.
    pub(crate) fn all(&self) -> String {
        format!("exit {}\n{}\n{}", self.code, self.stdout, self.stderr)
    }

    /// Fails unless it holds, with all that was said.
    pub(crate) fn check(&self, holds: bool, what: &str) -> Result<(), String> {
        check(holds, format!("{what}\n{}", self.all()))
    }

    /// Standard output as JSON.
    pub(crate) fn json(&self) -> Result<Value, String> {
        serde_json::from_str(&self.stdout).map_err(|error| format!("{error}\n{}", self.all()))
    }

    /// The findings of `check -o json` as `CODE KIND/NAME`, without those of level info.
    pub(crate) fn findings(&self) -> Result<Vec<String>, String> {
        let json = self.json()?;
        let findings = json["findings"].as_array().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(findings
            .filter(|finding| finding["level"] != "info")
            .map(|finding| {
                let object = &finding["object"];
                format!("{} {}/{}", text(&finding["code"]), text(&object["kind"]), text(&object["name"]))
            })
            .collect())
    }
}

impl World {
    /// Runs promwire as an administrator.
    pub(crate) async fn promwire(&self, arguments: &str) -> Result<Said, String> {
        self.promwire.run(arguments).await
    }
}
