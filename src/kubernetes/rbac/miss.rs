//! What came nearest to allowing something.

use std::fmt;

use super::request::{Request, Scope};
use super::rights::{self, Binding, Rights, RoleRef};
use super::role;
use super::rule::{Lack, Rule};
use super::subject::Subject;
use crate::model::kind::GroupKind;
use crate::model::object::Object;

/// How many near misses are told; the rest is no help.
const MOST: usize = 4;

/// One thing that would have to be otherwise for the account to have a right.
#[derive(Debug, Clone)]
pub enum NearMiss<'i> {
    /// A binding would give the right here, to somebody else.
    Subject {
        /// The binding.
        binding: Object<'i>,
        /// Whom it means.
        subject: Subject<'i>,
        /// The rule that allows it.
        rule: Rule<'i>,
    },
    /// A binding of the account refers to a role that is not there, and something of that name is.
    Role {
        /// The binding.
        binding: Object<'i>,
        /// The role of that name: in another namespace, or of the other kind.
        found: Object<'i>,
    },
    /// A rule the account has lacks one thing.
    Rule {
        /// The binding.
        binding: Binding<'i>,
        /// The rule.
        rule: Rule<'i>,
        /// What it lacks.
        lack: Lack,
    },
    /// A `RoleBinding` gives the right in its own namespace only.
    Elsewhere {
        /// The binding.
        binding: Object<'i>,
        /// The rule that allows it there.
        rule: Rule<'i>,
    },
    /// A role allows it, and no binding refers to the role.
    Unbound {
        /// The role.
        role: Object<'i>,
        /// The rule that allows it.
        rule: Rule<'i>,
    },
}

impl<'i> Rights<'i> {
    /// What came nearest to allowing a request that is not allowed, the nearest first. Walks every binding of the input: for what is
    /// told to people.
    pub fn near_misses(&self, request: &Request<'_>) -> Vec<NearMiss<'i>> {
        let mut misses = Vec::new();
        self.own(request, &mut misses);
        self.of_others(request, &mut misses);
        self.unbound(request, &mut misses);
        misses.sort_by_key(|(rank, _)| *rank);
        misses.truncate(MOST);
        misses.into_iter().map(|(_, miss)| miss).collect()
    }

    /// Of what is bound to the account, here and elsewhere.
    fn own(&self, request: &Request<'_>, misses: &mut Vec<(u8, NearMiss<'i>)>) {
        for bound in self.bound_in(request.scope()) {
            match (&bound.rules, bound.binding) {
                (Some(rules), binding) => misses.extend(rules.iter().filter_map(|rule| {
                    let [lack] = rule.lacks(request)[..] else { return None };
                    let rank = match lack {
                        Lack::Verb | Lack::Name => 1,
                        Lack::Group => 3,
                        // What else every account may do, and rules of the other sort, are no hint.
                        Lack::Resource if rule.node.is_some() && !rule.resources.is_empty() => 5,
                        Lack::Url if rule.node.is_some() && !rule.urls.is_empty() => 5,
                        Lack::Resource | Lack::Url => return None,
                    };
                    Some((rank, NearMiss::Rule { binding, rule: rule.clone(), lack }))
                })),
                (None, Binding::Written(binding)) => misses.extend(
                    self.roles_named(bound.role.name)
                        // One that is there and aggregates nothing.
                        .filter(|found| found.kind() != "ClusterRole" || bound.role.kind != "ClusterRole")
                        .map(|found| (0, NearMiss::Role { binding, found })),
                ),
                (None, Binding::Default(_)) => {}
            }
        }
        if matches!(request, Request::Url { .. }) {
            return;
        }
        for (namespace, bounds) in &self.namespaced {
            if request.scope() == Scope::Namespace(*namespace) {
                continue;
            }
            let there = request.in_scope(Scope::Namespace(*namespace));
            for bound in bounds {
                let Binding::Written(binding) = bound.binding else { continue };
                let rules = bound.rules.iter().flatten();
                let allowing = rules.into_iter().find(|rule| rule.allows(&there));
                misses.extend(allowing.map(|rule| (4, NearMiss::Elsewhere { binding, rule: rule.clone() })));
            }
        }
    }

    /// Of what is bound to somebody else here.
    fn of_others(&self, request: &Request<'_>, misses: &mut Vec<(u8, NearMiss<'i>)>) {
        for binding in rights::bindings(self.inventory) {
            let is_cluster_binding = rights::is_cluster_binding(binding);
            if !is_cluster_binding && request.scope() != Scope::Namespace(binding.namespace()) {
                continue;
            }
            if rights::subjects(binding).any(|subject| subject.is(self.account, is_cluster_binding)) {
                continue;
            }
            let nearest = rights::subjects(binding)
                .filter_map(|subject| Some((self.distance(&subject)?, subject)))
                .min_by_key(|(rank, _)| *rank);
            let Some((rank, subject)) = nearest else { continue };
            let rules = RoleRef::of(binding).rules(self.inventory, binding).unwrap_or_default();
            let allowing = rules.into_iter().find(|rule| rule.allows(request));
            misses.extend(allowing.map(|rule| (rank, NearMiss::Subject { binding, subject, rule })));
        }
    }

    /// How far a subject is from the account; None where it is none of its kind.
    fn distance(&self, subject: &Subject<'_>) -> Option<u8> {
        if subject.name == self.account.name {
            return Some(0);
        }
        if subject.kind != "ServiceAccount" || subject.namespace != self.account.namespace {
            return None;
        }
        Some(if strsim::damerau_levenshtein(subject.name, self.account.name) <= 2 { 2 } else { 6 })
    }

    /// Roles that nothing refers to.
    fn unbound(&self, request: &Request<'_>, misses: &mut Vec<(u8, NearMiss<'i>)>) {
        let cluster_roles = self.inventory.of_kind(GroupKind::CLUSTER_ROLE);
        let roles = match request.scope() {
            Scope::Namespace(namespace) => Some(self.inventory.in_namespace(GroupKind::ROLE, namespace)),
            Scope::Cluster => None,
        };
        for role in roles.into_iter().flatten().chain(cluster_roles) {
            let refers = |binding: Object<'_>| {
                let reference = RoleRef::of(binding);
                (reference.kind, reference.name) == (role.kind(), role.name())
                    && (role.kind() == "ClusterRole" || binding.namespace() == role.namespace())
            };
            let allowing = role::own_rules(role).find(|rule| rule.allows(request));
            if let Some(rule) = allowing
                && !rights::bindings(self.inventory).any(refers)
            {
                misses.push((7, NearMiss::Unbound { role, rule }));
            }
        }
    }

    fn roles_named(&self, name: &'i str) -> impl Iterator<Item = Object<'i>> {
        let roles = self.inventory.of_kind(GroupKind::ROLE);
        let all = roles.chain(self.inventory.of_kind(GroupKind::CLUSTER_ROLE));
        all.filter(move |role| role.name() == name)
    }
}

impl fmt::Display for NearMiss<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subject { binding, subject, .. } => {
                write!(f, "`{}` would allow it, and is for {subject}", binding.identity())
            }
            Self::Role { binding, found } => {
                let role = RoleRef::of(*binding);
                write!(
                    f,
                    "`{}` binds {} `{}`, which is not there; `{}` is",
                    binding.identity(),
                    role.kind,
                    role.name,
                    found.identity()
                )
            }
            Self::Rule { binding, rule, lack } => {
                let lack = match lack {
                    Lack::Name => "is for objects of certain names",
                    Lack::Verb => "lacks the verb",
                    Lack::Group => "is for another API group",
                    Lack::Resource => "is for other resources",
                    Lack::Url => "is for other paths",
                };
                write!(f, "role `{}`, bound by `{binding}`, {lack}: {rule}", rule.role)
            }
            Self::Elsewhere { binding, .. } => match binding.namespace() {
                Some(namespace) => {
                    write!(f, "`{}` allows it in namespace {namespace} only", binding.identity())
                }
                None => write!(f, "`{}` allows it in its own namespace only", binding.identity()),
            },
            Self::Unbound { role, .. } => {
                write!(f, "`{}` would allow it, and no binding refers to it", role.identity())
            }
        }
    }
}
