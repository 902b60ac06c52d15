//! Durations as Prometheus and the operator's resources spell them: `30s`, `1h30m`, `1d`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The units from the largest to the smallest, in milliseconds. A year has 365 days, a week 7.
const UNITS: &[(&str, u64)] = &[
    ("y", 365 * 24 * 60 * 60 * 1000),
    ("w", 7 * 24 * 60 * 60 * 1000),
    ("d", 24 * 60 * 60 * 1000),
    ("h", 60 * 60 * 1000),
    ("m", 60 * 1000),
    ("s", 1000),
    ("ms", 1),
];

/// The longest duration Prometheus takes: its durations are nanoseconds in a signed 64-bit number.
const LONGEST_MS: u64 = i64::MAX.unsigned_abs() / 1_000_000;

/// A duration, with the text it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromDuration {
    text: String,
    value: Duration,
}

impl PromDuration {
    /// Reads a duration above zero.
    ///
    /// # Errors
    /// Why it is none, in one sentence.
    pub fn positive(text: &str) -> Result<Self, String> {
        let duration: Self = text.parse()?;
        if duration.value.is_zero() {
            Err("it has to be longer than nothing".to_owned())
        } else {
            Ok(duration)
        }
    }

    /// How long it is.
    pub fn value(&self) -> Duration {
        self.value
    }
}

/// As it was written.
impl fmt::Display for PromDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Reads what `model.ParseDuration` of prometheus/common 0.6x reads: numbers with units, each unit once and in
/// descending order; `0` alone needs no unit.
impl FromStr for PromDuration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || format!("`{text}` is no duration; one is written like 30s, 1m30s or 1d");
        if text == "0" {
            return Ok(Self { text: text.to_owned(), value: Duration::ZERO });
        }
        let mut rest = text;
        let mut units = UNITS.iter();
        let mut total: u64 = 0;
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, after) = rest.split_at(digits);
            let unit_length = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
            let (unit, after) = after.split_at(unit_length);
            let number: u64 = number.parse().map_err(|_| refused())?;
            let (_, factor) = units.find(|(known, _)| *known == unit).ok_or_else(refused)?;
            total = number
                .checked_mul(*factor)
                .and_then(|part| total.checked_add(part))
                .filter(|total| *total <= LONGEST_MS)
                .ok_or_else(|| format!("`{text}` is longer than Prometheus can count"))?;
            rest = after;
        }
        if text.is_empty() {
            Err(refused())
        } else {
            Ok(Self { text: text.to_owned(), value: Duration::from_millis(total) })
        }
    }
}

/// Reads a duration in nanoseconds as `model.ParseDuration` of prometheus/common 0.70 does.
///
/// # Errors
/// Its own words, which the operator passes on.
pub fn nanoseconds(text: &str) -> Result<i64, String> {
    let invalid = || format!("not a valid duration string: {text:?}");
    match text {
        "0" => return Ok(0),
        "" => return Err("empty duration string".to_owned()),
        _ => {}
    }
    let mut rest = text;
    let mut last_unit = None;
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let number: u64 = number.parse().map_err(|_| invalid())?;
        let length = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(length);
        if unit.is_empty() {
            return Err(invalid());
        }
        let position = UNITS.iter().position(|(known, _)| *known == unit);
        let position = position.ok_or_else(|| format!("unknown unit {unit:?} in duration {text:?}"))?;
        if last_unit.is_some_and(|last| position <= last) {
            return Err(invalid());
        }
        last_unit = Some(position);
        let part = number.checked_mul(UNITS[position].1 * 1_000_000);
        total = part
            .and_then(|part| total.checked_add(part))
            .filter(|total| i64::try_from(*total).is_ok())
            .ok_or("duration out of range")?;
        rest = after;
    }
    Ok(i64::try_from(total).unwrap_or(i64::MAX))
}

/// A duration as Prometheus prints it (`model.Duration` of prometheus/common 0.70), in milliseconds: `1m30s`. Years and weeks
/// are used only where nothing is left over.
pub fn canonical(duration: Duration) -> String {
    use fmt::Write as _;
    let mut left = duration.as_millis();
    let mut text = String::new();
    for (unit, factor) in UNITS {
        let factor = u128::from(*factor);
        if left < factor || matches!(*unit, "y" | "w") && !left.is_multiple_of(factor) {
            continue;
        }
        // Writing to a string does not fail.
        let _ = write!(text, "{}{unit}", left / factor);
        left %= factor;
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_prometheus_prints() {
        for (text, expected) in [
            ("0", "0s"),
            ("90s", "1m30s"),
            ("90d", "90d"),
            ("14d", "2w"),
            ("365d", "1y"),
            ("1y1w", "372d"),
            ("24h1ms", "1d1ms"),
        ] {
            let duration: PromDuration = text.parse().expect("a duration");
            assert_eq!(canonical(duration.value()), expected, "{text}");
        }
    }

    fn milliseconds(text: &str) -> Option<u128> {
        text.parse::<PromDuration>().ok().map(|duration| duration.value().as_millis())
    }

    #[test]
    fn reads_what_prometheus_reads() {
        for (text, expected) in [
            ("0", 0),
            ("0s", 0),
            ("30s", 30_000),
            ("1m30s", 90_000),
            ("15d", 1_296_000_000),
            ("1y2w3d4h5m6s7ms", 33_019_506_007),
            ("010s", 10_000),
        ] {
            assert_eq!(milliseconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn says_what_prometheus_says() {
        assert_eq!(nanoseconds("1m30s"), Ok(90_000_000_000));
        for (text, message) in [
            ("", "empty duration string"),
            ("1", "not a valid duration string: \"1\""),
            ("1s1m", "not a valid duration string: \"1s1m\""),
            ("1x", "unknown unit \"x\" in duration \"1x\""),
            ("300y", "duration out of range"),
        ] {
            assert_eq!(nanoseconds(text), Err(message.to_owned()), "{text}");
        }
    }

    #[test]
    fn refuses_what_prometheus_refuses() {
        for text in
            ["", "1", "30", "s", "-1s", "1.5m", "30S", "1s1m", "1m1m", "1 m", "500y", "99999999999999999999s"]
        {
            assert_eq!(milliseconds(text), None, "{text}");
        }
    }
}
