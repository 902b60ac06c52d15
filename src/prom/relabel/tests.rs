//! What can be said without Go; `tests/relabel_oracle.rs` says the rest.

use super::*;
use crate::prom::label_name::Scheme;

const PROMETHEUS_3: Dialect = Dialect::of_release(3, 13);
const PROMETHEUS_2: Dialect = Dialect::of_release(2, 55);

/// A rule from `field: value` pairs, which source labels take with commas.
fn rule(fields: &[(&str, &str)]) -> Config {
    let mut config = Config::default();
    for (field, value) in fields {
        let text = Some((*value).to_owned());
        match *field {
            "source_labels" => config.source_labels = Some(value.split(',').map(str::to_owned).collect()),
            "separator" => config.separator = text,
            "regex" => config.regex = text,
            "modulus" => config.modulus = value.parse().unwrap(),
            "target_label" => config.target_label = text,
            "replacement" => config.replacement = text,
            "action" => config.action = text,
            other => panic!("no field {other}"),
        }
    }
    config
}

fn apply(rules: &[Config], labels: &[(&str, &str)]) -> (Verdict, Vec<(String, String)>) {
    let rules = Rules::compile(rules, PROMETHEUS_3).unwrap();
    let mut labels: Labels = labels.iter().copied().collect();
    let verdict = rules.apply(&mut labels, &mut Scratch::default());
    (verdict, labels.sorted().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

#[test]
fn rules_the_operator_generates() {
    let rules = [
        rule(&[("source_labels", "job"), ("target_label", "__tmp_prometheus_job_name")]),
        rule(&[("action", "keep"), ("source_labels", "label_app,present_app"), ("regex", "(web|api);true")]),
        rule(&[
            ("source_labels", "kind,name"),
            ("separator", ";"),
            ("regex", "Pod;(.*)"),
            ("replacement", "${1}"),
            ("target_label", "pod"),
        ]),
        rule(&[("source_labels", "missing"), ("target_label", "gone")]),
        rule(&[
            ("source_labels", "__address__,__tmp_hash"),
            ("target_label", "__tmp_hash"),
            ("regex", "(.+);"),
            ("replacement", "$1"),
        ]),
        rule(&[
            ("source_labels", "__tmp_hash"),
            ("target_label", "__tmp_hash"),
            ("modulus", "10"),
            ("action", "hashmod"),
        ]),
    ];
    let labels = [
        ("job", "j"),
        ("label_app", "web"),
        ("present_app", "true"),
        ("kind", "Pod"),
        ("name", "web-1"),
        ("gone", "x"),
        ("__address__", "10.0.0.1:80"),
    ];
    let (verdict, after) = apply(&rules, &labels);
    assert_eq!(verdict, Verdict::Kept);
    let get = |name: &str| after.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str());
    assert_eq!(get("__tmp_prometheus_job_name"), Some("j"));
    assert_eq!(get("pod"), Some("web-1"));
    assert_eq!(get("gone"), None, "an empty result removes the label");
    assert_eq!(get("__tmp_hash").map(str::len), Some(1));
    let (verdict, _) = apply(&rules, &[("label_app", "db"), ("present_app", "true")]);
    assert_eq!(verdict, Verdict::Dropped { rule: 1 });
}

#[test]
fn a_trace_shows_each_step() {
    let rules = [
        rule(&[("target_label", "a"), ("replacement", "1")]),
        rule(&[("action", "drop"), ("source_labels", "a"), ("regex", "1")]),
        rule(&[("target_label", "b"), ("replacement", "2")]),
    ];
    let steps = Rules::compile(&rules, PROMETHEUS_3).unwrap().trace(&Labels::new());
    assert_eq!(steps.len(), 2);
    assert_eq!((steps[0].before.get("a"), steps[0].after.get("a"), steps[0].kept), ("", "1", true));
    assert_eq!((steps[1].rule, steps[1].kept), (1, false));
}

#[test]
fn a_dot_matches_a_line_feed_since_version_3() {
    let rules = [rule(&[("source_labels", "a"), ("target_label", "b"), ("regex", "x(.*)")])];
    for (dialect, expected) in [(PROMETHEUS_3, "\ny"), (PROMETHEUS_2, "")] {
        let mut labels: Labels = [("a", "x\ny")].into_iter().collect();
        Rules::compile(&rules, dialect).unwrap().apply(&mut labels, &mut Scratch::default());
        assert_eq!(labels.get("b"), expected);
    }
}

#[test]
fn prometheus_refuses_by_version() {
    let target = |name| rule(&[("source_labels", "a"), ("target_label", name)]);
    for (config, dialect, expected) in [
        (target("a.b"), PROMETHEUS_3, ""),
        (target("a.b"), PROMETHEUS_2, r#""a.b" is invalid 'target_label' for replace action"#),
        (
            target("a.b"),
            PROMETHEUS_3.with_scheme(Scheme::Legacy),
            r#""a.b" is invalid 'target_label' for replace action"#,
        ),
        (target("é$1"), Dialect::of_release(3, 1), r#""é$1" is invalid 'target_label' for replace action"#),
        (target("é$1"), Dialect::of_release(3, 2), ""),
        (target("foo_${1}"), PROMETHEUS_2, ""),
        (
            rule(&[("source_labels", "a-b"), ("action", "keep")]),
            PROMETHEUS_2,
            r#""a-b" is not a valid label name"#,
        ),
        (
            rule(&[("action", "lowercase"), ("target_label", "a")]),
            Dialect::of_release(2, 35),
            r#"unknown relabel action "lowercase""#,
        ),
        (
            rule(&[("action", "keepequal"), ("target_label", "a")]),
            Dialect::of_release(2, 40),
            r#"unknown relabel action "keepequal""#,
        ),
        (
            rule(&[("action", "keep"), ("regex", "(")]),
            PROMETHEUS_2,
            "error parsing regexp: missing closing ): `^(?:()$`",
        ),
        (
            rule(&[("action", "HashMod"), ("target_label", "a")]),
            PROMETHEUS_3,
            "relabel configuration for hashmod requires non-zero modulus",
        ),
    ] {
        let refused = Rules::compile(std::slice::from_ref(&config), dialect).err();
        assert_eq!(refused.map(|error| error.message).unwrap_or_default(), expected, "{config:?}");
    }
}

#[test]
fn the_operator_refuses_in_its_own_words() {
    for (fields, dialect, expected) in [
        (
            &[("action", "Replace"), ("target_label", " invalid label name")][..],
            PROMETHEUS_2,
            "\" invalid label name\" is invalid 'target_label' for Replace action",
        ),
        (&[("action", "Replace"), ("target_label", " invalid label name")], PROMETHEUS_3, ""),
        (
            &[("target_label", "foo_${1}")],
            PROMETHEUS_2,
            "\"foo_${1}\" is invalid 'target_label' for replace action",
        ),
        (
            &[("action", "Lowercase"), ("target_label", "a")],
            Dialect::of_release(2, 35),
            "Lowercase relabel action is only supported from Prometheus version 2.36.0",
        ),
        (
            &[("action", "dropequal"), ("target_label", "a")],
            Dialect::of_release(2, 40),
            "dropequal relabel action is only supported from Prometheus version 2.41.0",
        ),
        (
            &[("action", "keep"), ("regex", "(")],
            PROMETHEUS_2,
            "invalid regex ( for relabel configuration: error parsing regexp: missing closing ): `^(?s:()$`",
        ),
        (
            &[("action", "HashMod"), ("target_label", "a")],
            PROMETHEUS_3,
            "relabel configuration for hashmod requires non-zero modulus",
        ),
        (&[], PROMETHEUS_3, "relabel configuration for replace action needs targetLabel value"),
        (
            &[("action", "uppercase"), ("target_label", "a"), ("replacement", "x")],
            PROMETHEUS_3,
            "'replacement' can not be set for uppercase action",
        ),
        (
            &[("action", "labelmap"), ("replacement", "a-b")],
            PROMETHEUS_2,
            "\"a-b\" is invalid 'replacement' for labelmap action",
        ),
        (
            &[("action", "labelmap"), ("replacement", "")],
            PROMETHEUS_3,
            "\"\" is invalid 'replacement' for labelmap action",
        ),
        (&[("action", "keepequal"), ("target_label", "a"), ("regex", "(.*)")], PROMETHEUS_3, ""),
        (
            &[("action", "KeepEqual"), ("target_label", "a"), ("separator", "")],
            PROMETHEUS_3,
            "KeepEqual action requires only 'source_labels' and `target_label`, and no other fields",
        ),
        (
            &[("action", "labeldrop"), ("target_label", "a")],
            PROMETHEUS_3,
            "labeldrop action requires only 'regex', and no other fields",
        ),
        (&[("action", "relabel")], PROMETHEUS_3, ""),
    ] {
        assert_eq!(admit(&rule(fields), dialect).err().unwrap_or_default(), expected, "{fields:?}");
    }
    let list = [rule(&[("target_label", "a")]), rule(&[])];
    assert_eq!(
        admit_all(&list, PROMETHEUS_3),
        Err("[1]: relabel configuration for replace action needs targetLabel value".to_owned())
    );
}
