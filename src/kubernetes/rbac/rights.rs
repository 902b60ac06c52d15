//! The rights of one ServiceAccount.

use std::fmt;

use super::answer::{Answer, Grant, Open};
use super::defaults;
use super::request::{Request, Scope};
use super::role;
use super::rule::Rule;
use super::subject::{Account, Subject};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::source::Node;

/// A binding of a role to subjects.
#[derive(Debug, Clone, Copy)]
pub enum Binding<'i> {
    /// A `RoleBinding` or `ClusterRoleBinding` of the input.
    Written(Object<'i>),
    /// A `ClusterRoleBinding` every cluster has.
    Default(&'static str),
}

impl Binding<'_> {
    /// The object, where it is one of the input.
    pub const fn object(&self) -> Option<Object<'_>> {
        match self {
            Self::Written(object) => Some(*object),
            Self::Default(_) => None,
        }
    }
}

/// `RoleBinding shop/prometheus`.
impl fmt::Display for Binding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written(object) => object.identity().fmt(f),
            Self::Default(name) => write!(f, "ClusterRoleBinding {name}"),
        }
    }
}

/// What a binding of the input refers to.
#[derive(Debug, Clone, Copy)]
pub(super) struct RoleRef<'i> {
    pub(super) kind: &'i str,
    pub(super) name: &'i str,
    pub(super) node: Option<Node<'i>>,
}

impl<'i> RoleRef<'i> {
    pub(super) fn of(binding: Object<'i>) -> Self {
        let node = binding.at(&["roleRef"]);
        let text = |field| node.and_then(|node| node.get(field)).and_then(Node::as_str).unwrap_or_default();
        Self { kind: text("kind"), name: text("name"), node }
    }

    /// The rules it comes to in the namespace of its binding; None where they are not known.
    pub(super) fn rules(&self, inventory: &'i Inventory, binding: Object<'i>) -> Option<Vec<Rule<'i>>> {
        match (self.kind, binding.kind()) {
            ("ClusterRole", _) => role::cluster_role(inventory, self.name),
            ("Role", "RoleBinding") => role::role(inventory, binding.namespace(), self.name),
            // The API server refuses anything else, so it gives no right.
            _ => Some(Vec::new()),
        }
    }
}

/// A binding that means the account.
pub(super) struct Bound<'i> {
    pub(super) binding: Binding<'i>,
    pub(super) role: RoleRef<'i>,
    /// None where the role is not in the input.
    pub(super) rules: Option<Vec<Rule<'i>>>,
}

/// The rights of one ServiceAccount: the bindings that mean it, by namespace.
pub struct Rights<'i> {
    pub(super) inventory: &'i Inventory,
    pub(super) account: Account<'i>,
    /// Those of the whole cluster.
    cluster: Vec<Bound<'i>>,
    /// Ascending by namespace.
    pub(super) namespaced: Vec<(Option<&'i str>, Vec<Bound<'i>>)>,
    /// A binding that means an account of that name in some namespace, where that of the account is not known.
    other_namespace: Option<Binding<'i>>,
    stated: bool,
}

/// The account only: what binds it is long.
impl fmt::Debug for Rights<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rights({})", self.account)
    }
}

impl<'i> Rights<'i> {
    /// Collects the rights of an account.
    pub fn of(inventory: &'i Inventory, account: Account<'i>) -> Self {
        let count = |kind| inventory.of_kind(kind).len();
        let kinds = [
            GroupKind::ROLE,
            GroupKind::CLUSTER_ROLE,
            GroupKind::ROLE_BINDING,
            GroupKind::CLUSTER_ROLE_BINDING,
        ];
        let mut rights = Self {
            inventory,
            account,
            cluster: Vec::new(),
            namespaced: Vec::new(),
            other_namespace: None,
            stated: kinds.into_iter().any(|kind| count(kind) > 0),
        };
        for binding in bindings(inventory) {
            if subjects(binding).any(|subject| subject.is(account, is_cluster_binding(binding))) {
                let role = RoleRef::of(binding);
                let rules = role.rules(inventory, binding);
                let bound = Bound { binding: Binding::Written(binding), role, rules };
                // Bindings come in the order of their namespaces.
                match rights.namespaced.last_mut() {
                    _ if is_cluster_binding(binding) => rights.cluster.push(bound),
                    Some((namespace, bounds)) if *namespace == binding.namespace() => bounds.push(bound),
                    _ => rights.namespaced.push((binding.namespace(), vec![bound])),
                }
            } else if account.namespace.is_none()
                && subjects(binding)
                    .any(|subject| subject.kind == "ServiceAccount" && subject.name == account.name)
            {
                rights.other_namespace.get_or_insert(Binding::Written(binding));
            }
        }
        for (name, group) in defaults::BINDINGS {
            let subject = Subject { kind: "Group", name: group, namespace: None, node: None };
            let is_overwritten = inventory.get(GroupKind::CLUSTER_ROLE_BINDING, None, name).is_some();
            if subject.is(account, true) && !is_overwritten {
                let role = RoleRef { kind: "ClusterRole", name, node: None };
                let rules = role::cluster_role(inventory, name);
                rights.cluster.push(Bound { binding: Binding::Default(name), role, rules });
            }
        }
        rights
    }

    /// Whose rights they are.
    pub const fn account(&self) -> Account<'i> {
        self.account
    }

    /// Whether the input holds RBAC objects at all.
    pub const fn are_stated(&self) -> bool {
        self.stated
    }

    /// Whether a binding of the input means the account.
    pub fn is_bound(&self) -> bool {
        !self.namespaced.is_empty()
            || self.cluster.iter().any(|bound| matches!(bound.binding, Binding::Written(_)))
    }

    /// Whether a binding means an account of this name, and whether it is this one is not known: it names no namespace.
    pub const fn may_be_bound(&self) -> bool {
        self.other_namespace.is_some()
    }

    /// Whether the account may do this.
    pub fn may(&self, request: &Request<'_>) -> Answer<'i> {
        let mut open = None;
        for bound in self.bound_in(request.scope()) {
            let Some(rules) = &bound.rules else {
                let RoleRef { kind, name, node } = bound.role;
                open.get_or_insert(Open::Role { binding: bound.binding, kind, name, node });
                continue;
            };
            if let Some(rule) = rules.iter().find(|rule| rule.allows(request)) {
                return Answer::Allowed(Grant { binding: bound.binding, rule: rule.clone() });
            }
        }
        if !self.stated {
            return Answer::Unknown(Open::NoObjects);
        }
        open.or(self.other_namespace.map(|binding| Open::Namespace { binding }))
            .map_or(Answer::Denied, Answer::Unknown)
    }

    /// The bindings that count where something is asked: those of the cluster, and those of the namespace.
    pub(super) fn bound_in(&self, scope: Scope<'_>) -> impl Iterator<Item = &Bound<'i>> + use<'_, 'i> {
        let here = match scope {
            Scope::Cluster => None,
            Scope::Namespace(namespace) => {
                self.namespaced.binary_search_by(|(known, _)| (*known).cmp(&namespace)).ok()
            }
        };
        let here = here.map_or(&[][..], |at| &self.namespaced[at].1);
        self.cluster.iter().chain(here)
    }
}

/// Every binding of the input, those of the cluster first.
pub(super) fn bindings(inventory: &Inventory) -> impl Iterator<Item = Object<'_>> {
    inventory.of_kind(GroupKind::CLUSTER_ROLE_BINDING).chain(inventory.of_kind(GroupKind::ROLE_BINDING))
}

pub(super) fn is_cluster_binding(binding: Object<'_>) -> bool {
    binding.kind() == "ClusterRoleBinding"
}

pub(super) fn subjects(binding: Object<'_>) -> impl Iterator<Item = Subject<'_>> {
    let items = binding.at(&["subjects"]).into_iter().flat_map(Node::items);
    items.map(move |item| Subject::read(item, binding.namespace()))
}
