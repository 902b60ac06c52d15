//! Which monitors a Prometheus selects, and why not the others.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::kubernetes::label_selector;
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::{Object, ObjectId};
use crate::model::selector::{Selector, Unmet};
use crate::operator::fields::Fields;
use crate::operator::monitor::MonitorKind;
use crate::operator::reality::Reality;
use crate::operator::refusal::{Check, Context};

/// A monitor of the input that a Prometheus does not select.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotSelected {
    /// Its kind.
    pub kind: MonitorKind,
    /// The object.
    pub object: ObjectId,
    /// Why not, in one sentence.
    pub why: String,
}

/// What a Prometheus selects of a kind.
#[derive(Debug, Default)]
pub(in crate::operator) struct Selected<'w> {
    /// In the order of namespace and name.
    pub(in crate::operator) objects: Vec<Object<'w>>,
    pub(in crate::operator) not_selected: Vec<NotSelected>,
}

/// The label every Namespace carries, with its own name.
const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// Selects the monitors of a kind by the `spec` of a Prometheus in a namespace.
///
/// # Errors
/// When one of the selectors is invalid: then the operator gives up on the whole Prometheus.
pub(in crate::operator) fn select<'w>(
    inventory: &'w Inventory,
    reality: &Reality,
    kind: MonitorKind,
    own_namespace: &str,
    spec: Fields<'_>,
) -> Check<Selected<'w>> {
    let context = format!("selecting {} failed: ", kind.plural());
    let (namespace_field, field) = (kind.namespace_selector_field(), kind.selector_field());
    let mut namespaces = Namespaces {
        inventory,
        own: own_namespace,
        field: namespace_field,
        selector: spec
            .value(namespace_field)
            .map(|selector| {
                label_selector::read(selector)
                    .under("failed to convert namespace label selector to selector: ")
            })
            .transpose()
            .under(&context)
            .within(format!("spec.{namespace_field}"))?,
        known: FxHashMap::default(),
    };
    let selector: Option<Selector> = spec
        .value(field)
        .map(|selector: &Value| label_selector::read(selector))
        .transpose()
        .under(&context)
        .within(format!("spec.{field}"))?;
    let mut selected = Selected::default();
    for object in inventory.of_kind(kind.group_kind()) {
        let why = match &selector {
            None => Some(format!("`{field}` is absent, which selects nothing")),
            Some(selector) => {
                why_namespace_is_out(reality, object).or_else(|| namespaces.why_not(object)).or_else(|| {
                    let labels = object.labels();
                    selector.unmet(&labels).next().map(|unmet| unmet_label(field, &unmet))
                })
            }
        };
        match why {
            None => selected.objects.push(object),
            Some(why) => selected.not_selected.push(NotSelected { kind, object: object.id(), why }),
        }
    }
    Ok(selected)
}

fn why_namespace_is_out(reality: &Reality, object: Object<'_>) -> Option<String> {
    let namespace = object.namespace().unwrap_or_default();
    (!reality.watches(namespace))
        .then(|| format!("the operator does not look into the namespace `{namespace}`"))
}

fn unmet_label(field: &str, unmet: &Unmet<'_>) -> String {
    let Unmet { requirement, found } = unmet;
    match found {
        Some(found) => format!(
            "its labels do not meet `{requirement}` of `{field}`: `{}` is `{found}`",
            requirement.key()
        ),
        None => {
            format!("its labels do not meet `{requirement}` of `{field}`: it has no `{}`", requirement.key())
        }
    }
}

/// Which namespaces a selector selects, each looked at once.
struct Namespaces<'w, 'a> {
    inventory: &'w Inventory,
    own: &'a str,
    field: &'static str,
    /// None is the own namespace only.
    selector: Option<Selector>,
    known: FxHashMap<String, Option<String>>,
}

impl Namespaces<'_, '_> {
    /// Why the namespace of an object is not selected.
    fn why_not(&mut self, object: Object<'_>) -> Option<String> {
        let namespace = object.namespace().unwrap_or_default();
        let Some(selector) = &self.selector else {
            return (namespace != self.own).then(|| {
                format!("without `{}` only the namespace `{}` is looked into", self.field, self.own)
            });
        };
        if let Some(known) = self.known.get(namespace) {
            return known.clone();
        }
        let mut labels: BTreeMap<String, String> = [(NAMESPACE_NAME.to_owned(), namespace.to_owned())].into();
        let found = self.inventory.get(GroupKind::NAMESPACE, None, namespace);
        if let Some(found) = found {
            labels.extend(found.labels().iter().map(|(key, value)| (key.to_owned(), value.to_owned())));
        }
        let why = selector.unmet(&labels).next().map(|unmet| {
            let requirement = unmet.requirement;
            let unseen = if found.is_some() { "" } else { "; no such Namespace is in the input" };
            format!("the namespace `{namespace}` does not meet `{requirement}` of `{}`{unseen}", self.field)
        });
        self.known.insert(namespace.to_owned(), why.clone());
        why
    }
}
