//! Answers, with what decided them.

use std::fmt;

use super::rights::Binding;
use super::rule::Rule;
use crate::source::Node;

/// Whether something may be done.
#[derive(Debug, Clone)]
pub enum Answer<'i> {
    /// A rule allows it.
    Allowed(Grant<'i>),
    /// The input holds RBAC objects, and none of them allows it.
    Denied,
    /// The input does not say.
    Unknown(Open<'i>),
}

/// What allows something.
#[derive(Debug, Clone)]
pub struct Grant<'i> {
    /// The binding.
    pub binding: Binding<'i>,
    /// The rule of the role it binds.
    pub rule: Rule<'i>,
}

/// Why it is not known whether something is allowed.
#[derive(Debug, Clone, Copy)]
pub enum Open<'i> {
    /// The input holds no RBAC objects.
    NoObjects,
    /// The account names no namespace, and a binding means one of its name in some namespace.
    Namespace {
        /// The binding.
        binding: Binding<'i>,
    },
    /// A binding for the account refers to a role whose rules are not in the input: the role is elsewhere, or those it aggregates.
    Role {
        /// The binding.
        binding: Binding<'i>,
        /// `Role` or `ClusterRole`.
        kind: &'i str,
        /// The role's name.
        name: &'i str,
        /// Where the binding says so.
        node: Option<Node<'i>>,
    },
}

impl Answer<'_> {
    /// Whether a rule allows it.
    pub const fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed(_))
    }

    /// Whether it is certain that nothing allows it.
    pub const fn is_denied(&self) -> bool {
        matches!(self, Self::Denied)
    }
}

/// ``RoleBinding shop/prometheus` binds role `prometheus`: get, list, watch on pods``.
impl fmt::Display for Grant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` binds role `{}`: {}", self.binding, self.rule.role, self.rule)
    }
}

impl fmt::Display for Open<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoObjects => f.write_str("the input holds no RBAC objects"),
            Self::Namespace { binding } => {
                write!(
                    f,
                    "`{binding}` means an account of that name, and the namespace of this one is not known"
                )
            }
            Self::Role { binding, kind, name, .. } => {
                write!(f, "`{binding}` binds {kind} `{name}`, whose rules are not in the input")
            }
        }
    }
}
