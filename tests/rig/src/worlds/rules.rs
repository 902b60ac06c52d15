//! Relabel rules, one for every way to write them.

use serde_json::{Map, Value, json};

use super::maker::Maker;

const ACTIONS: &[&str] = &[
    "replace",
    "Replace",
    "keep",
    "Keep",
    "drop",
    "Drop",
    "hashmod",
    "HashMod",
    "labelmap",
    "LabelMap",
    "labeldrop",
    "LabelDrop",
    "labelkeep",
    "LabelKeep",
    "lowercase",
    "Lowercase",
    "uppercase",
    "Uppercase",
    "keepequal",
    "KeepEqual",
    "dropequal",
    "DropEqual",
];

const REGEXES: &[&str] = &[
    "(.*)",
    "(.+)",
    "a|b",
    "api.*",
    "([^:]+)(?::\\d+)?;(\\d+)",
    "",
    "1e3",
    "0123",
    "yes",
    "(?i)web",
    "\\d+",
    "[a-z]{2,5}",
    "\\pL+",
    "(?P<name>x.*)",
    "\u{fc}.*",
    "$",
    "null",
];
const BROKEN_REGEXES: &[&str] = &["(", "a**", "[", "(?=x)", "\\8", "x{1001}", "(?P<n>a)(?P<n>b)"];
const SOURCES: &[&str] = &[
    "__address__",
    "__meta_kubernetes_namespace",
    "__meta_kubernetes_service_name",
    "__meta_kubernetes_pod_label_app",
    "job",
    "instance",
    "pod",
    "__meta_kubernetes_pod_ip",
    "__name__",
    "le",
    "team",
];
const TARGETS: &[&str] =
    &["team", "job", "instance", "__address__", "__param_x", "pod_name", "x1", "__tmp_a", "__metrics_path__"];
const REPLACEMENTS: &[&str] =
    &["$1", "${1}:9100", "fixed", "", "$1-$2", "${name}", "$$", "yes", "0123", "a;b"];
const LABEL_REPLACEMENTS: &[&str] = &["$1", "k_$1", "${1}_x"];

impl Maker<'_> {
    pub(super) fn rule(&mut self, path: &str) -> Value {
        let wants = |maker: &Self, name: &str| maker.is_wanted(&format!("{path}.{name}"));
        let action = if wants(self, "modulus") {
            *self.random.pick(&["hashmod", "HashMod"])
        } else if wants(self, "replacement") || wants(self, "separator") {
            *self.random.pick(&["replace", "Replace"])
        } else {
            *self.random.pick(ACTIONS)
        };
        let mut made = Map::new();
        let is_replace = action.eq_ignore_ascii_case("replace");
        // Without an action it is `replace`, which the API server writes down.
        if !is_replace || wants(self, "action") || self.random.chance(30) {
            made.insert("action".to_owned(), json!(action));
        }
        let lower = action.to_lowercase();
        let by_name = matches!(lower.as_str(), "labelmap" | "labeldrop" | "labelkeep");
        if !by_name || (wants(self, "sourceLabels") && lower == "labelmap") {
            let sources = self.random.several(SOURCES, usize::from(wants(self, "sourceLabels")));
            if !sources.is_empty() && (wants(self, "sourceLabels") || self.random.chance(85)) {
                made.insert("sourceLabels".to_owned(), json!(sources[..sources.len().min(3)]));
            }
        }
        let takes_target = matches!(
            lower.as_str(),
            "replace" | "hashmod" | "lowercase" | "uppercase" | "keepequal" | "dropequal"
        );
        if takes_target && !self.mistake("rule without target") {
            let target = if self.mistake("target that is no name") {
                *self.random.pick(&["a-b", "1a", "${1}_x", "", "\u{fc}"])
            } else {
                *self.random.pick(TARGETS)
            };
            made.insert("targetLabel".to_owned(), json!(target));
        }
        if lower == "hashmod" && !self.mistake("hashmod without modulus") {
            made.insert("modulus".to_owned(), json!(self.random.between(1, 8)));
        }
        let is_equal = matches!(lower.as_str(), "keepequal" | "dropequal");
        if !is_equal && (wants(self, "regex") || by_name || self.random.chance(60)) {
            let regex = if self.mistake("invalid regex") {
                self.random.pick(BROKEN_REGEXES)
            } else {
                self.random.pick(REGEXES)
            };
            made.insert("regex".to_owned(), json!(regex));
        }
        let replaces = matches!(lower.as_str(), "replace" | "labelmap")
            || self.mistake("replacement for an action without");
        if replaces && (wants(self, "replacement") || self.random.chance(60)) {
            let replacement = if lower == "labelmap" {
                self.random.pick(LABEL_REPLACEMENTS)
            } else {
                self.random.pick(REPLACEMENTS)
            };
            made.insert("replacement".to_owned(), json!(replacement));
        }
        let separates = !by_name && !is_equal || self.mistake("separator for an action without");
        if separates && (wants(self, "separator") || self.random.chance(25)) {
            made.insert("separator".to_owned(), json!(self.random.pick(&[";", ":", "", "@@", "/"])));
        }
        Value::Object(made)
    }
}
