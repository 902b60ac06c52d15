//! Versions of Prometheus and Kubernetes, read and compared as prometheus-operator does.
//!
//! The operator (v0.93) reads them with blang/semver v4 (`ParseTolerant`) and compares by semantic versioning: a
//! pre-release, and so also a suffix such as `2.55.1-debian`, is below its release.

use std::cmp::Ordering;
use std::fmt;

/// A semantic version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Major number.
    pub major: u64,
    /// Minor number.
    pub minor: u64,
    /// Patch number.
    pub patch: u64,
    pre: Vec<Identifier>,
    build: Vec<String>,
}

/// A part of a pre-release, between dots.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    /// Numbers are below words.
    Number(u64),
    Word(String),
}

impl Version {
    /// A release.
    pub const fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self { major, minor, patch, pre: Vec::new(), build: Vec::new() }
    }

    /// Reads a version. Blanks around it, a leading `v`, missing numbers and leading zeros are no mistake.
    ///
    /// # Errors
    /// What is wrong, in the words of blang/semver v4.
    pub fn parse_tolerant(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let text = text.strip_prefix('v').unwrap_or(text);
        let mut parts: Vec<String> = text.splitn(3, '.').map(without_leading_zeros).collect();
        if parts.len() < 3 {
            if parts.last().is_some_and(|last| last.contains(['+', '-'])) {
                return Err("Short version cannot contain PreRelease/Build meta data".to_owned());
            }
            parts.resize(3, "0".to_owned());
        }
        let (major, minor) = (number("major", &parts[0])?, number("minor", &parts[1])?);
        let (rest, build) = match parts[2].split_once('+') {
            Some((rest, build)) => (rest, Some(build)),
            None => (parts[2].as_str(), None),
        };
        let (patch, pre) = match rest.split_once('-') {
            Some((patch, pre)) => (patch, Some(pre)),
            None => (rest, None),
        };
        let patch = number("patch", patch)?;
        let pre = pre.into_iter().flat_map(|pre| pre.split('.')).map(identifier).collect::<Result<_, _>>()?;
        let build: Vec<String> =
            build.into_iter().flat_map(|build| build.split('.')).map(str::to_owned).collect();
        for part in &build {
            if part.is_empty() {
                return Err("Build meta data is empty".to_owned());
            }
            if !part.bytes().all(is_word) {
                return Err(format!("Invalid character(s) found in build meta data {part:?}"));
            }
        }
        Ok(Self { major, minor, patch, pre, build })
    }

    /// Whether this is the release `major.minor.patch` or above it.
    pub fn is_at_least(&self, major: u64, minor: u64, patch: u64) -> bool {
        match (self.major, self.minor, self.patch).cmp(&(major, minor, patch)) {
            Ordering::Less => false,
            Ordering::Equal => self.pre.is_empty(),
            Ordering::Greater => true,
        }
    }
}

fn without_leading_zeros(part: &str) -> String {
    if part.len() <= 1 {
        return part.to_owned();
    }
    let trimmed = part.trim_start_matches('0');
    if trimmed.starts_with(|first: char| first.is_ascii_digit()) {
        trimmed.to_owned()
    } else {
        format!("0{trimmed}")
    }
}

fn number(name: &str, text: &str) -> Result<u64, String> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("Invalid character(s) found in {name} number {text:?}"));
    }
    if text.len() > 1 && text.starts_with('0') {
        let name = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        return Err(format!("{name} number must not contain leading zeroes {text:?}"));
    }
    parse(text)
}

/// `strconv.ParseUint`.
fn parse(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| {
        let reason = if text.is_empty() { "invalid syntax" } else { "value out of range" };
        format!("strconv.ParseUint: parsing {text:?}: {reason}")
    })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

fn identifier(text: &str) -> Result<Identifier, String> {
    if text.is_empty() {
        return Err("Prerelease is empty".to_owned());
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        if text.len() > 1 && text.starts_with('0') {
            return Err(format!("Numeric PreRelease version must not contain leading zeroes {text:?}"));
        }
        return parse(text).map(Identifier::Number);
    }
    if text.bytes().all(is_word) {
        Ok(Identifier::Word(text.to_owned()))
    } else {
        Err(format!("Invalid character(s) found in prerelease {text:?}"))
    }
}

/// Build metadata does not count.
impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let numbers = |version: &Self| (version.major, version.minor, version.patch);
        let pre = || match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            _ => self.pre.cmp(&other.pre),
        };
        Some(numbers(self).cmp(&numbers(other)).then_with(pre))
    }
}

/// `2.55.1-rc.0+build`.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        for (index, part) in self.pre.iter().enumerate() {
            f.write_str(if index == 0 { "-" } else { "." })?;
            match part {
                Identifier::Number(number) => write!(f, "{number}")?,
                Identifier::Word(word) => f.write_str(word)?,
            }
        }
        for (index, part) in self.build.iter().enumerate() {
            write!(f, "{}{part}", if index == 0 { '+' } else { '.' })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse_tolerant(text).expect("a version")
    }

    #[test]
    fn reads_what_the_operator_reads() {
        for (text, expected) in [
            ("v2.55", "2.55.0"),
            (" 3 ", "3.0.0"),
            ("v3.05.007", "3.5.7"),
            ("2.55.1-debian", "2.55.1-debian"),
            ("3.0.0-rc.0+x.1", "3.0.0-rc.0+x.1"),
            ("00.1", "0.1.0"),
        ] {
            assert_eq!(version(text).to_string(), expected, "{text}");
        }
    }

    #[test]
    fn refuses_in_the_operators_words() {
        for (text, message) in [
            // Leading zeros are removed in a way that adds one here.
            ("main", "Invalid character(s) found in major number \"0main\""),
            ("v3.x", "Invalid character(s) found in minor number \"x\""),
            ("3.1.z", "Invalid character(s) found in patch number \"z\""),
            ("3.1-rc0", "Short version cannot contain PreRelease/Build meta data"),
            ("3.1.0-", "Prerelease is empty"),
            ("3.1.0-01", "Numeric PreRelease version must not contain leading zeroes \"01\""),
        ] {
            assert_eq!(Version::parse_tolerant(text), Err(message.to_owned()), "{text}");
        }
    }

    #[test]
    fn pre_releases_are_below_their_release() {
        assert!(version("3.0.0-rc.0") < version("3.0.0"));
        assert!(version("3.0.0-rc.0") < version("3.0.0-rc.1"));
        assert!(version("3.0.0-1") < version("3.0.0-a"));
        assert!(version("3.0.0-rc.0") > version("2.99.99"));
        assert!(!version("2.55.1-debian").is_at_least(2, 55, 1));
        assert!(version("2.55.1-debian").is_at_least(2, 55, 0));
    }
}
