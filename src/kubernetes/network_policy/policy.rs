//! The policies of an input, and their verdicts.

use super::party::{NamespaceLabels, Party};
use super::peer::{Match, Other};
use super::port::{self, Port};
use super::verdict::{Admission, Direction, Missed, Open, Refusal, Verdict};
use crate::model::inventory::Inventory;
use crate::model::kind::GroupKind;
use crate::model::label::LabelSet;
use crate::model::object::Object;
use crate::model::selector::{Read, Selector};
use crate::source::Node;

/// A policy with its selector read; one whose selector is invalid is refused by the API server and not here.
#[derive(Debug)]
struct Policy<'i> {
    object: Object<'i>,
    pods: Selector,
    ingress: bool,
    egress: bool,
}

impl<'i> Policy<'i> {
    fn read(object: Object<'i>) -> Option<Self> {
        let pods = object.at(&["spec", "podSelector"]);
        let pods = Selector::read_field(pods).map_or(Ok(Selector::everything()), Read::into_result);
        let types: Vec<&str> = object
            .at(&["spec", "policyTypes"])
            .into_iter()
            .flat_map(Node::items)
            .filter_map(Node::as_str)
            .collect();
        let has_egress = object.at(&["spec", "egress"]).is_some_and(|rules| rules.items().len() > 0);
        // Without types it is one for ingress, and for egress too if it has such rules (the API server's defaults).
        let is_of = |direction: Direction| match direction {
            _ if !types.is_empty() => types.contains(&direction.spelling()),
            Direction::Ingress => true,
            Direction::Egress => has_egress,
        };
        Some(Self {
            object,
            pods: pods.ok()?,
            ingress: is_of(Direction::Ingress),
            egress: is_of(Direction::Egress),
        })
    }

    const fn is_of(&self, direction: Direction) -> bool {
        match direction {
            Direction::Ingress => self.ingress,
            Direction::Egress => self.egress,
        }
    }
}

/// The NetworkPolicies of an inventory.
#[derive(Debug)]
pub struct Policies<'i> {
    inventory: &'i Inventory,
    /// Ascending by namespace.
    policies: Vec<Policy<'i>>,
}

impl<'i> Policies<'i> {
    /// Reads them.
    pub fn of(inventory: &'i Inventory) -> Self {
        let policies = inventory.of_kind(GroupKind::NETWORK_POLICY).filter_map(Policy::read).collect();
        Self { inventory, policies }
    }

    /// The policies that select a pod for a direction, ascending by name.
    pub fn selecting(
        &self,
        namespace: Option<&str>,
        labels: &dyn LabelSet,
        direction: Direction,
    ) -> impl Iterator<Item = Object<'i>> {
        let from = self.policies.partition_point(|policy| policy.object.namespace() < namespace);
        let here = self.policies[from..].iter();
        here.take_while(move |policy| policy.object.namespace() == namespace)
            .filter(move |policy| policy.is_of(direction) && policy.pods.matches(labels))
            .map(|policy| policy.object)
    }

    /// Whether the policies that select `to` let `from` in.
    pub fn ingress(&self, from: &Party<'_>, to: &Party<'_>, port: Port<'_>) -> Verdict<'i> {
        self.judge(Direction::Ingress, from, to, port)
    }

    /// Whether the policies that select `from` let it out to `to`.
    pub fn egress(&self, from: &Party<'_>, to: &Party<'_>, port: Port<'_>) -> Verdict<'i> {
        self.judge(Direction::Egress, from, to, port)
    }

    fn judge(&self, direction: Direction, from: &Party<'_>, to: &Party<'_>, port: Port<'_>) -> Verdict<'i> {
        let (own, other) = match direction {
            Direction::Ingress => (to, from),
            Direction::Egress => (from, to),
        };
        if from.is(to) {
            return Verdict::Allowed(Admission::Itself);
        }
        if own.host_network {
            return Verdict::Allowed(Admission::HostNetwork);
        }
        let selecting: Vec<Object<'i>> = self.selecting(own.namespace, own.labels, direction).collect();
        if selecting.is_empty() {
            return Verdict::Allowed(Admission::NotSelected);
        }
        let other = Other {
            party: other,
            namespace_labels: NamespaceLabels::of(self.inventory, other.namespace),
            home: own.namespace,
        };
        let (mut refusals, mut open) = (Vec::new(), Vec::new());
        for policy in selecting {
            let mut missed = Vec::new();
            let rules = policy.at(&["spec", direction.rules()]).into_iter().flat_map(Node::items);
            for rule in rules {
                let is_port = port::admits(rule, port, to);
                match other.is_meant_by(rule, direction) {
                    Match::Yes if is_port => return Verdict::Allowed(Admission::Rule { policy, rule }),
                    Match::Yes => missed.push(Missed { rule, port: false, peer: true, peers: Vec::new() }),
                    Match::Unknown(what) if is_port => open.push(Open { policy, rule, what }),
                    Match::Unknown(what) => {
                        missed.push(Missed { rule, port: false, peer: false, peers: vec![what] });
                    }
                    Match::No(peers) => missed.push(Missed { rule, port: is_port, peer: false, peers }),
                }
            }
            refusals.push(Refusal { policy, missed });
        }
        if open.is_empty() { Verdict::Denied(refusals) } else { Verdict::Unknown(open) }
    }
}
