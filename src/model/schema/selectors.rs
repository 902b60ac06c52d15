//! Label selectors that have the right shape and still cannot be evaluated.
//!
//! The schemas do not say which operators there are, nor which values they take. For its own kinds the API server knows; in
//! a custom resource the operator finds out, and then leaves the whole object alone.

use generated_crds::schema::Node as Schema;

use super::suggest;
use super::walk::Walk;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::selector::{Operator, Selector, SelectorError};
use crate::source::Node;

/// Label selectors are known by their fields: the compacted schemas do not keep the names of types.
pub(super) fn is_label_selector(schema: &Schema) -> bool {
    schema.properties.keys().eq(["matchExpressions", "matchLabels"])
}

/// Tells what apimachinery would refuse. What is no selector by its types has been told.
pub(super) fn check(walk: &mut Walk<'_, '_>, selector: Node<'_>) {
    for problem in Selector::read(selector).problems {
        let place = selector.document().node(problem.node).place();
        let path = walk.path();
        let (message, help) = match problem.error {
            SelectorError::Malformed { .. } => continue,
            SelectorError::UnknownOperator { operator } if operator.is_empty() => continue,
            SelectorError::InvalidKey { key, .. } if key.is_empty() => continue,
            SelectorError::UnknownOperator { operator } => (
                format!("`{path}` uses the operator `{operator}`, which does not exist"),
                suggest::closest(&operator, Operator::SPELLINGS.into_iter()).map_or_else(
                    || format!("the operators are `{}`", Operator::SPELLINGS.join("`, `")),
                    |meant| format!("did you mean `{meant}`?"),
                ),
            ),
            SelectorError::ValuesRequired { key } => (
                format!("`{path}` compares `{key}` with no values"),
                "`In` and `NotIn` need `values`; `Exists` and `DoesNotExist` do without".to_owned(),
            ),
            SelectorError::ValuesForbidden { key, .. } => (
                format!("`{path}` gives values for `{key}`, whose operator takes none"),
                "to compare with values use `In` or `NotIn`".to_owned(),
            ),
            SelectorError::InvalidKey { key, reason } => {
                (format!("`{path}` asks for `{key}`, which is no label key"), reason)
            }
            SelectorError::InvalidValue { key, value, reason, .. } => {
                (format!("`{path}` asks for `{key}` to be {value:?}, which is no label value"), reason)
            }
        };
        walk.report(Diagnostic::new(Code::INVALID_SELECTOR, message).at(place, "").help(help));
    }
}
