//! Whether Prometheus takes a text for a regular expression of a relabel rule.

/// Checks a regular expression as Prometheus 3 compiles it, anchored and with `.` for line breaks too.
///
/// # Errors
/// Why it is none: `error parsing regexp: …`.
pub fn check(pattern: &str) -> Result<(), String> {
    regex::Regex::new(&format!("^(?s:{pattern})$")).map(drop).map_err(|error| {
        let reason = match error {
            regex::Error::Syntax(text) => {
                text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
            }
            other => other.to_string(),
        };
        format!("error parsing regexp: {reason}")
    })
}
