//! Where a monitor looks for its targets.

use crate::model::label_index::Namespaces;
use crate::model::object::Object;
use crate::source::Node;

/// The namespaces a ServiceMonitor or PodMonitor looks into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetNamespaces<'w> {
    /// All of them.
    All,
    /// These; `None` is the namespace of objects that name none.
    Only(Vec<Option<&'w str>>),
}

impl<'w> TargetNamespaces<'w> {
    /// As `spec.namespaceSelector` says (prometheus-operator 0.93): all with `any`, those named, else the monitor's
    /// own. A Prometheus that ignores namespace selectors makes it the monitor's own in any case; that is not seen here.
    pub fn of(monitor: Object<'w>) -> Self {
        let selector = monitor.at(&["spec", "namespaceSelector"]);
        let field = |name| selector.and_then(|selector| selector.get(name));
        if field("any").and_then(Node::as_bool) == Some(true) {
            return Self::All;
        }
        let names = field("matchNames").into_iter().flat_map(Node::items);
        let names: Vec<Option<&str>> = names.filter_map(Node::as_str).map(Some).collect();
        Self::Only(if names.is_empty() { vec![monitor.namespace()] } else { names })
    }

    /// For looking things up.
    pub fn as_namespaces(&self) -> Namespaces<'_> {
        match self {
            Self::All => Namespaces::All,
            Self::Only(names) => Namespaces::Only(names),
        }
    }
}
