//! A chain as a tree, for people.

use std::fmt::Write as _;

use super::visible::visible;
use crate::diagnostic::Verdict;
use crate::engine::Branch;

/// The tree, one hop a line: ✔ holds, ✘ is broken, ? is not known.
pub fn render(tree: &Branch) -> String {
    let mut text = String::new();
    line(&mut text, "", tree);
    branches(&mut text, "", &tree.branches);
    text
}

fn branches(text: &mut String, indent: &str, list: &[Branch]) {
    for (index, branch) in list.iter().enumerate() {
        let is_last = index + 1 == list.len();
        let (knot, below) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        line(text, &format!("{indent}{knot}"), branch);
        branches(text, &format!("{indent}{below}"), &branch.branches);
    }
}

fn line(text: &mut String, before: &str, branch: &Branch) {
    let mark = match branch.verdict {
        None => "",
        Some(Verdict::Holds) => "✔ ",
        Some(Verdict::Broken) => "✘ ",
        Some(Verdict::Unknown) => "? ",
    };
    let place = branch.place.as_ref().map(|place| format!("  ({place})")).unwrap_or_default();
    let words = format!("{}{place}", branch.title);
    // Writing to a string does not fail.
    let _ = writeln!(text, "{before}{mark}{}", visible(&words));
}
