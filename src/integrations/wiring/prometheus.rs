//! A Prometheus or PrometheusAgent of the input, as far as monitors have to do with it.
//!
//! The rules are those of prometheus-operator 0.93: an absent monitor selector selects nothing and an empty one
//! everything; an absent namespace selector is the namespace of the Prometheus itself and an empty one all.

use std::collections::BTreeSet;
use std::fmt;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::integrations::{Labels, labels};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::model::selector::{Operator, Requirement, Selection, Selector};
use crate::prom::duration::PromDuration;
use crate::source::Node;

const KINDS: [GroupKind<'static>; 2] = [GroupKind::PROMETHEUS, GroupKind::PROMETHEUS_AGENT];

/// The label every Namespace carries, with its own name (Kubernetes 1.22 and later set it at admission).
const NAMESPACE_NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// The kinds of monitor promwire generates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MonitorKind {
    /// `ServiceMonitor`.
    Service,
    /// `PodMonitor`.
    Pod,
}

impl MonitorKind {
    /// Group and kind.
    pub const fn group_kind(self) -> GroupKind<'static> {
        match self {
            Self::Service => GroupKind::SERVICE_MONITOR,
            Self::Pod => GroupKind::POD_MONITOR,
        }
    }

    /// The field of a Prometheus that selects monitors of this kind by their labels.
    pub const fn selector_field(self) -> &'static str {
        match self {
            Self::Service => "serviceMonitorSelector",
            Self::Pod => "podMonitorSelector",
        }
    }

    /// The field of a Prometheus that says in which namespaces it looks for them.
    pub const fn namespace_selector_field(self) -> &'static str {
        match self {
            Self::Service => "serviceMonitorNamespaceSelector",
            Self::Pod => "podMonitorNamespaceSelector",
        }
    }
}

impl fmt::Display for MonitorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.group_kind().kind)
    }
}

/// Whether a Prometheus looks into a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// It does.
    Yes,
    /// It does not, and why.
    No(String),
    /// The input does not tell, and what is missing.
    Unknown(String),
}

/// A Prometheus or PrometheusAgent of the input.
#[derive(Debug, Clone, Copy)]
pub struct PrometheusView<'w> {
    object: Object<'w>,
}

impl<'w> PrometheusView<'w> {
    /// All there are, in the order of the inventory.
    pub fn all(inventory: &'w Inventory) -> Vec<Self> {
        KINDS.into_iter().flat_map(|kind| inventory.of_kind(kind)).map(|object| Self { object }).collect()
    }

    /// The object itself.
    pub fn object(&self) -> Object<'w> {
        self.object
    }

    /// Its namespace; none when its manifest names none.
    pub fn namespace(&self) -> Option<&'w str> {
        self.object.namespace()
    }

    /// Whether `NAMESPACE/NAME`, or `NAME` alone, is its name.
    pub fn is_named(&self, wanted: &str) -> bool {
        match wanted.split_once('/') {
            Some((namespace, name)) => self.namespace() == Some(namespace) && self.object.name() == name,
            None => self.object.name() == wanted,
        }
    }

    /// The interval of monitors that name none, if it says one that is a duration.
    pub fn scrape_interval(&self) -> Option<PromDuration> {
        self.field(&["spec", "scrapeInterval"])?.as_str()?.parse().ok()
    }

    /// Whether monitors may only select in their own namespace (`ignoreNamespaceSelectors`).
    pub fn ignores_namespace_selectors(&self) -> bool {
        self.field(&["spec", "ignoreNamespaceSelectors"]).and_then(Node::as_bool).unwrap_or(false)
    }

    /// Which monitors of a kind it selects by their labels.
    ///
    /// # Errors
    /// When the selector is invalid: then the operator does not reconcile this Prometheus at all.
    pub fn selection(&self, kind: MonitorKind) -> Result<Selection, Box<Diagnostic>> {
        self.read(kind.selector_field()).map(Selection::from)
    }

    /// In which namespaces it looks for monitors of a kind, by their labels; none for its own only.
    ///
    /// # Errors
    /// When the selector is invalid.
    pub fn namespace_selector(&self, kind: MonitorKind) -> Result<Option<Selector>, Box<Diagnostic>> {
        self.read(kind.namespace_selector_field())
    }

    /// Whether it looks into a namespace for monitors of a kind. `None` is the namespace of objects that name none.
    ///
    /// # Errors
    /// When the selector is invalid.
    pub fn admits(
        &self,
        kind: MonitorKind,
        namespace: Option<&str>,
        inventory: &Inventory,
    ) -> Result<Admission, Box<Diagnostic>> {
        let Some(selector) = self.namespace_selector(kind)? else {
            return Ok(match (self.namespace(), namespace) {
                (own, other) if own == other => Admission::Yes,
                (Some(own), Some(_)) => Admission::No(format!(
                    "without `{}` that is only its own, `{own}`",
                    kind.namespace_selector_field()
                )),
                _ => Admission::Unknown(
                    "some of the manifests name no namespace (-n says which it is)".to_owned(),
                ),
            });
        };
        if selector.is_everything() {
            return Ok(Admission::Yes);
        }
        let Some(name) = namespace else {
            return Ok(Admission::Unknown(
                "some of the manifests name no namespace (-n says which it is)".to_owned(),
            ));
        };
        let mut labels: Labels = [(NAMESPACE_NAME_LABEL.to_owned(), name.to_owned())].into();
        if let Some(object) = inventory.get(GroupKind::NAMESPACE, None, name) {
            labels.extend(object.labels().iter().map(|(key, value)| (key.to_owned(), value.to_owned())));
            return Ok(match selector.unmet(&labels).next() {
                None => Admission::Yes,
                Some(unmet) => {
                    Admission::No(format!("the namespace `{name}` does not meet `{}`", unmet.requirement))
                }
            });
        }
        // Only the label that every Namespace has is known of one that the input does not show.
        let (known, open): (Vec<&Requirement>, Vec<&Requirement>) =
            selector.requirements().iter().partition(|requirement| requirement.key() == NAMESPACE_NAME_LABEL);
        Ok(match (known.iter().find(|requirement| !requirement.is_met_by(&labels)), open.first()) {
            (Some(unmet), _) => Admission::No(format!("the namespace `{name}` does not meet `{unmet}`")),
            (None, None) => Admission::Yes,
            (None, Some(open)) => {
                Admission::Unknown(format!("it asks for `{open}`, and no Namespace `{name}` is in the input"))
            }
        })
    }

    /// Whether a field is there.
    pub fn has(&self, path: &[&str]) -> bool {
        self.field(path).is_some()
    }

    /// The place of the deepest part of a path that is there.
    pub fn place_of(&self, path: &[&str]) -> Option<Place> {
        let (last, parents) = path.split_last()?;
        self.field(parents).and_then(|parent| parent.key_place(last)).or_else(|| self.place_of(parents))
    }

    /// Where a requirement of one of its selectors stands.
    pub fn place_of_requirement(&self, requirement: &Requirement) -> Option<Place> {
        requirement.node().map(|node| self.object.document().node(node).place())
    }

    /// The labels the operator (0.93) gives its pods, besides those that change with a shard or a release.
    pub fn pod_labels(&self) -> Labels {
        let name = self.object.name();
        let mut labels = labels::labels([
            (labels::INSTANCE, name),
            (labels::MANAGED_BY, "prometheus-operator"),
            ("operator.prometheus.io/name", name),
        ]);
        if self.object.group_kind() == GroupKind::PROMETHEUS {
            labels.extend(labels::labels([(labels::NAME, "prometheus"), ("prometheus", name)]));
        } else {
            labels.extend(labels::labels([(labels::NAME, "prometheus-agent")]));
        }
        labels
    }

    fn field(&self, path: &[&str]) -> Option<Node<'w>> {
        self.object.at(path)
    }

    fn read(&self, field: &str) -> Result<Option<Selector>, Box<Diagnostic>> {
        let Some(read) = Selector::read_field(self.field(&["spec", field])) else { return Ok(None) };
        read.into_result().map(Some).map_err(|problem| {
            let message = format!("`{field}` of {self} is invalid: {}", problem.error);
            let place = self.object.document().node(problem.node).place();
            Box::new(
                Diagnostic::new(Code::IMPOSSIBLE_SELECTOR, message)
                    .at(place, "here")
                    .note("the operator does not reconcile a Prometheus with an invalid selector at all"),
            )
        })
    }
}

/// `Prometheus monitoring/main`, for messages.
impl fmt::Display for PrometheusView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.object.identity().fmt(f)
    }
}

/// The namespaces a namespace selector asks for by name.
pub(super) fn named_namespaces(selector: &Selector) -> impl Iterator<Item = &str> {
    selector
        .requirements()
        .iter()
        .filter(|requirement| requirement.key() == NAMESPACE_NAME_LABEL)
        .filter(|requirement| matches!(requirement.operator(), Operator::Equals | Operator::In))
        .flat_map(|requirement| requirement.values().iter().map(String::as_str))
}

/// The namespaces whose manifests are in the input, and then those that objects of the input are in; each sorted.
pub(super) fn namespaces(inventory: &Inventory) -> impl Iterator<Item = &str> {
    let shown: BTreeSet<&str> = inventory.of_kind(GroupKind::NAMESPACE).map(Object::name).collect();
    let inhabited: BTreeSet<&str> = inventory.objects().filter_map(Object::namespace).collect();
    shown.into_iter().chain(inhabited)
}
