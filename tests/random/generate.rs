//! Texts of every style: strings that are easy to get wrong, documents by a grammar, soup, and mutated manifests.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::Random;
use super::grammar::Grammar;

/// Plain scalars whose meaning is easy to get wrong.
#[rustfmt::skip]
pub(crate) const SCALARS: &[&str] = &[
    "y", "Y", "yes", "Yes", "YES", "n", "N", "no", "No", "NO", "true", "True", "TRUE", "tRue", "false",
    "False", "on", "On", "ON", "off", "Off", "OFF", "oN", "~", "null", "Null", "NULL", "nUll", "0", "-0",
    "+0", "00", "007", "0755", "08", "0o17", "0O17", "0x1F", "0X1f", "0b101", "0B1", "-0b11", "-0x1",
    "1_000", "1__0", "_1", "1_", "0x_1", "0_7", "1.0", "1.", ".5", "-.5", "+.5", ".", "..", "...", "1.5e3",
    "1e3", "1E+3", "1e-7", "1e", "e1", "1e400", "-1e400", "1e20", "1e21", "123456789012345678901",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
    "18446744073709551615", "18446744073709551616", ".inf", "-.inf", "+.INF", ".Inf", ".nan", ".NaN",
    "inf", "nan", "NaN", "Infinity", "1:30", "12:30:45", "190:20:30", "1:30.5", "2001-01-01", "2001-1-1",
    "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.10", "2024-02-30", "2024-13-01", "<<", "=", "!",
    "-", "--", "---", "?", ":", "a:b", "a: b", "a :b", "a #b", "a#b", "#", "&a", "*a", "@x", "`x", "%x",
    "%YAML 1.1", "|", ">", "|-", "'", "''", "\"", "\"\"", "'a'", "\"a\"", "[", "]", "{", "}", "[]", "{}",
    ",", "a,b", "- a", "-a", "? a", "?a", ": a", ":a", "http://a:80/b", "10.0.0.1", "1.2.3", "v1", "10%",
    "500m", "1Gi", "a\tb", "é", "日本", "\u{85}", "a\u{2028}b", "\u{feff}", "\u{a0}", "😀", "0.1",
    "0.30000000000000004", "1e6", "1234567.5", "0.00001", "100000.0", "1000000.0", "16777217.0", "3.4e39",
    "1.7976931348623157e308", "4.9e-324", ".1_0", "._1", "+1", "+1_0", "-1_0", "+-1", "0x", "0b", "0o",
    "0b2", "0xG", "1e5_0", "__", "1,000", "{{ .x }}", "{{ $labels.x }}", "=1", "a'b", "a\"b", "a\\b",
    "\\n", "x: y: z", "null null", "true ", "~a", "yes no",
];

/// What tags may stand before.
#[rustfmt::skip]
pub(super) const TAGS: &[&str] = &[
    "!!str", "!!int", "!!float", "!!bool", "!!null", "!!binary", "!!timestamp", "!!merge", "!!map",
    "!!seq", "!!set", "!", "!local", "!e!x", "!<tag:yaml.org,2002:str>", "!<x>", "!!", "!%41", "!a%zz",
    "!!int%31",
];

/// A string of characters that mean something to YAML somewhere.
pub(crate) fn string(random: &mut Random) -> String {
    #[rustfmt::skip]
    const PIECES: &[&str] = &[
        "a", "b", "1", "0", "yes", " ", "  ", "\n", "\n\n", "\t", ":", ": ", " #", "#", "-", "- ", "?",
        ",", "[", "]", "{", "}", "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`", "\\", "~", "=", "<<",
        ".", "é", "\u{85}", "\u{2028}", "\u{2029}", "\u{feff}", "\r", "\r\n", "\0", "\u{7}", "\u{1b}",
        "\u{7f}", "\u{a0}", "\u{fffd}", "😀", "---", "...", "--- ", "日", "_", "+", "e", "x", "/", "$", "{{",
        "}}", "\u{9f}", "\u{fffe}",
    ];
    if random.one_in(3) {
        return random.pick(SCALARS).to_owned();
    }
    (0..random.below(8)).map(|_| random.pick(PIECES)).collect()
}

/// A JSON value of nasty strings, bounded in size.
pub(crate) fn value(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth == 0 { 8 } else { 12 }) {
        0 => Value::Null,
        1 => Value::Bool(random.one_in(2)),
        2 => Value::from(random.next().cast_signed() >> random.below(64)),
        3 => Value::from(random.next() >> random.below(64)),
        4 => {
            let number = f64::from_bits(random.next());
            if number.is_finite() { Value::from(number) } else { Value::from(0.5) }
        }
        5..=7 => Value::from(string(random)),
        8 | 9 => (0..random.below(4)).map(|_| value(random, depth - 1)).collect(),
        _ => object(random, depth - 1),
    }
}

/// A JSON object of nasty keys and values.
pub(crate) fn object(random: &mut Random, depth: usize) -> Value {
    let mut entries = Map::new();
    for _ in 0..random.below(4) {
        entries.insert(string(random), value(random, depth));
    }
    Value::Object(entries)
}

/// A document of any kind.
pub(crate) fn document(random: &mut Random, manifests: &[String]) -> String {
    if random.one_in(400) {
        return match random.below(3) {
            0 => deep(random),
            1 => aliases(random),
            _ => colliding(random),
        };
    }
    if random.one_in(20) {
        return json(random);
    }
    match random.below(10) {
        0 => one_scalar(random),
        1..=3 => Grammar::document(random),
        4 => soup(random),
        5 => {
            let mut text = Grammar::document(random);
            for _ in 0..=random.below(3) {
                text = mutate(random, &text);
            }
            text
        }
        _ => {
            let mut text = piece(random, manifests);
            for _ in 0..=random.below(4) {
                text = mutate(random, &text);
            }
            text
        }
    }
}

/// Some lines of a manifest, or all.
fn piece(random: &mut Random, manifests: &[String]) -> String {
    let text = &manifests[random.below(manifests.len())];
    if random.one_in(4) {
        return text.clone();
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let start = random.below(lines.len());
    let length = 1 + random.below(20);
    lines[start..(start + length).min(lines.len())].concat()
}

/// Streams of JSON objects, mostly well-formed.
fn json(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..=random.below(3) {
        let value = object(random, 3);
        let written = if random.one_in(2) {
            serde_json::to_string(&value)
        } else {
            serde_json::to_string_pretty(&value)
        };
        text.push_str(&written.unwrap());
        text.push_str(random.pick(&["", "\n", " ", "\n---\n", "\t\n\n", ",", " x\n"]));
    }
    if random.one_in(2) {
        text = text.replacen(
            'a',
            random.pick(&["\\/", "\\ud83d\\ude00", "\\ud83d", "\\u00e9", "\\x41", "\\'"]),
            1,
        );
    }
    if random.one_in(4) {
        text = text.replacen(
            ':',
            random.pick(&[":\n", ": 1e400, \"z\":", ": -0.0, \"z\":", ":01,\"z\":", ": 1., \"z\":"]),
            1,
        );
    }
    if random.one_in(3) { mutate(random, &text) } else { text }
}

/// Collections nested around the limits.
fn deep(random: &mut Random) -> String {
    let limits: [usize; 3] = [100, 510, 10_000];
    let depth = limits[random.below(3)] + random.below(5);
    match random.below(4) {
        0 => "[".repeat(depth) + &"]".repeat(depth),
        1 => "{a: ".repeat(depth) + "x" + &"}".repeat(depth),
        2 => "- ".repeat(depth) + "x\n",
        _ => "[".repeat(depth),
    }
}

/// Aliases around the budget Go has for them.
fn aliases(random: &mut Random) -> String {
    let width = 1 + random.below(120);
    let items = vec!["x"; width].join(", ");
    let mut text = format!("a0: &a0 [{items}]\n");
    for level in 1..=1 + random.below(4) {
        let repeated = vec![format!("*a{}", level - 1); 1 + random.below(30)].join(", ");
        writeln!(text, "a{level}: &a{level} [{repeated}]").unwrap();
    }
    let plain = random.below(3000);
    text + "z: [" + &"y, ".repeat(plain) + "y]\n"
}

/// Keys that are different in YAML and equal in JSON, and merges that override.
fn colliding(random: &mut Random) -> String {
    let mut text = String::new();
    if random.one_in(2) {
        text.push_str("b: &b {1: x, \"1\": y, yes: z, k: w}\n");
    }
    for value in 0..=random.below(4) {
        if !text.is_empty() && random.one_in(3) {
            text.push_str("<<: *b\n");
        }
        let key = random
            .pick(&["1", "1.0", "'1'", "0x1", "yes", "y", "\"true\"", "true", "k", "'k'", "!!str 1", "1e0"]);
        writeln!(text, "{key}: {value}").unwrap();
    }
    text
}

fn one_scalar(random: &mut Random) -> String {
    let scalar = random.pick(SCALARS);
    let tag = if random.one_in(3) { format!("{} ", random.pick(TAGS)) } else { String::new() };
    match random.below(7) {
        0 => format!("{tag}{scalar}\n"),
        1 => format!("a: {tag}{scalar}\n"),
        2 => format!("{tag}{scalar}: a\n"),
        3 => format!("- {tag}{scalar}\n- {scalar}"),
        4 => format!("[{tag}{scalar}, {scalar}]\n"),
        5 => format!("{{{tag}{scalar}: {scalar}}}\n"),
        _ => {
            format!("a: {tag}\"{}\"\nb: {tag}'{}'\n", scalar.replace('"', "\\\""), scalar.replace('\'', "''"))
        }
    }
}

/// Characters that mean something, at random.
fn soup(random: &mut Random) -> String {
    #[rustfmt::skip]
    const PIECES: &[&str] = &[
        "a", "b: ", ": ", ":", "- ", "-", "? ", "?", ", ", ",", "[", "]", "{", "}", "\n", "\n", "\n  ",
        "\n ", " ", "  ", "\t", "#", " #c", "&a ", "*a", "!!str ", "! ", "!t ", "|", ">", "|-\n", ">+\n",
        "'", "\"", "%", "%YAML 1.1\n", "%TAG !e! x:\n", "---", "---\n", "...\n", "@", "`", "\\", "<<",
        "<<: ", "~", "1", "yes", "\r\n", "\r", "\u{85}", "\u{2028}", "\u{feff}", "é", "''", "\"\"", "\\n",
        "\\x41", "\\u00e9", "\\\n", "|2\n", "0x1F", "key: value\n", "- item\n", "\u{7f}", "{{ .x }}", "*b",
        "&b ",
    ];
    (0..random.below(16)).map(|_| random.pick(PIECES)).collect()
}

/// One change, as an editor, a merge or a template engine would make it.
pub(crate) fn mutate(random: &mut Random, text: &str) -> String {
    #[rustfmt::skip]
    const INSERTED: &[&str] = &[
        " ", "  ", "\t", "\n", "\n\n", ":", ": ", "-", "- ", "#", " # c", ",", "[", "]", "{", "}", "'",
        "\"", "&a ", "*a", "!!str ", "!!int ", "|", ">", "?", "? ", "%", "@", "`", "\\", "---\n", "...\n",
        "<<: *a\n", "é", "\u{85}", "\u{2028}", "\r", "yes", "~", "0755", "{{ .Values.x }}", "key: value\n",
        "- item\n", "\u{feff}", "*labels", "<<: *defaults\n", "\u{1}", "\u{a0}",
    ];
    let boundary = |random: &mut Random| {
        let mut at = random.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let at = boundary(random);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let with_line = |random: &mut Random, change: &dyn Fn(&mut Random, &str) -> String| {
        if lines.is_empty() {
            return text.to_owned();
        }
        let changed = random.below(lines.len());
        let mut result = String::new();
        for (index, line) in lines.iter().enumerate() {
            if index == changed {
                result.push_str(&change(random, line));
            } else {
                result.push_str(line);
            }
        }
        result
    };
    match random.below(12) {
        0..=3 => format!("{}{}{}", &text[..at], random.pick(INSERTED), &text[at..]),
        4 => {
            let end =
                text[at..].char_indices().nth(1 + random.below(3)).map_or(text.len(), |(end, _)| at + end);
            format!("{}{}", &text[..at], &text[end..])
        }
        5 => with_line(random, &|_, _| String::new()),
        6 => with_line(random, &|_, line| line.repeat(2)),
        7 => with_line(random, &|random, line| format!("{}{line}", " ".repeat(1 + random.below(3)))),
        8 => with_line(random, &|random, line| {
            line.strip_prefix(&" ".repeat(1 + random.below(3))).unwrap_or(line).to_owned()
        }),
        9 => with_line(random, &|random, line| match line.split_once(": ") {
            Some((key, _)) => format!("{key}: {}\n", random.pick(SCALARS)),
            None => format!("{}\n", random.pick(SCALARS)),
        }),
        10 => text[..at].to_owned(),
        _ => with_line(
            random,
            &|random, line| match line.find(|character: char| character.is_alphanumeric()) {
                Some(start) => {
                    let tag =
                        random.pick(&["&a ", "*a ", "!!str ", "! ", "'", "\"", "[", "{", "- ", "? ", "\t"]);
                    format!("{}{tag}{}", &line[..start], &line[start..])
                }
                None => line.to_owned(),
            },
        ),
    }
}
