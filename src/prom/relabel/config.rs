//! A relabel rule as it is written, and what its action is.

use crate::prom::label_name::Scheme;
use crate::prom::regex::Anchoring;
use crate::prom::unicode;

/// One entry of `relabel_configs`, under Prometheus' field names. Absent is not the same as empty: absent fields have the
/// defaults below, an empty `separator`, `replacement` or `regex` is taken as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Config {
    /// The labels whose values, joined, are what the rule looks at. `Some` of nothing is written as `[]`, which
    /// `labeldrop` and `labelkeep` refuse.
    pub source_labels: Option<Vec<String>>,
    /// What stands between the values; [`DEFAULT_SEPARATOR`] unless given.
    pub separator: Option<String>,
    /// The pattern, without anchors; [`DEFAULT_REGEX`] unless given.
    pub regex: Option<String>,
    /// What `hashmod` divides by; 0 is not given.
    pub modulus: u64,
    /// The label that is set or compared. `replace` takes a template.
    pub target_label: Option<String>,
    /// What is set; [`DEFAULT_REPLACEMENT`] unless given.
    pub replacement: Option<String>,
    /// The action as written, in any case; `replace` unless given.
    pub action: Option<String>,
}

/// What stands between source labels' values.
pub const DEFAULT_SEPARATOR: &str = ";";
/// The pattern of a rule that has none.
pub const DEFAULT_REGEX: &str = "(.*)";
/// The replacement of a rule that has none.
pub const DEFAULT_REPLACEMENT: &str = "$1";

impl Config {
    /// The separator in effect.
    pub fn separator(&self) -> &str {
        self.separator.as_deref().unwrap_or(DEFAULT_SEPARATOR)
    }

    /// The pattern in effect, without anchors.
    pub fn regex(&self) -> &str {
        self.regex.as_deref().unwrap_or(DEFAULT_REGEX)
    }

    /// The replacement in effect.
    pub fn replacement(&self) -> &str {
        self.replacement.as_deref().unwrap_or(DEFAULT_REPLACEMENT)
    }

    /// The target label, empty where there is none.
    pub fn target_label(&self) -> &str {
        self.target_label.as_deref().unwrap_or_default()
    }

    /// Whether a field is given and not its default.
    pub(super) fn has_other_than_default_texts(&self) -> bool {
        self.modulus != 0
            || self.separator() != DEFAULT_SEPARATOR
            || self.replacement() != DEFAULT_REPLACEMENT
    }
}

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Sets the target label to the replacement, where the regex matches; an empty one removes it.
    Replace,
    /// Drops what the regex does not match.
    Keep,
    /// Drops what the regex matches.
    Drop,
    /// Drops where the target label is not equal to the joined values.
    KeepEqual,
    /// Drops where the target label is equal to the joined values.
    DropEqual,
    /// Sets the target label to the MD5 of the joined values, modulo `modulus`.
    HashMod,
    /// Copies the labels whose names match, to the name the replacement gives.
    LabelMap,
    /// Removes the labels whose names match.
    LabelDrop,
    /// Removes the labels whose names do not match.
    LabelKeep,
    /// Sets the target label to the joined values in lower case.
    Lowercase,
    /// Sets the target label to the joined values in upper case.
    Uppercase,
}

impl Action {
    /// Every action, with how Prometheus spells it.
    pub const SPELLINGS: [(&'static str, Self); 11] = [
        ("replace", Self::Replace),
        ("keep", Self::Keep),
        ("drop", Self::Drop),
        ("keepequal", Self::KeepEqual),
        ("dropequal", Self::DropEqual),
        ("hashmod", Self::HashMod),
        ("labelmap", Self::LabelMap),
        ("labeldrop", Self::LabelDrop),
        ("labelkeep", Self::LabelKeep),
        ("lowercase", Self::Lowercase),
        ("uppercase", Self::Uppercase),
    ];

    /// The action of this name, in any case.
    pub fn from_spelling(text: &str) -> Option<Self> {
        let lower = unicode::to_lower(text);
        Self::SPELLINGS.iter().find(|(spelling, _)| *spelling == lower).map(|(_, action)| *action)
    }

    /// How Prometheus spells it.
    pub fn spelling(self) -> &'static str {
        Self::SPELLINGS.iter().find(|(_, action)| *action == self).map_or("", |(spelling, _)| spelling)
    }

    pub(super) fn needs_target(self) -> bool {
        matches!(self, Self::Replace | Self::HashMod) || self.compares_or_cases()
    }

    pub(super) fn compares_or_cases(self) -> bool {
        self.changes_case() || self.compares()
    }

    pub(in crate::prom) fn changes_case(self) -> bool {
        matches!(self, Self::Lowercase | Self::Uppercase)
    }

    pub(in crate::prom) fn compares(self) -> bool {
        matches!(self, Self::KeepEqual | Self::DropEqual)
    }

    pub(super) fn works_on_names(self) -> bool {
        matches!(self, Self::LabelDrop | Self::LabelKeep)
    }
}

/// What a version of Prometheus makes of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dialect {
    /// How regexes are anchored.
    pub anchoring: Anchoring,
    /// Which names source labels may have.
    pub source_scheme: Scheme,
    /// Which names target labels may have.
    pub scheme: Scheme,
    /// Which names may hold `$` templates: target labels of `replace`, replacements of `labelmap`.
    pub template_scheme: Scheme,
    /// Whether `lowercase` and `uppercase` are known: since 2.36.0.
    pub case_actions: bool,
    /// Whether `keepequal` and `dropequal` are known: since 2.41.0.
    pub equal_actions: bool,
}

impl Dialect {
    /// The dialect of a release of Prometheus. A pre-release has that of the release it precedes; where the operator compares
    /// versions it does not (`2.36.0-rc.0` is below `2.36.0`), and who asks for it sets the fields.
    pub const fn of_release(major: u64, minor: u64) -> Self {
        Self {
            anchoring: if major >= 3 { Anchoring::Text } else { Anchoring::Lines },
            source_scheme: if major >= 3 { Scheme::Utf8 } else { Scheme::Legacy },
            scheme: if major >= 3 { Scheme::Utf8 } else { Scheme::Legacy },
            // 3.0 and 3.1 take UTF-8 in plain names only.
            template_scheme: if major > 3 || major == 3 && minor >= 2 {
                Scheme::Utf8
            } else {
                Scheme::Legacy
            },
            case_actions: major > 2 || major == 2 && minor >= 36,
            equal_actions: major > 2 || major == 2 && minor >= 41,
        }
    }

    /// The same where the configuration sets `metric_name_validation_scheme`, globally or for the job. It does not reach
    /// source labels.
    pub const fn with_scheme(self, scheme: Scheme) -> Self {
        Self { scheme, template_scheme: scheme, ..self }
    }
}
