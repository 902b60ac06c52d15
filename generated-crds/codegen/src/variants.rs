//! Names of enum variants: kopium's, except where they say nothing.

use crate::Result;

/// Values whose characters make no identifier: kopium numbers them (`KopiumVariant0`).
const SYMBOLS: [(&str, &str); 5] =
    [("", "Unset"), ("=", "Equal"), ("!=", "NotEqual"), ("=~", "RegexMatch"), ("!~", "RegexNotMatch")];

/// A variant name for each value.
///
/// The operator's enums often accept two spellings of one value. kopium tells such twins apart by an `X` in order of appearance
/// (`Replace`, `ReplaceX`); here the one spelled like the variant gets the plain name, the other is `…Lower` or `…Upper`.
pub(crate) fn names(values: &[String], kopium: &[String]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for (value, given) in values.iter().zip(kopium) {
        let twin = values.iter().any(|other| other != value && other.eq_ignore_ascii_case(value));
        names.push(if let Some((_, name)) = SYMBOLS.iter().find(|(symbol, _)| symbol == value) {
            (*name).to_owned()
        } else if twin {
            twin_name(value, values)
        } else if given.starts_with("Kopium") || given.starts_with("r#") {
            return Err(format!(
                "the enum value `{value}` needs a name in SYMBOLS of codegen/src/variants.rs"
            ));
        } else if value.contains('.') {
            versioned(value)
        } else {
            given.clone()
        });
    }
    for (i, name) in names.iter().enumerate() {
        if names[..i].contains(name) {
            return Err(format!("two of the enum values {values:?} would be called `{name}`"));
        }
    }
    Ok(names)
}

fn twin_name(value: &str, values: &[String]) -> String {
    let first = |text: &str| text.chars().next().is_some_and(char::is_uppercase);
    // The spelling with the most information about words: `HashMod` rather than `hashmod`.
    let mixed = |text: &str| first(text) && text.chars().any(char::is_lowercase);
    let twins = || values.iter().filter(|other| other.eq_ignore_ascii_case(value));
    let best =
        twins().find(|twin| mixed(twin)).or_else(|| twins().find(|twin| twin.len() <= 2 && first(twin)));
    match best {
        Some(best) if best == value => value.to_owned(),
        Some(best) => format!("{best}{}", if first(value) { "Upper" } else { "Lower" }),
        // `http` and `HTTP`: neither is spelled like a variant.
        None => {
            let lower = value.to_ascii_lowercase();
            let name = format!("{}{}", lower[..1].to_ascii_uppercase(), &lower[1..]);
            if first(value) { format!("{name}Upper") } else { name }
        }
    }
}

/// `OpenMetricsText0.0.1` → `OpenMetricsText0_0_1`, `monitoring.coreos.com` → `MonitoringCoreosCom`.
fn versioned(value: &str) -> String {
    let mut name = String::new();
    let (mut before, mut capital) = (' ', true);
    for c in value.chars() {
        if c == '.' {
            capital = true;
            continue;
        }
        if capital && before.is_ascii_digit() && c.is_ascii_digit() {
            name.push('_');
        }
        name.push(if capital { c.to_ascii_uppercase() } else { c });
        (before, capital) = (c, false);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(values: &[&str]) -> Vec<String> {
        let values: Vec<_> = values.iter().map(|value| (*value).to_owned()).collect();
        names(&values, &vec!["Kopium".to_owned(); values.len()]).expect("all are named here")
    }

    #[test]
    fn operators_and_nothing_have_names() {
        assert_eq!(
            named(&["!=", "=", "=~", "!~", ""]),
            ["NotEqual", "Equal", "RegexMatch", "RegexNotMatch", "Unset"]
        );
    }

    #[test]
    fn twins_are_told_apart_by_their_spelling() {
        assert_eq!(named(&["hashmod", "HashMod", "v1", "V1"]), ["HashModLower", "HashMod", "V1Lower", "V1"]);
        assert_eq!(named(&["http", "HTTP"]), ["Http", "HttpUpper"]);
    }

    #[test]
    fn versions_keep_their_dots_apart() {
        assert_eq!(versioned("OpenMetricsText0.0.1"), "OpenMetricsText0_0_1");
        assert_eq!(versioned("monitoring.coreos.com"), "MonitoringCoreosCom");
    }

    #[test]
    fn a_value_without_a_name_is_an_error() {
        assert!(names(&["~~".to_owned()], &["KopiumVariant0".to_owned()]).is_err());
    }
}
