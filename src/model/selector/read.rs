//! Reads a selector where it stands in a document.

use super::{Operator, Requirement, Selector, SelectorError};
use crate::source::{Node, NodeId};

/// A selector as it stands in a document, with what makes it invalid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Read {
    /// The requirements that could be read. With problems it is wider than what was meant: show it, do not select with it.
    pub selector: Selector,
    /// What makes the selector invalid, in source order.
    pub problems: Vec<Problem>,
}

/// Something that makes a selector invalid, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What it is.
    pub error: SelectorError,
    /// Where: the `matchLabels` value, the `matchExpressions` item, or the part of another type.
    pub node: NodeId,
}

impl Read {
    /// The selector if it is valid, otherwise its first problem.
    pub fn into_result(self) -> Result<Selector, Problem> {
        match self.problems.into_iter().next() {
            Some(problem) => Err(problem),
            None => Ok(self.selector),
        }
    }

    fn keep(&mut self, requirement: Result<Requirement, SelectorError>, node: Node<'_>) {
        match requirement {
            Ok(requirement) => self.selector.requirements.push(requirement.read_at(node.id())),
            Err(error) => self.problems.push(Problem { error, node: node.id() }),
        }
    }

    fn malformed(&mut self, part: String, expected: &'static str, node: Node<'_>) {
        let error = SelectorError::Malformed { part, expected, found: node.kind_name() };
        self.problems.push(Problem { error, node: node.id() });
    }
}

impl Selector {
    /// Reads the value of a selector field: `matchLabels` and `matchExpressions`. Other fields are the schema's business.
    ///
    /// A null part counts as absent, as the API server drops it.
    pub fn read(node: Node<'_>) -> Read {
        let mut read = Read::default();
        if !node.is_mapping() {
            read.malformed("selector".into(), "a mapping", node);
            return read;
        }
        if let Some(labels) = part(node, "matchLabels") {
            read.labels(labels);
        }
        match part(node, "matchExpressions") {
            Some(expressions) if expressions.is_sequence() => {
                for expression in expressions.items() {
                    read.expression(expression);
                }
            }
            Some(other) => read.malformed("matchExpressions".into(), "a list", other),
            None => {}
        }
        read
    }

    /// Reads a field that may be absent; None when it is absent or null.
    pub fn read_field(node: Option<Node<'_>>) -> Option<Read> {
        node.filter(|node| !node.is_null()).map(Self::read)
    }

    /// Reads a plain map of labels, as `spec.selector` of a Service.
    pub fn read_map(node: Node<'_>) -> Read {
        let mut read = Read::default();
        read.labels(node);
        read
    }
}

impl Read {
    fn labels(&mut self, labels: Node<'_>) {
        if !labels.is_mapping() {
            return self.malformed("matchLabels".into(), "a mapping", labels);
        }
        for entry in labels.entries() {
            match entry.value.as_str() {
                Some(value) => {
                    self.keep(Requirement::new(entry.key, Operator::Equals, [value]), entry.value);
                }
                None if entry.value.is_null() => {}
                None => self.malformed(format!("matchLabels.{}", entry.key), "a string", entry.value),
            }
        }
    }

    fn expression(&mut self, expression: Node<'_>) {
        let mut text = |field: &str| match part(expression, field) {
            Some(node) => {
                if node.as_str().is_none() {
                    self.malformed(format!("matchExpressions.{field}"), "a string", node);
                }
                node.as_str()
            }
            None => Some(""),
        };
        let (Some(key), Some(spelling)) = (text("key"), text("operator")) else { return };
        let Some(operator) = Operator::from_spelling(spelling) else {
            let error = SelectorError::UnknownOperator { operator: spelling.to_owned() };
            return self.keep(Err(error), expression);
        };
        let mut values = Vec::new();
        if let Some(list) = part(expression, "values") {
            if !list.is_sequence() {
                return self.malformed("matchExpressions.values".into(), "a list", list);
            }
            for value in list.items() {
                let Some(value) = value.as_str() else {
                    return self.malformed("matchExpressions.values".into(), "a list of strings", value);
                };
                values.push(value);
            }
        }
        self.keep(Requirement::new(key, operator, values), expression);
    }
}

fn part<'d>(node: Node<'d>, field: &str) -> Option<Node<'d>> {
    node.get(field).filter(|node| !node.is_null())
}
