//! The codes of all findings, in one table.

use super::Level;

/// The code of a finding, `PW` and three digits. The first digit is the family:
/// 0 reading, 1 structure, 2 the chain from Prometheus to target, 8 generating, 9 the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static Entry);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Entry {
    id: &'static str,
    name: &'static str,
    level: Level,
}

impl Code {
    /// `PW001`.
    pub const fn id(self) -> &'static str {
        self.0.id
    }

    /// The bad pattern in a few words: `unreadable-file`.
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// The level findings of this code have unless something says otherwise.
    pub const fn level(self) -> Level {
        self.0.level
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $constant:ident = $id:literal $name:literal $level:ident;)*) => {
        impl Code {
            $($(#[$doc])* pub const $constant: Self =
                Self(&Entry { id: $id, name: $name, level: Level::$level });)*

            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$constant),*];
        }
    };
}

codes! {
    /// A file, folder or stream that cannot be read at all.
    UNREADABLE = "PW001" "unreadable-input" Error;
    /// A document that is not YAML as Kubernetes reads it.
    SYNTAX = "PW002" "syntax-error" Error;
    /// A document above the size limit, refused unread.
    TOO_LARGE = "PW003" "input-too-large" Error;
    /// A document that looks like a Helm template that was not rendered.
    TEMPLATE = "PW004" "unrendered-template" Error;
    /// A key that stands twice in one mapping: the last one wins.
    DUPLICATE_KEY = "PW005" "duplicate-key" Warning;
    /// A YAML 1.1 word (`yes`, `off`, …) read as a boolean.
    BOOLEAN_WORD = "PW006" "yaml-1.1-boolean" Warning;
    /// A document that is no Kubernetes object.
    NOT_AN_OBJECT = "PW007" "not-an-object" Info;
    /// One identity with two contents in the input.
    DUPLICATE_OBJECT = "PW008" "duplicate-object" Warning;
    /// Content after the end of a document, which Kubernetes does not read.
    IGNORED_CONTENT = "PW009" "ignored-content" Warning;
    /// A field the schema does not know.
    UNKNOWN_FIELD = "PW101" "unknown-field" Error;
    /// A value of another type than the schema's.
    WRONG_TYPE = "PW102" "wrong-type" Error;
    /// A value outside the schema's enumeration, pattern or bounds.
    INVALID_VALUE = "PW103" "invalid-value" Error;
    /// A field the schema requires and the object lacks.
    MISSING_FIELD = "PW104" "missing-field" Error;
    /// Two items of a list with the same key.
    DUPLICATE_ITEM = "PW105" "duplicate-item" Error;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_unique_and_well_formed() {
        let mut ids: Vec<_> = Code::ALL.iter().map(|code| code.id()).collect();
        assert!(ids.is_sorted(), "the table is kept in order");
        assert!(ids.iter().all(|id| {
            id.strip_prefix("PW").is_some_and(|digits| digits.len() == 3 && digits.parse::<u16>().is_ok())
        }));
        ids.dedup();
        assert_eq!(ids.len(), Code::ALL.len());
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
    }
}
