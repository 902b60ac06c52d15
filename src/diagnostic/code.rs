//! The codes of all findings, in one table.

use super::Level;

/// The code of a finding, `PW` and three digits. The first digit is the family:
/// 0 reading, 1 structure, 2 the chain from Prometheus to target, 4 the operator, 8 generating, 9 the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static Entry);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Entry {
    id: &'static str,
    name: &'static str,
    summary: &'static str,
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

    /// What it means, in a sentence or two.
    pub const fn summary(self) -> &'static str {
        self.0.summary
    }

    /// The level findings of this code have unless something says otherwise.
    pub const fn level(self) -> Level {
        self.0.level
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $constant:ident = $id:literal $name:literal $level:ident;)*) => {
        impl Code {
            $($(#[doc = $doc])* pub const $constant: Self =
                Self(&Entry { id: $id, name: $name, summary: concat!($($doc),*), level: Level::$level });)*

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
    /// A file above the size limit, refused unread, or one with more values or documents than its size justifies.
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
    /// A label selector that the schema accepts and nothing can evaluate.
    INVALID_SELECTOR = "PW106" "invalid-selector" Error;
    /// A monitor that the operator does not take for its configuration.
    REJECTED = "PW401" "rejected-monitor" Warning;
    /// A Prometheus the operator cannot write a configuration for.
    RECONCILIATION_FAILS = "PW402" "reconciliation-fails" Error;
    /// A Prometheus that makes the operator's process die, again after every start.
    OPERATOR_CRASHES = "PW403" "operator-crashes" Error;
    /// A Prometheus whose configuration the operator leaves to the user.
    UNMANAGED = "PW404" "unmanaged-configuration" Info;
    /// A Prometheus the operator does not handle.
    NOT_HANDLED = "PW405" "not-handled" Warning;
    /// A Prometheus that gets its configuration, and something goes wrong after that.
    FAILS_LATER = "PW406" "reconciliation-fails-later" Warning;
    /// Nothing in the input is what the user named.
    NO_SUCH_OBJECT = "PW801" "no-such-object" Error;
    /// Several objects in the input are what the user named.
    AMBIGUOUS_OBJECT = "PW802" "ambiguous-object" Error;
    /// A port without a name, which a monitor cannot refer to.
    UNNAMED_PORT = "PW803" "unnamed-port" Error;
    /// No port, or no single one, is what the user asked for.
    NO_SUCH_PORT = "PW804" "no-such-port" Error;
    /// No selector tells an object from its neighbours.
    INDISTINCT_LABELS = "PW805" "indistinct-labels" Error;
    /// No labels satisfy the selector of a Prometheus.
    IMPOSSIBLE_SELECTOR = "PW806" "impossible-selector" Error;
    /// A Prometheus does not look into the namespace a monitor has to be in.
    NAMESPACE_NOT_SELECTED = "PW807" "namespace-not-selected" Error;
    /// Options that exclude each other.
    CONTRADICTORY_OPTIONS = "PW808" "contradictory-options" Error;
    /// A port of the node that something in the input already uses.
    PORT_CLASH = "PW809" "port-clash" Error;
    /// What was generated does not pass its own check; nothing was written.
    GENERATED_BROKEN = "PW810" "generated-broken" Error;
    /// Something without authentication would be reachable from outside.
    EXPOSED = "PW811" "exposed-without-authentication" Warning;
    /// Data that does not survive a restart.
    EPHEMERAL_STORAGE = "PW812" "ephemeral-storage" Warning;
    /// A choice made for the user, and how to make another.
    CHOICE = "PW813" "choice-made" Info;
    /// Something the input does not show and the result depends on.
    UNKNOWN_DEPENDENCY = "PW814" "unknown-dependency" Warning;
    /// An object of the input that a generated one would replace.
    WOULD_REPLACE = "PW815" "would-replace-object" Error;
    /// A namespace whose pod security level refuses the generated pods.
    POD_SECURITY = "PW816" "pod-security-level" Warning;
    /// Targets that something in the input scrapes already.
    ALREADY_MONITORED = "PW817" "already-monitored" Warning;
    /// A file that would be overwritten and holds something else.
    WOULD_OVERWRITE = "PW901" "would-overwrite" Error;
    /// A place that cannot be written to.
    UNWRITABLE = "PW902" "unwritable-output" Error;
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

    /// The page users read is this table; `PROMWIRE_UPDATE=1` writes it.
    #[test]
    fn the_page_lists_every_code() {
        let mut page = "# Findings\n\nEvery code promwire reports, with its usual level. The first digit is the family: 0 reading, \
            1 structure,\n2 the chain from Prometheus to target, 4 the operator, 8 generating, 9 the command line.\n\n\
            | code | name | level | what it means |\n|---|---|---|---|\n"
            .to_owned();
        for code in Code::ALL {
            let row = [code.id(), code.name(), code.level().as_str(), code.summary().trim()];
            page.extend(["| ", &row.join(" | "), " |\n"]);
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/findings.md");
        if std::env::var_os("PROMWIRE_UPDATE").is_some() {
            std::fs::write(path, &page).expect("the page can be written");
        }
        assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), page);
    }
}
