//! Which findings somebody wants to hear, and how much they matter to them.

use std::path::{Component, Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::{Code, Codes, Diagnostic, Level};

/// What is told, and at which level. Nothing is left out by default.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// The codes that are told; empty: all.
    pub select: Vec<Codes>,
    /// The codes that are not told.
    pub ignore: Vec<Codes>,
    /// Levels in place of the codes' own; none: the code is not told. Of those for one code the narrowest decides, of
    /// equal ones the last.
    pub levels: Vec<(Codes, Option<Level>)>,
    /// Files in which codes are not told.
    pub exceptions: Vec<Exception>,
}

impl Policy {
    /// The level a finding is told at; none: it is not told. What names a code more narrowly decides between `select` and
    /// `ignore`, and `ignore` where both are as narrow.
    pub fn level(&self, finding: &Diagnostic) -> Option<Level> {
        if !self.is_selected(finding.code) {
            return None;
        }
        let said = self.levels.iter().filter(|(codes, _)| codes.has(finding.code));
        match said.max_by_key(|(codes, _)| codes.narrowness()) {
            Some((_, level)) => *level,
            None => Some(finding.level),
        }
    }

    /// Whether a finding is told; then it has the level it is told at.
    pub fn tells(&self, finding: &mut Diagnostic) -> bool {
        let level = self.level(finding);
        finding.level = level.unwrap_or(finding.level);
        level.is_some()
    }

    fn is_selected(&self, code: Code) -> bool {
        let narrowest = |all: &[Codes]| {
            all.iter().filter(|codes| codes.has(code)).map(Codes::narrowness).max().unwrap_or_default()
        };
        let ignored = narrowest(&self.ignore);
        let selected = narrowest(&self.select);
        (selected > 0 || self.select.is_empty()) && (ignored == 0 || selected > ignored)
    }

    /// The exception a finding falls under, by the file of its place.
    pub fn exception(&self, finding: &Diagnostic) -> Option<&Exception> {
        let place = &finding.place.as_ref()?.place;
        self.exceptions.iter().find(|exception| exception.is_for(finding.code, place.file.name()))
    }
}

/// Codes that are not told of some files.
#[derive(Debug, Clone)]
pub struct Exception {
    glob: String,
    codes: Vec<Codes>,
    folder: PathBuf,
    matcher: Gitignore,
}

impl Exception {
    /// For files that a pattern matches as one of a `.gitignore` in this folder would.
    ///
    /// # Errors
    /// Why the pattern is none.
    pub fn new(folder: &Path, glob: &str, codes: Vec<Codes>) -> Result<Self, String> {
        if glob.trim().is_empty() {
            return Err("the pattern of paths is empty".to_owned());
        }
        if glob.starts_with(['!', '#']) {
            return Err(format!("a pattern of paths does not begin with `{}`", &glob[..1]));
        }
        // The folder is taken away before the matcher sees a path.
        let mut builder = GitignoreBuilder::new("");
        builder.add_line(None, glob).map_err(|error| error.to_string())?;
        let matcher = builder.build().map_err(|error| error.to_string())?;
        Ok(Self { glob: glob.to_owned(), codes, folder: normal(folder), matcher })
    }

    /// The pattern.
    pub fn glob(&self) -> &str {
        &self.glob
    }

    fn is_for(&self, code: Code, file: &str) -> bool {
        if !self.codes.iter().any(|codes| codes.has(code)) {
            return false;
        }
        let path = normal(Path::new(file));
        let Ok(below) = path.strip_prefix(&self.folder) else { return false };
        !below.as_os_str().is_empty() && self.matcher.matched_path_or_any_parents(below, false).is_ignore()
    }
}

/// A path from the root, without `.` and `..`, by its words alone.
fn normal(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut normal = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::{Place, Span, TextFile};

    fn codes(texts: &[&str]) -> Vec<Codes> {
        texts.iter().map(|text| text.parse().expect("it names codes")).collect()
    }

    fn level(policy: &Policy, code: Code) -> Option<Level> {
        policy.level(&Diagnostic::new(code, ""))
    }

    #[test]
    fn the_narrower_of_select_and_ignore_decides() {
        let policy = Policy {
            select: codes(&["PW201", "PW1"]),
            ignore: codes(&["PW2", "PW101"]),
            ..Policy::default()
        };
        assert!(level(&policy, Code::MONITOR_NOT_SELECTED).is_some());
        assert!(level(&policy, Code::MONITOR_NAMESPACE).is_none());
        assert!(level(&policy, Code::UNKNOWN_FIELD).is_none() && level(&policy, Code::WRONG_TYPE).is_some());
        assert!(level(&policy, Code::SYNTAX).is_none(), "it is not selected");
        let policy = Policy { ignore: codes(&["all"]), select: codes(&["all"]), ..Policy::default() };
        assert!(level(&policy, Code::SYNTAX).is_none(), "both are as narrow");
        assert_eq!(level(&Policy::default(), Code::SYNTAX), Some(Level::Error));
    }

    #[test]
    fn of_levels_the_narrowest_and_then_the_last_decides() {
        let levels = [("PW20", None), ("PW2", Some(Level::Info)), ("PW202", Some(Level::Error))];
        let levels = levels.map(|(text, level)| (text.parse().expect("it names codes"), level)).to_vec();
        let mut policy = Policy { levels, ..Policy::default() };
        assert_eq!(level(&policy, Code::MONITOR_NOT_SELECTED), None);
        assert_eq!(level(&policy, Code::MONITOR_NAMESPACE), Some(Level::Error));
        assert_eq!(level(&policy, Code::NO_SUCH_TARGET_PORT), Some(Level::Info));
        policy.levels.push(("PW202".parse().expect("it names a code"), Some(Level::Warning)));
        assert_eq!(level(&policy, Code::MONITOR_NAMESPACE), Some(Level::Warning));
    }

    #[test]
    fn paths_are_matched_as_git_does_from_a_folder() {
        let is_excepted = |folder: &str, glob: &str, file: &str| {
            let exception = Exception::new(Path::new(folder), glob, codes(&["PW2"])).expect("a pattern");
            let policy = Policy { exceptions: vec![exception], ..Policy::default() };
            let file = Arc::new(TextFile::new(file, ""));
            let finding = Diagnostic::new(Code::MONITOR_NOT_SELECTED, "");
            policy.exception(&finding.at(Place::new(file, Span::default()), "")).is_some()
        };
        assert!(is_excepted("", "vendor/", "./vendor/a/b.yaml") && is_excepted("", "*.yml", "x/y.yml"));
        assert!(is_excepted("", "/a/*.yaml", "a/b.yaml") && !is_excepted("", "/a/*.yaml", "x/a/b.yaml"));
        assert!(
            is_excepted("", "a/**/c.yaml", "a/b/b/c.yaml") && !is_excepted("", "vendor/", "vendors.yaml")
        );
        assert!(
            is_excepted("apps", "web/*", "apps/web/a.yaml") && !is_excepted("apps", "web/*", "web/a.yaml")
        );
        assert!(is_excepted("", "b.yaml", "a/../b.yaml") && is_excepted("..", "*.yaml", "b.yaml"));
        assert!(Exception::new(Path::new(""), "!a", Vec::new()).is_err());
        assert!(Exception::new(Path::new(""), "a{b", Vec::new()).is_err());
    }
}
