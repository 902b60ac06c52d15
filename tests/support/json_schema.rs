//! Holds JSON to a JSON Schema, as far as the schemas in `docs/` use it; a word it does not know is an error, so that nothing passes
//! unseen. The crates that know all of JSON Schema change how `serde_json` reads numbers in everything that is built with them.

use serde_json::Value;

/// Words that ask for nothing.
const NOTES: [&str; 4] = ["$schema", "title", "description", "$comment"];

/// Why a value is none of a schema: one line for each reason, with the path to it.
pub(crate) fn errors(schema: &Value, value: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    check(schema, schema, value, "$", &mut errors);
    errors
}

fn check(root: &Value, schema: &Value, value: &Value, path: &str, errors: &mut Vec<String>) {
    let words = schema.as_object().unwrap_or_else(|| panic!("{path}: the schema is no mapping: {schema}"));
    for (word, asked) in words {
        let mut wrong = |why: String| errors.push(format!("{path}: {why}: {value}"));
        match word.as_str() {
            note if NOTES.contains(&note) => {}
            "type" => {
                let kinds = asked.as_array().map_or_else(|| vec![asked], |kinds| kinds.iter().collect());
                if !kinds.into_iter().any(|kind| is_a(kind, value)) {
                    wrong(format!("is not {asked}"));
                }
            }
            "const" if asked != value => wrong(format!("is not {asked}")),
            "enum" if !array(asked).contains(value) => wrong(format!("is none of {asked}")),
            "minimum" => {
                let least = asked.as_i64().expect("a minimum is a whole number");
                if value.as_i64().is_some_and(|number| number < least) {
                    wrong(format!("is below {least}"));
                }
            }
            "pattern" => {
                let pattern = regex::Regex::new(text(asked)).expect("the pattern is one");
                if value.as_str().is_some_and(|text| !pattern.is_match(text)) {
                    wrong(format!("does not match {asked}"));
                }
            }
            "required" => {
                for field in array(asked).iter().map(text) {
                    if value.as_object().is_some_and(|fields| !fields.contains_key(field)) {
                        wrong(format!("lacks `{field}`"));
                    }
                }
            }
            "additionalProperties" => {
                assert_eq!(asked, &Value::Bool(false), "{path}: only `false` is known");
                for (field, _) in value.as_object().into_iter().flatten() {
                    if words.get("properties").is_none_or(|known| known.get(field).is_none()) {
                        wrong(format!("has an unknown `{field}`"));
                    }
                }
            }
            "$ref" => {
                let pointer = text(asked).strip_prefix('#').expect("references stay in the schema");
                let meant = root.pointer(pointer).unwrap_or_else(|| panic!("{path}: there is no {asked}"));
                check(root, meant, value, path, errors);
            }
            "const" | "enum" | "properties" | "items" | "$defs" => {}
            unknown => panic!("{path}: the word `{unknown}` of the schema is not known here"),
        }
    }
    for (field, value) in value.as_object().into_iter().flatten() {
        if let Some(schema) = words.get("properties").and_then(|known| known.get(field)) {
            check(root, schema, value, &format!("{path}.{field}"), errors);
        }
    }
    if let Some(schema) = words.get("items") {
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            check(root, schema, item, &format!("{path}[{index}]"), errors);
        }
    }
}

fn is_a(kind: &Value, value: &Value) -> bool {
    match text(kind) {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        unknown => panic!("the type `{unknown}` is not known here"),
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

#[test]
fn what_does_not_fit_is_told() {
    let schema = serde_json::json!({
        "type": "object",
        "required": ["level", "line"],
        "additionalProperties": false,
        "properties": {
            "level": {"enum": ["error", "info"]},
            "line": {"type": ["integer", "null"], "minimum": 1},
            "code": {"pattern": "^PW"},
        },
    });
    let count = |value: Value| errors(&schema, &value).len();
    assert_eq!(count(serde_json::json!({"level": "info", "line": null, "code": "PW1"})), 0);
    assert_eq!(count(serde_json::json!({"level": "fatal", "line": 0, "code": "X", "more": 1})), 4);
    assert_eq!(count(serde_json::json!({"level": "info", "line": "1"})), 1);
    assert_eq!(count(serde_json::json!([])), 1);
    assert_eq!(count(serde_json::json!({})), 2);
}
