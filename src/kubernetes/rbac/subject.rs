//! ServiceAccounts, and the subjects of bindings that mean them.

use std::fmt;

use crate::source::Node;

/// A ServiceAccount that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Account<'a> {
    /// Its namespace; None is the one of objects that name none.
    pub namespace: Option<&'a str>,
    /// Its name.
    pub name: &'a str,
}

/// `ServiceAccount monitoring/prometheus`.
impl fmt::Display for Account<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceAccount ")?;
        if let Some(namespace) = self.namespace {
            write!(f, "{namespace}/")?;
        }
        f.write_str(self.name)
    }
}

impl Account<'_> {
    /// Whether this is a group of the account: those the API server gives every ServiceAccount
    /// (apiserver 0.36, `serviceaccount.UserInfo`).
    fn is_in(&self, group: &str) -> bool {
        match group.strip_prefix("system:serviceaccounts") {
            Some("") => true,
            Some(rest) => rest.strip_prefix(':').is_some_and(|namespace| Some(namespace) == self.namespace),
            None => group == "system:authenticated",
        }
    }
}

/// A subject of a binding.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'i> {
    /// `ServiceAccount`, `User`, `Group`, or what stands there.
    pub kind: &'i str,
    /// Its name.
    pub name: &'i str,
    /// Its namespace; that of its `RoleBinding` where it names none.
    pub namespace: Option<&'i str>,
    /// Where it stands; None for what every cluster binds.
    pub node: Option<Node<'i>>,
}

impl<'i> Subject<'i> {
    /// Reads an item of `subjects`. `namespace` is that of the binding.
    pub(super) fn read(node: Node<'i>, namespace: Option<&'i str>) -> Self {
        let text = |field| node.get(field).and_then(Node::as_str).unwrap_or_default();
        Self {
            kind: text("kind"),
            name: text("name"),
            namespace: Some(text("namespace")).filter(|text| !text.is_empty()).or(namespace),
            node: Some(node),
        }
    }

    /// Whether it means the account (`appliesToUser`).
    pub(super) fn is(&self, account: Account<'_>, is_cluster_binding: bool) -> bool {
        match self.kind {
            "ServiceAccount" => {
                // The subject of a ClusterRoleBinding has no namespace to fall back on, and then means nobody.
                (self.namespace.is_some() || !is_cluster_binding)
                    && self.namespace == account.namespace
                    && self.name == account.name
            }
            "User" => self.user().is_some_and(|(namespace, name)| {
                (Some(namespace), name) == (account.namespace, account.name)
            }),
            "Group" => account.is_in(self.name),
            _ => false,
        }
    }

    /// Namespace and name of the account that a user name of the form `system:serviceaccount:NAMESPACE:NAME` stands for.
    fn user(&self) -> Option<(&'i str, &'i str)> {
        self.name.strip_prefix("system:serviceaccount:")?.split_once(':')
    }
}

/// `ServiceAccount monitoring/prometheus`, `Group system:authenticated`.
impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.kind)?;
        if let (Some(namespace), "ServiceAccount") = (self.namespace, self.kind) {
            write!(f, "{namespace}/")?;
        }
        f.write_str(self.name)
    }
}
