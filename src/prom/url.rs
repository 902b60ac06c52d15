//! URLs as Go 1.26 reads them (`net/url`), as far as it counts whether they are valid.

use std::net::Ipv6Addr;

use super::quote::quote;

/// The parts of a URL that are looked at.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Url {
    /// In small letters; empty if there is none.
    pub scheme: String,
    /// With the port.
    pub host: String,
}

/// `url.Parse`.
///
/// # Errors
/// Go's words: `parse "…": …`.
pub fn parse(text: &str) -> Result<Url, String> {
    let (before, fragment) = text.split_once('#').unwrap_or((text, ""));
    let url = parse_before_fragment(before).map_err(|error| format!("parse {}: {error}", quote(before)))?;
    check_escapes(fragment, Part::Other).map_err(|error| format!("parse {}: {error}", quote(text)))?;
    Ok(url)
}

/// A URL with `xxxxx` in place of the password it may hold (`URL.Redacted`), also where it is none that can be read.
pub fn redacted(text: &str) -> String {
    let after_scheme = text.find("//").map_or(0, |at| at + 2);
    let end = text[after_scheme..].find(['/', '?', '#']).map_or(text.len(), |at| after_scheme + at);
    let authority = &text[after_scheme..end];
    let Some(at) = authority.rfind('@') else { return text.to_owned() };
    let Some(colon) = authority[..at].find(':') else { return text.to_owned() };
    let (before, after) = (&text[..=after_scheme + colon], &text[after_scheme + at..]);
    format!("{before}xxxxx{after}")
}

fn parse_before_fragment(text: &str) -> Result<Url, String> {
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    if text == "*" {
        return Ok(Url::default());
    }
    let (scheme, rest) = split_scheme(text)?;
    let scheme = scheme.to_lowercase();
    let rest = rest.split_once('?').map_or(rest, |(path, _)| path);
    if !rest.starts_with('/') {
        if !scheme.is_empty() {
            return Ok(Url { scheme, host: String::new() });
        }
        if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
    }
    let mut url = Url { scheme, host: String::new() };
    let mut path = rest;
    if (!url.scheme.is_empty() || !rest.starts_with("///"))
        && let Some(after) = rest.strip_prefix("//")
    {
        let end = after.find('/').unwrap_or(after.len());
        url.host = authority(&url.scheme, &after[..end])?;
        path = &after[end..];
    }
    check_escapes(path, Part::Other)?;
    Ok(url)
}

fn split_scheme(text: &str) -> Result<(&str, &str), String> {
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((&text[..at], &text[at + 1..])),
            _ => return Ok(("", text)),
        }
    }
    Ok(("", text))
}

/// The host of `user:password@host:port`.
fn authority(scheme: &str, text: &str) -> Result<String, String> {
    let (user, host) = match text.rfind('@') {
        Some(at) => (Some(&text[..at]), &text[at + 1..]),
        None => (None, text),
    };
    let host = parse_host(scheme, host)?;
    if let Some(user) = user {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
        if !user.chars().all(allowed) {
            return Err("net/url: invalid userinfo".to_owned());
        }
        check_escapes(user, Part::Other)?;
    }
    Ok(host)
}

fn parse_host(scheme: &str, host: &str) -> Result<String, String> {
    match host.rfind('[') {
        Some(0) => {
            let Some(close) = host.rfind(']') else { return Err("missing ']' in host".to_owned()) };
            check_port(&host[close + 1..])?;
            let name = &host[1..close];
            let address = if let Some(zone) = name.find("%25") {
                check_escapes(&name[..zone], Part::Host)?;
                check_escapes(&name[zone..], Part::Zone)?;
                &name[..zone]
            } else {
                check_escapes(name, Part::Host)?;
                name
            };
            if address.parse::<std::net::Ipv4Addr>().is_ok() {
                return Err("invalid IP-literal".to_owned());
            }
            if address.parse::<Ipv6Addr>().is_err() {
                return Err(format!("invalid host: ParseAddr({}): unable to parse IP", quote(name)));
            }
            return Ok(host.to_owned());
        }
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {}
    }
    if let Some(first) = host.find(':') {
        // Several hosts with ports are allowed in other schemes.
        let colon = if matches!(scheme, "http" | "https") { first } else { host.rfind(':').unwrap_or(first) };
        check_port(&host[colon..])?;
    }
    check_escapes(host, Part::Host)?;
    Ok(host.to_owned())
}

fn check_port(port: &str) -> Result<(), String> {
    let valid = port.is_empty()
        || port.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    if valid { Ok(()) } else { Err(format!("invalid port {} after host", quote(port))) }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Host,
    Zone,
    Other,
}

/// `unescape`, without its result.
fn check_escapes(text: &str, part: Part) -> Result<(), String> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte == b'%' {
            let digits = bytes.get(at + 1..at + 3).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
            let wrong = |end: usize| {
                let end = (at + end).min(bytes.len());
                format!("invalid URL escape {}", quote(&String::from_utf8_lossy(&bytes[at..end])))
            };
            let Some(digits) = digits else { return Err(wrong(3)) };
            let is_percent = digits == b"25";
            let value = u8::from_str_radix(&String::from_utf8_lossy(digits), 16).unwrap_or(0);
            if part == Part::Host && value < 0x80 && !is_percent {
                return Err(wrong(3));
            }
            if part == Part::Zone && !is_percent && value != b' ' && !may_be_in_host(value) {
                return Err(wrong(3));
            }
            at += 3;
            continue;
        }
        if part != Part::Other && byte < 0x80 && !may_be_in_host(byte) {
            return Err(format!("invalid character {} in host name", quote(&char::from(byte).to_string())));
        }
        at += 1;
    }
    Ok(())
}

fn may_be_in_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_go_reads() {
        for (text, scheme, host) in [
            ("http://a:80/x?y#z", "http", "a:80"),
            ("HTTPS://u:p@a", "https", "a"),
            ("localhost:4646", "localhost", ""),
            ("unix:///var/run/docker.sock", "unix", ""),
            ("http://[::1]:80", "http", "[::1]:80"),
            ("", "", ""),
            ("//a/b", "", "a"),
            ("http://ü", "http", "ü"),
        ] {
            let expected = Url { scheme: scheme.to_owned(), host: host.to_owned() };
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        for (text, expected) in [
            ("http://u:p@a/x?y=z:1@b", "http://u:xxxxx@a/x?y=z:1@b"),
            ("http://u@a/x", "http://u@a/x"),
            ("http://u:p:q@r@a:80", "http://u:xxxxx@a:80"),
            ("u:p@a", "u:xxxxx@a"),
            ("http://a:80/", "http://a:80/"),
            ("", ""),
        ] {
            assert_eq!(redacted(text), expected, "{text}");
        }
    }

    #[test]
    fn refuses_in_gos_words() {
        for (text, message) in [
            (
                "http://xxx-${dev}.svc:80",
                "parse \"http://xxx-${dev}.svc:80\": invalid character \"{\" in host name",
            ),
            (":a", "parse \":a\": missing protocol scheme"),
            ("1:2", "parse \"1:2\": first path segment in URL cannot contain colon"),
            ("http://a:b", "parse \"http://a:b\": invalid port \":b\" after host"),
            ("http://a/%zz", "parse \"http://a/%zz\": invalid URL escape \"%zz\""),
            ("http://[::1", "parse \"http://[::1\": missing ']' in host"),
            ("http://a\n", "parse \"http://a\\n\": net/url: invalid control character in URL"),
        ] {
            assert_eq!(parse(text), Err(message.to_owned()), "{text}");
        }
    }
}
