//! Label selectors, with the semantics of apimachinery 0.36 (`metav1.LabelSelectorAsSelector`).
//!
//! All requirements must be met; a selector without requirements matches everything. What an *absent* selector
//! means depends on the field that lacks it and is not decided here: see [`Selection`] for the usual rule.

mod read;
mod requirement;

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::label::LabelSet;
pub use read::{Problem, Read};
pub use requirement::{Operator, Requirement, SelectorError};

/// Requirements in source order, all of which must be met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    requirements: Vec<Requirement>,
}

impl Selector {
    /// The selector `{}`: it has no requirement and matches everything.
    pub const fn everything() -> Self {
        Self { requirements: Vec::new() }
    }

    /// A selector of these requirements.
    pub fn new(requirements: Vec<Requirement>) -> Self {
        Self { requirements }
    }

    /// A plain map of labels, as in `spec.selector` of a Service or a Deployment's `matchLabels`.
    pub fn from_map(labels: &BTreeMap<String, String>) -> Result<Self, SelectorError> {
        labels
            .iter()
            .map(|(key, value)| Requirement::new(key, Operator::Equals, [value]))
            .collect::<Result<_, _>>()
            .map(Self::new)
    }

    /// The requirements in source order.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// Whether there is no requirement, so that everything matches.
    pub fn is_everything(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Whether a set of labels meets every requirement.
    pub fn matches(&self, labels: &(impl LabelSet + ?Sized)) -> bool {
        self.requirements.iter().all(|requirement| requirement.is_met_by(labels))
    }

    /// The requirements a set of labels does not meet, in source order, each with the value it found.
    pub fn unmet<'s, L: LabelSet + ?Sized>(&'s self, labels: &'s L) -> impl Iterator<Item = Unmet<'s>> {
        self.requirements.iter().filter_map(move |requirement| {
            let found = labels.label(requirement.key());
            (!requirement.is_met_by_value(found)).then_some(Unmet { requirement, found })
        })
    }
}

/// `matchLabels` in key order, then `matchExpressions`.
impl TryFrom<&LabelSelector> for Selector {
    type Error = SelectorError;

    fn try_from(selector: &LabelSelector) -> Result<Self, SelectorError> {
        let mut requirements = selector.match_labels.as_ref().map_or_else(
            || Ok(Vec::new()),
            |labels| Self::from_map(labels).map(|selector| selector.requirements),
        )?;
        for expression in selector.match_expressions.iter().flatten() {
            let operator = Operator::from_spelling(&expression.operator)
                .ok_or_else(|| SelectorError::UnknownOperator { operator: expression.operator.clone() })?;
            let values = expression.values.iter().flatten();
            requirements.push(Requirement::new(&expression.key, operator, values)?);
        }
        Ok(Self { requirements })
    }
}

/// As `kubectl get --selector` writes it; `<everything>` without requirements.
impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_everything() {
            return f.write_str("<everything>");
        }
        for (index, requirement) in self.requirements.iter().enumerate() {
            write!(f, "{}{requirement}", if index == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

/// A requirement that a set of labels does not meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unmet<'s> {
    /// The requirement.
    pub requirement: &'s Requirement,
    /// The value its key has there, none when the key is absent.
    pub found: Option<&'s str>,
}

/// What a field that holds a label selector selects, by the rule most of them follow
/// (apimachinery 0.36, `LabelSelectorAsSelector`): absent or null selects nothing, `{}` selects everything.
///
/// The object selectors of Prometheus and PrometheusAgent follow it (prometheus-operator v0.93.0). Their namespace
/// selectors do not: absent means the namespace of the Prometheus itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// The field is absent or null.
    Nothing,
    /// The field is `{}`, also with an empty `matchLabels` or `matchExpressions`.
    Everything,
    /// The field has requirements.
    Matching(Selector),
}

impl From<Option<Selector>> for Selection {
    fn from(selector: Option<Selector>) -> Self {
        match selector {
            None => Self::Nothing,
            Some(selector) if selector.is_everything() => Self::Everything,
            Some(selector) => Self::Matching(selector),
        }
    }
}

impl Selection {
    /// Whether a set of labels is selected.
    pub fn matches(&self, labels: &(impl LabelSet + ?Sized)) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Matching(selector) => selector.matches(labels),
        }
    }
}

#[cfg(test)]
mod tests;
