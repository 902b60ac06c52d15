//! Secrets and `ConfigMaps`, valid and broken.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::random::Random;
use super::setting::{Content, Credential, Setting};

/// Certificates and keys made for the generated worlds and good for nothing else; a world has to be the same every time.
const AUTHORITY: &str = include_str!("pki/ca.crt");
const PAIRS: [(&str, &str); 2] = [
    (include_str!("pki/client.crt"), include_str!("pki/client.key")),
    (include_str!("pki/rsa.crt"), include_str!("pki/rsa.key")),
];

const BROKEN: &str = "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n";

/// Texts that YAML would read as something else, and other traps.
pub(super) const TEXTS: &[&str] = &[
    "prometheus",
    "hush-hush",
    "yes",
    "0123",
    "1e3",
    "null",
    "~",
    "a: b",
    "ü",
    "#x",
    "'q'",
    "{a}",
    "- a",
    "=",
    "0x1F",
    "1_000",
    "2001-01-01",
    "12:30",
    "!tag",
    "&a",
    "*a",
    "@x",
    "`x`",
    "%d",
    "\"quoted\"",
    "back\\slash",
    "two\nlines",
    "ends\n",
    "$1",
];

const SCRAPE_CONFIGS: &[&str] = &[
    "- job_name: additional\n  static_configs:\n  - targets: [10.0.0.1:9100]\n",
    "- job_name: one\n  scrape_interval: 15s\n  relabel_configs:\n  - source_labels: [__address__]\n    regex: 1e3\n    target_label: x\n\
     - job_name: \"0123\"\n  params: {module: [0123, yes, ~, 1.50]}\n  static_configs: [{targets: [\"a:1\"], labels: {a: on}}]\n",
    "---\n# a comment\n- job_name: hashed\n  kubernetes_sd_configs: [{role: pod}]\n  relabel_configs:\n  - {source_labels: [a], modulus: 2, \
     target_label: h, action: hashmod}\n",
    "- &base\n  job_name: base\n  metrics_path: /x\n  sample_limit: 1_000\n- job_name: other\n  <<: *base\n  scheme: https\n",
    "[]\n",
];
const NO_SCRAPE_CONFIGS: &[&str] =
    &["job_name: x\n", "- a\n- b\n", "text", "- job_name: [\n", "\"- quoted\"\n", "- {a: 1, a: 2}\n"];

/// The objects, entered into the setting.
pub(super) fn make(setting: &mut Setting, random: &mut Random) -> Vec<Value> {
    let mut objects = Vec::new();
    for namespace in 0..setting.namespaces.len() {
        objects.push(texts(setting, namespace, random));
        objects.push(config_map(setting, namespace, random));
        for pair in 0..PAIRS.len() {
            if pair == 0 || random.chance(50) {
                objects.push(tls(setting, namespace, pair, random));
            }
        }
        if random.chance(60) {
            objects.push(broken(setting, namespace));
        }
        if random.chance(75) {
            objects.push(additional(setting, namespace, random));
        }
    }
    objects
}

struct Holder<'s> {
    setting: &'s mut Setting,
    namespace: usize,
    in_secret: bool,
    name: &'static str,
    data: Map<String, Value>,
    plain: Map<String, Value>,
}

impl Holder<'_> {
    /// As `data`, or as `stringData` of a Secret, which the API server merges.
    fn put(&mut self, key: &str, content: Content, text: &str, as_written: bool) {
        if !self.in_secret || as_written {
            self.plain.insert(key.to_owned(), json!(text));
        } else {
            self.data.insert(key.to_owned(), json!(STANDARD.encode(text)));
        }
        self.setting.credentials.push(Credential {
            namespace: self.namespace,
            in_secret: self.in_secret,
            name: self.name.to_owned(),
            key: key.to_owned(),
            content,
        });
    }

    fn done(self) -> Value {
        let kind = if self.in_secret { "Secret" } else { "ConfigMap" };
        let namespace = &self.setting.namespaces[self.namespace].name;
        let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": self.name, "namespace": namespace}});
        if !self.data.is_empty() {
            object["data"] = Value::Object(self.data);
        }
        if !self.plain.is_empty() {
            object[if self.in_secret { "stringData" } else { "data" }] = Value::Object(self.plain);
        }
        object
    }
}

fn holder<'s>(setting: &'s mut Setting, namespace: usize, in_secret: bool, name: &'static str) -> Holder<'s> {
    Holder { setting, namespace, in_secret, name, data: Map::new(), plain: Map::new() }
}

fn texts(setting: &mut Setting, namespace: usize, random: &mut Random) -> Value {
    let mut secret = holder(setting, namespace, true, "login");
    for key in ["user", "password", "token", "id"] {
        let text = *random.pick(TEXTS);
        secret.put(key, Content::Text, text, random.chance(30));
    }
    secret.done()
}

fn config_map(setting: &mut Setting, namespace: usize, random: &mut Random) -> Value {
    let mut map = holder(setting, namespace, false, "public");
    let text = *random.pick(TEXTS);
    map.put("id", Content::Text, text, true);
    map.put("ca.crt", Content::Authority, AUTHORITY, true);
    map.put("tls.crt", Content::Certificate(0), PAIRS[0].0, true);
    map.put("tls-rsa.crt", Content::Certificate(1), PAIRS[1].0, true);
    map.put("broken", Content::Broken, BROKEN, true);
    map.done()
}

fn tls(setting: &mut Setting, namespace: usize, pair: usize, random: &mut Random) -> Value {
    let mut secret = holder(setting, namespace, true, if pair == 0 { "tls" } else { "tls-rsa" });
    secret.put("ca.crt", Content::Authority, AUTHORITY, random.chance(30));
    // What stands before the first block, and after it, is not looked at.
    let certificate = match random.below(3) {
        0 => format!("a comment\n{}", PAIRS[pair].0),
        1 => format!("{}{AUTHORITY}", PAIRS[pair].0),
        _ => PAIRS[pair].0.to_owned(),
    };
    secret.put("tls.crt", Content::Certificate(pair), &certificate, random.chance(30));
    secret.put("tls.key", Content::Key(pair), PAIRS[pair].1, random.chance(30));
    secret.done()
}

fn broken(setting: &mut Setting, namespace: usize) -> Value {
    let mut secret = holder(setting, namespace, true, "broken");
    secret.put("empty", Content::Empty, "", true);
    secret.put("text", Content::Broken, "no certificate", true);
    secret.put("pem", Content::Broken, BROKEN, true);
    secret.done()
}

fn additional(setting: &mut Setting, namespace: usize, random: &mut Random) -> Value {
    let mut secret = holder(setting, namespace, true, "additional");
    let (jobs, wrong) = (*random.pick(SCRAPE_CONFIGS), *random.pick(NO_SCRAPE_CONFIGS));
    secret.put("jobs", Content::ScrapeConfigs, jobs, random.chance(30));
    secret.put("wrong", Content::NoScrapeConfigs, wrong, random.chance(30));
    secret.done()
}
