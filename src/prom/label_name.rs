//! Names of labels: which are valid, and how Kubernetes' keys become some.

use super::version::Version;

/// Which names are valid (prometheus/common 0.70, `model.ValidationScheme`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Letters, digits and underscores, without a digit at the beginning.
    Legacy,
    /// Anything but nothing.
    Utf8,
}

impl Scheme {
    /// The scheme the operator (v0.93) assumes for a version, whatever `nameValidationScheme` says.
    pub fn of(version: &Version) -> Self {
        if version.is_at_least(3, 0, 0) { Self::Utf8 } else { Self::Legacy }
    }

    /// Whether a text is a label name.
    pub fn allows(self, name: &str) -> bool {
        match self {
            Self::Utf8 => !name.is_empty(),
            Self::Legacy => {
                name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                    && !name.starts_with(|first: char| first.is_ascii_digit())
                    && !name.is_empty()
            }
        }
    }
}

/// A key of Kubernetes as it stands in a meta label: every other character than `[a-zA-Z0-9_]` becomes `_`.
///
/// Operator and Prometheus do it alike, so `a.b`, `a-b` and `a/b` are the same.
pub fn sanitize(key: &str) -> String {
    key.chars()
        .map(|character| if character.is_ascii_alphanumeric() || character == '_' { character } else { '_' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sanitised_one_for_one() {
        assert_eq!(sanitize("app.kubernetes.io/name"), "app_kubernetes_io_name");
        assert_eq!(sanitize("0-ü"), "0__");
    }

    #[test]
    fn the_schemes_differ() {
        assert!(
            Scheme::Legacy.allows("_a0") && !Scheme::Legacy.allows("0a") && !Scheme::Legacy.allows("a.b")
        );
        assert!(Scheme::Utf8.allows("0 a.b") && !Scheme::Utf8.allows("") && !Scheme::Legacy.allows(""));
    }
}
