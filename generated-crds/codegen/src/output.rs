//! The files to write, in memory until all of them are known to be good.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use crate::Result;

/// Folders below the crate that hold nothing but generated files: what is there and not written is removed.
const OWNED: [&str; 3] = ["crds", "schema", "src/monitoring"];

/// Contents by path below the crate.
#[derive(Default)]
pub(crate) struct Output(BTreeMap<String, String>);

impl Output {
    pub(crate) fn add(&mut self, path: impl Into<String>, content: String) {
        self.0.insert(path.into(), content);
    }

    /// Formats the Rust files as `cargo fmt` would.
    pub(crate) fn format(&mut self, crate_dir: &Path) -> Result<()> {
        let config = crate_dir.join("../rustfmt.toml");
        let is_rust = |path: &str| Path::new(path).extension().is_some_and(|extension| extension == "rs");
        for (path, content) in self.0.iter_mut().filter(|(path, _)| is_rust(path)) {
            let mut rustfmt = Command::new("rustfmt")
                .args(["--emit", "stdout", "--config-path"])
                .arg(&config)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .map_err(|error| format!("cannot run rustfmt (`rustup component add rustfmt`): {error}"))?;
            let mut stdin = rustfmt.stdin.take().ok_or("rustfmt has no standard input")?;
            stdin
                .write_all(content.as_bytes())
                .map_err(|error| format!("cannot write to rustfmt: {error}"))?;
            drop(stdin);
            let done = rustfmt.wait_with_output().map_err(|error| format!("rustfmt: {error}"))?;
            if !done.status.success() {
                return Err(format!("rustfmt refuses {path}, which is a defect of the generator"));
            }
            *content = String::from_utf8(done.stdout).map_err(|error| format!("rustfmt: {error}"))?;
        }
        Ok(())
    }

    /// Fails when the committed files differ from these, naming each.
    pub(crate) fn check(&self, crate_dir: &Path) -> Result<()> {
        let mut differences = self.stale(crate_dir);
        for (path, content) in &self.0 {
            match fs::read_to_string(crate_dir.join(path)) {
                Ok(found) if found == *content => {}
                Ok(_) => differences.push(format!("{path} differs")),
                Err(_) => differences.push(format!("{path} is missing")),
            }
        }
        if differences.is_empty() {
            return Ok(());
        }
        Err(format!(
            "the committed output is not what the CRDs give; run `cargo xtask codegen` and commit the result:\n  {}",
            differences.join("\n  ")
        ))
    }

    /// Writes what differs and removes what is no longer generated; returns how many files that were.
    pub(crate) fn write(&self, crate_dir: &Path) -> Result<usize> {
        let mut changed = 0;
        for (path, content) in &self.0 {
            let target = crate_dir.join(path);
            if fs::read_to_string(&target).is_ok_and(|found| found == *content) {
                continue;
            }
            let failed = |error| format!("cannot write generated-crds/{path}: {error}");
            fs::create_dir_all(target.parent().unwrap_or(crate_dir)).map_err(failed)?;
            // Renamed into place, so that an interrupted run leaves no half-written file.
            let partial = target.with_extension("partial");
            fs::write(&partial, content).and_then(|()| fs::rename(&partial, &target)).map_err(failed)?;
            changed += 1;
        }
        for stale in self.stale(crate_dir) {
            let path = stale.trim_end_matches(" is not generated any more");
            fs::remove_file(crate_dir.join(path))
                .map_err(|error| format!("cannot remove {path}: {error}"))?;
            changed += 1;
        }
        Ok(changed)
    }

    fn stale(&self, crate_dir: &Path) -> Vec<String> {
        let mut found = BTreeSet::new();
        for folder in OWNED {
            for entry in fs::read_dir(crate_dir.join(folder)).into_iter().flatten().flatten() {
                found.insert(format!("{folder}/{}", entry.file_name().to_string_lossy()));
            }
        }
        found.retain(|path| !self.0.contains_key(path));
        found.into_iter().map(|path| format!("{path} is not generated any more")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_written_what_is_stale_removed_and_both_are_found_by_a_check() {
        let dir = std::env::temp_dir().join(format!("codegen-output-{}", std::process::id()));
        let mut output = Output::default();
        output.add("schema/a.json", "1".to_owned());
        output.add("src/monitoring/b.rs", "fn  b( ) { }".to_owned());
        assert_eq!(output.write(&dir), Ok(2));
        assert_eq!(output.write(&dir), Ok(0));
        assert_eq!(output.check(&dir), Ok(()));
        fs::write(dir.join("schema/a.json"), "2").expect("writable");
        fs::write(dir.join("schema/old.json"), "2").expect("writable");
        fs::remove_file(dir.join("src/monitoring/b.rs")).expect("written above");
        let error = output.check(&dir).expect_err("all three are wrong");
        for line in [
            "schema/a.json differs",
            "schema/old.json is not generated any more",
            "src/monitoring/b.rs is missing",
        ] {
            assert!(error.contains(line), "{error}");
        }
        assert_eq!(output.write(&dir), Ok(3));
        assert_eq!(output.check(&dir), Ok(()));
        fs::remove_dir_all(dir).expect("ours");
    }
}
