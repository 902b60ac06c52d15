//! What a prober may be called: a host, or a host and a port.

use std::net::IpAddr;
use std::sync::LazyLock;

use regex::Regex;

use crate::operator::refusal::{Check, refuse};
use crate::prom::quote::quote;

/// The pattern of asaskevich/govalidator for DNS names, which also takes underscores and a dot at the end.
static DNS_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^([a-zA-Z0-9_]{1}[a-zA-Z0-9_-]{0,62}){1}(\.[a-zA-Z0-9_]{1}[a-zA-Z0-9_-]{0,62})*[\._]?$")
        .expect("the pattern is valid")
});

/// `validateProberURL` of the operator (v0.93).
pub(super) fn check_prober(text: &str) -> Check {
    let Some((host, port)) = split_host_port(text) else {
        return if is_host(text) { Ok(()) } else { refuse(format!("invalid host: {}", quote(text))) };
    };
    if !is_host(host) {
        return refuse(format!("invalid host: {}", quote(host)));
    }
    if !port.parse::<i64>().is_ok_and(|port| (1..=65535).contains(&port)) {
        return refuse(format!("invalid port: {}", quote(port)));
    }
    Ok(())
}

fn is_host(text: &str) -> bool {
    if text.parse::<IpAddr>().is_ok() {
        return true;
    }
    let length = text.bytes().filter(|byte| *byte != b'.').count();
    !text.is_empty() && length <= 255 && DNS_NAME.is_match(text)
}

/// Go's `net.SplitHostPort`; none where it is an error.
fn split_host_port(text: &str) -> Option<(&str, &str)> {
    let colon = text.rfind(':')?;
    let (host, before_open, before_close) = if text.starts_with('[') {
        let end = text.find(']')?;
        if end + 1 != colon {
            return None;
        }
        (&text[1..end], 1, end + 1)
    } else {
        let host = &text[..colon];
        if host.contains(':') {
            return None;
        }
        (host, 0, 0)
    };
    if text[before_open..].contains('[') || text[before_close..].contains(']') {
        return None;
    }
    Some((host, &text[colon + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probers_are_hosts_with_or_without_a_port() {
        for text in ["a", "a:1", "::1", "[::1]:9115", "a_b:1", "a.b.:1", "10.0.0.1:80", "a.b.svc:65535"] {
            assert_eq!(check_prober(text), Ok(()), "{text}");
        }
        for (text, message) in [
            ("http://x", "invalid port: \"//x\""),
            ("", "invalid host: \"\""),
            ("x:", "invalid port: \"\""),
            ("x:0", "invalid port: \"0\""),
            ("-a:1", "invalid host: \"-a\""),
            ("host/path", "invalid host: \"host/path\""),
            ("[::1]", "invalid host: \"[::1]\""),
        ] {
            assert_eq!(check_prober(text).map_err(|error| error.message), Err(message.to_owned()), "{text}");
        }
    }
}
