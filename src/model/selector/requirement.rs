//! One requirement of a selector, and what makes it invalid.

use std::fmt;

use crate::model::label::{self, LabelSet};
use crate::source::NodeId;

/// How a requirement compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    /// The key is there with exactly this value: an entry of `matchLabels`.
    Equals,
    /// The key is there with one of the values.
    In,
    /// The key is absent, or there with none of the values.
    NotIn,
    /// The key is there.
    Exists,
    /// The key is absent.
    DoesNotExist,
}

impl Operator {
    /// The operators of `matchExpressions` as manifests spell them; case matters.
    pub const SPELLINGS: [&'static str; 4] = ["In", "NotIn", "Exists", "DoesNotExist"];

    /// The operator a `matchExpressions` item names.
    pub fn from_spelling(text: &str) -> Option<Self> {
        Some(match text {
            "In" => Self::In,
            "NotIn" => Self::NotIn,
            "Exists" => Self::Exists,
            "DoesNotExist" => Self::DoesNotExist,
            _ => return None,
        })
    }

    const fn takes_values(self) -> bool {
        !matches!(self, Self::Exists | Self::DoesNotExist)
    }
}

/// One condition on one label key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    key: String,
    operator: Operator,
    values: Vec<String>,
    node: Option<NodeId>,
}

impl Requirement {
    /// A requirement as `labels.NewRequirement` of apimachinery 0.36 accepts it.
    pub fn new(
        key: impl Into<String>,
        operator: Operator,
        values: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self, SelectorError> {
        let key = key.into();
        let values: Vec<String> = values.into_iter().map(Into::into).collect();
        if let Some(reason) = label::key_error(&key) {
            return Err(SelectorError::InvalidKey { key, reason });
        }
        if operator.takes_values() && values.is_empty() {
            return Err(SelectorError::ValuesRequired { key });
        }
        if !operator.takes_values() && !values.is_empty() {
            return Err(SelectorError::ValuesForbidden { key, values });
        }
        for (index, value) in values.iter().enumerate() {
            if let Some(reason) = label::value_error(value) {
                return Err(SelectorError::InvalidValue { key, index, value: value.clone(), reason });
            }
        }
        Ok(Self { key, operator, values, node: None })
    }

    /// Remembers where it was read: the value of a `matchLabels` entry, or the `matchExpressions` item.
    pub(super) fn read_at(mut self, node: NodeId) -> Self {
        self.node = Some(node);
        self
    }

    /// The label key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// How it compares.
    pub fn operator(&self) -> Operator {
        self.operator
    }

    /// What it compares with, in source order; none for `Exists` and `DoesNotExist`.
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// Where it was read, in the document of its selector: the value of a `matchLabels` entry, or the
    /// `matchExpressions` item. None when the selector was not read from a document.
    pub fn node(&self) -> Option<NodeId> {
        self.node
    }

    /// Whether a set of labels meets it.
    pub fn is_met_by(&self, labels: &(impl LabelSet + ?Sized)) -> bool {
        self.is_met_by_value(labels.label(&self.key))
    }

    /// Whether the key having this value, or being absent, meets it.
    pub fn is_met_by_value(&self, value: Option<&str>) -> bool {
        let listed = || value.is_some_and(|value| self.values.iter().any(|v| v == value));
        match self.operator {
            Operator::Equals | Operator::In => listed(),
            Operator::NotIn => !listed(),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }
}

/// As `kubectl get --selector` writes it: `app=web`, `tier in (a,b)`, `!canary`.
impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, values, .. } = self;
        match self.operator {
            Operator::Equals => write!(f, "{key}={}", values.join(",")),
            Operator::In => write!(f, "{key} in ({})", values.join(",")),
            Operator::NotIn => write!(f, "{key} notin ({})", values.join(",")),
            Operator::Exists => f.write_str(key),
            Operator::DoesNotExist => write!(f, "!{key}"),
        }
    }
}

/// Why a selector is invalid. The operator and the API server refuse the object that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelectorError {
    /// Not one of [`Operator::SPELLINGS`].
    UnknownOperator {
        /// What stands there.
        operator: String,
    },
    /// `In` and `NotIn` need a value.
    ValuesRequired {
        /// The key of the requirement.
        key: String,
    },
    /// `Exists` and `DoesNotExist` take no values.
    ValuesForbidden {
        /// The key of the requirement.
        key: String,
        /// The values that should not be there.
        values: Vec<String>,
    },
    /// A part of the selector is no string, list or mapping where one belongs.
    Malformed {
        /// Which part: `matchLabels.app`.
        part: String,
        /// What it has to be: `a string`.
        expected: &'static str,
        /// What stands there instead.
        found: &'static str,
    },
    /// No label can have this key.
    InvalidKey {
        /// The key.
        key: String,
        /// Why.
        reason: String,
    },
    /// No label can have this value.
    InvalidValue {
        /// The key of the requirement.
        key: String,
        /// Which of the values.
        index: usize,
        /// The value.
        value: String,
        /// Why.
        reason: String,
    },
}

/// In the words of apimachinery 0.36, so that the text can be found again in the operator's log.
impl fmt::Display for SelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownOperator { operator } => {
                write!(f, "{operator:?} is not a valid label selector operator")
            }
            Self::ValuesRequired { .. } => f.write_str(
                "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty",
            ),
            Self::ValuesForbidden { values, .. } => write!(
                f,
                "values: Invalid value: {values:?}: values set must be empty for exists and does not exist"
            ),
            Self::Malformed { part, expected, found } => {
                write!(f, "{part}: expected {expected}, found {found}")
            }
            Self::InvalidKey { key, reason } => write!(f, "key: Invalid value: {key:?}: {reason}"),
            Self::InvalidValue { key, index, value, reason } => {
                write!(f, "values[{index}][{key}]: Invalid value: {value:?}: {reason}")
            }
        }
    }
}

impl std::error::Error for SelectorError {}
