//! One end of a connection.

use std::fmt;
use std::net::IpAddr;

use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::label::LabelSet;

/// A pod that connects or is connected to.
#[derive(Clone, Copy)]
pub struct Party<'a> {
    /// Its namespace; None is the one of objects that name none.
    pub namespace: Option<&'a str>,
    /// Its name, where it is known.
    pub name: Option<&'a str>,
    /// Its labels.
    pub labels: &'a dyn LabelSet,
    /// Its addresses; none where they are not known.
    pub addresses: &'a [IpAddr],
    /// Whether it uses the network of its node.
    pub host_network: bool,
    /// The ports its containers name.
    pub ports: &'a [NamedPort<'a>],
}

/// A port that a container names.
#[derive(Debug, Clone, Copy)]
pub struct NamedPort<'a> {
    /// The name.
    pub name: &'a str,
    /// The number.
    pub number: u16,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: &'a str,
}

/// Namespace and name only.
impl fmt::Debug for Party<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Party({:?}/{:?})", self.namespace, self.name)
    }
}

impl Party<'_> {
    /// Whether both are certainly one pod; no policy keeps a pod from itself.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.name.is_some() && (self.namespace, self.name) == (other.namespace, other.name)
    }
}

/// The label every Namespace has, with its name.
const NAME: &str = "kubernetes.io/metadata.name";

/// The labels of a namespace: those of its object, or nothing but its name.
pub(super) struct NamespaceLabels<'i> {
    object: Option<crate::model::object::Object<'i>>,
    name: Option<&'i str>,
}

impl<'i> NamespaceLabels<'i> {
    pub(super) fn of(inventory: &'i Inventory, name: Option<&'i str>) -> Self {
        let object = name.and_then(|name| inventory.get(GroupKind::NAMESPACE, None, name));
        Self { object, name }
    }

    /// Whether the value of this key, or that it has none, is known.
    pub(super) fn knows(&self, key: &str) -> bool {
        self.object.is_some() || (key == NAME && self.name.is_some())
    }
}

impl LabelSet for NamespaceLabels<'_> {
    fn label(&self, key: &str) -> Option<&str> {
        if key == NAME { self.name } else { self.object?.labels().get(key) }
    }
}
