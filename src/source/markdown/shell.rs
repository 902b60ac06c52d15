//! What a shell makes of a heredoc whose delimiter is not quoted (POSIX.1-2024, 2.7.4 and 2.6): parameters, commands and
//! arithmetic are expanded, and a backslash takes the meaning of `$`, a backtick, a backslash and the end of a line.

use std::ops::Range;

/// A part of a heredoc that the shell replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::source) struct Expansion {
    /// What is replaced.
    pub(in crate::source) range: Range<usize>,
    /// By what; none where that depends on where the shell runs.
    pub(in crate::source) replacement: Option<String>,
}

/// What the shell replaces, in the order of the text. `lookup` gives the values of variables that are known.
///
/// Positional parameters are empty in a shell that people type into. So is a variable in small letters that nothing sets: they
/// are what Prometheus and Grafana call theirs (`$labels`, `$value`). The environment's variables are in capitals, and not known.
pub(in crate::source) fn expand(text: &str, lookup: impl Fn(&str) -> Option<String>) -> Vec<Expansion> {
    let joins = joins(text.as_bytes());
    if joins.is_empty() {
        return expand_joined(text, &lookup);
    }
    // The shell joins lines before it looks at anything else: a name may go on in the next one.
    let mut joined = String::with_capacity(text.len());
    let mut removed = joins.iter().copied().peekable();
    let mut origin = Vec::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        if removed.next_if(|join| join + 1 == at).is_some() || removed.peek() == Some(&at) {
            continue;
        }
        joined.push(character);
        origin.extend(at..at + character.len_utf8());
    }
    let mut found: Vec<Expansion> = expand_joined(&joined, &lookup)
        .into_iter()
        .map(|Expansion { range, replacement }| {
            let end = origin[range.end - 1] + 1;
            Expansion { range: origin[range.start]..end, replacement }
        })
        .collect();
    let lone = joins.iter().filter(|join| !found.iter().any(|expansion| expansion.range.contains(join)));
    let lone: Vec<Expansion> =
        lone.map(|&join| Expansion { range: join..join + 2, replacement: Some(String::new()) }).collect();
    found.extend(lone);
    found.sort_by_key(|expansion| expansion.range.start);
    found
}

/// Where a backslash takes away the end of its line.
fn joins(bytes: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = memchr::memchr(b'\\', &bytes[at..]) {
        let backslash = at + next;
        if bytes.get(backslash + 1) == Some(&b'\n') {
            found.push(backslash);
        }
        at = (backslash + 2).min(bytes.len());
    }
    found
}

fn expand_joined(text: &str, lookup: &impl Fn(&str) -> Option<String>) -> Vec<Expansion> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = memchr::memchr3(b'\\', b'$', b'`', &bytes[at..]) {
        let start = at + next;
        let expansion = match bytes[start] {
            b'\\' => escape(bytes, start),
            b'`' => Some((backticks(bytes, start), None)),
            _ => dollar(text, start, lookup),
        };
        at = match expansion {
            Some((end, replacement)) => {
                found.push(Expansion { range: start..end, replacement });
                end
            }
            None => start + 1,
        };
    }
    found
}

fn escape(bytes: &[u8], at: usize) -> Option<(usize, Option<String>)> {
    match bytes.get(at + 1)? {
        kept @ (b'$' | b'`' | b'\\') => Some((at + 2, Some(char::from(*kept).to_string()))),
        _ => None,
    }
}

/// The end of a command in backticks.
fn backticks(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while end < bytes.len() && bytes[end] != b'`' {
        end += if bytes[end] == b'\\' { 2 } else { 1 };
    }
    (end + 1).min(bytes.len())
}

fn dollar(
    text: &str,
    at: usize,
    lookup: &impl Fn(&str) -> Option<String>,
) -> Option<(usize, Option<String>)> {
    let bytes = text.as_bytes();
    match bytes.get(at + 1)? {
        b'(' => Some((balanced(bytes, at + 1, b'(', b')'), None)),
        b'{' => {
            let end = balanced(bytes, at + 1, b'{', b'}');
            let inside = text.get(at + 2..end.saturating_sub(1)).unwrap_or_default();
            Some((end, braces(inside, lookup)))
        }
        b'0'..=b'9' => Some((at + 2, value(&text[at + 1..at + 2], lookup))),
        b'@' | b'*' => Some((at + 2, Some(String::new()))),
        b'#' | b'?' => Some((at + 2, Some("0".to_owned()))),
        b'$' | b'!' | b'-' => Some((at + 2, None)),
        byte if byte.is_ascii_alphabetic() || *byte == b'_' => {
            let length = name_length(&bytes[at + 1..]);
            Some((at + 1 + length, value(&text[at + 1..at + 1 + length], lookup)))
        }
        _ => None,
    }
}

fn name_length(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
}

/// `${NAME}`, and with what stands for it when it is not set: `${NAME:-word}`. Other forms depend on too much.
fn braces(inside: &str, lookup: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let length = name_length(inside.as_bytes());
    let (name, rest) = inside.split_at(length);
    if name.is_empty() {
        return None;
    }
    if rest.is_empty() {
        return value(name, lookup);
    }
    let word =
        rest.strip_prefix(":-").or_else(|| rest.strip_prefix(":=")).or_else(|| rest.strip_prefix('-'))?;
    let is_plain = !word.contains(['$', '`', '\\', '"', '\'']);
    match lookup(name).filter(|value| !value.is_empty()) {
        Some(value) => Some(value),
        None if is_plain => Some(word.to_owned()),
        None => None,
    }
}

fn value(name: &str, lookup: &impl Fn(&str) -> Option<String>) -> Option<String> {
    lookup(name).or_else(|| (!is_of_environment(name)).then(String::new))
}

/// Whether a name is in capitals, as the variables of the environment are; `$0` is the shell's own name.
fn is_of_environment(name: &str) -> bool {
    name == "0"
        || (name.contains(|c: char| c.is_ascii_uppercase())
            && !name.contains(|c: char| c.is_ascii_lowercase()))
}

/// The end of what a parenthesis or brace at `at` opens; quotes and backslashes take the meaning of others.
fn balanced(bytes: &[u8], at: usize, open: u8, close: u8) -> usize {
    let (mut depth, mut end) = (0_usize, at);
    while end < bytes.len() {
        match bytes[end] {
            b'\\' => end += 1,
            byte if byte == open => depth += 1,
            byte if byte == close => {
                depth -= 1;
                if depth == 0 {
                    return end + 1;
                }
            }
            _ => {}
        }
        end += 1;
    }
    bytes.len()
}
