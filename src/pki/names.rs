//! Whether a certificate is for a name or an address, as Go's `Certificate.VerifyHostname` (1.26) decides: an address
//! is looked for among the addresses only, a name among the names only, and the common name counts for nothing.

use std::fmt;
use std::net::IpAddr;

use super::certificate::Certificate;

/// A certificate is not for a name. As text it is what Go says, `x509: certificate is valid for …, not …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameError(String);

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NameError {}

/// From so many alternatives on Go counts them instead of listing them.
const MOST_LISTED: usize = 100;

impl Certificate {
    /// Whether it is for a host, which is a name or an address: what a TLS client is told as `serverName`, or else the
    /// host of its URL.
    ///
    /// # Errors
    /// When it is not, and for what it is instead.
    pub fn is_valid_for(&self, host: &str) -> Result<(), NameError> {
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        if let Ok(address) = bare.parse::<IpAddr>() {
            let address = address.to_canonical();
            let found = self.ip_addresses().contains(&address);
            return if found { Ok(()) } else { Err(self.no_address(bare)) };
        }
        let name = host.to_ascii_lowercase();
        let is_hostname = is_hostname(name.strip_suffix('.').unwrap_or(&name), false);
        let matches = |pattern: &String| {
            let pattern = pattern.to_ascii_lowercase();
            if is_hostname && self::is_hostname(&pattern, true) {
                labels_match(&pattern, &name)
            } else {
                !matches!(pattern.as_str(), "" | ".") && pattern == name
            }
        };
        if self.dns_names().iter().any(matches) { Ok(()) } else { Err(self.no_name(host)) }
    }

    fn no_address(&self, address: &str) -> NameError {
        let valid: Vec<String> = self.ip_addresses().iter().map(ToString::to_string).collect();
        self.legacy(address).unwrap_or_else(|| {
            NameError(if valid.is_empty() {
                format!(
                    "x509: cannot validate certificate for {address} because it doesn't contain any IP SANs"
                )
            } else if valid.len() >= MOST_LISTED {
                format!("x509: certificate is valid for {} IP SANs, but none matched {address}", valid.len())
            } else {
                format!("x509: certificate is valid for {}, not {address}", valid.join(", "))
            })
        })
    }

    fn no_name(&self, name: &str) -> NameError {
        let valid = self.dns_names();
        self.legacy(name).unwrap_or_else(|| {
            NameError(if valid.len() >= MOST_LISTED {
                format!("x509: certificate is valid for {} names, but none matched {name}", valid.len())
            } else if valid.concat().is_empty() {
                format!("x509: certificate is not valid for any names, but wanted to match {name}")
            } else {
                format!("x509: certificate is valid for {}, not {name}", valid.join(", "))
            })
        })
    }

    /// What is said of a certificate that once would have been taken for its common name.
    fn legacy(&self, host: &str) -> Option<NameError> {
        let common_name = self.common_name()?;
        let is_legacy =
            !self.has_alternative_names() && labels_match(&common_name.to_ascii_lowercase(), host);
        is_legacy.then(|| {
            NameError("x509: certificate relies on legacy Common Name field, use SANs instead".to_owned())
        })
    }
}

/// Whether a name could be that of a host. A `*` may be the whole first label of a pattern.
fn is_hostname(name: &str, is_pattern: bool) -> bool {
    name != "*"
        && name.split('.').enumerate().all(|(index, label)| {
            (is_pattern && index == 0 && label == "*")
                || (!label.is_empty()
                    && !label.starts_with('-')
                    && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')))
        })
}

/// Whether every label is the same; a `*` stands for any one first label, and a last dot of the host does not count.
fn labels_match(pattern: &str, host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    if pattern.is_empty() || host.is_empty() {
        return false;
    }
    let (pattern, host): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), host.split('.').collect());
    pattern.len() == host.len()
        && pattern
            .iter()
            .zip(&host)
            .enumerate()
            .all(|(index, (expected, label))| (index == 0 && *expected == "*") || expected == label)
}
