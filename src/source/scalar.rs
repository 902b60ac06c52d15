//! What a scalar means: the rules of go.yaml.in/yaml/v2 2.4.3 (`resolve.go`) and Go's number formats.

use super::events::Tag;
use super::tree::{Kind, Slot};
use crate::diagnostic::Span;

/// What a scalar stands for; a string's content is the scalar itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    String,
}

impl Scalar {
    /// As a node; a string's stretch is the caller's to set.
    pub(super) fn slot(self, span: Span) -> Slot {
        #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
        let slot = |kind, bits: u64| Slot { kind, span, a: bits as u32, b: (bits >> 32) as u32 };
        match self {
            Self::Null | Self::String => slot(Kind::Null, 0),
            Self::Bool(value) => slot(Kind::Bool, u64::from(value)),
            Self::Int(value) => slot(Kind::Int, value.cast_unsigned()),
            Self::Uint(value) => slot(Kind::Uint, value),
            Self::Float(value) => slot(Kind::Float, value.to_bits()),
        }
    }
}

/// What a plain scalar without a tag stands for.
pub(super) fn plain(text: &str) -> Scalar {
    let Some(&first) = text.as_bytes().first() else { return Scalar::Null };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => word(text),
        b'.' => match text {
            ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
            ".inf" | ".Inf" | ".INF" => Scalar::Float(f64::INFINITY),
            _ => go_fraction(text).map_or(Scalar::String, Scalar::Float),
        },
        b'+' | b'-' => match text {
            "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
            "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
            _ => number(text),
        },
        b'0'..=b'9' => number(text),
        _ => Scalar::String,
    }
}

/// Whether the word is one that only YAML 1.1 reads as a boolean.
pub(super) fn is_boolean_word(text: &str) -> bool {
    matches!(plain(text), Scalar::Bool(_)) && !matches!(text.as_bytes()[0], b't' | b'T' | b'f' | b'F')
}

/// Whether a plain string that is one for Go may be something else for other readers: YAML 1.1 has numbers to the
/// base of 60 and dates, YAML 1.2 another octal notation. Go's own emitter quotes the first two.
pub(super) fn is_ambiguous(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !unsigned.starts_with(|character: char| character.is_ascii_digit()) {
        return text == "=";
    }
    let sexagesimal = unsigned.contains(':')
        && unsigned.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'_'));
    let octal = unsigned
        .strip_prefix("0o")
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
    sexagesimal || octal || is_timestamp(text)
}

fn word(text: &str) -> Scalar {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Scalar::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Scalar::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        _ => Scalar::String,
    }
}

/// A scalar that begins with a digit or a sign.
fn number(text: &str) -> Scalar {
    // Most numbers are short and decimal.
    if text.len() < 19 && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Scalar::Int(text.bytes().fold(0, |value, digit| value * 10 + i64::from(digit - b'0')));
    }
    // Nothing else that is a number holds other characters, and addresses, dates and versions stop here.
    if text.bytes().any(|byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' | b'x' | b'X' | b'o' | b'O' | b'_' | b'.' | b'+' | b'-')) {
        return Scalar::String;
    }
    let without_underscores;
    let digits = if text.contains('_') {
        without_underscores = text.replace('_', "");
        &without_underscores
    } else {
        text
    };
    let (negative, magnitude) = match digits.as_bytes().first() {
        Some(b'-') => (true, &digits[1..]),
        Some(b'+') => (false, &digits[1..]),
        _ => (false, digits),
    };
    if let Some(value) = go_magnitude(magnitude) {
        match (negative, i64::try_from(value)) {
            (false, Ok(value)) => return Scalar::Int(value),
            (true, Ok(value)) => return Scalar::Int(-value),
            (true, Err(_)) if value == i64::MIN.unsigned_abs() => return Scalar::Int(i64::MIN),
            // `ParseUint` takes no sign.
            (false, Err(_)) if magnitude.len() == digits.len() => return Scalar::Uint(value),
            _ => {}
        }
    }
    if let Some(value) = go_binary(digits) {
        return Scalar::Int(value);
    }
    if is_yaml_float(magnitude)
        && let Ok(value) = digits.parse::<f64>()
        && value.is_finite()
    {
        return Scalar::Float(value);
    }
    Scalar::String
}

/// `strconv.ParseInt` with base 0, after the sign and without underscores.
fn go_magnitude(digits: &str) -> Option<u64> {
    let bytes = digits.as_bytes();
    let (radix, rest) = match bytes {
        [] => return None,
        [b'0', b'x' | b'X', _, ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &digits[2..]),
        [b'0'] => return Some(0),
        [b'0', ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    // Rust takes a sign here, Go does not.
    if rest.starts_with(['+', '-']) {
        return None;
    }
    u64::from_str_radix(rest, radix).ok()
}

/// Go's second try at binary numbers, which takes a sign after the prefix: `0b-1`.
fn go_binary(digits: &str) -> Option<i64> {
    i64::from_str_radix(digits.strip_prefix("0b")?, 2).ok()
}

/// `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_yaml_float(text: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(text);
    let mut rest = &text[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = digits(fraction);
        if whole == 0 && length == 0 {
            return false;
        }
        rest = &fraction[length..];
    } else if whole == 0 {
        return false;
    }
    is_exponent(rest)
}

fn is_exponent(text: &str) -> bool {
    let Some(exponent) = text.strip_prefix(['e', 'E']) else { return text.is_empty() };
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    !exponent.is_empty() && exponent.bytes().all(|byte| byte.is_ascii_digit())
}

/// `strconv.ParseFloat` of a text that begins with a dot: Go takes `_` between digits here.
fn go_fraction(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let between_digits =
        |at: usize| bytes[at - 1].is_ascii_digit() && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
    if bytes.iter().enumerate().any(|(at, &byte)| byte == b'_' && !(at > 0 && between_digits(at))) {
        return None;
    }
    let plain = text.replace('_', "");
    if !is_yaml_float(&plain) {
        return None;
    }
    plain.parse().ok().filter(|value: &f64| value.is_finite())
}

/// What a scalar with a tag stands for, or what Go calls wrong about it.
pub(super) fn tagged(tag: Tag, text: &str) -> Result<Scalar, &'static str> {
    let resolved = plain(text);
    match (tag, resolved) {
        (Tag::None, _)
        | (Tag::Null, Scalar::Null)
        | (Tag::Bool, Scalar::Bool(_))
        | (Tag::Int, Scalar::Int(_) | Scalar::Uint(_))
        | (Tag::Float, Scalar::Float(_)) => Ok(resolved),
        #[expect(clippy::cast_precision_loss, reason = "Go converts so")]
        (Tag::Float, Scalar::Int(value)) => Ok(Scalar::Float(value as f64)),
        (Tag::Timestamp, _) if !is_timestamp(text) => Err("cannot decode the value as a !!timestamp"),
        (Tag::String | Tag::NonSpecific | Tag::Binary | Tag::Merge | Tag::Other | Tag::Timestamp, _) => {
            Ok(Scalar::String)
        }
        (Tag::Null, _) => Err("cannot decode the value as a !!null"),
        (Tag::Bool, _) => Err("cannot decode the value as a !!bool"),
        (Tag::Int, _) => Err("cannot decode the value as a !!int"),
        (Tag::Float, _) => Err("cannot decode the value as a !!float"),
    }
}

/// The time formats `resolve.go` knows, as Go's `time.Parse` reads them.
fn is_timestamp(text: &str) -> bool {
    fn number(text: &mut &str, least: usize, most: usize) -> Option<u32> {
        let length = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = text.split_at(length);
        *text = rest;
        if length < least { None } else { digits.parse().ok() }
    }
    fn literal(text: &mut &str, literal: &str) -> Option<()> {
        *text = text.strip_prefix(literal)?;
        Some(())
    }
    fn date(text: &mut &str) -> Option<()> {
        let year = number(text, 4, 4)?;
        literal(text, "-")?;
        let month = number(text, 1, 2)?;
        literal(text, "-")?;
        let day = number(text, 1, 2)?;
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 => 28 + u32::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        (1..=days).contains(&day).then_some(())
    }
    fn clock(text: &mut &str) -> Option<()> {
        let hour = number(text, 1, 2)?;
        literal(text, ":")?;
        let minute = number(text, 1, 2)?;
        literal(text, ":")?;
        let second = number(text, 1, 2)?;
        if let Some(fraction) = text.strip_prefix(['.', ',']) {
            let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
            if length > 0 {
                *text = &fraction[length..];
            }
        }
        (hour < 24 && minute < 60 && second < 60).then_some(())
    }
    fn zone(text: &mut &str) -> Option<()> {
        if let Some(rest) = text.strip_prefix('Z') {
            *text = rest;
            return Some(());
        }
        *text = text.strip_prefix(['+', '-'])?;
        let hours = number(text, 2, 2)?;
        literal(text, ":")?;
        let minutes = number(text, 2, 2)?;
        (hours <= 24 && minutes <= 60).then_some(())
    }
    let mut rest = text;
    let read = (|| {
        date(&mut rest)?;
        if rest.is_empty() {
            return Some(());
        }
        let separator = rest.chars().next()?;
        rest = rest.get(separator.len_utf8()..)?;
        clock(&mut rest)?;
        match separator {
            'T' | 't' => zone(&mut rest),
            ' ' => Some(()),
            _ => None,
        }
    })();
    read.is_some() && rest.is_empty()
}

/// `strconv.FormatFloat(value, 'g', -1, 32)` as sigs.k8s.io/yaml writes keys, with YAML's words for what is no number.
#[expect(clippy::cast_possible_truncation, reason = "keys are formatted with 32 bits")]
pub(super) fn float_key(value: f64) -> String {
    let value = value as f32;
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) || value == 0.0 {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// A number as Go's JSON has it: a whole one below 10²¹ is written without a fraction, so it is read as a whole one.
pub(super) fn as_json_number(value: f64) -> Scalar {
    if value.fract() == 0.0 && value.abs() < 1e21 {
        // The shortest digits that mean this value, then zeros: Go writes 2⁶³ as 9223372036854776000.
        let digits = format!("{value}");
        if let Ok(value) = digits.parse() {
            return Scalar::Int(value);
        }
        if let Ok(value) = digits.parse() {
            return Scalar::Uint(value);
        }
    }
    Scalar::Float(value)
}
