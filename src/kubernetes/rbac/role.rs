//! Roles, and the rules they come to.

use std::collections::BTreeSet;

use super::defaults::{self, Default};
use super::rule::Rule;
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::label_index::Namespaces;
use crate::model::object::Object;
use crate::model::selector::{Operator, Requirement, Selector};
use crate::source::Node;

/// The label that makes a ClusterRole part of `view`, `edit` or `admin`, up to that name.
const AGGREGATE_TO: &str = "rbac.authorization.k8s.io/aggregate-to-";

/// The rules of a Role; None where it is not in the input.
pub(super) fn role<'i>(
    inventory: &'i Inventory,
    namespace: Option<&str>,
    name: &str,
) -> Option<Vec<Rule<'i>>> {
    inventory.get(GroupKind::ROLE, namespace, name).map(|role| own_rules(role).collect())
}

/// The rules of a ClusterRole; None where they are not in the input and not those every cluster has.
pub(super) fn cluster_role<'i>(inventory: &'i Inventory, name: &'i str) -> Option<Vec<Rule<'i>>> {
    let mut rules = Vec::new();
    collect(inventory, name, &mut BTreeSet::new(), &mut rules).then_some(rules)
}

pub(super) fn own_rules(role: Object<'_>) -> impl Iterator<Item = Rule<'_>> {
    let rules = role.at(&["rules"]).into_iter().flat_map(Node::items);
    rules.map(move |rule| Rule::read(rule, role.name()))
}

/// Adds the rules of a ClusterRole, and says whether they are known. Roles that aggregate each other end at `seen`.
fn collect<'i>(
    inventory: &'i Inventory,
    name: &'i str,
    seen: &mut BTreeSet<&'i str>,
    rules: &mut Vec<Rule<'i>>,
) -> bool {
    if !seen.insert(name) {
        return true;
    }
    let mut members = BTreeSet::new();
    if let Some(role) = inventory.get(GroupKind::CLUSTER_ROLE, None, name) {
        let selectors = match aggregation(role) {
            Some(selectors) if !selectors.is_empty() => selectors,
            _ => {
                rules.extend(own_rules(role));
                return true;
            }
        };
        for selector in &selectors {
            members.extend(selected(inventory, selector));
            members.extend(
                defaults::ROLES
                    .iter()
                    .filter(|role| inventory.get(GroupKind::CLUSTER_ROLE, None, role.name).is_none())
                    .filter(|role| selector.matches(&labels(role)[..]))
                    .map(|role| role.name),
            );
        }
        members.remove(name);
        // Whatever it is to collect is elsewhere.
        if members.is_empty() {
            return false;
        }
    } else {
        let Some(role) = Default::named(name) else { return false };
        for rule in role.rules() {
            rules.push(rule);
        }
        if let Some(label) = role.aggregates {
            members.extend(
                defaults::ROLES.iter().filter(|role| role.part_of == Some(label)).map(|role| role.name),
            );
            let label = Requirement::new(format!("{AGGREGATE_TO}{label}"), Operator::Equals, ["true"]);
            members.extend(
                label
                    .into_iter()
                    .flat_map(|label| selected(inventory, &Selector::new(vec![label])).collect::<Vec<_>>()),
            );
        }
    }
    for member in members {
        collect(inventory, member, seen, rules);
    }
    true
}

fn selected<'i>(inventory: &'i Inventory, selector: &Selector) -> impl Iterator<Item = &'i str> {
    let selected = inventory.select(GroupKind::CLUSTER_ROLE, selector, Namespaces::All);
    selected.into_iter().map(|id| inventory.object(id).name())
}

fn labels(role: &Default) -> Vec<(String, &'static str)> {
    let part_of = role.part_of.map(|name| (format!("{AGGREGATE_TO}{name}"), "true"));
    part_of.into_iter().chain([("kubernetes.io/bootstrapping".to_owned(), "rbac-defaults")]).collect()
}

/// The selectors of a ClusterRole whose rules the controller manager writes (`clusterroleaggregation`); none where the rules are to
/// be taken as they are: it aggregates nothing, a selector is invalid, or it was read back from a cluster, where they are written.
fn aggregation(role: Object<'_>) -> Option<Vec<Selector>> {
    if role.at(&["metadata", "uid"]).is_some() {
        return None;
    }
    let selectors = role.at(&["aggregationRule", "clusterRoleSelectors"])?;
    selectors.items().map(|selector| Selector::read(selector).into_result().ok()).collect()
}
