//! The namespaces a monitor looks for its targets in.

use crate::model::label_index;
use crate::model::object::Object;
use crate::source::Node;

/// The namespaces a `ServiceMonitor`, `PodMonitor` or Probe looks into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetNamespaces<'w> {
    /// All of them.
    All,
    /// These; `None` is the namespace of objects that name none.
    Only(Vec<Option<&'w str>>),
}

impl<'w> TargetNamespaces<'w> {
    /// As a namespace selector says (prometheus-operator 0.93): all with `any`, those named, else the monitor's own.
    /// `ignored` is `ignoreNamespaceSelectors` of the Prometheus, which makes it the monitor's own in any case.
    pub fn of(monitor: Object<'w>, selector: Option<Node<'w>>, ignored: bool) -> Self {
        let field = |name| selector.filter(|_| !ignored).and_then(|selector| selector.get(name));
        if field("any").and_then(Node::as_bool) == Some(true) {
            return Self::All;
        }
        let names = field("matchNames").into_iter().flat_map(Node::items);
        let names: Vec<Option<&str>> = names.filter_map(Node::as_str).map(Some).collect();
        Self::Only(if names.is_empty() { vec![monitor.namespace()] } else { names })
    }

    /// For looking things up.
    pub fn as_namespaces(&self) -> label_index::Namespaces<'_> {
        match self {
            Self::All => label_index::Namespaces::All,
            Self::Only(names) => label_index::Namespaces::Only(names),
        }
    }

    /// In a sentence: the namespace and its name, or any namespace.
    pub fn describe(&self) -> String {
        let name = |name: Option<&str>| format!("`{}`", name.unwrap_or("(none named)"));
        match self {
            Self::All => "any namespace".to_owned(),
            Self::Only(names) => match names.as_slice() {
                [one] => format!("the namespace {}", name(*one)),
                several => {
                    format!(
                        "the namespaces {}",
                        several.iter().copied().map(name).collect::<Vec<_>>().join(", ")
                    )
                }
            },
        }
    }
}
