//! What a change of texts comes to, as a unified diff that `patch -p1` and `git apply` take.

use std::fmt::Write as _;

use similar::{ChangeTag, TextDiff};

use super::text::masked;
use super::visible::visible;
use crate::diagnostic::TextFile;

/// The difference of a text before and after. Secrets of either are shown as asterisks.
pub fn render(before: &TextFile, after: &TextFile) -> String {
    let (old, new) = (lines(before.text()), lines(after.text()));
    let (old_shown, new_shown) = (shown(before), shown(after));
    let diff = TextDiff::configure().diff_slices(&old, &new);
    let name = before.name().strip_prefix("./").unwrap_or(before.name());
    let (from, to) = if name.starts_with('/') { ("", "") } else { ("a/", "b/") };
    let name = visible(name).replace(['\n', '\t'], "?");
    let mut text = format!("--- {from}{name}\n+++ {to}{name}\n");
    for hunk in diff.unified_diff().iter_hunks() {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", hunk.header());
        for change in hunk.iter_changes() {
            let (sign, line) = match change.tag() {
                ChangeTag::Delete => ('-', change.old_index().and_then(|index| old_shown.get(index))),
                ChangeTag::Insert => ('+', change.new_index().and_then(|index| new_shown.get(index))),
                ChangeTag::Equal => (' ', change.new_index().and_then(|index| new_shown.get(index))),
            };
            let line = line.map(String::as_str).unwrap_or_default();
            text.push(sign);
            text.push_str(line);
            if !line.ends_with('\n') {
                text.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    text
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// The lines as they may be shown, as many as there are.
fn shown(file: &TextFile) -> Vec<String> {
    let text = masked(file, 0..file.text().len());
    let line = |line: &str| {
        let body = line.trim_end_matches(['\n', '\r']);
        format!("{}{}", visible(body), &line[body.len()..])
    };
    lines(&text).into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::source;

    fn file(text: &str) -> Arc<TextFile> {
        let file = Arc::new(TextFile::new("./a.yaml", text));
        source::read(Arc::clone(&file));
        file
    }

    #[test]
    fn secrets_beside_a_change_are_masked() {
        let text = |name: &str| {
            format!(
                "kind: Secret\napiVersion: v1\nmetadata: {{name: {name}}}\nstringData:\n  a: hunter2\n  b: hunter3\n"
            )
        };
        assert_eq!(
            render(&file(&text("old")), &file(&text("new"))),
            "--- a/a.yaml\n+++ b/a.yaml\n@@ -1,6 +1,6 @@\n kind: Secret\n apiVersion: v1\n-metadata: {name: old}\n\
             +metadata: {name: new}\n stringData:\n   *: *******\n   *: *******\n"
        );
    }

    #[test]
    fn line_breaks_and_the_end_are_as_they_are() {
        assert_eq!(
            render(&file("a: 1\r\nb: 2"), &file("a: 1\r\nb: 3")),
            "--- a/a.yaml\n+++ b/a.yaml\n@@ -1,2 +1,2 @@\n a: 1\r\n-b: 2\n\\ No newline at end of file\n+b: 3\n\\ No newline at end of file\n"
        );
    }
}
