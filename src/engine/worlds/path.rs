//! Paths as kustomizations write them, compared without asking the file system.

/// A path without `.`, and without `..` where something stands before it.
pub(super) fn normal(path: &str) -> String {
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split('/') {
        match step {
            "." => {}
            "" if !steps.is_empty() || !path.starts_with('/') => {}
            ".." if steps.last().is_some_and(|last| !last.is_empty() && *last != "..") => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// A path that is written in a folder.
pub(super) fn join(folder: &str, path: &str) -> String {
    if folder.is_empty() || path.starts_with('/') {
        normal(path)
    } else {
        normal(&format!("{folder}/{path}"))
    }
}

/// The folder of a path; empty for the folder the command is run in.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether a path is in a folder, or below it.
pub(super) fn is_below(path: &str, folder: &str) -> bool {
    if folder.is_empty() {
        return !path.starts_with('/') && path != ".." && !path.starts_with("../");
    }
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether what a kustomization names is on another machine.
pub(super) fn is_remote(path: &str) -> bool {
    path.contains("://")
        || path.contains("?ref=")
        || path.starts_with("git@")
        || path.starts_with("github.com/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_compared_as_they_are_meant() {
        for (folder, path, expected) in [
            ("overlays/prod", "../../base", "base"),
            ("overlays/prod", "./a.yaml", "overlays/prod/a.yaml"),
            ("", "base/", "base"),
            ("", "../x", "../x"),
            ("a", "../../x", "../x"),
            ("/r/a", "../b", "/r/b"),
            ("git:HEAD:a/b", "../c.yaml", "git:HEAD:a/c.yaml"),
        ] {
            assert_eq!(join(folder, path), expected, "{folder} {path}");
        }
        assert!(is_below("a/b.yaml", "a") && is_below("x", "") && !is_below("ab/c", "a"));
        assert!(!is_below("/etc/passwd", "") && !is_below("../x", ""));
    }
}
