//! Volumes and where containers see them: what a pod's volumes are on this machine, and a container's mounts.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};

use k8s_openapi::api::core::v1::{Container, HostPathVolumeSource};

use super::expand::expand;
use super::objects::Waiting;
use super::script::{Mount, Source};

/// A volume that is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ready {
    pub(super) source: Source,
    /// Nobody may write into it.
    pub(super) read_only: bool,
}

/// What a node shows of the machine itself, read-only; every other path is a folder of the node's own.
const OF_THE_MACHINE: &[&str] = &["/usr", "/lib/modules", "/etc/ssl", "/etc/localtime"];

/// What a `hostPath` volume is on a node whose own files lie in `node`.
///
/// # Errors
///
/// Nothing of the wanted type is there: the pod waits.
pub(super) fn host_path(node: &Path, volume: &str, wanted: &HostPathVolumeSource) -> Result<Ready, Waiting> {
    let kind = wanted.type_.as_deref().unwrap_or_default();
    let failed = |reason: String| {
        Waiting::creating(format!("MountVolume.SetUp failed for volume \"{volume}\" : {reason}"))
    };
    let path = normal(&wanted.path).ok_or_else(|| failed(format!("invalid path {}", wanted.path)))?;
    let system = |root: &str| {
        path.strip_prefix(root).filter(|below| below.is_empty() || below.starts_with('/')).map(str::to_owned)
    };
    if let Some(below) = system("/proc") {
        return Ok(Ready { source: Source::Proc(below), read_only: true });
    }
    if let Some(below) = system("/sys") {
        return Ok(Ready { source: Source::Sys(below), read_only: true });
    }
    let own = node.join(path.trim_start_matches('/'));
    let of_the_machine = path.is_empty() || OF_THE_MACHINE.iter().any(|root| system(root).is_some());
    if of_the_machine && (path.is_empty() || !own.exists()) {
        let path = PathBuf::from(if path.is_empty() { "/" } else { &path });
        return Ok(Ready { source: Source::Path(path), read_only: true });
    }
    let make = |done: std::io::Result<()>| done.map_err(|error| failed(format!("{path}: {error}")));
    let folder_of = |path: &Path| fs::create_dir_all(path.parent().unwrap_or(node));
    match kind {
        // A container runtime makes the folder where the type says nothing.
        "" if !own.exists() => make(fs::create_dir_all(&own))?,
        "DirectoryOrCreate" => make(fs::create_dir_all(&own))?,
        "FileOrCreate" if !own.exists() => {
            make(folder_of(&own).and_then(|()| fs::write(&own, "")))?;
        }
        _ => {}
    }
    let fits = match kind {
        "Directory" | "DirectoryOrCreate" => own.is_dir(),
        "File" | "FileOrCreate" => own.is_file(),
        _ => own.exists(),
    };
    if fits {
        Ok(Ready { source: Source::Path(own), read_only: false })
    } else {
        Err(failed(format!("hostPath type check failed: {} is not a {kind}", wanted.path)))
    }
}

/// A path without `.`, double and trailing slashes, empty for the root; nothing if it is not absolute or has `..`.
fn normal(path: &str) -> Option<String> {
    let mut normal = PathBuf::new();
    let mut parts = Path::new(path).components();
    if parts.next() != Some(Component::RootDir) {
        return None;
    }
    for part in parts {
        match part {
            Component::Normal(name) => normal.push(name),
            Component::ParentDir => return None,
            _ => {}
        }
    }
    let normal = normal.to_str()?;
    Some(if normal.is_empty() { String::new() } else { format!("/{normal}") })
}

/// Makes a folder that everybody may write, as `emptyDir` is.
///
/// # Errors
///
/// The disk.
pub(super) fn empty_folder(path: &Path) -> Result<(), String> {
    fs::create_dir_all(path)
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o777)))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// The mounts of a container.
///
/// # Errors
///
/// A `subPath` that leaves its volume.
pub(super) fn mounts(
    container: &Container,
    volumes: &BTreeMap<String, Ready>,
    environment: &BTreeMap<String, String>,
) -> Result<Vec<Mount>, Waiting> {
    let mut mounts = Vec::new();
    for wanted in container.volume_mounts.iter().flatten() {
        // Validation refuses a mount of a volume that the pod does not have.
        let Some(ready) = volumes.get(&wanted.name) else { continue };
        let below = match (&wanted.sub_path, &wanted.sub_path_expr) {
            (Some(path), _) => path.clone(),
            (None, Some(expression)) => expand(expression, environment),
            (None, None) => String::new(),
        };
        let mut source = ready.source.clone();
        if !below.is_empty() {
            let inside = Path::new(&below).components().all(|part| matches!(part, Component::Normal(_)));
            let Source::Path(folder) = &source else {
                return Err(Waiting::config(format!("subPath of a system folder: {below}")));
            };
            if !inside {
                return Err(Waiting::config(format!("subPath `{below}` leaves its volume")));
            }
            let path = folder.join(&below);
            if !path.exists() {
                fs::create_dir_all(&path)
                    .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o777)))
                    .map_err(|error| Waiting::config(format!("subPath `{below}`: {error}")))?;
            }
            // A subPath is resolved once: it does not follow later changes of the volume.
            source = Source::Path(path.canonicalize().unwrap_or(path));
        }
        let read_only = ready.read_only || wanted.read_only == Some(true);
        mounts.push(Mount { source, target: wanted.mount_path.clone(), read_only });
    }
    Ok(mounts)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wanted(path: &str, kind: &str) -> HostPathVolumeSource {
        HostPathVolumeSource { path: path.to_owned(), type_: Some(kind.to_owned()) }
    }

    #[test]
    fn a_node_has_its_own_files() {
        let node = tempfile::tempdir().expect("a folder");
        let own = |path: &str, kind: &str| host_path(node.path(), "v", &wanted(path, kind));
        assert!(own("/etc/kubernetes/pki", "Directory").is_err());
        assert!(own("/var/lib/etcd", "File").is_err());
        let made = own("/etc/kubernetes/pki/", "DirectoryOrCreate").expect("it is made");
        assert_eq!(made.source, Source::Path(node.path().join("etc/kubernetes/pki")));
        assert!(!made.read_only);
        assert!(own("/etc/kubernetes/pki", "Directory").is_ok());
        assert!(own("/etc/kubernetes/pki", "File").is_err());
        assert!(own("/var/lib/x/lock", "FileOrCreate").is_ok());
        assert!(own("/var/lib/x/lock", "File").is_ok());
        assert!(own("/etc/../../etc", "").is_err());
    }

    #[test]
    fn the_machine_is_read_only() {
        let node = tempfile::tempdir().expect("a folder");
        for (path, source) in [
            ("/", Source::Path("/".into())),
            ("/proc", Source::Proc(String::new())),
            ("/sys/fs/cgroup", Source::Sys("/fs/cgroup".to_owned())),
            ("/usr/share/zoneinfo", Source::Path("/usr/share/zoneinfo".into())),
        ] {
            let ready = host_path(node.path(), "v", &wanted(path, "")).expect("it is there");
            assert_eq!(ready, Ready { source, read_only: true }, "{path}");
        }
        let ready = host_path(node.path(), "v", &wanted("/procfs", "")).expect("it is made");
        assert_eq!(ready.source, Source::Path(node.path().join("procfs")));
    }

    #[test]
    fn sub_paths_stay_inside() {
        let folder = tempfile::tempdir().expect("a folder");
        let ready = Ready { source: Source::Path(folder.path().to_owned()), read_only: false };
        let volumes = BTreeMap::from([("v".to_owned(), ready)]);
        let environment = BTreeMap::from([("POD".to_owned(), "web-0".to_owned())]);
        let made = |mount: serde_json::Value| {
            let container: Container =
                serde_json::from_value(json!({"name": "a", "volumeMounts": [mount]})).expect("a container");
            mounts(&container, &volumes, &environment)
        };
        let mounts =
            made(json!({"name": "v", "mountPath": "/d", "subPathExpr": "$(POD)/x", "readOnly": true}))
                .expect("it is made");
        assert_eq!(mounts[0].source, Source::Path(folder.path().canonicalize().unwrap().join("web-0/x")));
        assert!(mounts[0].read_only);
        assert!(folder.path().join("web-0/x").is_dir());
        assert!(made(json!({"name": "v", "mountPath": "/d", "subPath": "../x"})).is_err());
    }
}
