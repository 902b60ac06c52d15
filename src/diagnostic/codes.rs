//! Which codes somebody means.

use std::fmt;
use std::str::FromStr;

use super::Code;

/// Codes as people name them: one by its code (`PW201`) or its name (`monitor-not-selected`), a family by how its codes begin
/// (`PW2`), or `all`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codes {
    /// How the codes begin.
    prefix: String,
}

impl Codes {
    /// Whether this one is meant.
    pub fn has(&self, code: Code) -> bool {
        code.id().starts_with(&self.prefix)
    }

    /// How narrow it is: what names a code is narrower than what names its family.
    pub fn narrowness(&self) -> usize {
        self.prefix.len()
    }
}

impl FromStr for Codes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(code) = Code::find(text) {
            return Ok(Self { prefix: code.id().to_owned() });
        }
        let prefix =
            if text.eq_ignore_ascii_case("all") { "PW".to_owned() } else { text.to_ascii_uppercase() };
        if prefix.starts_with("PW") && Code::ALL.iter().any(|code| code.id().starts_with(&prefix)) {
            return Ok(Self { prefix });
        }
        Err(match Code::nearest(text) {
            Some(meant) => format!("there is no such code; did you mean `{meant}`?"),
            None => "there is no such code; `promwire rule` lists all".to_owned(),
        })
    }
}

impl fmt::Display for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.prefix)
    }
}

impl Code {
    /// The code that is called so: by `PW201`, in any case, or by its name.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.id().eq_ignore_ascii_case(text) || code.name() == text)
    }

    /// The code or name that a text was meant to be, where one is near: a letter or two apart, or digits in another order.
    pub fn nearest(text: &str) -> Option<&'static str> {
        let folded = text.to_ascii_lowercase().replace('_', "-");
        let is_code = folded.starts_with("pw");
        let written = if is_code { folded.to_ascii_uppercase() } else { folded };
        let known = Self::ALL.iter().map(|code| if is_code { code.id() } else { code.name() });
        known
            .map(|known| (strsim::damerau_levenshtein(known, &written), known))
            .min_by_key(|(distance, _)| *distance)
            .filter(|(distance, known)| *distance <= 2 && distance * 3 <= known.len())
            .map(|(_, known)| known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_named_alone_by_family_and_by_name() {
        let has = |text: &str, code| text.parse::<Codes>().is_ok_and(|codes| codes.has(code));
        assert!(has("PW201", Code::MONITOR_NOT_SELECTED) && !has("PW201", Code::MONITOR_NAMESPACE));
        assert!(has("pw2", Code::MONITOR_NAMESPACE) && !has("PW2", Code::SYNTAX));
        assert!(has("monitor-not-selected", Code::MONITOR_NOT_SELECTED));
        assert!(has("all", Code::SYNTAX));
    }

    #[test]
    fn what_names_nothing_says_what_was_meant() {
        let error = |text: &str| text.parse::<Codes>().unwrap_err();
        assert_eq!(
            error("monitor-not-seleced"),
            "there is no such code; did you mean `monitor-not-selected`?"
        );
        assert_eq!(error("PW021"), "there is no such code; did you mean `PW001`?");
        assert_eq!(error("E501"), "there is no such code; `promwire rule` lists all");
        assert!("".parse::<Codes>().is_err() && "P".parse::<Codes>().is_err());
    }
}
