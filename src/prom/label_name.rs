//! Names of labels: which are valid, and what Kubernetes' label keys become.

use std::borrow::Cow;

/// Which names are valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// A letter or `_`, then letters, digits and `_`: Prometheus 2, and 3 where `metric_name_validation_scheme: legacy` says so.
    Legacy,
    /// Everything that is not empty: Prometheus 3.
    Utf8,
}

impl Scheme {
    /// Whether a label may have this name.
    pub fn accepts(self, name: &str) -> bool {
        let mut bytes = name.bytes();
        let legacy = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
        match self {
            Self::Legacy => bytes.all(legacy) && name.starts_with(|first: char| !first.is_ascii_digit()),
            Self::Utf8 => !name.is_empty(),
        }
    }
}

/// What a Kubernetes label or annotation key is called in `__meta_*` labels and in what the operator generates: every
/// character that is no ASCII letter, digit or `_` becomes `_`. Different keys may become the same name, and one that
/// begins with a digit is not valid in the legacy scheme.
pub fn sanitise(key: &str) -> Cow<'_, str> {
    let stays = |one: char| one == '_' || one.is_ascii_alphanumeric();
    if key.chars().all(stays) {
        Cow::Borrowed(key)
    } else {
        Cow::Owned(key.chars().map(|one| if stays(one) { one } else { '_' }).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_valid_by_scheme() {
        for (name, legacy, utf8) in [
            ("job", true, true),
            ("__meta_x9", true, true),
            ("_", true, true),
            ("", false, false),
            ("9a", false, true),
            ("a-b", false, true),
            ("a:b", false, true),
            ("é", false, true),
            (" ", false, true),
        ] {
            assert_eq!(Scheme::Legacy.accepts(name), legacy, "{name}");
            assert_eq!(Scheme::Utf8.accepts(name), utf8, "{name}");
        }
    }

    #[test]
    fn keys_become_names() {
        assert_eq!(sanitise("app.kubernetes.io/name"), "app_kubernetes_io_name");
        assert_eq!(sanitise("9-é--x"), "9____x");
        assert!(matches!(sanitise("plain_1"), Cow::Borrowed("plain_1")));
    }
}
