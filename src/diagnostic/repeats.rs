//! Findings that say again what another says better.

use rustc_hash::FxHashSet;

use super::{Code, Diagnostic, Span};

/// The findings without those that repeat another. Reading warns of a word that YAML 1.1 takes for a boolean
/// ([`Code::BOOLEAN_WORD`]); where the schema finds the same scalar wrong, that says all of it.
pub fn without_repeats(findings: &[Diagnostic]) -> Vec<&Diagnostic> {
    let place = |finding: &Diagnostic| {
        finding.place.as_ref().map(|at| (std::sync::Arc::as_ptr(&at.place.file), at.place.span))
    };
    let told: FxHashSet<(*const _, Span)> = findings
        .iter()
        .filter(|finding| finding.code == Code::WRONG_TYPE || finding.code == Code::INVALID_VALUE)
        .filter_map(place)
        .collect();
    let repeats = |finding: &Diagnostic| {
        finding.code == Code::BOOLEAN_WORD && place(finding).is_some_and(|place| told.contains(&place))
    };
    findings.iter().filter(|finding| !repeats(finding)).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::{Place, TextFile};

    #[test]
    fn a_word_of_the_wrong_type_is_told_once() {
        let file = Arc::new(TextFile::new("a.yaml", "a: yes\nb: yes\n"));
        let at = |code, start| {
            Diagnostic::new(code, "x").at(Place::new(file.clone(), Span::new(start, start + 3)), "")
        };
        let findings = [at(Code::BOOLEAN_WORD, 3), at(Code::BOOLEAN_WORD, 10), at(Code::WRONG_TYPE, 3)];
        assert_eq!(without_repeats(&findings), [&findings[1], &findings[2]]);
    }
}
