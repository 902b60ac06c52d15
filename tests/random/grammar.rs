//! Documents by a grammar that knows every style.

use std::fmt::Write as _;

use super::Random;
use super::generate::{SCALARS, TAGS, string};

/// Documents that are mostly well-formed and use everything.
pub(super) struct Grammar<'r> {
    random: &'r mut Random,
    text: String,
    anchors: Vec<String>,
}

impl Grammar<'_> {
    pub(super) fn document(random: &mut Random) -> String {
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
            write!(self.text, "&{name} ").unwrap();
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
                write!(self.text, "*{name}").unwrap();
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
                writeln!(self.text, "<<: {merged}").unwrap();
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
                write!(self.text, "{key}: ").unwrap();
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
                write!(self.text, "'{text}'").unwrap();
            }
            4 | 5 => {
                #[rustfmt::skip]
                const ESCAPES: &[&str] = &[
                    "\\n", "\\t", "\\\"", "\\\\", "\\x41", "\\u00e9", "\\U0001F600", "\\/", "\\ ", "\\0",
                    "\\e", "\\N", "\\_", "\\L", "\\P", "\\\n", "\\ud83d", "\\q", "\\x4", "a", " b", "\\\t",
                    "\\a\\b\\v\\f\\r", "é",
                ];
                let text: String = (0..self.random.below(5)).map(|_| self.random.pick(ESCAPES)).collect();
                let more = string(self.random).replace('\\', "\\\\").replace('"', "\\\"");
                let text = self.continued(&format!("{text}{more}"), indent);
                write!(self.text, "\"{text}\"").unwrap();
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
                write!(self.text, "*{name}").unwrap();
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
