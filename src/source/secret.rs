//! What of a text is secret and must never be quoted.
//!
//! Three things are: what a Secret holds, wherever it stands; what a key or the name of an environment variable calls a
//! secret; and the user and password in a URL. What is read wrong must not be shown either, so where a document cannot
//! be read or loses text on the way to its tree, more is hidden than would be needed.

use super::tree::{Document, Kind, Node, NodeId, Value};
use crate::diagnostic::Span;

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The ends of keys whose scalars are secret, in small letters and without `-` and `_`.
const SECRET_ENDINGS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "token",
    "secret",
    "secretkey",
    "secretaccesskey",
    "accesskey",
    "accesskeyid",
    "privatekey",
    "apikey",
    "routingkey",
    "servicekey",
    "credential",
    "credentials",
    "authorization",
];

/// What the name of an environment variable holds when its value is secret.
const SECRET_WORDS: &[&str] = &["PASS", "TOKEN", "SECRET", "KEY", "CREDENTIAL", "AUTH"];

/// What a text that cannot be read may hold only if it has no secrets, in small letters. The escapes can spell all of the
/// others.
const HINTS: &[&str] = &[
    "secret",
    "passw",
    "token",
    "privatekey",
    "private_key",
    "begin ",
    "credential",
    "\\x",
    "\\u",
    "\\\n",
    "\\\r",
    "!!binary",
];

/// Adds the secret stretches of a document. Where text was `lost` on the way to the tree (by these `duplicates`, first and
/// last), a document with a Secret is hidden whole.
pub(super) fn hide(document: &Document, lost: bool, duplicates: &[(Span, Span)], hidden: &mut Vec<Span>) {
    let mut holds_secret = false;
    for id in 0..document.tree.nodes.len() {
        if document.tree.nodes[id].kind != Kind::Mapping {
            continue;
        }
        let node = document.node(NodeId(u32::try_from(id).unwrap_or(0)));
        for pair in node.pairs() {
            let key = document.text(pair.key);
            match key {
                "kind" => holds_secret |= hide_kind(node, document.node(pair.value), hidden),
                "name" => hide_variable(node, document.node(pair.value), lost, hidden),
                // A kustomization's: what a Secret is made of, and patches of Secrets as text.
                "secretGenerator" => hide_node(document.node(pair.value), hidden),
                "patch" if document.node(pair.value).as_str().is_some_and(may_hold_secrets) => {
                    hide_node(document.node(pair.value), hidden);
                }
                _ if is_secret_key(key) => hide_scalars(document.node(pair.value), hidden),
                _ => {}
            }
        }
    }
    if holds_secret && lost {
        hidden.push(document.span);
    }
    let text = document.file.text();
    for &(first, last) in duplicates {
        // The first value is in no tree; it ends before the last key.
        let key = text.get(first.range()).unwrap_or("").trim_matches(['"', '\'']);
        if first.end < last.start && is_secret_key(key) {
            hidden.push(Span::new(first.end, last.start));
        }
    }
    hide_urls(text, document.span, hidden);
}

/// Hides what a Secret or a list of Secrets holds, and says whether the mapping is one.
fn hide_kind(node: Node<'_>, kind: Node<'_>, hidden: &mut Vec<Span>) -> bool {
    match kind.as_str() {
        Some("Secret") => hide_secret(node, hidden),
        // The items of a typed list need no kind of their own.
        Some("SecretList") => {
            for item in node.get("items").into_iter().flat_map(Node::items) {
                hide_secret(item, hidden);
            }
        }
        _ => return false,
    }
    true
}

/// A Secret shows what it is and its `metadata`; whatever else it has may be its content under a misspelt key.
fn hide_secret(secret: Node<'_>, hidden: &mut Vec<Span>) {
    for entry in secret.entries() {
        if !matches!(entry.key, "apiVersion" | "kind" | "metadata") {
            hide_node(entry.value, hidden);
        }
    }
    if let Some(value) = secret.at(&["metadata", "annotations", LAST_APPLIED]) {
        hide_node(value, hidden);
    }
}

/// Hides the value beside a `name` that is an environment variable's and says that it is secret.
fn hide_variable(node: Node<'_>, name: Node<'_>, lost: bool, hidden: &mut Vec<Span>) {
    let Some(name) = name.as_str() else { return };
    let name = name.to_ascii_uppercase();
    if !SECRET_WORDS.iter().any(|word| name.contains(word)) {
        return;
    }
    // `valu` is a typing error; `valueFrom` is a mapping.
    let mut found = false;
    for entry in node.entries().filter(|entry| entry.key.to_ascii_lowercase().starts_with("val")) {
        if !entry.value.is_mapping() {
            hide_node(entry.value, hidden);
            found = true;
        }
    }
    if found && lost {
        hidden.push(node.span());
    }
}

/// Hides a scalar, or the scalars of a list; a mapping only refers to a secret.
fn hide_scalars(node: Node<'_>, hidden: &mut Vec<Span>) {
    match node.value() {
        // `automountServiceAccountToken: false` keeps no secret.
        Value::Null | Value::Bool(_) | Value::Mapping(_) => {}
        Value::Sequence(items) => {
            for item in items {
                if !item.is_mapping() && !item.is_sequence() {
                    hide_node(item, hidden);
                }
            }
        }
        _ => hide_node(node, hidden),
    }
}

fn is_secret_key(key: &str) -> bool {
    // The most common keys end otherwise.
    if !key.ends_with(['d', 'D', 'n', 'N', 't', 'T', 'y', 'Y', 's', 'S', 'l', 'L', 'e', 'E']) {
        return false;
    }
    let plain = |byte: &u8| !matches!(byte, b'-' | b'_' | b'.');
    SECRET_ENDINGS.iter().any(|ending| {
        let mut bytes = key.bytes().rev().filter(plain).map(|byte| byte.to_ascii_lowercase());
        ending.bytes().rev().all(|expected| bytes.next() == Some(expected))
    })
}

/// Hides a node, and what the aliases and merges in it stand for.
fn hide_node(node: Node<'_>, hidden: &mut Vec<Span>) {
    hidden.push(node.span());
    if node.slot().span != node.span() {
        hidden.push(node.slot().span);
    }
    for entry in node.entries() {
        // Only values from elsewhere: the others are inside.
        let value = entry.value.slot().span;
        if !contains(node.span(), value) {
            hidden.push(value);
        }
    }
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Hides `user:password` in `scheme://user:password@host`.
fn hide_urls(text: &str, span: Span, hidden: &mut Vec<Span>) {
    let bytes = &text.as_bytes()[span.range()];
    for at in memchr::memmem::find_iter(bytes, "://") {
        let from = at + 3;
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\'');
        let authority =
            bytes[from..].iter().position(ends).map_or(&bytes[from..], |end| &bytes[from..from + end]);
        if let Some(length) = memchr::memrchr(b'@', authority).filter(|&length| length > 0) {
            let start = span.start + offset(from);
            hidden.push(Span::new(start, start + offset(length)));
        }
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Whether a text may hold secrets, for what cannot be read and so cannot be told apart: where a Secret is cut in two, the
/// second half does not say what it is.
pub(super) fn may_hold_secrets(text: &str) -> bool {
    HINTS.iter().any(|hint| contains_ignoring_case(text.as_bytes(), hint.as_bytes()))
}

fn contains_ignoring_case(text: &[u8], needle: &[u8]) -> bool {
    let (lower, upper) = (needle[0].to_ascii_lowercase(), needle[0].to_ascii_uppercase());
    memchr::memchr2_iter(lower, upper, text)
        .any(|at| text.get(at..at + needle.len()).is_some_and(|part| part.eq_ignore_ascii_case(needle)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_name_secrets() {
        for key in
            ["password", "bearerToken", "client_secret", "AWS_SECRET_ACCESS_KEY", "privateKey", "api-key"]
        {
            assert!(is_secret_key(key), "{key}");
        }
        for key in ["key", "bearerTokenFile", "secretName", "tokens", "name", "passwordFile", ""] {
            assert!(!is_secret_key(key), "{key}");
        }
    }

    #[test]
    fn hints_are_found_in_any_case_and_behind_escapes() {
        for text in
            ["kind: SECRET", "PassWord: x", "-----BEGIN RSA", "kind: \"Secr\\x65t\"", "a: \"Sec\\\nret\""]
        {
            assert!(may_hold_secrets(text), "{text}");
        }
        assert!(!may_hold_secrets("kind: Service\nmetadata: {name: a\n"));
    }

    #[test]
    fn only_the_user_of_a_url_is_hidden() {
        let text = "a: https://user:p#w@host/x b: http://host/@y c: mailto:x@y d: ftp://u@h";
        let mut hidden = Vec::new();
        hide_urls(text, Span::new(0, offset(text.len())), &mut hidden);
        let shown: Vec<&str> = hidden.iter().map(|span| &text[span.range()]).collect();
        assert_eq!(shown, ["user:p#w", "u"]);
    }
}
