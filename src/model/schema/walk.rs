//! Goes through an object beside its schema.

use std::fmt::Write as _;

use generated_crds::schema::{Node as Schema, NodeId, Type};

use super::{Source, Treatment, list, rules, scalar, selectors, suggest, types};
use crate::diagnostic::{Code, Diagnostic, Place, Span};
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::model::wording;
use crate::source::{Node, Value};

/// Where the walk is, and what it found.
pub(super) struct Walk<'s, 'd> {
    pub(super) source: &'s Source,
    pub(super) object: Object<'d>,
    /// From the object to the value being looked at.
    pub(super) steps: Vec<Step<'d>>,
    findings: Vec<Diagnostic>,
}

/// A value on the way, and how it is reached from the one before.
#[derive(Clone, Copy)]
pub(super) struct Step<'d> {
    pub(super) schema: NodeId,
    pub(super) node: Node<'d>,
    pub(super) via: Via<'d>,
}

#[derive(Clone, Copy)]
pub(super) enum Via<'d> {
    Root,
    /// The key, and where it stands.
    Key(&'d str, Span),
    Item(usize),
}

/// The findings in a whole object.
pub(super) fn object(source: &Source, schema: NodeId, object: Object<'_>) -> Vec<Diagnostic> {
    let mut walk = Walk { source, object, steps: Vec::new(), findings: Vec::new() };
    walk.step(Step { schema, node: object.node(), via: Via::Root });
    walk.findings
}

/// The findings in the `metadata` of an object that has no schema.
pub(super) fn metadata(source: &Source, schema: NodeId, object: Object<'_>) -> Vec<Diagnostic> {
    let mut walk = Walk { source, object, steps: Vec::new(), findings: Vec::new() };
    walk.steps.push(Step { schema, node: object.node(), via: Via::Root });
    let metadata = object.node().entries().find(|entry| entry.key == "metadata");
    if let Some(entry) = metadata.filter(|entry| entry.value.is_mapping()) {
        walk.step(Step { schema, node: entry.value, via: Via::Key("metadata", entry.key_span) });
    }
    walk.findings
}

impl<'s, 'd> Walk<'s, 'd> {
    /// The schema with this number; it outlives the walk.
    pub(super) fn schema(&self, id: NodeId) -> &'s Schema {
        self.source.table.node(id)
    }

    pub(super) fn report(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    /// `spec.endpoints[0].port`; the kind for the object itself.
    pub(super) fn path(&self) -> String {
        if self.steps.len() > 1 { path(&self.steps) } else { self.object.kind().to_owned() }
    }

    /// Where to point when something is missing in the value being looked at: its key, or its first line.
    pub(super) fn head(&self) -> Place {
        match self.steps.last() {
            Some(Step { via: Via::Key(_, span), node, .. }) => {
                Place::new(node.document().file().clone(), *span)
            }
            Some(step) => wording::head(step.node),
            None => self.object.place(),
        }
    }

    /// Whether the value being looked at must not be quoted.
    fn is_secret(&self) -> bool {
        self.object.group_kind() == GroupKind::SECRET
            && self.steps.iter().any(|step| matches!(step.via, Via::Key("data" | "stringData", _)))
    }

    /// A value as it is written with what it is, unless it is secret.
    pub(super) fn shown(&self, node: Node<'_>) -> String {
        if self.is_secret() { node.kind_name().to_owned() } else { wording::found_value(node) }
    }

    /// Where to point when a value is wrong. A secret one is not even pointed at.
    pub(super) fn place_of(&self, node: Node<'_>) -> Place {
        if self.is_secret() { self.head() } else { node.place() }
    }

    fn step(&mut self, step: Step<'d>) {
        self.steps.push(step);
        self.value(step.schema, step.node);
        self.steps.pop();
    }

    fn value(&mut self, id: NodeId, node: Node<'d>) {
        let schema = self.schema(id);
        if node.is_null() && (schema.nullable || self.source.treatment == Treatment::BuiltIn) {
            return;
        }
        if !types::fits(schema, node) {
            return self.wrong_type(schema, node);
        }
        match node.value() {
            Value::Mapping(_) => self.mapping(schema, node),
            Value::Sequence(_) => self.sequence(schema, node),
            _ => scalar::check(self, id, node),
        }
        rules::check(self, schema, node);
    }

    fn mapping(&mut self, schema: &'s Schema, node: Node<'d>) {
        for entry in node.entries() {
            let Some(child) = schema.properties.get(entry.key).copied().or(schema.values) else {
                if !schema.preserve_unknown {
                    let finding = suggest::unknown_field(self, schema, entry);
                    self.report(finding);
                }
                continue;
            };
            // The API server drops a null that is no value of the property before it looks further.
            let is_absent = entry.value.is_null() && !self.schema(child).nullable;
            if !is_absent && !self.is_told_by_the_inventory(entry.key) {
                let via = Via::Key(entry.key, entry.key_span);
                self.step(Step { schema: child, node: entry.value, via });
            }
        }
        for name in &schema.required {
            let property = schema.properties.get(name).map(|id| self.schema(*id));
            let has_default = property.is_some_and(|property| property.default.is_some());
            let is_nullable = property.is_some_and(|property| property.nullable);
            let is_there = node.get(name).is_some_and(|value| is_nullable || !value.is_null());
            if !is_there && !has_default && !self.is_told_by_the_inventory(name) {
                let message = format!("`{}` lacks the required field `{name}`", self.path());
                self.report(
                    Diagnostic::new(Code::MISSING_FIELD, message)
                        .at(self.head(), format!("`{name}` is missing")),
                );
            }
        }
        if selectors::is_label_selector(schema) {
            selectors::check(self, node);
        }
        self.count("entries", node.entries().len(), schema.min_properties, schema.max_properties);
    }

    fn sequence(&mut self, schema: &'s Schema, node: Node<'d>) {
        if let Some(items) = schema.items {
            for (index, item) in node.items().enumerate() {
                // A null item gets the default of the items where there is one.
                if !item.is_null() || self.schema(items).default.is_none() {
                    self.step(Step { schema: items, node: item, via: Via::Item(index) });
                }
            }
        }
        self.count("items", node.items().len(), schema.min_items, schema.max_items);
        list::check(self, schema, node);
    }

    /// The inventory has told what is wrong with the parts of an object that it reads, and which of them are missing.
    fn is_told_by_the_inventory(&self, key: &str) -> bool {
        match self.steps[..] {
            [root] => {
                matches!(key, "apiVersion" | "kind")
                    || (key == "metadata" && !root.node.get(key).is_some_and(Node::is_mapping))
            }
            [_, Step { via: Via::Key("metadata", _), .. }] => {
                matches!(key, "name" | "namespace" | "generateName" | "labels")
            }
            _ => false,
        }
    }

    fn count(&mut self, what: &str, count: usize, least: Option<u64>, most: Option<u64>) {
        let rule = match (least, most) {
            (Some(least), _) if (count as u64) < least => format!("at least {least}"),
            (_, Some(most)) if count as u64 > most => format!("at most {most}"),
            _ => return,
        };
        let message = format!("`{}` has {count} {what}, and has to have {rule}", self.path());
        self.report(Diagnostic::new(Code::INVALID_VALUE, message).at(self.head(), ""));
    }

    fn wrong_type(&mut self, schema: &Schema, node: Node<'d>) {
        let expected = types::expected(schema);
        let message = format!("`{}` has to be {expected}, found {}", self.path(), self.shown(node));
        let finding = Diagnostic::new(Code::WRONG_TYPE, message)
            .at(self.place_of(node), format!("expected {expected}"));
        let remedy = if self.is_secret() || wording::is_hidden(node) {
            None
        } else {
            types::remedy(self, schema, node)
        };
        let finding = match remedy {
            Some(remedy) => finding.help(remedy),
            None => finding,
        };
        let fix = (schema.r#type == Some(Type::String)).then(|| wording::quoted(node)).flatten();
        self.report(finding.fix(fix));
    }
}

/// `spec.endpoints[0].port`.
pub(super) fn path(steps: &[Step<'_>]) -> String {
    let mut path = String::new();
    for step in steps {
        let _ = match step.via {
            Via::Root => Ok(()),
            // A key with dots, such as a label's, is set apart so that the path stays readable.
            Via::Key(key, _) if key.contains('.') => write!(path, "[{key:?}]"),
            Via::Key(key, _) if path.is_empty() => write!(path, "{key}"),
            Via::Key(key, _) => write!(path, ".{key}"),
            Via::Item(index) => write!(path, "[{index}]"),
        };
    }
    path
}
