//! Findings about reading: Go's reason in its own words, and what to change.

use std::sync::Arc;

use super::build::{self, Built};
use super::scalar::{self, Scalar};
use super::scan::Problem;
use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Note, Place, Span, TextFile};

/// A document that cannot be read. Quotes nothing of it: it may be a Secret.
pub(super) fn unreadable(file: &Arc<TextFile>, document: Span, problem: &Problem) -> Diagnostic {
    let text = file.text();
    // An open quote is wrong where it begins; where it was noticed is only the end.
    let open =
        matches!(problem.message, "found unexpected end of stream" | "found unexpected document indicator");
    let at = problem.since.filter(|_| open).unwrap_or(problem.at);
    let at = character(text, at, document);
    if looks_like_template(&text[document.range()]) && near_braces(text, problem) {
        return Diagnostic::new(
            Code::TEMPLATE,
            "this document looks like a Helm template that was not rendered",
        )
        .at(Place::new(Arc::clone(file), at), "not YAML yet")
        .note(problem.message)
        .help("render it first (`helm template RELEASE CHART`) and read the result");
    }
    let code = if problem.message == build::TOO_MANY { Code::TOO_LARGE } else { Code::SYNTAX };
    let mut finding = Diagnostic::new(code, problem.message).at(Place::new(Arc::clone(file), at), "");
    if let Some(since) = problem.since
        && since != problem.at
        && !open
    {
        let since = character(text, since, document);
        finding = finding.with(Place::new(Arc::clone(file), since), "what cannot be read begins here");
    }
    match remedy(problem, text) {
        Some(help) => finding.help(help),
        None => finding,
    }
}

/// A line `--- something`.
pub(super) fn bad_separator(file: &Arc<TextFile>, line: Span) -> Diagnostic {
    Diagnostic::new(Code::SYNTAX, "invalid YAML document separator")
        .at(Place::new(Arc::clone(file), line), "")
        .note("kubectl takes every line that begins with `---` for a separator, and refuses content on it")
        .help("put the content on the next line, or indent the line if it belongs to the text above")
}

/// What can be read but may not mean what it seems to.
pub(super) fn noticed(file: &Arc<TextFile>, document: Span, built: &Built) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let place = |span| Place::new(Arc::clone(file), span);
    for (n, &(first, last)) in built.duplicates.iter().take(MOST).enumerate() {
        findings.push(
            Diagnostic::new(Code::DUPLICATE_KEY, "this key is given twice")
                .at(place(last), "this one wins")
                .with(place(first), "this one is ignored")
                .help("remove one of them"),
        );
        say_how_many_more(&mut findings, n, built.duplicates.len());
    }
    for (n, &(span, key)) in built.words.iter().take(MOST).enumerate() {
        let (message, help) = if key {
            ("this word is a boolean in YAML 1.1, so the key is not what is written", "quote the key")
        } else {
            ("this word is a boolean in YAML 1.1", "quote it if it is a word, or write `true` or `false`")
        };
        // What it is read as is kept: where a string is needed, the schema says so, and has the quotes.
        let meant = match scalar::plain(&file.text()[span.range()]) {
            Scalar::Bool(value) if !key => Some(value.to_string()),
            _ => None,
        };
        let fix = meant.map(|meant| Fix {
            description: format!("write `{meant}`, as which it is read"),
            edits: vec![Edit { place: place(span), replacement: meant }],
        });
        findings.push(
            Diagnostic::new(Code::BOOLEAN_WORD, message)
                .at(place(span), "")
                .note("Kubernetes reads YAML 1.1, where y, n, yes, no, on and off are booleans")
                .help(help)
                .fix(fix),
        );
        say_how_many_more(&mut findings, n, built.words.len());
    }
    if let Some(at) = built.rest {
        findings.push(
            Diagnostic::new(
                Code::IGNORED_CONTENT,
                "Kubernetes ignores everything from here to the next `---`",
            )
            .at(place(character(file.text(), at, document)), "the document has already ended")
            .help("separate documents with `---`, or remove this"),
        );
    }
    findings
}

/// Findings of one kind in one document; who has more knows the pattern by then.
const MOST: usize = 50;

fn say_how_many_more(findings: &mut [Diagnostic], n: usize, all: usize) {
    if n + 1 == MOST
        && all > MOST
        && let Some(last) = findings.last_mut()
    {
        last.notes.push(Note::Info(format!("{} more of these are in this document", all - MOST)));
    }
}

/// The character at an offset, or nothing at the end.
fn character(text: &str, at: u32, document: Span) -> Span {
    let start = (at.min(document.end) as usize).min(text.len());
    let start = (0..=start).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let length = text[start..].chars().next().filter(|&c| c != '\n' && c != '\r').map_or(0, char::len_utf8);
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(start), offset(start + length))
}

/// Whether something between `{{` and `}}` is Helm's rather than Prometheus' or Grafana's, which stand in strings.
fn looks_like_template(text: &str) -> bool {
    const WORDS: [&str; 19] = [
        ".Values",
        ".Release",
        ".Chart",
        ".Capabilities",
        ".Files",
        ".Template",
        "$.",
        "include ",
        "template ",
        "tpl ",
        "if ",
        "else",
        "range ",
        "with ",
        "end",
        "define ",
        "toYaml ",
        "default ",
        "/*",
    ];
    text.match_indices("{{").any(|(at, _)| {
        let inside = text[at + 2..].trim_start_matches(['-', ' ', '\t', '(']);
        WORDS.iter().any(|word| inside.starts_with(word))
    })
}

/// Whether the line of the problem, or the one where it began, holds `{{`.
fn near_braces(text: &str, problem: &Problem) -> bool {
    [Some(problem.at), problem.since].into_iter().flatten().any(|at| {
        let at = (at as usize).min(text.len());
        let start = memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |newline| newline + 1);
        let end = memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |length| at + length);
        // A scalar that swallowed a template ends a line later than it went wrong.
        let previous = memchr::memrchr(b'\n', &text.as_bytes()[..start.saturating_sub(1)])
            .map_or(0, |newline| newline + 1);
        memchr::memmem::find(&text.as_bytes()[previous..end], b"{{").is_some()
    })
}

/// What to change.
fn remedy(problem: &Problem, text: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    let byte = bytes.get(problem.at as usize).copied();
    let in_braces = byte == Some(b'{') && (problem.at as usize).checked_sub(1).map(|at| bytes[at]) == byte;
    Some(match problem.message {
        "found character that cannot start any token" => match byte {
            Some(b'\t') => "indent with spaces: YAML allows no tabs there",
            _ => "quote the value: it may not begin with this character",
        },
        "found a tab character that violates indentation"
        | "found a tab character where an indentation space is expected" => {
            "indent with spaces: YAML allows no tabs there"
        }
        "mapping values are not allowed in this context" => {
            "quote the value if the `:` belongs to it, or check the indentation of this line"
        }
        "could not find expected ':'" => {
            "write `key: value`, or indent the line so that it continues the value above"
        }
        "did not find expected key" => "align this line with the keys of its mapping",
        "did not find expected '-' indicator" => "align this line with the items of its list",
        "block sequence entries are not allowed in this context" => "begin the list on a line of its own",
        "did not find expected ',' or ']'" => "close the list with `]`, or separate its items with `,`",
        "did not find expected ',' or '}'" => "close the mapping with `}`, or separate its entries with `,`",
        "found unexpected end of stream" | "found unexpected document indicator" => "close the quote",
        "found unknown escape character" => {
            "write the backslash twice, or use single quotes, where it has no meaning"
        }
        "found invalid Unicode character escape code" => {
            "write the character itself: YAML knows no surrogate pairs"
        }
        "invalid UTF-8" => "save the file as UTF-8",
        "control characters are not allowed" => "write it as an escape in double quotes, such as \"\\x1b\"",
        "found incompatible YAML document" => "remove the `%YAML` line: Kubernetes reads YAML 1.1",
        "did not find expected <document start>" => "remove the line that begins with `%`",
        super::read::TWO_MARKS => "remove the byte order marks: Kubernetes loses characters after the second",
        super::json_text::OUT_OF_RANGE => "quote it, or write a number below 1.8e308",
        build::INVALID_KEY if in_braces => "quote the value: outside of quotes `{` begins a mapping",
        build::INVALID_KEY => "use a string as the key, or quote it",
        build::UNSUPPORTED_KEY => "quote the key",
        build::NOT_FINITE => "quote the value if it is a word",
        build::TOO_DEEP => "nest less deeply; Kubernetes itself stops at 10000 levels",
        build::TOO_MANY => "split it into documents of their own",
        build::EXCESSIVE_ALIASING => "write out what the aliases stand for",
        build::UNKNOWN_ANCHOR => "quote the value if `*` belongs to it, or define the anchor before",
        build::NO_MERGE => "merge a mapping or a list of mappings, or quote the key",
        _ => return None,
    })
}
