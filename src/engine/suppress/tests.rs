use super::*;
use crate::diagnostic::Level;
use crate::source::{InputPath, LoadOptions};

/// What is left, and what is suppressed with its reason, of the files of a folder in which every object named `wrong` is found
/// to be so.
fn applied(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<_> = files.iter().map(|(name, _)| folder.path().join(name)).collect();
    for (path, (_, text)) in paths.iter().zip(files) {
        std::fs::write(path, text.replace("kind: ", "apiVersion: t/v1\nkind: ")).unwrap();
    }
    let inputs: Vec<InputPath> = paths.into_iter().map(InputPath::from).collect();
    let worlds = Worlds::load(&inputs, &LoadOptions::default(), None, &[]);
    let findings: Vec<Diagnostic> = worlds
        .iter()
        .last()
        .into_iter()
        .flat_map(|named| named.world.inventory().objects())
        .filter(|object| object.name() == "wrong")
        .map(|object| {
            let place = object.place_at(&["metadata", "name"]);
            Diagnostic::new(Code::MONITOR_NOT_SELECTED, "x").at(place, "").about(object.subject())
        })
        .collect();
    let (left, suppressed) = apply(&worlds, findings);
    let line = |finding: &Diagnostic| {
        let place = finding.place.as_ref().unwrap();
        let (line, _) = place.place.file.line_column(place.place.span.start);
        format!("{} {line}", finding.code.id())
    };
    assert!(left.iter().all(|finding| finding.level == Level::Warning));
    let suppressed = suppressed.iter().map(|one| format!("{} {}", line(&one.finding), one.reason)).collect();
    (left.iter().map(line).collect(), suppressed)
}

fn one(name: &str, text: &str) -> (Vec<String>, Vec<String>) {
    applied(&[(name, text)])
}

#[test]
fn a_comment_is_for_its_line_or_the_next() {
    let (left, suppressed) = one(
        "a.yaml",
        "kind: A\nmetadata:\n  name: wrong # promwire: ignore[PW201] here\n---\nkind: B\nmetadata:\n\
         \x20 # promwire: ignore[PW201] below\n  # and more\n  name: wrong\n---\nkind: C\nmetadata:\n  name: wrong\n",
    );
    assert_eq!(left, ["PW201 16"]);
    assert_eq!(suppressed, ["PW201 4 here", "PW201 11 below"]);
}

#[test]
fn a_comment_above_a_document_is_for_all_of_it() {
    let (left, suppressed) = one(
        "a.yaml",
        "# promwire: ignore[PW201] - first\r\nkind: A\r\nmetadata: {name: wrong}\r\n---\r\nkind: B\r\n\
         metadata: {name: wrong}\r\n---\r\n\r\n# promwire: ignore[PW201] last\r\nkind: C\r\nmetadata: {name: wrong}\r\n",
    );
    assert_eq!(left, ["PW201 8"]);
    assert_eq!(suppressed, ["PW201 4 first", "PW201 14 last"]);
}

#[test]
fn a_comment_at_the_top_is_for_the_file() {
    let documents = "kind: A\nmetadata: {name: wrong}\n---\nkind: B\nmetadata: {name: wrong}\n";
    for top in ["# promwire: ignore-file[PW201] why\n", "\u{feff}# promwire: ignore[PW201] why\n---\n"] {
        let (left, suppressed) = one("a.yaml", &format!("{top}{documents}"));
        assert!(left.is_empty() && suppressed.len() == 2, "{left:?}");
    }
    let (left, _) = one("a.yaml", &format!("{documents}---\n# promwire: ignore-file[PW201] why\nkind: C\n"));
    assert_eq!(left, ["PW201 3", "PW201 7", "PW720 9"]);
}

#[test]
fn an_annotation_is_for_its_object_also_in_json() {
    let json = r#"{"apiVersion": "t/v1", "kind": "A", "metadata": {"name": "wrong", "annotations": {"promwire.dev/ignore": "PW201,monitor-in-unselected-namespace why"}}}"#;
    let (left, suppressed) = applied(&[("a.json", json), ("b.yaml", "kind: B\nmetadata: {name: wrong}\n")]);
    assert_eq!(left, ["PW201 3", "PW723 1"]);
    assert_eq!(suppressed, ["PW201 1 why"]);
}

#[test]
fn the_narrowest_is_used() {
    let (left, suppressed) = one(
        "a.yaml",
        "# promwire: ignore-file[PW201] of all\nkind: A\nmetadata:\n  name: wrong # promwire: ignore[PW201] here\n",
    );
    assert_eq!(left, ["PW723 1"]);
    assert_eq!(suppressed, ["PW201 5 here"]);
}

#[test]
fn fences_of_markdown_have_comments_too() {
    let (left, suppressed) = one(
        "a.md",
        "1. First\n\n   ```yaml\n   apiVersion: t/v1\n   kind : A\n   metadata:\n     name: wrong # promwire: ignore[PW201] why\n   ```\n",
    );
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(suppressed, ["PW201 7 why"]);
}

#[test]
fn what_is_not_for_promwire_is_left_alone() {
    let text = "kind: A # promwire: is nice\nmetadata:\n  name: b # promwire ignore[PW201] x\n  # see promwire: ignore[x]\n";
    assert_eq!(one("a.yaml", text), (Vec::new(), Vec::new()));
}
