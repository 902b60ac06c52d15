//! The script that starts a container: what it mounts, then the program with its environment and nothing else.
//!
//! It runs in a mount namespace of its own within the network namespace of its host, and stays in the folder of the
//! pod, so that a person can read why a program saw what it saw.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

/// What a container's script says.
#[derive(Debug)]
pub(crate) struct Script {
    /// Whose it is, for the reader.
    pub(crate) title: String,
    /// An empty folder that becomes the container's root.
    pub(crate) root: PathBuf,
    /// The name the container's machine has.
    pub(crate) host_name: String,
    /// Lines of `/etc/hosts`.
    pub(crate) hosts: Vec<String>,
    /// Programs of the image, read-only.
    pub(crate) programs: Vec<(PathBuf, String)>,
    /// In any order.
    pub(crate) mounts: Vec<Mount>,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) working_folder: String,
    /// The program and its arguments.
    pub(crate) command: Vec<String>,
}

/// What a container sees at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mount {
    pub(crate) source: Source,
    pub(crate) target: String,
    pub(crate) read_only: bool,
}

/// Where a mount comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A folder or file.
    Path(PathBuf),
    /// The machine's `/proc` or a path below it.
    Proc(String),
    /// `/sys` or a path below it, as seen from the container's network namespace.
    Sys(String),
}

/// Shell functions: `show SOURCE TARGET ro|rw` mounts a file or folder, `system TYPE TARGET` the system's own.
const FUNCTIONS: &str = r#"show() {
    if [ -d "$1" ]; then
        mkdir -p "$root$2"
    else
        mkdir -p "$root${2%/*}"
        [ -e "$root$2" ] || : > "$root$2"
    fi
    # In a user namespace what is mounted below may not be uncovered: it comes along.
    mount --bind "$1" "$root$2" 2> /dev/null || mount --rbind "$1" "$root$2"
    [ "$3" = rw ] || seal "$root$2"
}
# Makes a mount read-only. In a user namespace the flags it was inherited with may not be taken away.
seal() {
    for flags in "" ,nosuid,nodev ,nosuid,nodev,noexec ,nosuid ,nodev; do
        if mount -o "remount,bind,ro$flags" "$1" 2> /dev/null; then return; fi
    done
    mount -o remount,bind,ro "$1"
}
system() {
    mkdir -p "$root$2"
    case "$1" in
    proc) mount --rbind /proc "$root$2" ;;
    sys) mount -t sysfs -o ro sys "$root$2" ;;
    esac
}
"#;

impl Script {
    /// The text of the script, for `sh`.
    pub(crate) fn text(&self) -> String {
        let mut text = format!(
            "# {}\nset -eu\nroot={}\n{FUNCTIONS}\
             nsenter=$(command -v nsenter)\n\
             echo {} > /proc/sys/kernel/hostname\n\
             mount -t tmpfs -o mode=755 container \"$root\"\n\
             mkdir -p \"$root/dev\" \"$root/etc/ssl\" \"$root/tmp\" \"$root/var/run\"\n\
             chmod 1777 \"$root/tmp\"\n",
            self.title.replace('\n', " "),
            quote(&self.root.to_string_lossy()),
            quote(&self.host_name),
        );
        let _ = writeln!(text, "mkdir -p \"$root\"{}", quote(&self.working_folder));
        let _ = writeln!(text, "printf '%s\\n' {} > \"$root/etc/hosts\"", quoted(&self.hosts));
        text.push_str(
            "printf '%s\\n' root:x:0:0:root:/root:/bin/sh nobody:x:65534:65534:nobody:/:/bin/sh > \"$root/etc/passwd\"\n\
             : > \"$root/etc/resolv.conf\"\n\
             [ ! -d /etc/ssl/certs ] || show /etc/ssl/certs /etc/ssl/certs ro\n\
             for device in null zero full random urandom; do show /dev/$device /dev/$device rw; done\n\
             system proc /proc\nsystem sys /sys\n",
        );
        for (program, path) in &self.programs {
            let _ = writeln!(text, "show {} {} ro", quote(&program.to_string_lossy()), quote(path));
        }
        for mount in in_order(&self.mounts) {
            let target = quote(&mount.target);
            match &mount.source {
                Source::Path(path) => {
                    let mode = if mount.read_only { "ro" } else { "rw" };
                    let _ = writeln!(text, "show {} {target} {mode}", quote(&path.to_string_lossy()));
                }
                Source::Proc(below) if below.is_empty() => {
                    let _ = writeln!(text, "system proc {target}");
                }
                Source::Sys(below) if below.is_empty() => {
                    let _ = writeln!(text, "system sys {target}");
                }
                Source::Proc(below) => {
                    let _ = writeln!(text, "show \"$root\"/proc{} {target} ro", quote(below));
                }
                Source::Sys(below) => {
                    let _ = writeln!(text, "show \"$root\"/sys{} {target} ro", quote(below));
                }
            }
        }
        let variables: Vec<String> =
            self.environment.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let _ = writeln!(
            text,
            "exec env -i {} \"$nsenter\" --root=\"$root\" --wd=\"$root\"{} -- {}",
            quoted(&variables),
            quote(&self.working_folder),
            quoted(&self.command)
        );
        text
    }
}

/// Outer paths before those inside them: a mount hides what lies below it.
fn in_order(mounts: &[Mount]) -> Vec<&Mount> {
    let mut mounts: Vec<&Mount> = mounts.iter().collect();
    mounts.sort_by_key(|mount| mount.target.split('/').filter(|part| !part.is_empty()).count());
    mounts
}

fn quoted(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| quote(word)).collect();
    words.join(" \\\n    ")
}

/// A word as the shell takes it literally.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_what_they_are() {
        let words = ["", "plain-1.2/x", "two words", "it's", "$(A) `b` \\ \"c\"", "a\nb", "*", "é"];
        let script = format!("printf '%s\\0' {}", words.map(quote).join(" "));
        let said = std::process::Command::new("sh").arg("-c").arg(&script).output().expect("sh runs");
        let expected = words.join("\0") + "\0";
        assert_eq!(String::from_utf8_lossy(&said.stdout), expected);
    }

    #[test]
    fn outer_mounts_come_first() {
        let mount = |target: &str| Mount {
            source: Source::Path("/x".into()),
            target: target.to_owned(),
            read_only: true,
        };
        let mounts =
            [mount("/etc/prometheus/certs/"), mount("/etc/prometheus"), mount("/a/b/c/d"), mount("/")];
        let targets: Vec<&str> = in_order(&mounts).iter().map(|mount| mount.target.as_str()).collect();
        assert_eq!(targets, ["/", "/etc/prometheus", "/etc/prometheus/certs/", "/a/b/c/d"]);
    }
}
