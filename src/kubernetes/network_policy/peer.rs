//! The other pods a rule speaks of.

use super::address;
use super::party::{NamespaceLabels, Party};
use super::verdict::Direction;
use crate::model::label::LabelSet;
use crate::model::selector::Selector;
use crate::source::Node;

/// Whether a rule is about a pod.
pub(super) enum Match {
    /// It is.
    Yes,
    /// It is not: what its peers ask for.
    No(Vec<String>),
    /// It depends on this.
    Unknown(String),
}

/// The pod at the other end, as seen from a policy.
pub(super) struct Other<'a> {
    pub(super) party: &'a Party<'a>,
    pub(super) namespace_labels: NamespaceLabels<'a>,
    /// The namespace of the policy.
    pub(super) home: Option<&'a str>,
}

impl Other<'_> {
    /// Whether one of the peers of a rule is this pod; a rule without peers is about all.
    pub(super) fn is_meant_by(&self, rule: Node<'_>, direction: Direction) -> Match {
        let peers: Vec<Node<'_>> = rule.get(direction.peers()).into_iter().flat_map(Node::items).collect();
        if peers.is_empty() {
            return Match::Yes;
        }
        let (mut missed, mut unknown) = (Vec::new(), None);
        for peer in peers {
            match self.is(peer) {
                Match::Yes => return Match::Yes,
                Match::No(mut reasons) => missed.append(&mut reasons),
                Match::Unknown(what) => {
                    unknown.get_or_insert(what);
                }
            }
        }
        unknown.map_or(Match::No(missed), Match::Unknown)
    }

    fn is(&self, peer: Node<'_>) -> Match {
        let part = |field| peer.get(field).filter(|node: &Node<'_>| !node.is_null());
        if let Some(block) = part("ipBlock") {
            let cidr = block.get("cidr").and_then(Node::as_str).unwrap_or_default();
            return match address::is_in_block(block, self.party.addresses) {
                Some(true) => Match::Yes,
                Some(false) => Match::No(vec![format!("an address in {cidr}")]),
                None => Match::Unknown(format!("whether the other pod's address is in {cidr}")),
            };
        }
        let (pods, namespaces) = (part("podSelector"), part("namespaceSelector"));
        if pods.is_none() && namespaces.is_none() {
            return Match::No(vec!["nothing: the peer is empty".to_owned()]);
        }
        let read = |node: Option<Node<'_>>| node.map(|node| Selector::read(node).into_result());
        let (Ok(pods), Ok(namespaces)) = (read(pods).transpose(), read(namespaces).transpose()) else {
            return Match::No(vec!["what is no valid selector".to_owned()]);
        };
        let in_namespace = match &namespaces {
            Some(selector) => self.namespace_is_meant_by(selector),
            None if self.party.namespace == self.home => Match::Yes,
            None => {
                let home = self.home.unwrap_or("the policy's own");
                Match::No(vec![format!("a pod in namespace {home}")])
            }
        };
        let unmet = pods.as_ref().and_then(|selector| unmet("pod", selector, self.party.labels));
        match (in_namespace, unmet) {
            (Match::No(mut reasons), unmet) => {
                reasons.extend(unmet);
                Match::No(vec![reasons.join(" and ")])
            }
            (_, Some(unmet)) => Match::No(vec![unmet]),
            // Plugins take a pod in the network of its node for the node, whatever its labels are.
            (_, None) if self.party.host_network => {
                Match::Unknown("whether the network plugin sees a pod in the network of its node".to_owned())
            }
            (found, None) => found,
        }
    }

    fn namespace_is_meant_by(&self, selector: &Selector) -> Match {
        let labels = &self.namespace_labels;
        let known: Vec<_> = selector
            .requirements()
            .iter()
            .filter(|requirement| labels.knows(requirement.key()))
            .cloned()
            .collect();
        let is_known = known.len() == selector.requirements().len();
        if let Some(unmet) = unmet("namespace", &Selector::new(known), labels) {
            return Match::No(vec![unmet]);
        }
        if is_known {
            return Match::Yes;
        }
        let name = self.party.namespace.unwrap_or("that names none");
        Match::Unknown(format!("the labels of namespace {name}, which is not in the input ({selector})"))
    }
}

/// What of a selector labels do not meet.
fn unmet(of: &str, selector: &Selector, labels: &dyn LabelSet) -> Option<String> {
    let unmet: Vec<String> = selector
        .unmet(labels)
        .map(|unmet| match unmet.found {
            Some(found) => format!("`{}` (it has `{found}`)", unmet.requirement),
            None => format!("`{}` (it has no such label)", unmet.requirement),
        })
        .collect();
    (!unmet.is_empty()).then(|| format!("a {of} with {}", unmet.join(", ")))
}
