//! Names of objects and namespaces, by the rules of the API server (apimachinery 0.36, `validation`).

/// Longest name part, in bytes.
const MAX_LABEL: usize = 63;
/// Longest name, in bytes.
const MAX_SUBDOMAIN: usize = 253;

/// Reads a name a namespace or a Service can have: a DNS label of RFC 1123.
///
/// # Errors
/// The rule, in one sentence.
pub fn label(text: &str) -> Result<String, String> {
    if text.len() <= MAX_LABEL && is_part(text) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "up to {MAX_LABEL} lower-case letters, digits and dashes, beginning and ending with a letter or digit"
        ))
    }
}

/// Reads a name most objects can have: DNS labels with dots between them.
///
/// # Errors
/// The rule, in one sentence.
pub fn subdomain(text: &str) -> Result<String, String> {
    if text.len() <= MAX_SUBDOMAIN && text.split('.').all(is_part) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "up to {MAX_SUBDOMAIN} lower-case letters, digits, dashes and dots, beginning and ending with a letter or digit"
        ))
    }
}

fn is_part(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edge =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    bytes.iter().all(inner) && edge(bytes.first()) && edge(bytes.last())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_the_api_server_takes_them() {
        assert!(label("kube-system").is_ok() && label("0").is_ok());
        for text in ["Kube", "-a", "a-", "", "a.b", "ä", &"a".repeat(64)] {
            assert!(label(text).is_err(), "{text}");
        }
        assert!(subdomain("a.b-c.d").is_ok());
        for text in ["a..b", ".a", "a.", "a_b", ""] {
            assert!(subdomain(text).is_err(), "{text}");
        }
    }
}
