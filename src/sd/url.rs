//! URLs as Go prints them (`net/url` of Go 1.26): escaping by the place a text stands in.

/// The URL of a target: scheme, host, path, and parameters in the order of their names.
pub(super) fn of_target<'p>(
    scheme: &str,
    host: &str,
    path: &str,
    parameters: impl Iterator<Item = (&'p str, &'p [String])>,
) -> String {
    let mut url = String::with_capacity(scheme.len() + host.len() + path.len() + 16);
    if !scheme.is_empty() {
        url.push_str(scheme);
        url.push(':');
    }
    if !host.is_empty() || !scheme.is_empty() && !path.is_empty() {
        url.push_str("//");
    }
    escape(host, Place::Host, &mut url);
    if !path.is_empty() && !path.starts_with('/') && !host.is_empty() {
        url.push('/');
    }
    if path == "*" {
        url.push('*');
    } else {
        escape(path, Place::Path, &mut url);
    }
    let mut separator = '?';
    for (name, values) in parameters {
        for value in values {
            url.push(separator);
            escape(name, Place::Parameter, &mut url);
            url.push('=');
            escape(value, Place::Parameter, &mut url);
            separator = '&';
        }
    }
    url
}

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Host,
    Path,
    Parameter,
}

impl Place {
    fn takes(self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric()
            || b"-_.~".contains(&byte)
            || match self {
                Self::Host => b"!$&'()*+,;=:[]<>\"".contains(&byte),
                Self::Path => b"$&+,/:;=@".contains(&byte),
                Self::Parameter => false,
            }
    }
}

fn escape(text: &str, place: Place, into: &mut String) {
    if text.bytes().all(|byte| place.takes(byte)) {
        into.push_str(text);
        return;
    }
    for byte in text.bytes() {
        match byte {
            _ if place.takes(byte) => into.push(char::from(byte)),
            b' ' if place == Place::Parameter => into.push('+'),
            _ => {
                const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
                into.push('%');
                into.push(char::from(DIGITS[usize::from(byte >> 4)]));
                into.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::of_target;

    #[test]
    fn urls_are_gos() {
        let parameters =
            [("a b".to_owned(), vec!["1/2".to_owned(), "é".to_owned()]), ("n".to_owned(), vec![])];
        for (scheme, host, path, expected) in [
            ("http", "h:1", "/metrics", "http://h:1/metrics?a+b=1%2F2&a+b=%C3%A9"),
            ("http", "h", "", "http://h?a+b=1%2F2&a+b=%C3%A9"),
            ("http", "[::1]:9", "m x?y", "http://[::1]:9/m%20x%3Fy?a+b=1%2F2&a+b=%C3%A9"),
            ("", "h i", "/*", "//h%20i/%2A?a+b=1%2F2&a+b=%C3%A9"),
        ] {
            let parameters = parameters.iter().map(|(name, values)| (name.as_str(), values.as_slice()));
            assert_eq!(of_target(scheme, host, path, parameters), expected);
        }
    }
}
