//! Where promwire reads otherwise than Go, and why. Every difference the oracle finds must be one of these.

use promwire::diagnostic::{Code, TextFile};
use serde_json::Value;

/// One document as both read it: the JSON, or none when it is refused.
pub(crate) struct Case<'a> {
    pub(crate) stream: &'a str,
    pub(crate) ours: Option<&'a serde_json::Value>,
    pub(crate) message: &'a str,
    pub(crate) go: Option<&'a serde_json::Value>,
    /// Whether Go accepts it; there is no JSON of what is nested deeply.
    pub(crate) go_accepts: bool,
    /// What Go says when it refuses.
    pub(crate) go_error: &'a str,
    /// Two keys of one mapping have the same name in JSON.
    pub(crate) collision: bool,
    /// Go stopped here, and promwire found a bad separator in the stream.
    pub(crate) at_bad_separator: bool,
}

pub(crate) struct Difference {
    pub(crate) name: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) applies: fn(&Case<'_>) -> bool,
}

pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        name: "colliding keys",
        reason: "`1` and `\"1\"` are two keys for Go's YAML and one for its JSON, and which value stays is random \
                 there; here the last one stays, with a finding",
        applies: |case| {
            // What JSON cannot say stands under one of the two.
            let chosen = case.go_accepts || case.go_error.starts_with("json: unsupported value");
            case.collision && case.ours.is_some() && chosen
        },
    },
    Difference {
        name: "document before a bad separator",
        reason: "kubectl stops at a line such as `--- x` and loses the document before it; promwire reads that document \
                 and those after the next separator, and the line is a finding",
        applies: |case| case.at_bad_separator && case.ours.is_some() && !case.go_accepts,
    },
    Difference {
        name: "deep nesting",
        reason: "Go stops at 10,000 levels, promwire at 512, so that no reader of the tree needs a large stack",
        applies: |case| case.message == "nested deeper than 512 levels" && case.go_accepts,
    },
    Difference {
        name: "two byte order marks",
        reason: "Go drops the second one and then the first character of lines after it; promwire refuses the document",
        applies: |case| {
            case.message == "two byte order marks at the start of the document"
                && case.stream.contains("\u{feff}\u{feff}")
        },
    },
    Difference {
        name: "control character after the document",
        reason: "Go reads in blocks of 512 bytes and stops after the end of the document (after `...`, or after a line \
                 that can no longer belong to it); promwire refuses a control character wherever it stands",
        applies: |case| {
            case.message == "control characters are not allowed" && case.go_accepts && {
                let printable = case.stream.replace(
                    |character: char| {
                        (character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}'))
                            && !matches!(character, '\n' | '\r' | '\t' | '\u{85}')
                    },
                    "",
                );
                let reading = promwire::source::read(std::sync::Arc::new(TextFile::new("stream", printable)));
                reading.findings.iter().any(|finding| finding.code == Code::IGNORED_CONTENT)
                    && reading
                        .documents
                        .iter()
                        .any(|document| case.go.is_some_and(|go| same(&document.root().to_json(), go)))
            }
        },
    },
];

/// Equal but for a zero's sign, which JSON readers drop, and the last digit, which `serde_json` may round.
pub(crate) fn same(ours: &Value, go: &Value) -> bool {
    match (ours, go) {
        (Value::Array(ours), Value::Array(go)) => {
            ours.len() == go.len() && ours.iter().zip(go).all(|(ours, go)| same(ours, go))
        }
        (Value::Object(ours), Value::Object(go)) => {
            ours.len() == go.len()
                && ours.iter().zip(go).all(|((key, ours), (go_key, go))| key == go_key && same(ours, go))
        }
        (Value::Number(ours), Value::Number(go)) if ours.is_f64() || go.is_f64() => {
            let (ours, go) = (ours.as_f64().unwrap(), go.as_f64().unwrap());
            (ours - go).abs() <= 1e-15 * ours.abs()
        }
        _ => ours == go,
    }
}
