//! What the machine must offer, asked for all at once.

use std::process::{Command, Stdio};

use crate::components::Selection;
use crate::programs::Programs;

/// What is missing on this machine, and how to get it; empty where the rig can start.
pub fn missing(selection: &Selection) -> Vec<String> {
    let mut missing = Vec::new();
    let tools: Vec<&str> = ["unshare", "nsenter", "setpriv", "mount"]
        .into_iter()
        .filter(|tool| !runs(tool, "--version"))
        .collect();
    if !tools.is_empty() {
        missing.push(format!("{} (Debian: apt-get install util-linux mount)", tools.join(", ")));
    }
    if !runs("ip", "-V") {
        missing.push("ip (Debian: apt-get install iproute2)".to_owned());
    }
    if !runs("chroot", "--version") {
        missing.push("chroot (Debian: apt-get install coreutils)".to_owned());
    }
    if missing.is_empty()
        && let Err(reason) = namespaces()
    {
        missing.push(format!(
            "network namespaces ({reason}; run as root, or allow user namespaces: sysctl kernel.unprivileged_userns_clone=1)"
        ));
    }
    if Programs::find(selection).is_err()
        && let Err(reason) = go()
    {
        missing.push(format!(
            "Go 1.26 or newer, to build the components ({reason}; Debian's golang-go can fetch it: see .ci/run)"
        ));
    }
    missing
}

/// The options that give a process its own namespaces on this machine, for [`crate::launch`].
pub(crate) fn unshare_options() -> Vec<&'static str> {
    let mut options = vec!["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
    if !rustix::process::geteuid().is_root() {
        options.extend(["--user", "--map-root-user"]);
    }
    options
}

/// A command that is found and answers.
fn runs(program: &str, argument: &str) -> bool {
    Command::new(program)
        .arg(argument)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Tries what the rig does first: namespaces, a bridge and a pair of virtual links.
fn namespaces() -> Result<(), String> {
    let script = "ip link set lo up && ip link add rig0 type bridge && ip link add rig1 type veth peer name rig2 && mount -t tmpfs none /run";
    let said = Command::new("unshare")
        .args(unshare_options())
        .args(["sh", "-c", script])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if said.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&said.stderr).trim().to_owned()) }
}

/// Go, new enough to build what the table names.
fn go() -> Result<(), String> {
    let said = Command::new("go")
        .args(["env", "GOVERSION"])
        .output()
        .map_err(|_| "`go` is not on the path".to_owned())?;
    let version = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    let minor: Option<u32> = version
        .strip_prefix("go1.")
        .and_then(|rest| rest.split('.').next())
        .and_then(|minor| minor.parse().ok());
    match minor {
        Some(minor) if minor >= 26 => Ok(()),
        _ => Err(format!("found {version}")),
    }
}
