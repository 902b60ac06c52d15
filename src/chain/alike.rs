//! When one word is another one mistyped.

/// Whether a word may be another one with a slip of the pen in it: one or two letters apart, and not by digits or by a
/// part of a name only, which tell siblings apart (`web-1` and `web-2`, `db-a` and `db-b`).
pub fn is_slip(written: &str, meant: &str) -> bool {
    if written == meant || written.is_empty() || meant.is_empty() {
        return false;
    }
    if written.eq_ignore_ascii_case(meant) {
        return true;
    }
    if written.len().abs_diff(meant.len()) > 2 {
        return false;
    }
    let shorter = written.len().min(meant.len());
    let is_near = match strsim::damerau_levenshtein(written, meant) {
        // Among short words a letter too many, too few, or in the wrong place is a slip; another letter is another word.
        1 => {
            shorter > 3
                || (shorter == 3 && (written.len() != meant.len() || has_same_letters(written, meant)))
        }
        2 => shorter > 5,
        _ => false,
    };
    is_near && !are_siblings(written, meant)
}

fn has_same_letters(one: &str, other: &str) -> bool {
    let sorted = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    sorted(one) == sorted(other)
}

/// Whether two words differ only in digits, or only in one whole part of at most two letters between dashes and dots.
fn are_siblings(one: &str, other: &str) -> bool {
    let without_digits = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    let has_digits = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    if (has_digits(one) || has_digits(other)) && without_digits(one) == without_digits(other) {
        return true;
    }
    let parts = |text: &str| text.split(SEAMS).map(str::to_owned).collect::<Vec<_>>();
    let (one, other) = (parts(one), parts(other));
    if one.len() != other.len() || one.len() < 2 {
        return false;
    }
    let mut different = one.iter().zip(&other).filter(|(left, right)| left != right);
    matches!((different.next(), different.next()), (Some((left, right)), None) if left.len() <= 2 && right.len() <= 2)
}

/// What stands between the parts of a name.
const SEAMS: [char; 3] = ['-', '.', '_'];

/// Whether one of two words is the other one and a part more, between dashes, dots or underscores: `web` and `web-metrics`.
pub fn is_extended(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    short.len() > 2
        && (long.strip_prefix(short).is_some_and(|rest| rest.starts_with(SEAMS))
            || long.strip_suffix(short).is_some_and(|rest| rest.ends_with(SEAMS)))
}

/// Whether two words differ by a digit too many, too few or in the wrong place. Names of siblings do so too (`web-1` and
/// `web-11`): whoever asks has to know that the other word is nobody else's.
pub fn is_digit_slip(one: &str, other: &str) -> bool {
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    strsim::damerau_levenshtein(one, other) == 1
        && digits(one).min(digits(other)) > 0
        && (one.len() != other.len() || has_same_letters(one, other))
}

/// The candidate that a word is a slip of; of several the nearest, and of these the first.
pub fn closest<'c>(written: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    candidates
        .into_iter()
        .filter(|candidate| is_slip(written, candidate))
        .min_by_key(|candidate| strsim::damerau_levenshtein(written, candidate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_from_siblings() {
        for (written, meant) in [
            ("etcd-expoter", "etcd-exporter"),
            ("Web", "web"),
            ("metircs", "metrics"),
            ("app.kubernetes.io/nmae", "app.kubernetes.io/name"),
            ("checkoutt", "checkout"),
            ("apii", "api"),
            ("wbe", "web"),
        ] {
            assert!(is_slip(written, meant), "{written} {meant}");
        }
        for (written, meant) in [
            ("web", "web"),
            ("web-1", "web-2"),
            ("web-10", "web-1"),
            ("db-a", "db-b"),
            ("app", "api"),
            ("web", "http"),
            ("alpha", "omega"),
            ("", "a"),
        ] {
            assert!(!is_slip(written, meant), "{written} {meant}");
        }
        assert!(is_extended("web", "web-metrics") && is_extended("my-web", "web"));
        assert!(!is_extended("web", "website") && !is_extended("web", "web") && !is_extended("a", "a-b"));
        assert!(is_digit_slip("web-098", "web-089") && is_digit_slip("web-08", "web-048"));
        assert!(!is_digit_slip("web-1", "web-2") && !is_digit_slip("web", "web"));
        assert_eq!(closest("metrcs", ["http", "metrics", "metric"]), Some("metrics"));
    }
}
