//! A graph for Graphviz.

use std::fmt::Write as _;

use super::visible::visible;
use crate::diagnostic::Verdict;
use crate::engine::{Graph, Part};

/// The graphs of worlds by their names, as one in the language of Graphviz: broken links red, unknown ones dashed.
pub fn render(worlds: &[(&str, Graph)]) -> String {
    let mut text = "digraph promwire {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n  \
                    edge [fontname=\"sans-serif\", fontsize=10];\n"
        .to_owned();
    for (number, (name, graph)) in worlds.iter().enumerate() {
        let indent = if name.is_empty() { "  " } else { "    " };
        // Writing to a string does not fail.
        if !name.is_empty() {
            let _ = writeln!(text, "  subgraph cluster_{number} {{\n    label={};", quoted(name));
        }
        for (index, node) in graph.nodes.iter().enumerate() {
            let label = quoted(&format!("{}\n{}", node.kind, node.name));
            let _ = writeln!(text, "{indent}w{number}n{index} [label={label}{}];", look(node.part));
        }
        for link in &graph.links {
            let mut attributes = Vec::new();
            if !link.words.is_empty() {
                attributes.push(format!("label={}", quoted(&link.words)));
            }
            match link.verdict {
                Verdict::Holds => {}
                Verdict::Broken => attributes.push("color=red, fontcolor=red".to_owned()),
                Verdict::Unknown => attributes.push("style=dashed".to_owned()),
            }
            let attributes =
                if attributes.is_empty() { String::new() } else { format!(" [{}]", attributes.join(", ")) };
            let _ = writeln!(text, "{indent}w{number}n{} -> w{number}n{}{attributes};", link.from, link.to);
        }
        if !name.is_empty() {
            text.push_str("  }\n");
        }
    }
    text.push_str("}\n");
    text
}

const fn look(part: Part) -> &'static str {
    match part {
        Part::Prometheus => ", shape=hexagon",
        Part::Monitor => ", style=rounded",
        Part::Service => "",
        Part::Target => ", shape=box3d",
        Part::Need => ", shape=note",
        Part::Absent => ", style=dashed",
    }
}

/// A string in quotes, in which a backslash escapes.
fn quoted(text: &str) -> String {
    let text = visible(text).replace('`', "");
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped() {
        assert_eq!(quoted("a\"b\\n\n`c`\u{1b}"), "\"a\\\"b\\\\n\\nc\\\\u{1b}\"");
    }
}
