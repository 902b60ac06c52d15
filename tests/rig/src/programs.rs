//! The programs: built once with Go into a cache outside the checkout, found there ever after.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::components::{COMPONENTS, Component, Selection, Version};

/// Where the programs are.
#[derive(Debug, Clone)]
pub struct Programs {
    paths: BTreeMap<&'static str, PathBuf>,
}

impl Programs {
    /// The programs of a selection, if all of them were built.
    ///
    /// # Errors
    ///
    /// The components that were not built yet.
    pub fn find(selection: &Selection) -> Result<Self, Vec<&'static Component>> {
        let mut paths = BTreeMap::new();
        let mut missing = Vec::new();
        for component in COMPONENTS {
            let folder = folder(component, selection.version(component));
            if folder.is_dir() {
                paths.extend(
                    component.programs.iter().map(|program| (program.name, folder.join(program.name))),
                );
            } else {
                missing.push(component);
            }
        }
        if missing.is_empty() { Ok(Self { paths }) } else { Err(missing) }
    }

    /// Builds what was not built yet; `progress` hears of each component before and after.
    ///
    /// # Errors
    ///
    /// What the Go command said.
    pub fn build(selection: &Selection, progress: &mut dyn FnMut(&str)) -> Result<Self, String> {
        let missing = match Self::find(selection) {
            Ok(programs) => return Ok(programs),
            Err(missing) => missing,
        };
        fs::create_dir_all(cache()).map_err(|error| format!("{}: {error}", cache().display()))?;
        // Two runs at once share one build: the second waits here and finds it done.
        let lock = cache().join("lock");
        let lock = File::create(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
        lock.lock().map_err(|error| format!("lock on the cache: {error}"))?;
        for component in missing {
            build_missing(component, selection.version(component), progress)?;
        }
        Self::find(selection).map_err(|_| "the cache changed while it was built".to_owned())
    }

    /// The path of a program of [`COMPONENTS`].
    ///
    /// # Panics
    ///
    /// The table has no such program: a mistake of the caller.
    pub fn path(&self, program: &str) -> &Path {
        self.paths.get(program).unwrap_or_else(|| panic!("no program {program} in the table of components"))
    }
}

/// The first program of a component that is no part of a cluster, built if it was not.
///
/// # Errors
///
/// What the Go command said.
pub fn other(component: &Component, progress: &mut dyn FnMut(&str)) -> Result<PathBuf, String> {
    let version = &component.versions[0];
    fs::create_dir_all(cache()).map_err(|error| format!("{}: {error}", cache().display()))?;
    build_missing(component, version, progress)?;
    Ok(folder(component, version).join(component.programs[0].name))
}

fn build_missing(
    component: &Component,
    version: &Version,
    progress: &mut dyn FnMut(&str),
) -> Result<(), String> {
    if folder(component, version).is_dir() {
        return Ok(());
    }
    let started = Instant::now();
    progress(&format!("building {} {}", component.name, version.name));
    build(component, version)?;
    let seconds = started.elapsed().as_secs();
    progress(&format!("built {} {} in {seconds} s", component.name, version.name));
    Ok(())
}

/// The folder of everything that was built: `PROMWIRE_RIG_CACHE`, or `promwire/rig` in the user's cache folder.
pub fn cache() -> PathBuf {
    if let Some(folder) = std::env::var_os("PROMWIRE_RIG_CACHE") {
        return folder.into();
    }
    std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .unwrap_or_else(std::env::temp_dir)
        .join("promwire")
        .join("rig")
}

/// Where a version of a component lives: the key holds everything that decides what is built.
fn folder(component: &Component, version: &Version) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    (component.module, version.module, component.siblings, component.replaces, component.tags)
        .hash(&mut hasher);
    (linker_flags(component, version), std::env::consts::ARCH).hash(&mut hasher);
    component.programs.iter().for_each(|program| (program.name, program.package).hash(&mut hasher));
    cache().join(format!("{}-{}-{:08x}", component.name, version.name, hasher.finish() & 0xffff_ffff))
}

fn linker_flags(component: &Component, version: &Version) -> String {
    let mut flags = "-s -w".to_owned();
    if let Some(variables) = component.version_variables {
        let mut numbers = version.name.split('.');
        let (major, minor) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
        let _ = write!(
            flags,
            " -X {variables}.gitVersion=v{} -X {variables}.gitMajor={major} -X {variables}.gitMinor={minor}",
            version.name
        );
    }
    flags
}

/// Builds in a folder of its own, and gives it its name when everything is there.
fn build(component: &Component, version: &Version) -> Result<(), String> {
    let work = tempfile::Builder::new()
        .prefix("building-")
        .tempdir_in(cache())
        .map_err(|error| format!("{}: {error}", cache().display()))?;
    let write = |path: &Path, text: &str| {
        fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
    };
    write(&work.path().join("go.mod"), &go_mod(component, version, work.path())?)?;
    let out = work.path().join("out");
    fs::create_dir(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    for program in component.programs {
        let package = if program.package.is_empty() {
            component.module.to_owned()
        } else {
            format!("{}/{}", component.module, program.package)
        };
        go(
            work.path(),
            &[
                "build",
                // Fills in go.sum: the versions are decided by the module's own go.mod, their content by the
                // checksum database.
                "-mod=mod",
                "-trimpath",
                "-ldflags",
                &linker_flags(component, version),
                "-tags",
                &component.tags.join(","),
                "-o",
                &out.join(program.name).to_string_lossy(),
                &package,
            ],
        )?;
    }
    let folder = folder(component, version);
    fs::rename(&out, &folder).map_err(|error| format!("{}: {error}", folder.display()))
}

/// The Go module that holds the programs of one component and nothing else: the trees of two would exclude each other.
fn go_mod(component: &Component, version: &Version, work: &Path) -> Result<String, String> {
    let mut text = format!(
        "module rig/{}\n\ngo 1.26\n\nrequire {} {}\n",
        component.name, component.module, version.module
    );
    for sibling in component.siblings {
        let _ = writeln!(text, "require {sibling} {}", version.module);
    }
    for replace in component.replaces {
        let _ = writeln!(text, "replace {replace}");
    }
    // Kubernetes requires the modules of its own repository at v0.0.0 and publishes them as v0.MINOR.PATCH.
    if component.module == "k8s.io/kubernetes" {
        let published = version.module.replacen("v1.", "v0.", 1);
        let wanted = format!("{}@{}", component.module, version.module);
        let described = go(work, &["mod", "download", "-json", &wanted])?;
        let described: serde_json::Value =
            serde_json::from_str(&described).map_err(|error| format!("go mod download: {error}"))?;
        let own = described["GoMod"].as_str().unwrap_or_default();
        let own = fs::read_to_string(own).map_err(|error| format!("{own}: {error}"))?;
        for module in own.lines().filter_map(|line| line.trim().strip_suffix(" v0.0.0")) {
            let module = module.trim_start_matches("require ").trim();
            let _ = writeln!(text, "replace {module} => {module} {published}");
        }
    }
    Ok(text)
}

/// Runs the Go command, and gives its standard output.
fn go(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let said = Command::new("go")
        .args(arguments)
        .current_dir(folder)
        .env("CGO_ENABLED", "0")
        .env("GOWORK", "off")
        .env("GOFLAGS", "")
        .output()
        .map_err(|error| format!("go {}: {error}", arguments[0]))?;
    if said.status.success() {
        return Ok(String::from_utf8_lossy(&said.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&said.stderr);
    // What was downloaded is said first, what went wrong last.
    let errors: Vec<&str> = errors.lines().filter(|line| !line.starts_with("go: downloading")).collect();
    Err(format!(
        "go {} failed:\n{}",
        arguments.join(" "),
        errors[errors.len().saturating_sub(20)..].join("\n")
    ))
}
