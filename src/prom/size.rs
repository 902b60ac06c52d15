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
#[expect(clippy::cast_possible_truncation, reason = "what Go's conversion of a float to an int64 does")]
pub fn bytes(text: &str) -> i64 {
    parse(text, "iB").or_else(|| parse(text, "B")).map_or(0, |value| value as i64)
}

fn parse(text: &str, suffix: &str) -> Option<f64> {
    let (negative, mut rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(0.0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(length);
        if number.matches('.').count() > 1 {
            return None;
        }
        let number: f64 = match number {
            "." => return None,
            _ => number.parse().ok()?,
        };
        let length = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(length);
        total += number * factor(unit, suffix)?;
        rest = after;
    }
    Some(if negative { -total } else { total })
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
    }
}
