//! What the API server's own Go code says about random custom resources, compared with what promwire says.
//!
//! Objects are made from the embedded schemas, about half of them with mistakes. Both have to agree on whether an object has
//! unknown fields, and on whether it is refused. `PROMWIRE_ORACLE_DOCS` sets how many objects are compared (5,000 unless set) and
//! `PROMWIRE_ORACLE_SEED` which. Without Go the test is skipped, loudly; in CI it then fails.
#![expect(clippy::print_stderr, reason = "what was compared, and what was not, is said")]

mod random;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use generated_crds::schema::{Node, NodeId, Table, Type};
use promwire::diagnostic::{Code, Diagnostic, Level, TextFile};
use promwire::model::inventory::Inventory;
use promwire::model::schema::SchemaSet;
use promwire::source;
use random::{Random, number_from_environment};
use serde::Deserialize;
use serde_json::{Map, Value, json};

const SEED: u64 = 20_261_121;

#[derive(Deserialize)]
struct Answer {
    unknown: Option<Vec<String>>,
    errors: Option<Vec<String>>,
}

/// The oracle's program, built anew; none where there is no Go.
fn oracle() -> Option<PathBuf> {
    let required = std::env::var_os("CI").is_some_and(|value| value == "true");
    let module = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schema-oracle");
    let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("schema-oracle");
    match Command::new("go").args(["build", "-o"]).arg(&program).arg(".").current_dir(module).output() {
        Ok(output) if output.status.success() => Some(program),
        Ok(output) => panic!("the oracle does not build: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            assert!(!required, "CI needs Go for the oracle: {error}");
            eprintln!(
                "SKIPPED: no Go, so nothing was compared with the API server's own validation ({error})"
            );
            None
        }
    }
}

fn ask(program: &Path, objects: &[Value]) -> Vec<Answer> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("generated-crds/crds");
    let definitions = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut child =
        Command::new(program).args(definitions).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let answers = std::thread::scope(|scope| {
        scope.spawn(move || {
            for object in objects {
                writeln!(stdin, "{object}").unwrap();
            }
        });
        stdout.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
    });
    assert!(child.wait().unwrap().success());
    answers
}

/// Makes values from schemas; once in `slip` values, not one that fits.
struct Maker<'t> {
    table: &'t Table,
    random: Random,
    slip: usize,
    /// The texts that fit a pattern and a length.
    fitting: HashMap<(Option<String>, Option<u64>), Vec<&'static str>>,
}

const TEXTS: &[&str] = &[
    "",
    "a",
    "30s",
    "1m30s",
    "5 s",
    "0",
    "1d",
    "10GB",
    "1.5",
    "500m",
    "http://a",
    "socks5://a",
    "a.json",
    "DaemonSet",
    "Topology",
    "RollingUpdate",
    "HTTP",
    "Replace",
    "10:30",
    "monday",
    "2024",
    "none",
    "true",
    "abort",
];
const KEYS: &[&str] = &["a", "b", "name", "matchLabels", "any"];

impl Maker<'_> {
    fn object(&mut self) -> Value {
        let kind = &self.table.kinds[self.random.below(self.table.kinds.len())];
        let mut object =
            json!({"apiVersion": kind.api_version(), "kind": kind.kind, "metadata": {"name": "a"}});
        for name in ["spec", "unknown"] {
            match self.table.property(kind.schema, name) {
                Some(_) if self.random.one_in(self.slip) => {}
                Some(id) => object[name] = self.value(id, 0),
                None if self.random.one_in(self.slip) => object[name] = json!(1),
                None => {}
            }
        }
        object
    }

    fn value(&mut self, id: NodeId, depth: usize) -> Value {
        let node = self.table.node(id);
        if self.random.one_in(self.slip) {
            return match self.random.below(7) {
                0 => Value::Null,
                1 => json!(true),
                2 => json!(-1),
                3 => json!(1.5),
                4 => json!(3_000_000_000_u64),
                5 => json!({}),
                _ => json!([null]),
            };
        }
        if node.int_or_string {
            return if self.random.one_in(2) { json!(self.random.below(3)) } else { self.text(node) };
        }
        match node.r#type {
            Some(Type::Object) => self.mapping(node, depth),
            Some(Type::Array) => {
                // Short lists of small values, so that some items are equal.
                let count = self.random.below(if depth > 4 { 2 } else { 4 });
                let items =
                    node.items.map(|items| (0..count).map(|_| self.value(items, depth + 1)).collect());
                Value::Array(items.unwrap_or_default())
            }
            Some(Type::String) => self.text(node),
            Some(Type::Boolean) => json!(self.random.one_in(2)),
            Some(Type::Integer | Type::Number) => {
                json!(self.random.below(3) + usize::from(node.minimum.is_some_and(|least| least >= 1.0)))
            }
            None => json!({"anything": [1]}),
        }
    }

    fn text(&mut self, node: &Node) -> Value {
        if !node.enumeration.is_empty() && !self.random.one_in(self.slip) {
            return node.enumeration[self.random.below(node.enumeration.len())].clone();
        }
        let fitting = self.fitting.entry((node.pattern.clone(), node.min_length)).or_insert_with(|| {
            let pattern = node.pattern.as_deref().map(|pattern| regex::Regex::new(pattern).unwrap());
            let fits = |text: &&str| {
                pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
                    && node.min_length.is_none_or(|least| text.len() as u64 >= least)
            };
            TEXTS.iter().copied().filter(fits).collect()
        });
        // Where no text fits, any is a slip too.
        let from = if fitting.is_empty() || self.random.one_in(self.slip) { TEXTS } else { fitting };
        json!(self.random.pick(from))
    }

    fn mapping(&mut self, node: &Node, depth: usize) -> Value {
        let mut mapping = Map::new();
        for (name, id) in &node.properties {
            let is_required = node.required.contains(name);
            let wanted =
                if is_required { !self.random.one_in(self.slip) } else { self.random.one_in(5 + depth * 6) };
            if wanted {
                mapping.insert(name.clone(), self.value(*id, depth + 1));
            }
        }
        if let Some(values) = node.values {
            for _ in 0..self.random.below(3) {
                let key = self.random.pick(KEYS).to_owned();
                mapping.insert(key, self.value(values, depth + 1));
            }
        }
        if self.random.one_in(self.slip) {
            mapping.insert(self.random.pick(KEYS).to_owned(), json!({"a": 1}));
        }
        Value::Object(mapping)
    }
}

fn findings(schemas: &SchemaSet, object: &Value) -> Vec<Diagnostic> {
    let reading = source::read(Arc::new(TextFile::new("object.json", object.to_string())));
    let (inventory, noticed) = Inventory::builder().documents(reading.documents).build();
    assert!(noticed.is_empty(), "{noticed:?}");
    schemas.validate_all(&inventory)
}

#[test]
fn the_api_server_agrees_about_custom_resources() {
    let Some(program) = oracle() else { return };
    let count = number_from_environment("PROMWIRE_ORACLE_DOCS", 5_000);
    let random = Random::new(number_from_environment("PROMWIRE_ORACLE_SEED", SEED));
    let mut maker = Maker { table: Table::monitoring(), random, slip: 40, fitting: HashMap::new() };
    let objects: Vec<_> = (0..count).map(|_| maker.object()).collect();
    let answers = ask(&program, &objects);
    assert_eq!(answers.len(), objects.len());
    let schemas = SchemaSet::default();
    let (mut refused, mut unknown) = (0, 0);
    let mut problems = Vec::new();
    for (object, answer) in objects.iter().zip(answers) {
        let findings = findings(&schemas, object);
        // The API server does not look into the selectors of custom resources; the operator does.
        let has = |wanted: bool| {
            findings
                .iter()
                .filter(|f| f.code != Code::INVALID_SELECTOR)
                .any(|f| f.level == Level::Error && (f.code == Code::UNKNOWN_FIELD) == wanted)
        };
        let (errors, mut unknowns) = (answer.errors.unwrap_or_default(), answer.unknown.unwrap_or_default());
        // Below a mapping where something else belongs there is nothing that could be known.
        let misplaced: Vec<_> =
            errors.iter().filter_map(|error| error.split_once(": Invalid value: \"object\"")).collect();
        unknowns.retain(|path| {
            !misplaced
                .iter()
                .any(|(owner, _)| path.strip_prefix(owner).is_some_and(|rest| rest.starts_with('.')))
        });
        refused += usize::from(!errors.is_empty());
        unknown += usize::from(!unknowns.is_empty());
        if (has(false), has(true)) != (!errors.is_empty(), !unknowns.is_empty()) {
            let told: Vec<_> = findings.iter().map(|finding| &finding.message).collect();
            problems.push(format!("{object}\n  API server: {errors:?} {unknowns:?}\n  promwire: {told:?}"));
        }
    }
    eprintln!("{count} objects, {refused} refused, {unknown} with unknown fields");
    let first: Vec<_> = problems.iter().take(10).map(String::as_str).collect();
    assert!(problems.is_empty(), "{} of {count} differ:\n{}", problems.len(), first.join("\n"));
}
