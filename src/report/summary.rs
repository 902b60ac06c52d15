//! What a check came to, in a few lines for people.

use crate::diagnostic::{Diagnostic, Level, without_repeats};
use crate::engine::Judged;

/// How many findings of each level there are, as a sentence; none for none.
pub fn counts(findings: &[Diagnostic]) -> Option<String> {
    let findings = without_repeats(findings);
    let count = |level: Level| findings.iter().filter(|finding| finding.level == level).count();
    let parts: Vec<String> = [(Level::Error, "error"), (Level::Warning, "warning")]
        .into_iter()
        .filter(|(level, _)| count(*level) > 0)
        .map(|(level, word)| many(count(level), word))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// What was found, and what could not be judged.
pub fn text(judged: &Judged) -> String {
    let looked = &judged.summary;
    let found = counts(&judged.findings).unwrap_or_else(|| "no errors, no warnings".to_owned());
    let objects = many(looked.objects, "object");
    let suppressed = match judged.suppressed.len() {
        0 => String::new(),
        count => format!("; {count} suppressed"),
    };
    let mut lines = vec![format!("{found} in {objects} of {}{suppressed}", judged.input)];
    let open: Vec<_> = looked.links.iter().filter(|tally| tally.open() > 0).collect();
    if !open.is_empty() {
        lines.push("not checked, because it leads out of the input:".to_owned());
    }
    for tally in open {
        lines.push(format!("  {}", tally.hop.unknown(tally.open())));
        lines.push(format!("    {}", tally.hop.settled_by()));
    }
    lines.join("\n") + "\n"
}

fn many(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
