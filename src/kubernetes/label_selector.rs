//! Label selectors as apimachinery (0.36) judges them, in its words.
//!
//! [`crate::model::selector`] says for people what is wrong with a selector. The operator passes apimachinery's own text on,
//! and this is that text (`metav1.LabelSelectorAsSelector`, `labels.NewRequirement`, `content.IsLabelKey`).

use serde_json::Value;

use crate::model::selector::{Operator, Requirement, Selector};
use crate::prom::quote::quote;

const KEY: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const KEY_RULE: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric \
                        character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is";
const VALUE_RULE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and \
                          must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', \
                          regex used for validation is";
const SUBDOMAIN_RULE: &str = "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, \
                              '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex \
                              used for validation is \
                              '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/// Reads a label selector of an object. Labels are looked at in the order of their keys, where Go's order is random.
///
/// # Errors
/// What apimachinery says.
pub fn read(selector: &Value) -> Result<Selector, String> {
    let mut requirements = Vec::new();
    for (key, value) in selector.get("matchLabels").and_then(Value::as_object).into_iter().flatten() {
        requirements.push(requirement(key, Operator::Equals, Some(&[value.as_str().unwrap_or_default()]))?);
    }
    for expression in selector.get("matchExpressions").and_then(Value::as_array).into_iter().flatten() {
        let text = |field| expression.get(field).and_then(Value::as_str).unwrap_or_default();
        let operator = text("operator");
        let operator = Operator::from_spelling(operator)
            .ok_or_else(|| format!("{operator:?} is not a valid label selector operator"))?;
        let values: Vec<&str> = expression
            .get("values")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|value| value.as_str().unwrap_or_default())
            .collect();
        // An empty list is copied to none by the caller in Go.
        let values = (!values.is_empty()).then_some(values);
        requirements.push(requirement(text("key"), operator, values.as_deref())?);
    }
    Ok(Selector::new(requirements))
}

/// One requirement; no values is another thing than an empty list of them only in the message.
fn requirement(key: &str, operator: Operator, values: Option<&[&str]>) -> Result<Requirement, String> {
    let mut errors: Vec<String> =
        key_error(key).into_iter().map(|error| invalid("key", key, &error)).collect();
    let list = values.unwrap_or_default();
    match operator {
        Operator::In | Operator::NotIn if list.is_empty() => errors.push(format!(
            "values: Invalid value: {}: for 'in', 'notin' operators, values set can't be empty",
            values.map_or("null", |_| "[]")
        )),
        Operator::Exists | Operator::DoesNotExist if !list.is_empty() => errors.push(format!(
            "values: Invalid value: {}: values set must be empty for exists and does not exist",
            serde_json::to_string(list).unwrap_or_default()
        )),
        _ => {}
    }
    for (index, value) in list.iter().enumerate() {
        if let Some(error) = value_error(value) {
            errors.push(invalid(&format!("values[{index}][{key}]"), value, &error));
        }
    }
    aggregate(errors)?;
    Requirement::new(key, operator, list.iter().copied()).map_err(|error| error.to_string())
}

/// `field.Invalid`: the path, the value in quotes, the detail.
pub(super) fn invalid(path: &str, value: &str, detail: &str) -> String {
    format!("{path}: Invalid value: {}: {detail}", quote(value))
}

/// Several errors as one, without repetitions (`utilerrors.NewAggregate`).
pub(super) fn aggregate(errors: Vec<String>) -> Result<(), String> {
    let mut distinct: Vec<String> = Vec::new();
    for error in errors {
        if !distinct.contains(&error) {
            distinct.push(error);
        }
    }
    match distinct.len() {
        0 => Ok(()),
        1 => Err(distinct.remove(0)),
        _ => Err(format!("[{}]", distinct.join(", "))),
    }
}

/// Why a text is no label key: the reasons, joined.
pub(super) fn key_error(key: &str) -> Option<String> {
    let mut errors = Vec::new();
    let parts: Vec<&str> = key.split('/').collect();
    let name = match parts[..] {
        [name] => name,
        [prefix, name] => {
            if prefix.is_empty() {
                errors.push("prefix part must be non-empty".to_owned());
            } else {
                if prefix.len() > 253 {
                    errors.push("prefix part must be no more than 253 bytes".to_owned());
                }
                if !prefix.split('.').all(is_dns_label) {
                    errors.push(SUBDOMAIN_RULE.to_owned());
                }
            }
            name
        }
        _ => {
            return Some(format!(
                "a valid label key {KEY_RULE} '{KEY}') with an optional DNS subdomain prefix and '/' (e.g. \
                 'example.com/MyName')"
            ));
        }
    };
    if name.is_empty() {
        errors.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        errors.push("name part must be no more than 63 bytes".to_owned());
    }
    if !is_name(name) {
        errors.push(format!("name part {KEY_RULE} '{KEY}')"));
    }
    (!errors.is_empty()).then(|| errors.join("; "))
}

/// Why a text is no label value.
pub(super) fn value_error(value: &str) -> Option<String> {
    let mut errors = Vec::new();
    if value.len() > 63 {
        errors.push("must be no more than 63 bytes".to_owned());
    }
    if !value.is_empty() && !is_name(value) {
        errors.push(format!("{VALUE_RULE} '({KEY})?')"));
    }
    (!errors.is_empty()).then(|| errors.join("; "))
}

fn is_name(text: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

fn is_dns_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    matches!((bytes.first(), bytes.last()), (Some(&first), Some(&last)) if inner(first) && inner(last))
        && bytes.iter().all(|&byte| inner(byte) || byte == b'-')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn refuses_in_apimachinerys_words() {
        for (selector, message) in [
            (
                json!({"matchLabels": {"a": "not valid!"}}),
                "values[0][a]: Invalid value: \"not valid!\": a valid label must be an empty string or consist of \
                 alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. \
                 'MyValue',  or 'my_value',  or '12345', regex used for validation is \
                 '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
            ),
            (
                json!({"matchExpressions": [{"key": "a", "operator": "In", "values": []}]}),
                "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty",
            ),
            (
                json!({"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["x"]}]}),
                "values: Invalid value: [\"x\"]: values set must be empty for exists and does not exist",
            ),
            (
                json!({"matchExpressions": [{"key": "a", "operator": "in"}]}),
                "\"in\" is not a valid label selector operator",
            ),
            (
                json!({"matchLabels": {"a/": ""}}),
                "key: Invalid value: \"a/\": name part must be non-empty; name part must consist of alphanumeric characters, \
                 '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or \
                 '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
            ),
        ] {
            assert_eq!(read(&selector), Err(message.to_owned()), "{selector}");
        }
        assert!(read(&json!({})).expect("valid").is_everything());
    }
}
