//! What can be said without Go; `tests/regex_oracle.rs` says the rest.

use super::*;

fn message(pattern: &str) -> String {
    Pattern::parse(pattern).map_or_else(|error| error.message, |_| "accepted".to_owned())
}

#[test]
fn refusals_are_in_the_words_of_go() {
    for (pattern, expected) in [
        ("(", "missing closing ): `(`"),
        ("a)", "unexpected ): `a)`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("x{1001}", "invalid repeat count: `{1001}`"),
        ("*", "missing argument to repetition operator: `*`"),
        ("[a", "missing closing ]: `[a`"),
        ("[b-a]", "invalid character class range: `b-a`"),
        (r"\p{Klingon}", r"invalid character class range: `\p{Klingon}`"),
        (r"\8", r"invalid escape sequence: `\8`"),
        ("a\\", "trailing backslash at end of expression: ``"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?P<>a)", "invalid named capture: `(?P<>`"),
    ] {
        assert_eq!(message(pattern), format!("error parsing regexp: {expected}"), "{pattern}");
    }
    assert_eq!(
        compile_anchored("(", Anchoring::Text).map(|_| ()).unwrap_err().message,
        "error parsing regexp: missing closing ): `^(?s:()$`"
    );
}

#[test]
fn classes_are_ascii_and_anchors_depend_on_the_version() {
    let matches = |pattern: &str, text: &str| compile(pattern).unwrap().is_match(text);
    assert!(!matches(r"\d", "٣") && !matches(r"\w", "é") && !matches(r"\s", "\u{b}"));
    assert!(matches("(?i)k", "\u{212a}"));
    assert!(compile_anchored(".*", Anchoring::Text).unwrap().is_match("a\nb"));
    assert!(!compile_anchored(".*", Anchoring::Lines).unwrap().is_match("a\nb"));
}

#[test]
fn templates_are_read_as_go_reads_them() {
    let regex = compile("(?P<name>a)(b)?").unwrap();
    let captures = regex.captures("xa").unwrap();
    for (template, expected) in [
        ("$1", "a"),
        ("${1}z", "az"),
        ("$1z", ""),
        ("$name-$2-$9", "a--"),
        ("$$1", "$1"),
        ("$", "$"),
        ("${1", "${1"),
    ] {
        let mut expanded = String::new();
        regex.template(template).expand(&captures, &mut expanded);
        assert_eq!(expanded, expected, "{template}");
    }
    assert_eq!(captures.name("name"), Some("a"));
    assert_eq!(regex.replace_all("banana", &regex.template("<$0>")), "b<a>n<a>n<a>");
}

#[test]
fn deep_and_large_patterns_are_bounded() {
    let nested = |levels: usize| format!("{}a{}", "(".repeat(levels), ")".repeat(levels));
    assert!(compile(&nested(999)).unwrap().is_match("a"));
    assert!(message(&nested(1000)).starts_with("error parsing regexp: expression nests too deeply: `(((("));
    assert!(message(&nested(200_000)).starts_with("error parsing regexp: expression nests too deeply"));
    assert_eq!(
        message(&"(?:".repeat(100_000)),
        format!("error parsing regexp: missing closing ): `{}`", "(?:".repeat(100_000))
    );
    let large = format!("(?:{}){{1000}}", "a".repeat(3_400));
    assert!(message(&large).starts_with("error parsing regexp: expression too large: `(?:aaa"));
    let unbuildable = r"(?:\pL\pN){1000}".repeat(20);
    assert_eq!(compile(&unbuildable).map(|_| ()).unwrap_err().kind, ErrorKind::Unbuildable);
}

#[test]
fn simple_patterns_need_no_automaton() {
    let shape = |pattern: &str| Pattern::parse(&Anchoring::Text.around(pattern)).unwrap().shape();
    let texts = |of: &[&str]| Some(Shape::Texts(of.iter().map(|&text| text.to_owned()).collect()));
    assert_eq!(shape("true"), texts(&["true"]));
    assert_eq!(shape("a|bc|d"), texts(&["a", "bc", "d"]));
    assert_eq!(shape("(web|db);true"), texts(&["web;true", "db;true"]));
    assert_eq!(shape(r"a\.b(c|)?"), texts(&["a.bc", "a.b", "a.b"]));
    assert_eq!(shape(""), texts(&[""]));
    let around = |prefix: &str, suffix: &str, at_least_one, group| {
        let (prefix, suffix) = (prefix.to_owned(), suffix.to_owned());
        Some(Shape::Around { prefix, suffix, at_least_one, newline: true, group })
    };
    assert_eq!(shape("(.*)"), around("", "", false, Some(1)));
    assert_eq!(shape(".+"), around("", "", true, None));
    assert_eq!(shape("Pod;(.*)"), around("Pod;", "", false, Some(1)));
    assert_eq!(shape("(.+);true;"), around("", ";true;", true, Some(1)));
    for pattern in ["(?i)a", "a)|(b", "(.+);(.+)", "[a-z]+", "a*", "((.*))", r"\ba", "(a.*)"] {
        assert_eq!(shape(pattern), None, "{pattern}");
    }
}
