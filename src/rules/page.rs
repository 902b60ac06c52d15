//! The pages of rules, as Markdown.

use super::Rule;
use crate::diagnostic::Code;

impl Rule {
    /// Its page.
    pub fn page(&self) -> String {
        let text: Vec<&str> = self.page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        let facts = format!(
            "Level: {} · Status: {} · Needs: {}",
            self.code.level().as_str(),
            self.status.as_str(),
            self.needs.as_str()
        );
        format!(
            "# {} {}\n\n{}\n\n{facts}\n\n{}\n",
            self.code.id(),
            self.code.name(),
            summary(self.code),
            text.join("\n")
        )
    }

    /// The YAML in fences below a heading of its page.
    pub fn example(&self, heading: &str) -> String {
        let page = self.page();
        let Some((_, section)) = page.split_once(&format!("\n## {heading}\n")) else { return String::new() };
        let section = section.split("\n## ").next().unwrap_or_default();
        let fences = section.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
        fences.collect::<Vec<_>>().join("---\n")
    }
}

/// What a code means, without the blanks that begin the lines of a doc comment.
pub(super) fn summary(code: Code) -> &'static str {
    code.summary().trim()
}
