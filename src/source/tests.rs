//! What the room does as a whole.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::*;
use crate::diagnostic::{Code, TextFile};

fn reading(text: &str) -> Reading {
    read(Arc::new(TextFile::new("test.yaml", text)))
}

fn json(text: &str) -> serde_json::Value {
    let reading = reading(text);
    assert_eq!(reading.documents.len(), 1, "{:?}", reading.findings);
    reading.documents[0].root().to_json()
}

fn codes(text: &str) -> Vec<&'static str> {
    reading(text).findings.iter().map(|finding| finding.code.id()).collect()
}

#[test]
fn scalars_mean_what_go_makes_of_them() {
    assert_eq!(
        json(
            "a: yes\nb: 0755\nc: 1_000\nd: 1.0\ne: 1e400\nf: ~\ng:\nh: 08\ni: 2001-01-01\nj: \"yes\"\nk: 1:30\n"
        ),
        json!({"a": true, "b": 493, "c": 1000, "d": 1, "e": "1e400", "f": null, "g": null, "h": 8,
            "i": "2001-01-01", "j": "yes", "k": "1:30"})
    );
    assert_eq!(json("8080: a\ny: b\n1.0: c\n"), json!({"8080": "a", "true": "b", "1": "c"}));
}

#[test]
fn merges_and_aliases() {
    assert_eq!(
        json("base: &b {a: 1, b: 2}\nx:\n  <<: *b\n  b: 3\nz: *b\n"),
        json!({"base": {"a": 1, "b": 2}, "x": {"a": 1, "b": 3}, "z": {"a": 1, "b": 2}})
    );
}

#[test]
fn one_bad_document_spoils_no_other() {
    let reading = reading("a: 1\n---\nb: [\n---\nc: 3\n");
    assert_eq!(reading.documents.len(), 2);
    assert_eq!(reading.documents[1].index(), 2);
    assert_eq!(reading.findings.len(), 1);
}

#[test]
fn places_are_in_the_whole_file() {
    let reading = reading("a: 1\n---\nmetadata:\n  labels:\n    app: 'x'\n");
    let root = reading.documents[1].root();
    let app = root.at(&["metadata", "labels", "app"]).unwrap();
    assert_eq!(app.place().to_string(), "test.yaml:5:10");
    assert_eq!(
        root.at(&["metadata", "labels"]).unwrap().key_place("app").unwrap().to_string(),
        "test.yaml:5:5"
    );
}

#[test]
fn findings() {
    assert_eq!(codes("a: 1\nb: 2\na: 3\n"), ["PW005"]);
    assert_eq!(codes("a: yes\nb: True\nc: 'no'\n"), ["PW006"]);
    assert_eq!(codes("a: {{ .Values.x }}\n"), ["PW004"]);
    assert_eq!(codes("a: {b: 1\n"), ["PW002"]);
    assert_eq!(codes("a: 1\n...\nb: 2\n"), ["PW009"]);
    assert_eq!(codes("a: 1\n--- foo\nb: 2\n"), ["PW002"]);
}

#[test]
fn typed_access_names_path_and_place() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Port {
        name: Option<String>,
        port: u16,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Spec {
        ports: Vec<Port>,
    }
    let good = reading("ports:\n- name: http\n  port: 80\n- port: 8080\n");
    let spec: Spec = good.documents[0].root().parse().unwrap();
    assert_eq!(spec.ports[0], Port { name: Some("http".into()), port: 80 });
    let bad = reading("ports:\n- port: 80\n- port: x\n");
    let error = bad.documents[0].root().parse::<Spec>().unwrap_err();
    assert_eq!(error.message, "`ports[1].port`: invalid type: string \"x\", expected u16");
    assert_eq!(error.place.unwrap().place.to_string(), "test.yaml:3:9");
}

#[test]
fn secrets_are_hidden_and_not_quoted_by_type_errors() {
    #[derive(Debug, Deserialize)]
    struct Data {
        #[allow(dead_code, reason = "only read")]
        port: u16,
    }
    let text = "kind: Secret\ndata:\n  port: aHVudGVyMg==\n";
    let reading = reading(text);
    let file = reading.documents[0].file();
    assert_eq!(file.hidden().len(), 1);
    let error = reading.documents[0].root().get("data").unwrap().parse::<Data>().unwrap_err();
    assert!(!error.message.contains("aHV"), "{}", error.message);
}

#[test]
fn emits_what_it_reads() {
    let value = json!({"b": ["x", {"y": "yes"}], "a": "two\nlines\n", "c": null, "d": {}});
    let text = emit(&value);
    assert_eq!(text, "a: |\n  two\n  lines\nb:\n- x\n- \"y\": \"yes\"\nd: {}\n");
    assert_eq!(json(&text), json!({"b": ["x", {"y": "yes"}], "a": "two\nlines\n", "d": {}}));
}

/// Typed access is what `serde_json` makes of the same value, or refuses where it does.
fn as_serde_json_does<T: serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(text: &str) {
    let reading = reading(text);
    let node = reading.documents[0].root();
    let expected = serde_json::from_value::<T>(node.to_json());
    match (node.parse::<T>(), expected) {
        (Ok(seen), Ok(expected)) => assert_eq!(seen, expected, "{text}"),
        (Err(_), Err(_)) => {}
        (seen, expected) => panic!("{text}: {seen:?}, but serde_json {expected:?}"),
    }
}

#[test]
fn typed_access_is_that_of_serde_json() {
    use std::collections::BTreeMap;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    enum Choice {
        Unit,
        Newtype(u8),
        Tuple(u8, String),
        Struct { port: i32 },
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(untagged)]
    enum Either {
        Number(i64),
        Text(String),
        List(Vec<Either>),
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Wrapper(f64);
    #[expect(clippy::option_option, reason = "to see that both see null the same")]
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        a: Option<Option<bool>>,
        #[serde(default)]
        b: (u8, char),
    }
    #[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
    #[serde(rename_all = "lowercase")]
    enum Named {
        X,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Flat {
        name: String,
        #[serde(flatten)]
        rest: BTreeMap<String, serde_json::Value>,
    }
    for text in [
        "unit",
        "newtype: 3",
        "tuple: [1, x]",
        "struct: {port: -1}",
        "unit:",
        "other",
        "3",
        "{unit: 1, x: 2}",
    ] {
        as_serde_json_does::<Choice>(text);
    }
    for text in ["1", "x", "[1, x, [2]]", "1.5", "true", "18446744073709551615"] {
        as_serde_json_does::<Either>(text);
        as_serde_json_does::<Wrapper>(text);
        as_serde_json_does::<serde_json::Value>(text);
        as_serde_json_does::<u64>(text);
        as_serde_json_does::<(u8, String, Vec<i8>)>(text);
    }
    for text in ["a: ~\nb: [1, x]", "a: true", "b: [1, xx]", "b: [1]", "b: [1, x, y]", "c: 1", "a: yes"] {
        as_serde_json_does::<Strict>(text);
    }
    for text in ["name: a\nx: 1\ny: {z: [1.5]}", "nome: a"] {
        as_serde_json_does::<Flat>(text);
    }
    for text in ["1: a\n2: b", "-1: a", "x: a"] {
        as_serde_json_does::<BTreeMap<u16, String>>(text);
        as_serde_json_does::<BTreeMap<Named, String>>(text);
    }
    as_serde_json_does::<k8s_openapi::api::core::v1::Service>(include_str!(
        "../../tests/fixtures/manifests/service-and-monitor.yaml"
    ));
    as_serde_json_does::<k8s_openapi::api::apps::v1::Deployment>(include_str!(
        "../../tests/fixtures/manifests/workloads.yaml"
    ));
}

/// Every file of `tests/fixtures/source` against the file `.expected` beside it: documents, comments, findings and what
/// is hidden. `PROMWIRE_UPDATE=1` writes them anew.
#[test]
fn fixtures() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/source");
    let mut paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension != "expected"));
    paths.sort();
    assert!(paths.len() > 10);
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap();
        let seen = description(&read_bytes(name, std::fs::read(&path).unwrap()));
        let expected = folder.join(format!("{name}.expected"));
        if std::env::var_os("PROMWIRE_UPDATE").is_some() {
            std::fs::write(&expected, &seen).unwrap();
        }
        let expected = std::fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(seen, expected, "{name}");
    }
}

fn description(reading: &Reading) -> String {
    let mut text = String::new();
    let quoted = |place: &crate::diagnostic::Place| format!("{:?}", &place.file.text()[place.span.range()]);
    for document in &reading.documents {
        writeln!(text, "document {} at {}", document.index(), document.root().place()).unwrap();
        for comment in document.comments() {
            let own = if comment.own_line { "line" } else { "end" };
            writeln!(text, "  {own} comment {:?}", &document.file().text()[comment.span.range()]).unwrap();
        }
        match document.root().to_json() {
            serde_json::Value::Object(entries) => {
                for (key, value) in entries {
                    let place = document.root().get(&key).unwrap().place();
                    writeln!(text, "  {key:?}: {value} <- {}", quoted(&place)).unwrap();
                }
            }
            other => writeln!(text, "  {other}").unwrap(),
        }
    }
    for finding in &reading.findings {
        let level = finding.level.as_str();
        writeln!(text, "{level}[{}]: {}", finding.code.id(), finding.message).unwrap();
        for annotation in finding.place.iter().chain(&finding.related) {
            let place = &annotation.place;
            writeln!(text, "  {place} {} {}", quoted(place), annotation.message).unwrap();
        }
        for note in &finding.notes {
            match note {
                crate::diagnostic::Note::Info(note) => writeln!(text, "  note: {note}").unwrap(),
                crate::diagnostic::Note::Help(help) => writeln!(text, "  help: {help}").unwrap(),
            }
        }
    }
    let files = reading.documents.first().map(Document::file);
    for span in files.iter().flat_map(|file| file.hidden()) {
        let place = crate::diagnostic::Place::new(Arc::clone(files.unwrap()), *span);
        writeln!(text, "hidden: {}", quoted(&place)).unwrap();
    }
    text
}

#[test]
fn findings_of_one_file_are_bounded() {
    let file = Arc::new(TextFile::new("many.yaml", "a: [\n---\n".repeat(1500)));
    let reading = read(file);
    assert_eq!(reading.findings.len(), 1001);
    let last = reading.findings.last().unwrap();
    assert_eq!(
        (last.code, last.message.as_str()),
        (Code::SYNTAX, "`many.yaml` has 500 more findings like these")
    );
}
