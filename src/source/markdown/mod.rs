//! Manifests in Markdown: the fenced code blocks of a text, each a step.
//!
//! 1. Fences are found by pulldown-cmark, so that those in lists and quotations, and what is none, are told as `CommonMark` does.
//! 2. [`heredoc`]: a fence may hold shell commands (`kubectl apply -f - <<EOF`); then what they feed in is read, not the commands.
//! 3. [`shell`]: what the shell makes of a heredoc whose delimiter is not quoted.
//! 4. The text that is left is read like a file, and [`passage`] brings every place back to where it stands in the Markdown.
//!
//! A text shows fragments, outputs and other formats, too. What is read is a fence labelled `yaml`, `yml` or `json`, or without a
//! label, and a heredoc in these or in one labelled as a shell. Of that only documents with an `apiVersion` or a `kind` are kept,
//! and what cannot be read is a finding only where it is meant as a manifest.

mod heredoc;
mod passage;
mod shell;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use self::passage::Passage;
use super::read::{Reading, read};
use super::tree::Document;
use crate::diagnostic::{Code, Diagnostic, Level, Place, Span, TextFile};

pub(super) use self::shell::{Expansion, expand};

/// Whether a file of this name is Markdown.
pub(super) fn is_markdown(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["md", "markdown"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// What the label of a fence says about its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    /// Manifests, or commands that feed them in.
    Manifest,
    /// None: it may be anything.
    Absent,
    /// Commands.
    Shell,
}

/// A fence whose content may be manifests.
struct Fence {
    label: Label,
    passage: Passage,
}

/// Reads the manifests of a Markdown text. Each document knows its [step](Document::step).
pub(super) fn read_markdown(file: &Arc<TextFile>) -> Reading {
    let mut reading = Reading::default();
    let mut hidden = Vec::new();
    let mut variables = HashMap::new();
    let mut step = 0;
    for fence in fences(file.text()) {
        let before = reading.documents.len();
        let heredocs = heredoc::find(fence.passage.text());
        if heredocs.is_empty() && fence.label != Label::Shell {
            take(file, &fence.passage, fence.label, step + 1, &mut reading, &mut hidden);
        }
        for heredoc in heredocs {
            let body = fence.passage.part(heredoc.body.clone());
            let body = if heredoc.strips_tabs { body.without_tabs() } else { body };
            heredoc::assignments(&fence.passage.text()[..heredoc.body.start], &mut variables);
            if heredoc.is_quoted {
                take(file, &body, Label::Manifest, step + 1, &mut reading, &mut hidden);
                continue;
            }
            let (expanded, lost, unknown) = expanded(&body, &variables);
            let kept = take(file, &expanded, Label::Manifest, step + 1, &mut reading, &mut hidden);
            if kept {
                let delimiter = fence.passage.place(file, heredoc.delimiter);
                reading.findings.extend(told(file, &body, &delimiter, &lost, &unknown));
            }
        }
        heredoc::assignments(fence.passage.text(), &mut variables);
        step += usize::from(reading.documents.len() > before);
    }
    for (index, document) in reading.documents.iter_mut().enumerate() {
        document.index = index;
    }
    file.hide(hidden);
    reading
}

/// Reads a passage, and says whether something of it was kept.
fn take(
    file: &Arc<TextFile>,
    passage: &Passage,
    label: Label,
    step: usize,
    reading: &mut Reading,
    hidden: &mut Vec<Span>,
) -> bool {
    let derived = Arc::new(TextFile::new(file.name(), passage.text()));
    let read = read(Arc::clone(&derived));
    // What could not be read may hold anything, kept or not.
    hidden.extend(derived.hidden().iter().map(|&span| passage.span(span)));
    let is_broken = read.findings.iter().any(|finding| finding.code == Code::SYNTAX);
    let documents: Vec<Document> = read.documents.into_iter().filter(is_meant_as_object).collect();
    let is_kept = match label {
        Label::Absent => !is_broken && !documents.is_empty(),
        _ => !documents.is_empty() || looks_like_manifest(passage.text()),
    };
    if is_kept {
        reading
            .documents
            .extend(documents.into_iter().map(|document| passage.transplant(document, file, step)));
        reading
            .findings
            .extend(read.findings.into_iter().map(|finding| passage.bring_back(finding, &derived, file)));
    }
    is_kept
}

/// Examples show parts of objects, which have neither.
fn is_meant_as_object(document: &Document) -> bool {
    document.root().get("apiVersion").is_some() || document.root().get("kind").is_some()
}

/// Whether a text that cannot be read has lines for both of what makes an object.
fn looks_like_manifest(text: &str) -> bool {
    ["apiVersion", "kind"].iter().all(|key| {
        text.lines().any(|line| {
            let line = line.trim_start_matches([' ', '-', '{', '"', '\'']);
            line.strip_prefix(key)
                .is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
        })
    })
}

/// The fences of a text whose label does not exclude manifests.
fn fences(text: &str) -> Vec<Fence> {
    let mut fences = Vec::new();
    let mut open: Option<(Option<Label>, Passage)> = None;
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                open = Some((label(&info), Passage::default()));
            }
            Event::Text(content) => {
                if let Some((_, passage)) = &mut open {
                    passage.push(&content, offsets(&range), content.len() == range.len());
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some((Some(label), passage)) = open.take() {
                    fences.push(Fence { label, passage });
                }
            }
            _ => {}
        }
    }
    fences
}

/// What a label such as `yaml`, `{.yaml}` or `yaml title="x"` says; none when it excludes manifests.
fn label(info: &str) -> Option<Label> {
    let first = info.split([' ', ',', '\t', '{']).find(|word| !word.is_empty()).unwrap_or_default();
    match first.trim_matches(['.', '}', '{']).to_ascii_lowercase().as_str() {
        "" => Some(Label::Absent),
        "yaml" | "yml" | "json" => Some(Label::Manifest),
        "sh" | "bash" | "zsh" | "shell" | "console" | "shell-session" | "terminal" => Some(Label::Shell),
        _ => None,
    }
}

fn offsets(range: &Range<usize>) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(range.start), offset(range.end))
}

/// A heredoc after the shell: its text, what the shell replaced by nothing, and what depends on where it is run.
fn expanded(
    body: &Passage,
    variables: &HashMap<String, String>,
) -> (Passage, Vec<Range<usize>>, Vec<Range<usize>>) {
    let mut result = Passage::default();
    let (mut lost, mut unknown) = (Vec::new(), Vec::new());
    let mut at = 0;
    let lookup = |name: &str| variables.get(name).cloned();
    for Expansion { range, replacement } in expand(body.text(), lookup) {
        result.append(body, at..range.start);
        at = range.end;
        if let Some(text) = replacement {
            if text.is_empty() && !body.text()[range.clone()].starts_with('\\') {
                lost.push(range.clone());
            }
            result.push(&text, body.span(offsets(&range)), false);
        } else {
            result.append(body, range.clone());
            unknown.push(range);
        }
    }
    result.append(body, at..body.text().len());
    (result, lost, unknown)
}

/// What the shell does to a heredoc, as findings.
fn told(
    file: &Arc<TextFile>,
    body: &Passage,
    delimiter: &Place,
    lost: &[Range<usize>],
    unknown: &[Range<usize>],
) -> Vec<Diagnostic> {
    let place = |range: &Range<usize>| body.place(file, range.clone());
    let mut findings = Vec::new();
    if let Some((first, more)) = lost.split_first() {
        let text = &body.text()[first.clone()];
        let mut finding =
            Diagnostic::new(Code::SHELL_EXPANSION, format!("the shell replaces `{text}` by nothing"))
                .at(place(first), "")
                .with(delimiter.clone(), "the delimiter of this heredoc is not quoted");
        for range in more {
            finding = finding.with(place(range), "here, too");
        }
        let word = delimiter.file.text().get(delimiter.span.range()).unwrap_or("EOF");
        findings.push(finding.help(format!("write `<<'{word}'`, or `\\{text}`")));
    }
    if let Some((first, more)) = unknown.split_first() {
        let text = body.text()[first.clone()].lines().next().unwrap_or_default();
        let mut finding = Diagnostic::new(
            Code::SHELL_EXPANSION,
            format!("what the shell makes of `{text}` is not known here"),
        )
        .level(Level::Info)
        .at(place(first), "it is read as it is written");
        for range in more {
            finding = finding.with(place(range), "here, too");
        }
        findings.push(finding);
    }
    findings
}

#[cfg(test)]
mod tests;
