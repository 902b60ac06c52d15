//! Sizes as Prometheus and the operator's resources spell them: `15MB`, `1.5GiB`.

/// Units from alecthomas/units: `KB` and `KiB` are both 1024 bytes.
const UNITS: &[(&str, f64)] = &[
    ("B", 1.0),
    ("K", 1024.0),
    ("M", 1_048_576.0),
    ("G", 1_073_741_824.0),
    ("T", 1_099_511_627_776.0),
    ("P", 1_125_899_906_842_624.0),
    ("E", 1_152_921_504_606_846_976.0),
];

/// Reads a size in bytes as `units.ParseBase2Bytes` does; 0 for what it refuses, as the operator ignores that error.
pub fn bytes(text: &str) -> i64 {
    parse_base2(text).unwrap_or(0)
}

/// Reads a size in bytes as `units.ParseBase2Bytes` does.
///
/// # Errors
/// Its own words.
pub fn parse_base2(text: &str) -> Result<i64, String> {
    parse(text, "iB").or_else(|_| parse(text, "B"))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "what Go's conversions of floats and integers do"
)]
fn parse(text: &str, suffix: &str) -> Result<i64, String> {
    let invalid = || format!("units: invalid {text}");
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    match rest {
        "0" => return Ok(0),
        "" => return Err(invalid()),
        _ => {}
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let (whole, after) = leading_int(rest).ok_or_else(invalid)?;
        let mut has_digits = after.len() < rest.len();
        let mut number = whole as f64;
        rest = after;
        if let Some(fraction) = rest.strip_prefix('.') {
            let (digits, after) = leading_int(fraction).ok_or_else(invalid)?;
            let length = fraction.len() - after.len();
            // Powers of ten are multiplied up, as Go does.
            let scale = (0..length).fold(1.0, |scale, _| scale * 10.0);
            number += digits as f64 / scale;
            has_digits |= length > 0;
            rest = after;
        }
        if !has_digits {
            return Err(invalid());
        }
        let length = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let (unit, after) = rest.split_at(length);
        let factor = factor(unit, suffix).ok_or_else(|| format!("units: unknown unit {unit} in {text}"))?;
        total += number * factor;
        rest = after;
    }
    let total = if negative { -total } else { total };
    if total < i64::MIN as f64 || total > i64::MAX as f64 {
        return Err("units: overflow parsing unit".to_owned());
    }
    Ok(total as i64)
}

/// The number a text begins with, and what follows; none above what Go counts to here.
fn leading_int(text: &str) -> Option<(i64, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let mut value: i64 = 0;
    for digit in text.bytes().take(length) {
        if value >= (i64::MAX - 9) / 10 {
            return None;
        }
        value = value * 10 + i64::from(digit - b'0');
    }
    Some((value, &text[length..]))
}

fn factor(unit: &str, suffix: &str) -> Option<f64> {
    if unit == "B" {
        return Some(1.0);
    }
    let prefix = unit.strip_suffix(suffix)?;
    UNITS[1..].iter().find(|(known, _)| *known == prefix).map(|(_, factor)| *factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_to_the_base_of_two() {
        for (text, expected) in [
            ("0", 0),
            ("1B", 1),
            ("1KB", 1024),
            ("1KiB", 1024),
            ("1.5MB", 1_572_864),
            (".5KB", 512),
            ("1GiB", 1 << 30),
            ("-1KB", -1024),
        ] {
            assert_eq!(bytes(text), expected, "{text}");
        }
        for text in ["", "1kB", "x", "1", "1.2.3KB"] {
            assert_eq!(bytes(text), 0, "{text}");
        }
        for (text, message) in [
            ("", "units: invalid "),
            ("x", "units: invalid x"),
            ("15", "units: unknown unit  in 15"),
            ("1kB", "units: unknown unit kB in 1kB"),
        ] {
            assert_eq!(parse_base2(text), Err(message.to_owned()), "{text}");
        }
    }
}
