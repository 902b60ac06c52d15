//! What discoveries outside Kubernetes answer: target groups as JSON or YAML, given with the input.

use std::collections::BTreeMap;

use serde_json::Value;

/// A group of addresses with the labels all of them have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TargetGroup {
    /// The addresses.
    pub targets: Vec<String>,
    /// The labels, in the order of their names.
    pub labels: Vec<(String, String)>,
}

/// What is known of discoveries that only their own servers and files can answer.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// What a URL of `http_sd_configs` answers.
    pub http: BTreeMap<String, Vec<TargetGroup>>,
    /// What a file of `file_sd_configs` holds, by its path.
    pub files: BTreeMap<String, Vec<TargetGroup>>,
}

impl TargetGroup {
    /// Reads a list of groups as `http_sd` and `file_sd` have them: `[{"targets": ["a:1"], "labels": {"b": "c"}}]`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read_all(value: &Value) -> Result<Vec<Self>, String> {
        let groups = match value {
            Value::Null => return Ok(Vec::new()),
            Value::Array(groups) => groups,
            _ => return Err("target groups are a list".to_owned()),
        };
        groups
            .iter()
            .enumerate()
            .map(|(at, group)| Self::read(group).map_err(|error| format!("group {at}: {error}")))
            .collect()
    }

    fn read(value: &Value) -> Result<Self, String> {
        let Value::Object(fields) = value else {
            return Err("a target group is a mapping of `targets` and `labels`".to_owned());
        };
        if let Some(unknown) = fields.keys().find(|key| !["targets", "labels"].contains(&key.as_str())) {
            return Err(format!("`{unknown}` is no field of a target group"));
        }
        let string = |value: &Value| {
            value.as_str().map(str::to_owned).ok_or_else(|| "targets and labels are strings".to_owned())
        };
        let targets = match fields.get("targets") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(targets)) => targets.iter().map(string).collect::<Result<_, _>>()?,
            Some(_) => return Err("`targets` is a list".to_owned()),
        };
        let labels = match fields.get("labels") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Object(labels)) => labels
                .iter()
                .map(|(name, value)| Ok((name.clone(), string(value)?)))
                .collect::<Result<_, String>>()?,
            Some(_) => return Err("`labels` is a mapping".to_owned()),
        };
        Ok(Self { targets, labels })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn groups_are_read_strictly() {
        let groups = TargetGroup::read_all(&json!([{"targets": ["a:1"], "labels": {"b": "c"}}, {}]));
        assert_eq!(groups.map(|groups| groups.len()), Ok(2));
        for wrong in [
            json!({}),
            json!([null]),
            json!([{"x": 1}]),
            json!([{"targets": [1]}]),
            json!([{"labels": {"a": 1}}]),
        ] {
            assert!(TargetGroup::read_all(&wrong).is_err(), "{wrong}");
        }
    }
}
