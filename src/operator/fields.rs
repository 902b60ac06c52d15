//! Reading the fields of a custom resource as Go's types hold them: absent, null and, for most, empty are the same.

use serde_json::{Map, Value};

/// A mapping of a custom resource, or nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fields<'a>(Option<&'a Map<String, Value>>);

impl<'a> Fields<'a> {
    /// The fields of a value; none if it is no mapping.
    pub(super) fn of(value: &'a Value) -> Self {
        Self(value.as_object())
    }

    /// The value of a field, which is not null.
    pub(super) fn value(self, key: &str) -> Option<&'a Value> {
        self.0?.get(key).filter(|value| !value.is_null())
    }

    /// Whether the field is there and not null: a pointer in Go that is not nil.
    pub(super) fn has(self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// The fields of a mapping below; without any if it is absent.
    pub(super) fn at(self, key: &str) -> Self {
        Self(self.value(key).and_then(Value::as_object))
    }

    /// The fields of a mapping below, if it is there.
    pub(super) fn opt(self, key: &str) -> Option<Self> {
        self.value(key).map(Self::of)
    }

    /// The string, empty if absent.
    pub(super) fn str(self, key: &str) -> &'a str {
        self.opt_str(key).unwrap_or_default()
    }

    /// The string, if it is there.
    pub(super) fn opt_str(self, key: &str) -> Option<&'a str> {
        self.value(key)?.as_str()
    }

    /// The whole number, if it is there. `10.0` is one.
    #[expect(clippy::cast_possible_truncation, reason = "a whole number in range, as checked")]
    pub(super) fn int(self, key: &str) -> Option<i64> {
        let value = self.value(key)?;
        value.as_i64().or_else(|| {
            value
                .as_f64()
                .filter(|value| value.fract() == 0.0 && value.abs() < 1e18)
                .map(|value| value as i64)
        })
    }

    /// The truth value, if it is there.
    pub(super) fn bool(self, key: &str) -> Option<bool> {
        self.value(key)?.as_bool()
    }

    /// Whether the field is there and true.
    pub(super) fn is_true(self, key: &str) -> bool {
        self.bool(key).unwrap_or(false)
    }

    /// The items of a list; none if it is absent.
    pub(super) fn list(self, key: &str) -> &'a [Value] {
        self.value(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The items of a list of mappings.
    pub(super) fn items(self, key: &str) -> impl ExactSizeIterator<Item = Self> {
        self.list(key).iter().map(Self::of)
    }

    /// The items of a list of strings.
    pub(super) fn strings(self, key: &str) -> impl ExactSizeIterator<Item = &'a str> {
        self.list(key).iter().map(|value| value.as_str().unwrap_or_default())
    }

    /// The entries of a map, ascending by key; none if it is absent.
    pub(super) fn entries(self, key: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.at(key).0.into_iter().flatten().map(|(key, value)| (key.as_str(), value))
    }

    /// Whether no field of these is there.
    pub(super) fn lacks(self, keys: &[&str]) -> bool {
        keys.iter().all(|key| !self.has(key))
    }
}

/// The text of a port that is a number or a name, as Go prints an `IntOrString`.
pub(super) fn int_or_string(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
