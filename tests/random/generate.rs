//! Texts of every style: strings that are easy to get wrong, documents by a grammar, soup, and mutated manifests.

use serde_json::{Map, Value};

use super::Random;

/// Plain scalars whose meaning is easy to get wrong.
pub(crate) const SCALARS: &[&str] = &[
    "y",
    "Y",
    "yes",
    "Yes",
    "YES",
    "n",
    "N",
    "no",
    "No",
    "NO",
    "true",
    "True",
    "TRUE",
    "tRue",
    "false",
    "False",
    "on",
    "On",
    "ON",
    "off",
    "Off",
    "OFF",
    "oN",
    "~",
    "null",
    "Null",
    "NULL",
    "nUll",
    "0",
    "-0",
    "+0",
    "00",
    "007",
    "0755",
    "08",
    "0o17",
    "0O17",
    "0x1F",
    "0X1f",
    "0b101",
    "0B1",
    "-0b11",
    "-0x1",
    "1_000",
    "1__0",
    "_1",
    "1_",
    "0x_1",
    "0_7",
    "1.0",
    "1.",
    ".5",
    "-.5",
    "+.5",
    ".",
    "..",
    "...",
    "1.5e3",
    "1e3",
    "1E+3",
    "1e-7",
    "1e",
    "e1",
    "1e400",
    "-1e400",
    "1e20",
    "1e21",
    "123456789012345678901",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "18446744073709551616",
    ".inf",
    "-.inf",
    "+.INF",
    ".Inf",
    ".nan",
    ".NaN",
    "inf",
    "nan",
    "NaN",
    "Infinity",
    "1:30",
    "12:30:45",
    "190:20:30",
    "1:30.5",
    "2001-01-01",
    "2001-1-1",
    "2001-12-14t21:59:43.10-05:00",
    "2001-12-14 21:59:43.10",
    "2024-02-30",
    "2024-13-01",
    "<<",
    "=",
    "!",
    "-",
    "--",
    "---",
    "?",
    ":",
    "a:b",
    "a: b",
    "a :b",
    "a #b",
    "a#b",
    "#",
    "&a",
    "*a",
    "@x",
    "`x",
    "%x",
    "%YAML 1.1",
    "|",
    ">",
    "|-",
    "'",
    "''",
    "\"",
    "\"\"",
    "'a'",
    "\"a\"",
    "[",
    "]",
    "{",
    "}",
    "[]",
    "{}",
    ",",
    "a,b",
    "- a",
    "-a",
    "? a",
    "?a",
    ": a",
    ":a",
    "http://a:80/b",
    "10.0.0.1",
    "1.2.3",
    "v1",
    "10%",
    "500m",
    "1Gi",
    "a\tb",
    "é",
    "日本",
    "\u{85}",
    "a\u{2028}b",
    "\u{feff}",
    "\u{a0}",
    "😀",
    "0.1",
    "0.30000000000000004",
    "1e6",
    "1234567.5",
    "0.00001",
    "100000.0",
    "1000000.0",
    "16777217.0",
    "3.4e39",
    "1.7976931348623157e308",
    "4.9e-324",
    ".1_0",
    "._1",
    "+1",
    "+1_0",
    "-1_0",
    "+-1",
    "0x",
    "0b",
    "0o",
    "0b2",
    "0xG",
    "1e5_0",
    "__",
    "1,000",
    "{{ .x }}",
    "{{ $labels.x }}",
    "=1",
    "a'b",
    "a\"b",
    "a\\b",
    "\\n",
    "x: y: z",
    "null null",
    "true ",
    "~a",
    "yes no",
];

/// What tags may stand before.
const TAGS: &[&str] = &[
    "!!str",
    "!!int",
    "!!float",
    "!!bool",
    "!!null",
    "!!binary",
    "!!timestamp",
    "!!merge",
    "!!map",
    "!!seq",
    "!!set",
    "!",
    "!local",
    "!e!x",
    "!<tag:yaml.org,2002:str>",
    "!<x>",
    "!!",
    "!%41",
    "!a%zz",
    "!!int%31",
];

/// A string of characters that mean something to YAML somewhere.
pub(crate) fn string(random: &mut Random) -> String {
    if random.one_in(3) {
        return random.pick(SCALARS).to_owned();
    }
    const PIECES: &[&str] = &[
        "a", "b", "1", "0", "yes", " ", "  ", "\n", "\n\n", "\t", ":", ": ", " #", "#", "-", "- ", "?", ",",
        "[", "]", "{", "}", "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`", "\\", "~", "=", "<<", ".",
        "é", "\u{85}", "\u{2028}", "\u{2029}", "\u{feff}", "\r", "\r\n", "\0", "\u{7}", "\u{1b}", "\u{7f}",
        "\u{a0}", "\u{fffd}", "😀", "---", "...", "--- ", "日", "_", "+", "e", "x", "/", "$", "{{", "}}",
        "\u{9f}", "\u{fffe}",
    ];
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
        text.push_str(&format!("a{level}: &a{level} [{repeated}]\n"));
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
        text.push_str(&format!("{key}: {value}\n"));
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
    const PIECES: &[&str] = &[
        "a",
        "b: ",
        ": ",
        ":",
        "- ",
        "-",
        "? ",
        "?",
        ", ",
        ",",
        "[",
        "]",
        "{",
        "}",
        "\n",
        "\n",
        "\n  ",
        "\n ",
        " ",
        "  ",
        "\t",
        "#",
        " #c",
        "&a ",
        "*a",
        "!!str ",
        "! ",
        "!t ",
        "|",
        ">",
        "|-\n",
        ">+\n",
        "'",
        "\"",
        "%",
        "%YAML 1.1\n",
        "%TAG !e! x:\n",
        "---",
        "---\n",
        "...\n",
        "@",
        "`",
        "\\",
        "<<",
        "<<: ",
        "~",
        "1",
        "yes",
        "\r\n",
        "\r",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "é",
        "''",
        "\"\"",
        "\\n",
        "\\x41",
        "\\u00e9",
        "\\\n",
        "|2\n",
        "0x1F",
        "key: value\n",
        "- item\n",
        "\u{7f}",
        "{{ .x }}",
        "*b",
        "&b ",
    ];
    (0..random.below(16)).map(|_| random.pick(PIECES)).collect()
}

/// One change, as an editor, a merge or a template engine would make it.
pub(crate) fn mutate(random: &mut Random, text: &str) -> String {
    const INSERTED: &[&str] = &[
        " ",
        "  ",
        "\t",
        "\n",
        "\n\n",
        ":",
        ": ",
        "-",
        "- ",
        "#",
        " # c",
        ",",
        "[",
        "]",
        "{",
        "}",
        "'",
        "\"",
        "&a ",
        "*a",
        "!!str ",
        "!!int ",
        "|",
        ">",
        "?",
        "? ",
        "%",
        "@",
        "`",
        "\\",
        "---\n",
        "...\n",
        "<<: *a\n",
        "é",
        "\u{85}",
        "\u{2028}",
        "\r",
        "yes",
        "~",
        "0755",
        "{{ .Values.x }}",
        "key: value\n",
        "- item\n",
        "\u{feff}",
        "*labels",
        "<<: *defaults\n",
        "\u{1}",
        "\u{a0}",
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

/// Documents that are mostly well-formed and use everything.
struct Grammar<'r> {
    random: &'r mut Random,
    text: String,
    anchors: Vec<String>,
}

impl Grammar<'_> {
    fn document(random: &mut Random) -> String {
        let mut grammar = Grammar { random, text: String::new(), anchors: Vec::new() };
        if grammar.random.one_in(12) {
            grammar.text.push_str(grammar.random.pick(&[
                "%YAML 1.1\n",
                "%TAG !e! tag:e,1:\n",
                "%TAG !! x\n",
                "%X y\n",
                "%YAML 1.2\n",
            ]));
            grammar.text.push_str("--- \n");
        } else if grammar.random.one_in(6) {
            grammar.text.push_str(grammar.random.pick(&["---\n", "--- # c\n", "--- ", "\u{feff}", "# c\n"]));
        }
        grammar.block(0, 3);
        if grammar.random.one_in(12) {
            grammar.text.push_str(grammar.random.pick(&[
                "...\n",
                "...\nx",
                "--- \nb: 1\n",
                "  # c",
                "... # c\n",
                "x\n",
            ]));
        }
        grammar.text
    }

    fn properties(&mut self) {
        if self.random.one_in(8) {
            let name = self.random.pick(&["a", "b", "c", "a-1", "_"]);
            self.text.push_str(&format!("&{name} "));
            self.anchors.push(name.to_owned());
        }
        if self.random.one_in(12) {
            self.text.push_str(self.random.pick(TAGS));
            self.text.push(' ');
        }
    }

    fn comment(&mut self) {
        if self.random.one_in(8) {
            self.text.push_str(self.random.pick(&[" # c", "  #c: d", "\t# c", " # {{ x }}"]));
        }
        self.text.push_str(if self.random.one_in(30) { "\r\n" } else { "\n" });
    }

    /// A node that begins after `key:`, `- ` or at the start of the document, and ends with a line break.
    fn block(&mut self, indent: usize, depth: usize) {
        match self.random.below(if depth == 0 { 6 } else { 10 }) {
            0..=2 => {
                self.properties();
                self.scalar(indent);
                self.comment();
            }
            3 if !self.anchors.is_empty() => {
                let name = self.anchors[self.random.below(self.anchors.len())].clone();
                self.text.push_str(&format!("*{name}"));
                self.comment();
            }
            3 => self.comment(),
            4 => self.literal(indent),
            5 => {
                self.properties();
                self.flow(2);
                self.comment();
            }
            6 | 7 => {
                if self.random.one_in(6) {
                    self.properties();
                }
                self.comment();
                let indent = indent + self.random.below(3);
                for _ in 0..=self.random.below(3) {
                    self.indent(indent);
                    self.text.push_str(self.random.pick(&["- ", "-   ", "- ", "-\t"]));
                    self.block(indent + 2, depth - 1);
                }
            }
            _ => {
                if self.random.one_in(6) {
                    self.properties();
                }
                self.comment();
                let indent = indent + 1 + self.random.below(3);
                for _ in 0..=self.random.below(3) {
                    self.indent(indent);
                    self.key();
                    self.block(indent, depth - 1);
                }
            }
        }
    }

    fn indent(&mut self, indent: usize) {
        let indent = if self.random.one_in(40) { self.random.below(6) } else { indent };
        self.text.push_str(&" ".repeat(indent));
        if self.random.one_in(60) {
            self.text.push('\t');
        }
    }

    fn key(&mut self) {
        match self.random.below(12) {
            0 => {
                let merged = if self.anchors.is_empty() || self.random.one_in(4) {
                    self.random.pick(&["{a: 1, k: 2}", "[{a: 1}, {a: 2, b: 3}]", "x", "", "[x]"]).to_owned()
                } else {
                    let name = self.anchors[self.random.below(self.anchors.len())].clone();
                    if self.random.one_in(3) { format!("[*{name}, {{z: 1}}]") } else { format!("*{name}") }
                };
                self.text.push_str(&format!("<<: {merged}\n"));
                // What follows is the value of an empty key, or of this one.
                self.text.push_str("k: ");
            }
            1 => {
                self.text.push_str("? ");
                self.properties();
                self.scalar(8);
                self.text.push_str("\n: ");
            }
            2 => {
                self.properties();
                self.text.push_str("p: ");
            }
            3 => {
                let key = self.random.pick(SCALARS).to_owned();
                self.text.push_str(&format!("{key}: "));
            }
            4 => self.text.push_str(self.random.pick(&[
                "'a b': ",
                "\"k\\n\": ",
                "'': ",
                "\"a\": ",
                "\"a\" : ",
                "a :  ",
            ])),
            _ => self.text.push_str(self.random.pick(&[
                "a: ",
                "b: ",
                "c: ",
                "k: ",
                "key one: ",
                "k:\t",
                "k: ",
                "metadata: ",
            ])),
        }
    }

    fn scalar(&mut self, indent: usize) {
        match self.random.below(8) {
            0..=2 => {
                let scalar = self.random.pick(SCALARS);
                self.text.push_str(scalar);
            }
            3 => {
                let text = string(self.random).replace('\'', "''");
                let text = self.continued(&text, indent);
                self.text.push_str(&format!("'{text}'"));
            }
            4 | 5 => {
                const ESCAPES: &[&str] = &[
                    "\\n",
                    "\\t",
                    "\\\"",
                    "\\\\",
                    "\\x41",
                    "\\u00e9",
                    "\\U0001F600",
                    "\\/",
                    "\\ ",
                    "\\0",
                    "\\e",
                    "\\N",
                    "\\_",
                    "\\L",
                    "\\P",
                    "\\\n",
                    "\\ud83d",
                    "\\q",
                    "\\x4",
                    "a",
                    " b",
                    "\\\t",
                    "\\a\\b\\v\\f\\r",
                    "é",
                ];
                let text: String = (0..self.random.below(5)).map(|_| self.random.pick(ESCAPES)).collect();
                let more = string(self.random).replace('\\', "\\\\").replace('"', "\\\"");
                let text = self.continued(&format!("{text}{more}"), indent);
                self.text.push_str(&format!("\"{text}\""));
            }
            6 => {
                let words = ["one", "two: x", "three # c", "- four", "", "\t five", "# six", "seven:"];
                let text: Vec<&str> = (0..=self.random.below(3)).map(|_| self.random.pick(&words)).collect();
                let text = self.continued(&text.join("\n"), indent);
                self.text.push_str(&text);
            }
            _ => self.text.push_str("value"),
        }
    }

    /// Indents the lines after the first, mostly.
    fn continued(&mut self, text: &str, indent: usize) -> String {
        let indent = if self.random.one_in(10) { 0 } else { indent + 1 + self.random.below(3) };
        text.replace('\n', &format!("\n{}", " ".repeat(indent)))
    }

    fn literal(&mut self, indent: usize) {
        self.properties();
        self.text.push_str(self.random.pick(&["|", ">"]));
        self.text.push_str(
            self.random
                .pick(&["", "", "", "-", "+", "2", "1-", "+3", "0", "-0", "--", "9", " x", " # c", "\t"]),
        );
        self.text.push('\n');
        let indent = indent + 1 + self.random.below(3);
        for _ in 0..self.random.below(5) {
            let line = self.random.pick(&[
                "text",
                "",
                "  more",
                "# no comment",
                "key: value",
                "\ttab",
                "trailing  ",
                " ",
                "- item",
                "é\u{2028}x",
                "---",
                "a\u{85}b",
                "   ",
                "\"",
            ]);
            self.indent(indent);
            self.text.push_str(line);
            self.text.push_str(if self.random.one_in(20) { "\r\n" } else { "\n" });
        }
    }

    fn flow(&mut self, depth: usize) {
        match self.random.below(if depth == 0 { 4 } else { 7 }) {
            0 | 1 => {
                let scalar = self.random.pick(SCALARS).replace([',', '[', ']', '{', '}'], "");
                self.text.push_str(&scalar);
            }
            2 => self.scalar(4),
            3 if !self.anchors.is_empty() => {
                let name = self.anchors[self.random.below(self.anchors.len())].clone();
                self.text.push_str(&format!("*{name}"));
            }
            3 => self.text.push('x'),
            4 | 5 => {
                self.text.push('[');
                for _ in 0..self.random.below(4) {
                    self.properties();
                    self.flow(depth - 1);
                    if self.random.one_in(6) {
                        self.text.push_str(self.random.pick(&[": ", " : ", ":", " ? "]));
                        self.flow(0);
                    }
                    self.text.push_str(self.random.pick(&[", ", ",", ",\n  ", " , ", ", # c\n  ", ",\t"]));
                }
                self.text.push(']');
            }
            _ => {
                self.text.push('{');
                for _ in 0..self.random.below(4) {
                    if self.random.one_in(6) {
                        self.text.push_str(self.random.pick(&["? ", "?", "", "\n "]));
                    }
                    self.properties();
                    let depth_of_key = if self.random.one_in(20) { depth - 1 } else { 0 };
                    self.flow(depth_of_key);
                    self.text.push_str(self.random.pick(&[": ", ":", " : ", ": ", ": ", ""]));
                    self.flow(depth - 1);
                    self.text.push_str(self.random.pick(&[", ", ",", ",\n  ", " , ", ", "]));
                }
                self.text.push('}');
            }
        }
    }
}
