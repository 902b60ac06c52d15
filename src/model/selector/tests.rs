use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelectorRequirement;

use super::*;

fn requirement(key: &str, operator: Operator, values: &[&str]) -> Requirement {
    Requirement::new(key, operator, values.iter().copied()).expect("a valid requirement")
}

fn expression(key: &str, operator: &str, values: &[&str]) -> LabelSelector {
    LabelSelector {
        match_expressions: Some(vec![LabelSelectorRequirement {
            key: key.into(),
            operator: operator.into(),
            values: Some(values.iter().map(ToString::to_string).collect()),
        }]),
        match_labels: None,
    }
}

#[test]
fn every_operator_on_an_equal_another_and_an_absent_value() {
    let labels = |value: Option<&str>| value.map(|v| ("app".to_owned(), v.to_owned())).into_iter().collect();
    for (operator, values, expected) in [
        (Operator::Equals, &["a"][..], [true, false, false]),
        (Operator::In, &["a", "b"], [true, false, false]),
        (Operator::NotIn, &["a", "b"], [false, true, true]),
        (Operator::Exists, &[], [true, true, false]),
        (Operator::DoesNotExist, &[], [false, false, true]),
    ] {
        let requirement = requirement("app", operator, values);
        let met = [Some("a"), Some("z"), None].map(|value| {
            let labels: BTreeMap<_, _> = labels(value);
            requirement.is_met_by(&labels)
        });
        assert_eq!(met, expected, "{requirement}");
    }
}

#[test]
fn absent_selects_nothing_and_empty_everything() {
    let labels: &[(&str, &str)] = &[("app", "a")];
    assert!(!Selection::from(None).matches(labels));
    assert_eq!(Selection::from(Some(Selector::everything())), Selection::Everything);
    let empty = LabelSelector { match_labels: Some(BTreeMap::new()), match_expressions: Some(vec![]) };
    let selector = Selector::try_from(&empty).expect("an empty selector is valid");
    assert!(selector.is_everything() && selector.matches(labels));
}

#[test]
fn what_apimachinery_refuses_refuse_in_its_words() {
    for (selector, message) in [
        (expression("app", "in", &["a"]), r#""in" is not a valid label selector operator"#),
        (
            expression("app", "In", &[]),
            "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty",
        ),
        (
            expression("app", "Exists", &["a"]),
            r#"values: Invalid value: ["a"]: values set must be empty for exists and does not exist"#,
        ),
    ] {
        assert_eq!(Selector::try_from(&selector).unwrap_err().to_string(), message);
    }
    let error = |selector| Selector::try_from(&selector).unwrap_err().to_string();
    assert!(
        error(expression("a b", "Exists", &[])).starts_with(r#"key: Invalid value: "a b": name part must"#)
    );
    assert!(
        error(expression("app", "NotIn", &["ok", "not ok"]))
            .starts_with(r#"values[1][app]: Invalid value: "not ok": must consist"#)
    );
}

#[test]
fn unmet_requirements_are_told_in_source_order_with_what_is_there() {
    let selector = Selector::new(vec![
        requirement("tier", Operator::Exists, &[]),
        requirement("app", Operator::Equals, &["web"]),
        requirement("release", Operator::In, &["a", "b"]),
    ]);
    let labels: &[(&str, &str)] = &[("app", "wbe"), ("tier", "x")];
    let unmet: Vec<_> = selector.unmet(labels).map(|u| (u.requirement.to_string(), u.found)).collect();
    assert_eq!(unmet, [("app=web".to_owned(), Some("wbe")), ("release in (a,b)".to_owned(), None)]);
    assert_eq!(selector.to_string(), "tier,app=web,release in (a,b)");
    assert_eq!(Selector::everything().to_string(), "<everything>");
}

#[test]
fn a_selector_is_read_where_it_stands_with_all_its_problems() {
    let text = "\
matchLabels: {app: web, port: 8080, dropped: null}
matchExpressions:
- {key: tier, operator: In, values: [a, b]}
- {key: tier, operator: in, values: [a]}
- {key: tier, operator: Exists, values: [a]}
- {operator: Exists}
";
    let file = std::sync::Arc::new(crate::diagnostic::TextFile::new("s.yaml", text));
    let reading = crate::source::read(file);
    let document = &reading.documents[0];
    let read = Selector::read(document.root());
    assert_eq!(read.selector.to_string(), "app=web,tier in (a,b)");
    let places: Vec<_> = read.selector.requirements().iter().filter_map(Requirement::node).collect();
    assert_eq!(places.len(), 2);
    assert_eq!(document.node(places[0]).place().to_string(), "s.yaml:1:20");
    let problems: Vec<_> = read
        .problems
        .iter()
        .map(|problem| format!("{} {}", document.node(problem.node).place(), problem.error))
        .collect();
    assert_eq!(
        problems,
        [
            "s.yaml:1:31 matchLabels.port: expected a string, found a whole number",
            r#"s.yaml:4:3 "in" is not a valid label selector operator"#,
            r#"s.yaml:5:3 values: Invalid value: ["a"]: values set must be empty for exists and does not exist"#,
            r#"s.yaml:6:3 key: Invalid value: "": name part must be non-empty"#,
        ]
    );
    assert!(read.into_result().is_err());
    assert!(Selector::read_field(document.root().at(&["matchLabels", "dropped"])).is_none());
}
