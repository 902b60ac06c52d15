//! Labels: what a key and a value may look like, and how a set of them is looked up.

use std::collections::BTreeMap;

/// A set of labels, one value per key.
pub trait LabelSet {
    /// The value of a key.
    fn label(&self, key: &str) -> Option<&str>;
}

impl LabelSet for BTreeMap<String, String> {
    fn label(&self, key: &str) -> Option<&str> {
        self.get(key).map(String::as_str)
    }
}

/// For tests and short lists; the first of two equal keys counts.
impl<K: AsRef<str>, V: AsRef<str>> LabelSet for [(K, V)] {
    fn label(&self, key: &str) -> Option<&str> {
        self.iter().find(|(k, _)| k.as_ref() == key).map(|(_, value)| value.as_ref())
    }
}

impl<T: LabelSet + ?Sized> LabelSet for &T {
    fn label(&self, key: &str) -> Option<&str> {
        (*self).label(key)
    }
}

/// Longest label value, and longest name part of a label key, in bytes.
const MAX_NAME: usize = 63;
/// Longest prefix of a label key, in bytes.
const MAX_PREFIX: usize = 253;

/// Why a text is no label key, nothing when it is one. A key is a *qualified name*: `[prefix/]name`.
///
/// The rule is that of apimachinery 0.36, `validation.IsQualifiedName`; of several reasons the first is told.
pub fn key_error(key: &str) -> Option<String> {
    let (prefix, name) = match key.split_once('/') {
        None => (None, key),
        Some((_, rest)) if rest.contains('/') => {
            return Some("a key has at most one `/`, between a DNS prefix and the name".into());
        }
        Some((prefix, name)) => (Some(prefix), name),
    };
    if let Some(reason) = prefix.and_then(prefix_error) {
        return Some(format!("prefix part {reason}"));
    }
    if name.is_empty() {
        return Some("name part must be non-empty".into());
    }
    if name.len() > MAX_NAME {
        return Some(format!("name part must be no more than {MAX_NAME} bytes"));
    }
    (!is_name(name)).then(|| format!("name part {NAME_RULE}"))
}

/// Why a text is no label value, nothing when it is one. The empty text is a value.
///
/// The rule is that of apimachinery 0.36, `validation.IsValidLabelValue`.
pub fn value_error(value: &str) -> Option<String> {
    if value.len() > MAX_NAME {
        return Some(format!("must be no more than {MAX_NAME} bytes"));
    }
    (!value.is_empty() && !is_name(value)).then(|| NAME_RULE.into())
}

const NAME_RULE: &str = "must consist of alphanumeric characters, `-`, `_` or `.`, and start and end with an alphanumeric character";

fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

fn prefix_error(prefix: &str) -> Option<String> {
    if prefix.is_empty() {
        return Some("must be non-empty".into());
    }
    if prefix.len() > MAX_PREFIX {
        return Some(format!("must be no more than {MAX_PREFIX} bytes"));
    }
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_dns_label = |label: &str| {
        let bytes = label.as_bytes();
        matches!((bytes.first(), bytes.last()), (Some(&first), Some(&last)) if lower(first) && lower(last))
            && bytes.iter().all(|&byte| lower(byte) || byte == b'-')
    };
    (!prefix.split('.').all(is_dns_label)).then(|| {
        "must be a lower case DNS name: alphanumeric characters, `-` or `.`, each part starting and ending \
         with an alphanumeric character"
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_qualified_names() {
        for key in ["app", "app.kubernetes.io/name", "A_b.c-9", "0", "a/b", &"x".repeat(63)] {
            assert_eq!(key_error(key), None, "{key}");
        }
        for key in ["", "/a", "a/", "a/b/c", "-a", "a-", "a b", "Example.com/a", "a..b/c", &"x".repeat(64)] {
            assert!(key_error(key).is_some(), "{key}");
        }
        assert!(
            key_error(&format!("{}/a", "x".repeat(253))).is_none(),
            "one long DNS label is a subdomain here"
        );
        assert!(key_error(&format!("{}/a", "x".repeat(254))).is_some());
    }

    #[test]
    fn values_may_be_empty_but_not_blank() {
        for value in ["", "a", "v1.0", "A-b_c"] {
            assert_eq!(value_error(value), None, "{value}");
        }
        for value in [" ", "a b", ".a", "a/b", &"x".repeat(64)] {
            assert!(value_error(value).is_some(), "{value}");
        }
    }
}
