//! Patterns in Go's syntax and texts for them: by a grammar, as soup, and mutated.

use std::fmt::Write as _;

use super::Random;

/// Characters whose case, class or width is not what one expects, and plain ones.
#[rustfmt::skip]
const CHARACTERS: &[&str] = &[
    "a", "b", "c", "A", "B", "k", "K", "s", "S", "x", "1", "0", "9", "_", "-", ";", ":", " ", "\n", "\t", "\u{b}", "\r", "é",
    "É", "ß", "ſ", "\u{212a}", "İ", "ı", "Σ", "ς", "σ", "日", "😀", "\u{301}", "ǅ", "٣", "\u{85}", "\u{2028}", "\u{fffd}", "\u{0}",
    "\u{7f}", "ﬁ", "\u{1e9e}", "Ж", "ж", "\u{345}", "ι",
];

/// Pieces that stand for themselves or for a class, where a character may stand.
#[rustfmt::skip]
const ESCAPES: &[&str] = &[
    r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\.", r"\\", r"\_", r"\-", r"\n", r"\t", r"\v", r"\f", r"\r", r"\a", r"\0", r"\101",
    r"\12", r"\x41", r"\x{e9}", r"\x{1F600}", r"\pL", r"\PL", r"\p{Lu}", r"\p{^Lu}", r"\P{^Lu}", r"\p{Greek}", r"\p{Han}",
    r"\pN", r"\p{L}", r"\p{Any}", r"\P{Any}", r"\p{Lt}", r"\p{LC}", r"\p{Assigned}", r"\p{ASCII}", r"\p{Cn}", r"\p{letter}",
    r"\p{Uppercase_Letter}", r"\p{lowercase letter}", r"\p{cased-letter}", r"\x{10FFFF}", r"\;", r"\p{Cs}", r"\p{Old_Italic}",
];

/// What Go refuses, or what only looks special.
#[rustfmt::skip]
const ODD: &[&str] = &[
    r"\8", r"\1", r"\q", r"\C", r"\E", r"\u0041", r"\x", r"\x{}", r"\x{110000}", r"\xg1", r"\x4", r"\p", r"\p{", r"\p{Foo}", r"\pX", r"\é", r"\<",
    r"\Z", r"\G", r"\K", "(?=a)", "(?<=a)", "(?>a)", "(?#a)", "(?P<>a)", "(?P<a-b>a)", "(?P<n", "(?P=n)", "(?<n>a)", "(?'n'a)",
    "(?R)", "(?x)", "(?u:a)", "(?", "(?i", "(?-)", "(?i-)", "(?--i)", "(?)", "a**", "a+*", "a??", "a???", "a{2}{3}", "a{1001}", "a{1000}", "a{2,1}",
    "a{,5}", "a{", "a{1", "a{1,", "a{01}", "{2}", "a{99999999999}", "*", "+a", "|*", "(*)", "(|)", "()", "(", ")", "[", "]", "}", "[]", "[^]", "[]a]",
    "[^]a]", "[a", "[a-]", "[-a]", "[b-a]", "[a-\\d]", "[\\d-a]", "[[:foo:]]", "[[:word:]]", "[[:^alpha:]]", "[[:alpha:]", "[:alpha:]", "[a&&b]",
    "[[a]b]", "[a--z]", "[\\b]", "[\\Qa]", "\\Qa.b\\E", "\\Q(", "\\Q\\E*", "\\", "(?i)K", "(?i:ſ)", "(?s).", "(?m)^a$", "\\A", "\\z", "\\b", "\\B",
    "(?P<n>a)(?P<n>b)", "((a{10}){10}){10}", "((a{100}){100}){100}", "(?:(?:a{0,2}){0,600})", "(?:a{0}){1000}", "(?U)a+", "(?U)a+?", "$a", "a^", "(?:^)*", "(?:$)+",
    "(|a)*", "(|a)+", "(a|b*)*", "(a*)+", "(a*)*", "(?:a?)*?", "(a?b?){2,3}", "\\pN{2}", "[^\\x00-\\x{10FFFF}]", "[\\x{D800}-\\x{DFFF}]",
];

/// Replacements, with what is easy to get wrong in them.
#[rustfmt::skip]
const TEMPLATES: &[&str] = &[
    "", "$1", "${1}", "$0", "$2-$1", "${1}x", "$1x", "$n", "${n}", "$$", "$", "$$1", "a$", "${", "${1", "${}", "$9", "$01", "${01}", "$1_", "$é",
    "x", "${1}:${2}", "$ 1", "$-1", "${n}${1}", "$100000000", "$9999999999", "$٣", "a$$b", "${1}$", "$a$b$c", "$_",
];

/// Patterns as people write them for Prometheus.
#[rustfmt::skip]
const REAL: &[&str] = &[
    "(.*)", "(.+)", ".*", ".+", "", "true", "(web|db);true", "Node;(.*)", "Pod;(.*)", "(.+);", "(.+);true;", "([^:]+)(?::\\d+)?;(\\d+)", "(.+)(?::\\d+);(.+)",
    "__meta_kubernetes_pod_label_(.+)", "(Failed|Succeeded)", "https?", "0|1|2", "$(SHARD);|.+;.+", "kube-.*|default", "container_(network_tcp_usage_total|tasks_state)",
    "(?i)prod|staging", "apiserver_request_(duration|latency)_seconds_bucket;(0.15|0.2|0.3)", ".*-(canary|blue)$", "^web$", "[a-z0-9]([-a-z0-9]*[a-z0-9])?",
    "(\\d+\\.\\d+\\.\\d+\\.\\d+):(.*)", "(.+?)(\\:\\d+)?;(\\d+)", "\\w+_total", "a)|(b", "(?:metrics|http)",
];

pub(crate) fn template(random: &mut Random) -> String {
    if random.one_in(4) {
        format!("{}{}", random.pick(TEMPLATES), random.pick(TEMPLATES))
    } else {
        random.pick(TEMPLATES).to_owned()
    }
}

pub(crate) fn real(random: &mut Random) -> &'static str {
    REAL[random.below(REAL.len())]
}

pub(crate) fn text(random: &mut Random, longest: usize) -> String {
    (0..random.below(longest + 1)).map(|_| random.pick(CHARACTERS)).collect()
}

/// A text that the pattern may match: pieces of itself, or any.
pub(crate) fn text_for(random: &mut Random, pattern: &str) -> String {
    let mut text = text(random, 6);
    if random.one_in(2) {
        let plain: Vec<&str> = pattern
            .split(|one: char| r"\.+*?()|[]{}^$".contains(one))
            .filter(|piece| !piece.is_empty())
            .collect();
        for _ in 0..random.below(4) {
            if !plain.is_empty() {
                text.push_str(random.pick(&plain));
            }
        }
        text.push_str(random.pick(&["", "", "a", ";", "true", "\n"]));
    }
    text
}

pub(crate) fn pattern(random: &mut Random) -> String {
    let mut pattern = match random.below(12) {
        0 => real(random).to_owned(),
        1 => soup(random),
        2 if random.one_in(4) => large(random),
        _ => alternation(random, 3),
    };
    if random.one_in(6) {
        for _ in 0..=random.below(3) {
            pattern = mutate(random, &pattern);
        }
    }
    match random.below(6) {
        0 => format!("^(?s:{pattern})$"),
        1 => format!("^(?:{pattern})$"),
        _ => pattern,
    }
}

fn soup(random: &mut Random) -> String {
    const PIECES: &[&str] = &[
        "a",
        "b",
        "(",
        ")",
        "(?:",
        "(?i)",
        "(?s-i:",
        "[",
        "]",
        "[^",
        "-",
        "|",
        "*",
        "+",
        "?",
        "{2}",
        "{1,3}",
        "{0}",
        "{2,}",
        "\\",
        "\\d",
        "^",
        "$",
        ".",
        "\\b",
        "é",
        "K",
        "\\pL",
        "[[:alpha:]]",
        "}",
        "\\Q",
        "\\E",
        ",",
        "1",
        "(?P<n>",
        "(?U)",
        "(?m)",
        "\\x{e9}",
    ];
    (0..random.below(10)).map(|_| random.pick(PIECES)).collect()
}

/// What is near Go's limits, on either side.
fn large(random: &mut Random) -> String {
    match random.below(12) {
        0 => {
            let levels = 950 + random.below(100);
            format!("{}a{}", "(".repeat(levels), ")".repeat(levels))
        }
        1 => {
            let levels = 450 + random.below(150);
            format!("{}a{}", "(?:b(".repeat(levels), ")*)?".repeat(levels))
        }
        2 => format!("(?:{}){{{}}}", "ab".repeat(1500 + random.below(400)), 900 + random.below(120)),
        3 => format!(
            "(({}{{{}}}){{{}}}){{{}}}",
            random.pick(CHARACTERS),
            random.below(12),
            random.below(12),
            random.below(12)
        ),
        4 => format!("(?:a{{{},{}}}){{{}}}", random.below(5), random.below(40), random.below(40)),
        _ => {
            let mut pattern = String::new();
            for _ in 0..random.below(40) {
                let _ = write!(pattern, "{}|", atom(random, 1));
            }
            pattern
        }
    }
}

fn alternation(random: &mut Random, depth: usize) -> String {
    let mut pattern = concatenation(random, depth);
    while random.one_in(3) {
        pattern.push('|');
        pattern.push_str(&concatenation(random, depth));
    }
    pattern
}

fn concatenation(random: &mut Random, depth: usize) -> String {
    let mut pattern = String::new();
    for _ in 0..random.below(5) {
        pattern.push_str(&atom(random, depth));
        if random.one_in(3) {
            let count = match random.below(9) {
                0..=2 => "*".to_owned(),
                3 | 4 => "+".to_owned(),
                5 | 6 => "?".to_owned(),
                7 => format!("{{{}}}", random.below(5)),
                _ if random.one_in(2) => format!("{{{},}}", random.below(4)),
                _ => format!("{{{},{}}}", random.below(3), random.below(6)),
            };
            pattern.push_str(&count);
            if random.one_in(4) {
                pattern.push('?');
            }
        }
    }
    pattern
}

fn atom(random: &mut Random, depth: usize) -> String {
    match random.below(if depth == 0 { 8 } else { 13 }) {
        0..=3 => {
            let character = random.pick(CHARACTERS);
            if random.one_in(8) && character.is_ascii() {
                format!("\\{character}")
            } else {
                character.to_owned()
            }
        }
        4 => random.pick(ESCAPES).to_owned(),
        5 => class(random),
        6 => random.pick(&[".", ".", "^", "$", r"\b", r"\B", r"\A", r"\z"]).to_owned(),
        7 if random.one_in(12) => random.pick(ODD).to_owned(),
        7 => random.pick(&["a", "b", "ab", "."]).to_owned(),
        8 | 9 => format!("({})", alternation(random, depth - 1)),
        10 => format!("(?:{})", alternation(random, depth - 1)),
        11 => {
            let name = random.pick(&["n", "a", "x1", "_", "1", "01", "1x"]);
            let letter = random.pick(&["P", "P", ""]);
            format!("(?{letter}<{name}>{})", alternation(random, depth - 1))
        }
        _ => {
            let flags = random.pick(&["i", "s", "m", "U", "is", "i-s", "-i", "-s", "sU", "im-U", "ims"]);
            if random.one_in(2) {
                format!("(?{flags}:{})", alternation(random, depth - 1))
            } else {
                format!("(?{flags}){}", alternation(random, depth - 1))
            }
        }
    }
}

fn class(random: &mut Random) -> String {
    let mut class = String::from(if random.one_in(3) { "[^" } else { "[" });
    for _ in 0..=random.below(4) {
        match random.below(8) {
            0 => class.push_str(random.pick(ESCAPES)),
            1 => class.push_str(random.pick(&[
                "[:alpha:]",
                "[:^digit:]",
                "[:space:]",
                "[:word:]",
                "[:upper:]",
                "[:punct:]",
                "[:lower:]",
            ])),
            2 => class.push_str(random.pick(&[
                "a-z",
                "A-Z",
                "0-9",
                "é-ж",
                "a-é",
                r"\x00-\x{10FFFF}",
                "!-~",
                "K-k",
                "Α-ω",
                "-",
                "]-a",
            ])),
            3 => {
                let (first, last) = (random.pick(CHARACTERS), random.pick(CHARACTERS));
                let _ = write!(class, "{first}-{last}");
            }
            _ => class.push_str(random.pick(CHARACTERS)),
        }
    }
    class.push(']');
    class
}

pub(crate) fn mutate(random: &mut Random, pattern: &str) -> String {
    let mut characters: Vec<char> = pattern.chars().collect();
    let at = random.below(characters.len() + 1);
    match random.below(5) {
        0 if at < characters.len() => {
            characters.remove(at);
        }
        1 if at < characters.len() => {
            let other = random.below(characters.len());
            characters.swap(at, other);
        }
        2 => {
            characters.truncate(at);
        }
        3 => {
            let piece: Vec<char> = random.pick(ODD).chars().collect();
            characters.splice(at..at, piece);
        }
        _ => {
            let piece: Vec<char> = random
                .pick(&["(", ")", "[", "]", "*", "|", "\\", "{", "}", "?", "-", ",", "^", "1"])
                .chars()
                .collect();
            characters.splice(at..at, piece);
        }
    }
    characters.into_iter().collect()
}
