//! A graph for Mermaid, which Markdown of GitHub and GitLab shows.

use std::fmt::Write as _;

use super::visible::visible;
use crate::diagnostic::Verdict;
use crate::engine::{Graph, Part};

/// The graphs of worlds by their names, as one flowchart: broken links red, unknown ones dashed.
pub fn render(worlds: &[(&str, Graph)]) -> String {
    let mut text = "flowchart LR\n".to_owned();
    let mut broken = Vec::new();
    let mut count = 0;
    for (number, (name, graph)) in worlds.iter().enumerate() {
        let indent = if name.is_empty() { "  " } else { "    " };
        // Writing to a string does not fail.
        if !name.is_empty() {
            let _ = writeln!(text, "  subgraph w{number}[{}]", quoted(name));
        }
        for (index, node) in graph.nodes.iter().enumerate() {
            let label = quoted(&format!("{}\n{}", node.kind, node.name));
            let (open, close) = shape(node.part);
            let class = if node.part == Part::Absent { ":::absent" } else { "" };
            let _ = writeln!(text, "{indent}w{number}n{index}{open}{label}{close}{class}");
        }
        for link in &graph.links {
            let arrow = if link.verdict == Verdict::Unknown { "-.->" } else { "-->" };
            let label =
                if link.words.is_empty() { String::new() } else { format!("|{}|", quoted(&link.words)) };
            let _ = writeln!(text, "{indent}w{number}n{} {arrow}{label} w{number}n{}", link.from, link.to);
            if link.verdict == Verdict::Broken {
                broken.push(count.to_string());
            }
            count += 1;
        }
        if !name.is_empty() {
            text.push_str("  end\n");
        }
    }
    text.push_str("  classDef absent stroke-dasharray: 5 5\n");
    if !broken.is_empty() {
        let _ = writeln!(text, "  linkStyle {} stroke:red,color:red", broken.join(","));
    }
    text
}

const fn shape(part: Part) -> (&'static str, &'static str) {
    match part {
        Part::Prometheus => ("{{", "}}"),
        Part::Monitor => ("(", ")"),
        Part::Service | Part::Absent => ("[", "]"),
        Part::Target => ("[[", "]]"),
        Part::Need => ("[/", "/]"),
    }
}

/// A string in quotes, in which entities stand for what has a meaning in Mermaid or in HTML.
fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for character in visible(text).chars() {
        match character {
            '`' => {}
            '\n' => quoted.push_str("<br/>"),
            '"' | '#' | '<' | '>' | '&' | ';' | '\\' | '|' | '{' | '}' | '[' | ']' => {
                // Writing to a string does not fail.
                let _ = write!(quoted, "#{};", u32::from(character));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped() {
        assert_eq!(quoted("a\"b#\n`<c>`"), "\"a#34;b#35;<br/>#60;c#62;\"");
    }
}
