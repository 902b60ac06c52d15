//! The format for people: a headline, the lines it is about, notes below.

use std::ops::Range;

use annotate_snippets::{
    AnnotationKind, Element, Group, Level as Severity, Origin, Padding, Patch, Renderer, Snippet,
};

use super::visible::visible;
use crate::diagnostic::{Annotation, Diagnostic, Edit, Level, Note, Span, TextFile};

/// One finding, ready to print, with a newline at its end. `colour` asks for ANSI styles.
///
/// Stretches that [`TextFile::hidden`] names are shown as asterisks. Lines wider than `width` columns are cut
/// around what is marked.
pub fn render(diagnostic: &Diagnostic, colour: bool, width: usize) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() }.term_width(width);
    let severity = match diagnostic.level {
        Level::Error => Severity::ERROR,
        Level::Warning => Severity::WARNING,
        Level::Info => Severity::INFO,
    };
    let windows: Vec<Window<'_>> = windows(diagnostic);
    let mut elements: Vec<Element<'_>> = Vec::new();
    for window in &windows {
        elements.extend(window.elements());
    }
    let unmarked = windows.iter().any(|window| !window.unmarked.is_empty());
    if !windows.is_empty() && (unmarked || !diagnostic.notes.is_empty()) {
        elements.push(Padding.into());
    }
    let elsewhere: Vec<String> = windows
        .iter()
        .flat_map(|window| &window.unmarked)
        .map(|annotation| visible(&format!("{}: {}", annotation.place, annotation.message)).into_owned())
        .collect();
    for text in &elsewhere {
        elements.push(Severity::NOTE.message(text.as_str()).into());
    }
    for note in &diagnostic.notes {
        elements.push(match note {
            Note::Info(text) => Severity::NOTE.message(visible(text)).into(),
            Note::Help(text) => Severity::HELP.message(visible(text)).into(),
        });
    }
    let group: Group<'_> =
        severity.primary_title(visible(&diagnostic.message)).id(diagnostic.code.id()).elements(elements);
    let patches = patches(diagnostic);
    let fix = diagnostic.fix.iter().map(|fix| {
        let snippets = patches.iter().map(Patched::snippet);
        snippets.fold(
            Group::with_title(Severity::HELP.secondary_title(visible(&fix.description))),
            Group::element,
        )
    });
    let groups: Vec<Group<'_>> = std::iter::once(group).chain(fix).collect();
    let mut text = renderer.render(&groups);
    text.push('\n');
    text
}

/// The lines of one file that a fix changes.
struct Patched<'a> {
    file: &'a TextFile,
    /// The bytes of the file that are shown: whole lines.
    range: Range<usize>,
    text: String,
    edits: Vec<&'a Edit>,
}

/// The edits of a fix, as far as their lines can be shown: by file, in the order of the text.
fn patches(diagnostic: &Diagnostic) -> Vec<Patched<'_>> {
    let mut patched: Vec<Patched<'_>> = Vec::new();
    for edit in diagnostic.fix.iter().flat_map(|fix| &fix.edits) {
        let file = &*edit.place.file;
        let span = edit.place.span;
        let lines = whole_lines(file.text(), span.start as usize..span.end as usize);
        if lines.len() > LONG_LINE || file.is_hidden(Span::new(to_u32(lines.start), to_u32(lines.end))) {
            continue;
        }
        let near = |window: &&mut Patched<'_>| {
            let both = window.range.start.min(lines.start)..window.range.end.max(lines.end);
            std::ptr::eq(window.file, file) && both.len() <= LONG_LINE
        };
        if let Some(window) = patched.iter_mut().find(near) {
            window.range = window.range.start.min(lines.start)..window.range.end.max(lines.end);
            window.edits.push(edit);
        } else {
            patched.push(Patched { file, range: lines, text: String::new(), edits: vec![edit] });
        }
    }
    for window in &mut patched {
        window.text = masked(window.file, window.range.clone());
    }
    patched
}

impl Patched<'_> {
    fn snippet(&self) -> Snippet<'_, Patch<'_>> {
        let (line, _) = self.file.line_column(to_u32(self.range.start));
        let patches = self.edits.iter().map(|edit| {
            let within = |at: u32| (at as usize).clamp(self.range.start, self.range.end) - self.range.start;
            let span = edit.place.span;
            Patch::new(within(span.start)..within(span.end), visible(&edit.replacement))
        });
        Snippet::source(self.text.as_str()).path(visible(self.file.name())).line_start(line).patches(patches)
    }
}

/// The lines of one file that a finding marks.
struct Window<'a> {
    file: &'a TextFile,
    /// The bytes of the file that are shown: whole lines, unless `cut`.
    range: Range<usize>,
    /// The range is a part of a line.
    cut: bool,
    text: String,
    marks: Vec<(&'a Annotation, AnnotationKind)>,
    /// Further places on lines too long to show: they are said as notes.
    unmarked: Vec<&'a Annotation>,
}

/// Above this many bytes a line (of minified JSON) is cut around one mark and cannot show another.
const LONG_LINE: usize = 1000;

/// Above this many bytes only the part of a line around the mark is given to the renderer, which would copy all of it.
const VERY_LONG_LINE: usize = 1 << 14;

/// Bytes before and after the beginning of a mark on a very long line.
const AROUND: usize = 400;

/// Places further apart than this many bytes are shown on their own: what is between them would be copied and split into
/// lines for each finding, only to be left out.
const FAR: usize = 1 << 16;

/// Groups the places of a finding by file, the primary place's file first.
fn windows(diagnostic: &Diagnostic) -> Vec<Window<'_>> {
    let mut windows: Vec<Window<'_>> = Vec::new();
    let primary = diagnostic.place.iter().map(|annotation| (annotation, AnnotationKind::Primary));
    let related = diagnostic.related.iter().map(|annotation| (annotation, AnnotationKind::Context));
    for (annotation, kind) in primary.chain(related) {
        let file = &*annotation.place.file;
        let lines = whole_lines(file.text(), marked(file.text(), annotation.place.span));
        let near = |window: &&mut Window<'_>| {
            let both = window.range.start.min(lines.start)..window.range.end.max(lines.end);
            std::ptr::eq(window.file, file) && both.len() <= FAR
        };
        if let Some(window) = windows.iter_mut().find(near) {
            window.range = window.range.start.min(lines.start)..window.range.end.max(lines.end);
            window.marks.push((annotation, kind));
        } else {
            let marks = vec![(annotation, kind)];
            windows.push(Window {
                file,
                range: lines,
                cut: false,
                text: String::new(),
                marks,
                unmarked: Vec::new(),
            });
        }
    }
    for window in &mut windows {
        let text = &window.file.text()[window.range.clone()];
        if text.lines().any(|line| line.len() > LONG_LINE) && window.marks.len() > 1 {
            window.unmarked = window.marks.drain(1..).map(|(annotation, _)| annotation).collect();
            let (only, _) = window.marks[0];
            window.range = whole_lines(window.file.text(), marked(window.file.text(), only.place.span));
        }
        if let [(only, _)] = window.marks[..]
            && window.range.len() > VERY_LONG_LINE
        {
            window.cut = true;
            window.range = around(window.file.text(), only.place.span.start as usize, &window.range);
        }
        window.text = masked(window.file, window.range.clone());
    }
    windows
}

impl Window<'_> {
    fn elements(&self) -> Vec<Element<'_>> {
        let start = self.marks.first().map_or(0, |(annotation, _)| annotation.place.span.start);
        let origin = || {
            let (line, column) = self.file.line_column(start);
            Origin::path(visible(self.file.name())).line(line).char_column(column)
        };
        if self.text.trim().is_empty() {
            // An empty file or an empty last line: there is nothing to quote, only a place to name.
            return vec![origin().into()];
        }
        let (first_line, _) = self.file.line_column(to_u32(self.range.start));
        let marks = self.marks.iter().map(|(annotation, kind)| {
            let span = marked(self.file.text(), annotation.place.span);
            let within = |at: usize| at.clamp(self.range.start, self.range.end) - self.range.start;
            let label = (!annotation.message.is_empty()).then(|| visible(&annotation.message));
            kind.span(within(span.start)..within(span.end)).label(label)
        });
        let snippet = Snippet::source(self.text.as_str()).line_start(first_line).annotations(marks);
        if self.cut {
            // The renderer would count columns from the cut.
            vec![origin().into(), snippet.into()]
        } else {
            vec![snippet.path(visible(self.file.name())).into()]
        }
    }
}

/// The part of a line around a byte, on character boundaries.
fn around(text: &str, at: usize, line: &Range<usize>) -> Range<usize> {
    let mut start = at.saturating_sub(AROUND).max(line.start);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let mut end = at.saturating_add(AROUND).min(line.end);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    start..end.max(start)
}

/// The part of a span that is marked: its first line, on character boundaries, within the text.
fn marked(text: &str, span: Span) -> Range<usize> {
    let mut start = (span.start as usize).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = (span.end as usize).clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let first_line = text[start..end].find('\n').map_or(end, |newline| start + newline);
    start..start + text[start..first_line].trim_end().len()
}

/// The whole lines that a range touches, without the last newline.
fn whole_lines(text: &str, range: Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    let start = memchr::memrchr(b'\n', &bytes[..range.start]).map_or(0, |newline| newline + 1);
    let end = memchr::memchr(b'\n', &bytes[range.end..]).map_or(text.len(), |newline| range.end + newline);
    start..end
}

/// A stretch of a text with its secrets as asterisks, one per byte so that offsets stay true. Blanks stay, and so does
/// what shows the structure of a document that is hidden whole: a `-` that begins a line, a `:` before a blank.
pub(super) fn masked(file: &TextFile, range: Range<usize>) -> String {
    let text = file.text().as_bytes();
    let mut bytes = text[range.clone()].to_vec();
    for hidden in file.hidden_from(to_u32(range.start)) {
        let hidden = hidden.range();
        if hidden.start >= range.end {
            break;
        }
        let mut first_on_line = false;
        for at in hidden.start.max(range.start)..hidden.end.min(range.end) {
            let byte = text[at];
            first_on_line = match at.checked_sub(1).map(|before| text[before]) {
                None | Some(b'\n') => true,
                Some(before) => first_on_line && matches!(before, b' ' | b'-'),
            };
            let before_blank = text.get(at + 1).is_none_or(u8::is_ascii_whitespace);
            let stays = match byte {
                b' ' | b'\t' | b'\r' | b'\n' => true,
                b':' => before_blank,
                b'-' => before_blank && first_on_line,
                _ => false,
            };
            if !stays {
                bytes[at - range.start] = b'*';
            }
        }
    }
    // The renderer shows the control characters of ASCII; those of C1, two bytes each, it leaves to the terminal.
    for at in memchr::memchr_iter(0xC2, &text[range.clone()]) {
        if matches!(text.get(range.start + at + 1), Some(0x80..=0x9F)) && at + 1 < bytes.len() {
            bytes[at..at + 2].copy_from_slice(b"??");
        }
    }
    // Only a hidden stretch that cuts a character in two could make the bytes invalid; then the rest is masked too.
    String::from_utf8(bytes).unwrap_or_else(|error| {
        error.into_bytes().iter().map(|&byte| if byte.is_ascii() { char::from(byte) } else { '*' }).collect()
    })
}

fn to_u32(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::{Code, Place};

    fn place(file: &Arc<TextFile>, needle: &str) -> Place {
        let start = file.text().find(needle).expect("the needle is in the text");
        Place::new(file.clone(), Span::new(to_u32(start), to_u32(start + needle.len())))
    }

    #[test]
    fn places_in_two_files_and_notes() {
        let monitor = Arc::new(TextFile::new(
            "monitor.yaml",
            "kind: ServiceMonitor\nspec:\n  selector:\n    matchLables:\n      app: api\n",
        ));
        let service =
            Arc::new(TextFile::new("service.yaml", "kind: Service\nmetadata:\n  labels: {app: api}\n"));
        let diagnostic = Diagnostic::new(Code::UNKNOWN_FIELD, "unknown field `matchLables`")
            .at(place(&monitor, "matchLables"), "not a field of a label selector")
            .with(place(&monitor, "selector"), "in this selector")
            .with(place(&service, "app: api"), "it would match this")
            .note("an unknown field is dropped without a word")
            .help("did you mean `matchLabels`?");
        insta::assert_snapshot!(render(&diagnostic, false, 100));
    }

    #[test]
    fn secrets_are_never_quoted() {
        let file = Arc::new(TextFile::new("secret.yaml", "kind: Secret\nstringData: {pässword: hunter2}\n"));
        let hidden = place(&file, "pässword: hunter2");
        file.hide(vec![hidden.span]);
        let diagnostic = Diagnostic::new(Code::WRONG_TYPE, "expected a string").at(hidden, "here");
        let text = render(&diagnostic, false, 100);
        assert!(!text.contains("hunter2") && !text.contains("password"), "{text}");
        assert!(text.contains("stringData: {*********: *******}"), "{text}");
    }

    #[test]
    fn nothing_reaches_the_terminal_that_steers_it() {
        let file = Arc::new(TextFile::new("a\u{1b}[31m.yaml", "kind: \u{1b}]0;x\u{7}\u{9b}2J # \u{202e}x\n"));
        let diagnostic = Diagnostic::new(Code::WRONG_TYPE, "a \u{1b}[1m title")
            .at(place(&file, "kind"), "a \u{9b}1m label")
            .note("a \u{1b}[1m note")
            .help("a \u{1b}[1m remedy");
        insta::assert_snapshot!("steering", render(&diagnostic, false, 100));
    }

    #[test]
    fn on_a_very_long_line_only_the_first_place_is_marked() {
        let padding = " ".repeat(LONG_LINE);
        let file = Arc::new(TextFile::new("min.json", format!("{{\"a\": 1,{padding}\"b\": 2}}")));
        let diagnostic = Diagnostic::new(Code::DUPLICATE_OBJECT, "two of them")
            .at(place(&file, "\"a\""), "one")
            .with(place(&file, "\"b\""), "and another");
        insta::assert_snapshot!("long_line", render(&diagnostic, false, 60));
    }

    #[test]
    fn of_a_very_long_line_a_part_is_rendered() {
        let file = Arc::new(TextFile::new(
            "min.json",
            format!("é: 1\n{}b: ö{}", "ä".repeat(9000), "ü".repeat(9000)),
        ));
        let diagnostic = Diagnostic::new(Code::SYNTAX, "no").at(place(&file, "b: ö"), "here");
        insta::assert_snapshot!("very_long_line", render(&diagnostic, false, 60));
    }

    #[test]
    fn without_a_place_and_at_the_end_of_an_empty_file() {
        let diagnostic = Diagnostic::new(Code::UNREADABLE, "cannot read `x`").help("check the path");
        insta::assert_snapshot!("no_place", render(&diagnostic, false, 100));
        let file = Arc::new(TextFile::new("empty.yaml", ""));
        let diagnostic =
            Diagnostic::new(Code::NOT_AN_OBJECT, "no object here").at(Place::new(file, Span::new(0, 0)), "");
        insta::assert_snapshot!("empty_file", render(&diagnostic, false, 100));
    }
}
