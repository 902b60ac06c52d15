//! What must hold for every input: called by the fuzz target `regex` in `fuzz/` and by `tests/fuzz_replay.rs`.

use super::{Anchoring, ErrorKind, Pattern, Regex, Shape};

/// Takes the bytes for a pattern, a template and texts, one per line, and panics where a promise of this module is broken.
pub fn pattern(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split('\n');
    let (pattern, template) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let texts: Vec<&str> = lines.collect();
    for pattern in [pattern.to_owned(), Anchoring::Text.around(pattern), Anchoring::Lines.around(pattern)] {
        let parsed = match Pattern::parse(&pattern) {
            Ok(parsed) => parsed,
            Err(error) => {
                assert_ne!(error.kind, ErrorKind::Unbuildable, "reading builds nothing");
                assert!(error.message.starts_with("error parsing regexp: "), "{error}");
                continue;
            }
        };
        match parsed.build() {
            Ok(regex) => {
                for text in texts.iter().copied().chain([pattern.as_str(), ""]) {
                    check(&regex, parsed.shape().as_ref(), text, template);
                }
            }
            Err(error) => assert_eq!(error.kind, ErrorKind::Unbuildable, "reading has accepted it: {error}"),
        }
    }
}

fn check(regex: &Regex, shape: Option<&Shape>, text: &str, template: &str) {
    let captures = regex.captures(text);
    assert_eq!(captures.is_some(), regex.is_match(text), "with groups and without");
    let template = regex.template(template);
    if let Some(captures) = &captures {
        for group in 0..regex.group_names().len() {
            if let Some((start, end)) = captures.span(group) {
                assert!(text.get(start..end).is_some(), "{start}..{end} is no stretch of characters");
            }
        }
        template.expand(captures, &mut String::new());
    }
    regex.replace_all(text, &template);
    match shape {
        None => {}
        Some(Shape::Texts(texts)) => {
            assert_eq!(captures.is_some(), texts.iter().any(|one| one == text), "one of {texts:?}");
        }
        Some(Shape::Around { prefix, suffix, at_least_one, newline, group }) => {
            let inner =
                text.strip_prefix(prefix.as_str()).and_then(|rest| rest.strip_suffix(suffix.as_str()));
            let inner = inner.filter(|inner| !(*at_least_one && inner.is_empty()));
            let inner = inner.filter(|inner| *newline || !inner.contains('\n'));
            assert_eq!(captures.is_some(), inner.is_some(), "anything between {prefix:?} and {suffix:?}");
            if let (Some(captures), Some(group)) = (captures, group) {
                assert_eq!(captures.get(*group), inner);
            }
        }
    }
}
