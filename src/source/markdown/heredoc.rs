//! Heredocs in shell commands, as the shell finds them (POSIX.1-2024, 2.7.4).

use std::collections::HashMap;
use std::ops::Range;

/// What a command is fed with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Heredoc {
    /// The word that ends it, as written: `EOF`, `'EOF'`.
    pub(super) delimiter: Range<usize>,
    /// Its lines, without the one that ends it.
    pub(super) body: Range<usize>,
    /// The shell leaves it alone.
    pub(super) is_quoted: bool,
    /// `<<-`: tabs at the beginning of lines do not count.
    pub(super) strips_tabs: bool,
}

/// The heredocs of commands that send objects to a cluster, or print or write what is fed in.
pub(super) fn find(text: &str) -> Vec<Heredoc> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = next_line(text, at) {
        let (line, end) = (start, line_end(text, start));
        at = end;
        let mut body = end;
        for opening in openings(text, line..end.min(text.len())) {
            let word = &text[opening.delimiter.clone()];
            let is_quoted = word.contains(['\'', '"', '\\']);
            let word: String = word.chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).collect();
            let close = closing(text, body, &word, opening.strips_tabs, !is_quoted);
            let Opening { delimiter, strips_tabs } = opening;
            if is_fed_on(&text[command_start(text, line)..end]) {
                found.push(Heredoc { delimiter, body: body..close.start, is_quoted, strips_tabs });
            }
            body = close.end;
            at = close.end;
        }
    }
    found
}

/// Where the command of a line begins: lines above that end with a backslash belong to it.
fn command_start(text: &str, line: usize) -> usize {
    let mut start = line;
    while let Some(above) =
        text[..start].strip_suffix("\\\n").or_else(|| text[..start].strip_suffix("\\\r\n"))
    {
        start = above.rfind('\n').map_or(0, |newline| newline + 1);
    }
    start
}

fn next_line(text: &str, at: usize) -> Option<usize> {
    (at < text.len()).then_some(at)
}

/// The end of a line, with its line feed.
fn line_end(text: &str, at: usize) -> usize {
    memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |length| at + length + 1)
}

struct Opening {
    delimiter: Range<usize>,
    strips_tabs: bool,
}

/// The `<<WORD` of a line, outside of quotes and comments; `<<<` is none.
fn openings(text: &str, line: Range<usize>) -> Vec<Opening> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = line.start;
    let mut quote = None;
    while at < line.end {
        let byte = bytes[at];
        match (quote, byte) {
            (Some(open), byte) if open == byte => quote = None,
            (Some(b'"') | None, b'\\') => at += 1,
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'<') if bytes[at..line.end].starts_with(b"<<<") => at += 2,
            (None, b'<') if bytes[at..line.end].starts_with(b"<<") => {
                at += 2;
                let strips_tabs = bytes.get(at) == Some(&b'-');
                at += usize::from(strips_tabs);
                while at < line.end && matches!(bytes[at], b' ' | b'\t') {
                    at += 1;
                }
                let end = word_end(bytes, at, line.end);
                if end > at {
                    found.push(Opening { delimiter: at..end, strips_tabs });
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The end of a word, whose parts may be quoted.
fn word_end(bytes: &[u8], mut at: usize, end: usize) -> usize {
    let mut quote = None;
    while at < end {
        match (quote, bytes[at]) {
            (Some(open), byte) if open == byte => quote = None,
            (Some(_), b'\n') => return at,
            (None, b'\'' | b'"') => quote = Some(bytes[at]),
            (None, b' ' | b'\t' | b'\n' | b'\r' | b'|' | b'&' | b';' | b'<' | b'>' | b'(' | b')') => {
                return at;
            }
            (None, b'\\') => at += 1,
            _ => {}
        }
        at += 1;
    }
    at.min(end)
}

/// The line that ends a heredoc; the end of the text where there is none. Where a body is expanded, a line that ends with a
/// backslash goes on with the next one before the shell looks for the end.
fn closing(text: &str, from: usize, word: &str, strips_tabs: bool, is_expanded: bool) -> Range<usize> {
    let mut at = from;
    let mut continues = false;
    while at < text.len() {
        let end = line_end(text, at);
        let line = text[at..end].trim_end_matches('\n').trim_end_matches('\r');
        let shown = if strips_tabs { line.trim_start_matches('\t') } else { line };
        if shown == word && !continues {
            return at..end;
        }
        let backslashes = line.len() - line.trim_end_matches('\\').len();
        continues = is_expanded && backslashes % 2 == 1;
        at = end;
    }
    text.len()..text.len()
}

/// Whether a command line makes objects, or a file, of what it is fed with.
fn is_fed_on(line: &str) -> bool {
    let has = |wanted: &[&str]| line.split([' ', '\t', '|', '\n', '(']).any(|word| wanted.contains(&word));
    let sends = has(&["kubectl", "oc", "k"]) && has(&["apply", "create", "replace"]);
    sends || (has(&["cat", "tee"]) && !has(&["delete"]))
}

/// Remembers the variables that lines of a shell set to plain words (`NS=shop`, `export NS="shop"`).
pub(super) fn assignments(text: &str, variables: &mut HashMap<String, String>) {
    for line in text.lines() {
        let line = line.trim().trim_start_matches("$ ").trim_start_matches("export ");
        let Some((name, value)) = line.split_once('=') else { continue };
        let is_name = !name.is_empty()
            && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let quoted = ['"', '\''].iter().find_map(|&quote| value.strip_prefix(quote)?.strip_suffix(quote));
        let value = quoted.unwrap_or(value);
        let is_plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:@,".contains(&byte));
        if is_name && is_plain {
            variables.insert(name.to_owned(), value.to_owned());
        }
    }
}
