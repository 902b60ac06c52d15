//! Moments as the API server reads them: RFC 3339, as Go's `time.Parse` takes it.

/// Whether Go's `time.Parse(time.RFC3339, …)` accepts a text.
pub(super) fn is_valid(text: &str) -> bool {
    read(text.as_bytes()).is_some()
}

fn read(text: &[u8]) -> Option<()> {
    let (year, rest) = number(text, 4, 4)?;
    let (month, rest) = number(rest.strip_prefix(b"-")?, 2, 2)?;
    let (day, rest) = number(rest.strip_prefix(b"-")?, 2, 2)?;
    // An hour may have one digit there.
    let (hour, rest) = number(rest.strip_prefix(b"T")?, 1, 2)?;
    let (minute, rest) = number(rest.strip_prefix(b":")?, 2, 2)?;
    let (second, rest) = number(rest.strip_prefix(b":")?, 2, 2)?;
    let rest = match rest.first()? {
        b'.' | b',' => {
            let digits = rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            (digits > 0).then(|| &rest[1 + digits..])?
        }
        _ => rest,
    };
    let fits = (1..=12).contains(&month)
        && (1..=days(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    (fits && is_zone(rest)).then_some(())
}

/// A number of so many digits, and what follows.
fn number(text: &[u8], least: usize, most: usize) -> Option<(u32, &[u8])> {
    let digits = text.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
    (digits >= least).then(|| {
        let value = text[..digits].iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
        (value, &text[digits..])
    })
}

fn is_zone(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"+").or_else(|| text.strip_prefix(b"-")) else { return text == b"Z" };
    let hours = number(rest, 2, 2).and_then(|(hours, rest)| Some((hours, rest.strip_prefix(b":")?)));
    let Some((hours, (minutes, rest))) = hours.and_then(|(hours, rest)| Some((hours, number(rest, 2, 2)?)))
    else {
        return false;
    };
    hours <= 24 && minutes < 60 && rest.is_empty()
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_rfc_3339() {
        for text in [
            "2026-01-31T12:00:00Z",
            "2024-02-29T23:59:59.123456789+02:00",
            "2026-01-31T9:00:00Z",
            "2026-01-31T12:00:00,5-24:00",
        ] {
            assert!(is_valid(text), "{text}");
        }
        for text in [
            "",
            "2026-01-31",
            "2026-02-29T12:00:00Z",
            "2026-01-31 12:00:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T12:00:60Z",
            "2026-01-31T12:00:00",
            "2026-01-31T12:00:00z",
            "2026-01-31T12:00:00.Z",
            "2026-01-31T12:00:00+1:00",
            "26-01-31T12:00:00Z",
        ] {
            assert!(!is_valid(text), "{text}");
        }
    }
}
