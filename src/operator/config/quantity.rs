//! Kubernetes' quantities as numbers (`Quantity.AsApproximateFloat64`, apimachinery 0.36).

use serde_json::Value;

/// The number a quantity stands for; 0 for what is none.
pub(super) fn number(value: &Value) -> f64 {
    match value {
        Value::String(text) => parse(text).unwrap_or(0.0),
        other => parse(&other.to_string()).unwrap_or(0.0),
    }
}

fn parse(text: &str) -> Option<f64> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let length = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (digits, suffix) = unsigned.split_at(length);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let places = i32::try_from(fraction.len()).ok()?;
    // As Go has it: a whole number and a power of ten, so that the last digit is rounded alike.
    let base: f64 = format!("{whole}{fraction}").parse().ok()?;
    let (base, exponent) = match suffix {
        "Ki" | "Mi" | "Gi" | "Ti" | "Pi" | "Ei" => {
            let power = "KMGTPE".find(&suffix[..1]).and_then(|at| i32::try_from(at).ok())? + 1;
            (base * 1024_f64.powi(power), 0)
        }
        _ => (base, decimal(suffix)?),
    };
    let value = match exponent - places {
        0 => base,
        exponent => base * format!("1e{exponent}").parse::<f64>().ok()?,
    };
    Some(if negative { -value } else { value })
}

fn decimal(suffix: &str) -> Option<i32> {
    Some(match suffix {
        "n" => -9,
        "u" => -6,
        "m" => -3,
        "" => 0,
        "k" => 3,
        "M" => 6,
        "G" => 9,
        "T" => 12,
        "P" => 15,
        "E" => 18,
        _ => suffix.strip_prefix(['e', 'E'])?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn quantities_are_numbers() {
        for (value, expected) in [
            (json!("1500m"), 1.5),
            (json!(2), 2.0),
            (json!("1.5"), 1.5),
            (json!("12.124"), 12.124),
            (json!("1e-1"), 0.1),
            (json!("2Ki"), 2048.0),
            (json!("-1"), -1.0),
            (json!("x"), 0.0),
        ] {
            assert!((number(&value) - expected).abs() < 1e-12, "{value}");
        }
    }
}
