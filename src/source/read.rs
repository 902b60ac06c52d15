//! A text to documents and findings.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::build::{self, Built, Mappings};
use super::json_text;
use super::problems;
use super::scan::Problem;
use super::secret;
use super::split::{Chunk, split};
use super::tree::{self, Document, Kind};
use crate::diagnostic::{Code, Diagnostic, Place, Span, TextFile};

/// What was read: documents in the order of the text, and what is wrong with them and with others.
#[derive(Debug, Default)]
pub struct Reading {
    /// The documents that could be read.
    pub documents: Vec<Document>,
    /// What is wrong with these and with those that could not be read.
    pub findings: Vec<Diagnostic>,
}

impl Reading {
    /// Adds another reading after this one.
    pub fn append(&mut self, mut other: Self) {
        self.documents.append(&mut other.documents);
        self.findings.append(&mut other.findings);
    }
}

/// Reads the documents of a text as kubectl does. A document that cannot be read is a finding; the others are read.
/// Declares the text's secrets (see [`TextFile::hide`]).
pub fn read(file: Arc<TextFile>) -> Reading {
    read_replaced(file, &[])
}

/// Reads a text in which something stands for bytes that are no UTF-8, at these offsets in rising order. The documents
/// they are in cannot be read.
pub(super) fn read_replaced(file: Arc<TextFile>, replaced: &[u32]) -> Reading {
    let mut reader = Reader {
        file,
        replaced,
        documents: Vec::new(),
        findings: Findings::default(),
        hidden: Vec::new(),
        has_secrets: None,
        follows_hidden: false,
        index: 0,
    };
    let rest = reader.json();
    if let Some(rest) = rest {
        reader.yaml(rest);
    }
    if !reader.hidden.is_empty() {
        reader.file.hide(reader.hidden);
    }
    let mut findings = reader.findings.kept;
    findings.sort_by_key(|finding| finding.place.as_ref().map(|at| at.place.span.start));
    for (code, count) in reader.findings.counts.into_iter().filter(|(_, count)| *count > MOST) {
        let message = format!("`{}` has {} more findings like these", reader.file.name(), count - MOST);
        findings.push(Diagnostic::new(code, message));
    }
    Reading { documents: reader.documents, findings }
}

/// Findings of one code in one file. A file with more is broken in one way a thousand times over, and what is said of it
/// must not outgrow it.
const MOST: usize = 1000;

/// Documents of one file. Each takes far more memory than the five bytes it can be written with.
const MOST_DOCUMENTS: usize = 250_000;

/// The first findings of each code, and how many there are.
#[derive(Default)]
struct Findings {
    kept: Vec<Diagnostic>,
    counts: BTreeMap<Code, usize>,
}

impl Findings {
    fn push(&mut self, finding: Diagnostic) {
        let count = self.counts.entry(finding.code).or_default();
        *count += 1;
        if *count <= MOST {
            self.kept.push(finding);
        }
    }
}

struct Reader<'r> {
    file: Arc<TextFile>,
    replaced: &'r [u32],
    documents: Vec<Document>,
    findings: Findings,
    hidden: Vec<Span>,
    /// Whether the file may hold secrets; asked only when something cannot be read.
    has_secrets: Option<bool>,
    /// A document that could not be read is hidden, and none since says what it is.
    follows_hidden: bool,
    /// How many documents there were so far.
    index: usize,
}

impl Reader<'_> {
    /// Reads what kubectl reads as JSON, and says where the YAML begins.
    fn json(&mut self) -> Option<usize> {
        let file = Arc::clone(&self.file);
        let text = file.text();
        if !json_text::is_json(text) {
            return Some(0);
        }
        let mut at = 0;
        let mut values = 0;
        loop {
            if self.index >= MOST_DOCUMENTS {
                let rest = Span::new(u32::try_from(at).unwrap_or(u32::MAX), self.end());
                self.too_many_documents(&Chunk::Document(rest));
                return None;
            }
            match json_text::value(text, at) {
                Ok(None) => return None,
                Ok(Some((value, end))) => {
                    at = end;
                    values += 1;
                    if let Some(problem) = self.invalid_bytes(value.span).or(value.refused) {
                        self.unreadable(value.span, &problem);
                        continue;
                    }
                    let built = Built { tree: value.tree, duplicates: value.duplicates, ..Built::default() };
                    self.document(value.span, built);
                }
                Err(problem) => {
                    // After two values the stream is JSON for good.
                    let yaml = if values > 1 { None } else { json_text::yaml_from(text, at) };
                    if yaml.is_none() {
                        let rest = Span::new(u32::try_from(at).unwrap_or(u32::MAX), self.end());
                        self.unreadable(rest, &problem);
                    }
                    return yaml;
                }
            }
        }
    }

    fn end(&self) -> u32 {
        u32::try_from(self.file.text().len()).unwrap_or(u32::MAX)
    }

    fn yaml(&mut self, from: usize) {
        let file = Arc::clone(&self.file);
        let text = file.text();
        for chunk in split(text, from) {
            if self.index >= MOST_DOCUMENTS {
                return self.too_many_documents(&chunk);
            }
            match chunk {
                Chunk::BadSeparator { line, all } => {
                    self.hide_unreadable(all);
                    self.findings.push(problems::bad_separator(&file, line));
                    self.index += 1;
                }
                Chunk::Document(span) => {
                    let read = self.invalid_bytes(span).map_or_else(|| read_document(text, span), Err);
                    match read {
                        Ok(None) => {}
                        Ok(Some(built)) => self.document(span, built),
                        Err(problem) => self.unreadable(span, &problem),
                    }
                }
            }
        }
    }

    fn too_many_documents(&mut self, next: &Chunk) {
        let (Chunk::Document(span) | Chunk::BadSeparator { all: span, .. }) = *next;
        // What is not read may hold anything.
        self.hidden.push(Span::new(span.start, self.end()));
        self.findings.push(
            Diagnostic::new(Code::TOO_LARGE, format!("there are more than {MOST_DOCUMENTS} documents"))
                .at(Place::new(Arc::clone(&self.file), Span::new(span.start, span.start)), "")
                .note("what follows was not read")
                .help("split the file"),
        );
    }

    fn invalid_bytes(&self, span: Span) -> Option<Problem> {
        let first = self.replaced.partition_point(|&at| at < span.start);
        let at = *self.replaced.get(first).filter(|&&at| at < span.end)?;
        Some(Problem { message: "invalid UTF-8", at, since: None })
    }

    fn document(&mut self, span: Span, built: Built) {
        // kubectl passes over documents that say nothing.
        if is_null(&built) {
            return;
        }
        for finding in problems::noticed(&self.file, span, &built) {
            self.findings.push(finding);
        }
        let Built { mut tree, mut comments, duplicates, rest, .. } = built;
        tree.shrink();
        tree::shrink(&mut comments);
        let document = Document {
            file: Arc::clone(&self.file),
            index: self.index,
            step: 0,
            span,
            is_beneath: false,
            tree,
            comments,
        };
        let lost = !duplicates.is_empty() || rest.is_some();
        secret::hide(&document, lost, &duplicates, &mut self.hidden);
        // The rest of a Secret that a line `---` in a quote cut in pieces can be read by chance.
        self.follows_hidden &= document.root().get("kind").is_none();
        if self.follows_hidden {
            self.hidden.push(span);
        }
        self.documents.push(document);
        self.index += 1;
    }

    /// Hides a document that could not be read, if the file may hold secrets.
    fn hide_unreadable(&mut self, span: Span) {
        let file = &self.file;
        if *self.has_secrets.get_or_insert_with(|| secret::may_hold_secrets(file.text())) {
            self.hidden.push(span);
            self.follows_hidden = true;
        }
    }

    fn unreadable(&mut self, span: Span, problem: &Problem) {
        self.hide_unreadable(span);
        self.findings.push(problems::unreadable(&self.file, span, problem));
        self.index += 1;
    }
}

fn is_null(built: &Built) -> bool {
    built.tree.nodes[built.tree.root.0 as usize].kind == Kind::Null
}

fn read_document(text: &str, span: Span) -> Result<Option<Built>, Problem> {
    if let Some(at) = control_character(&text[span.range()]) {
        let at = span.start + u32::try_from(at).unwrap_or(0);
        return Err(Problem { message: "control characters are not allowed", at, since: None });
    }
    if let Some(rest) = text[span.range()].strip_prefix("\u{feff}\u{feff}") {
        // Go drops the second, and then the first character of lines that follow.
        let after = Span::new(span.end - u32::try_from(rest.len()).unwrap_or(0), span.end);
        return match build::build(text, after, Mappings::Merged) {
            Ok(None) => Ok(None),
            Ok(Some(built)) if is_null(&built) => Ok(None),
            _ => Err(Problem { message: TWO_MARKS, at: span.start, since: None }),
        };
    }
    build::build(text, span, Mappings::Merged)
}

/// Reads the first document of a text as Go reads it into a `yaml.MapSlice` (gopkg.in/yaml.v2): entries keep their order,
/// equal keys stay, and what a `<<` would bring is lost. None when there is nothing in it.
///
/// # Errors
/// What Go says, with `yaml: ` before it.
pub fn read_written(file: &Arc<TextFile>) -> Result<Option<Document>, String> {
    let document = read_first(file, Mappings::Written)?;
    if let Some(document) = &document {
        let mut hidden = Vec::new();
        secret::hide(document, true, &[], &mut hidden);
        file.hide(hidden);
    }
    Ok(document)
}

/// Reads the first document of a text for a decoder into types of its own, as Go's `yaml.UnmarshalStrict` has one
/// (go.yaml.in/yaml/v2): equal keys stay, and a `<<` is an entry ([`Entry::is_merge`](super::Entry::is_merge)). None when there
/// is nothing in it. What of the text is secret is for the decoder to declare.
///
/// # Errors
/// What Go says, with `yaml: ` before it.
pub fn read_unmerged(file: &Arc<TextFile>) -> Result<Option<Document>, String> {
    read_first(file, Mappings::Unmerged)
}

fn read_first(file: &Arc<TextFile>, mappings: Mappings) -> Result<Option<Document>, String> {
    let text = file.text();
    let span = Span::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX));
    let built = match control_character(text) {
        Some(_) => return Err("yaml: control characters are not allowed".to_owned()),
        None => build::build(text, span, mappings).map_err(|problem| in_go(file, &problem))?,
    };
    let Some(Built { tree, comments, .. }) = built else { return Ok(None) };
    Ok(Some(Document { file: Arc::clone(file), index: 0, step: 0, span, is_beneath: false, tree, comments }))
}

/// A problem as Go's reader words it: the scanner counts lines from one, the parser from zero, and line zero is not told.
fn in_go(file: &TextFile, problem: &Problem) -> String {
    let text = file.text();
    // At the end of the text the scanner begins a new line if it is not at the beginning of one.
    let forced = |at: u32| usize::from(at as usize >= text.len() && !text.ends_with(['\n', '\r']));
    let line = |at: u32| file.line_column(at).0 - 1 + forced(at);
    let message = problem.message;
    let is_decoding = [
        "anchor value contains itself",
        "map merge requires",
        "document contains excessive aliasing",
        "invalid map key",
        "!!binary",
        "cannot decode",
    ];
    if message == "unknown anchor referenced" {
        let alias = text.get(problem.at as usize..).unwrap_or_default().trim_start_matches('*');
        let name = alias.split(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c)).next();
        return format!("yaml: unknown anchor '{}' referenced", name.unwrap_or_default());
    }
    if is_decoding.iter().any(|known| message.starts_with(known)) {
        return format!("yaml: {message}");
    }
    let is_parsing = [
        "did not find expected node content",
        "did not find expected key",
        "did not find expected '-' indicator",
        "did not find expected ',' or",
        "did not find expected <document start>",
        "found duplicate %",
        "found incompatible YAML document",
        "found undefined tag handle",
    ];
    let scanned = usize::from(!is_parsing.iter().any(|known| message.starts_with(known)));
    let line = match (line(problem.at), problem.since.map(line)) {
        (0, since) => since.unwrap_or(0),
        (at, _) => at + scanned,
    };
    if line == 0 { format!("yaml: {message}") } else { format!("yaml: line {line}: {message}") }
}

pub(super) const TWO_MARKS: &str = "two byte order marks at the start of the document";

/// The first character no YAML may hold.
fn control_character(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().find_map(|(at, &byte)| {
        let refused = match byte {
            // U+0080 to U+009F but U+0085.
            0xC2 => matches!(bytes.get(at + 1), Some(0x80..=0x84 | 0x86..=0x9F)),
            // U+FFFE and U+FFFF.
            0xEF => matches!((bytes.get(at + 1), bytes.get(at + 2)), (Some(0xBF), Some(0xBE | 0xBF))),
            b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80.. => false,
            _ => true,
        };
        refused.then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Result<String, String> {
        let document = read_written(&Arc::new(TextFile::new("a.yaml", text)))?;
        Ok(document.map_or_else(String::new, |document| Ordered::of_node(document.root()).to_yaml()))
    }

    use super::super::Ordered;

    #[test]
    fn entries_stay_as_they_are_written() {
        let text = "- &a {b: 0123, a: 1e3, b: 1_000}\n- <<: *a\n  c: 1.50\n- *a\n- {x: ~, y: yes, z: 12:30, f: .5}\n";
        let expected = "- b: 83\n  a: 1000\n  b: 1000\n- c: 1.5\n- b: 83\n  a: 1000\n  b: 1000\n\
                        - x: null\n  \"true\": true\n  z: \"12:30\"\n  f: 0.5\n";
        assert_eq!(written(text).as_deref(), Ok(expected));
        assert_eq!(written("# nothing\n").as_deref(), Ok(""));
    }

    #[test]
    fn problems_are_in_gos_words() {
        for (text, message) in [
            ("- [", "yaml: line 1: did not find expected node content"),
            ("a: b: c\n", "yaml: mapping values are not allowed in this context"),
            ("- a\nb: c\n", "yaml: line 1: did not find expected '-' indicator"),
            ("- *x\n", "yaml: unknown anchor 'x' referenced"),
            ("- a: 'x\n  y'\n- b: \"\\q\"\n", "yaml: line 3: found unknown escape character"),
            ("- a:\n  - b\n c: d\n", "yaml: line 2: did not find expected '-' indicator"),
            ("- a: |\n  x\n y: z\n", "yaml: line 3: could not find expected ':'"),
            ("- <<: 5\n", "yaml: map merge requires map or sequence of maps as the value"),
        ] {
            assert_eq!(written(text), Err(message.to_owned()), "{text}");
        }
    }
}
