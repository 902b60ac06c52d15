//! Role `node`.

use rustc_hash::FxHashSet;

use super::super::found::Point;
use super::super::label::{Meta, Set, Writer};
use super::super::release::Release;
use super::join_host_port;
use crate::kubernetes::snapshot::{Node, NodeAddress};
use crate::prom::label_name::sanitise;

/// Which address is taken, best first.
const PREFERENCE: [&str; 6] =
    ["InternalIP", "InternalDNS", "ExternalIP", "ExternalDNS", "LegacyHostIP", "Hostname"];

fn address(node: &Node) -> Option<&NodeAddress> {
    PREFERENCE.iter().find_map(|kind| node.addresses.iter().find(|address| &*address.kind == *kind))
}

/// One target, or none where the Node has no address.
pub(super) fn targets<'s>(node: &'s Node, take: &mut impl FnMut(Point<'s>)) {
    if address(node).is_some() {
        take(Point::Node);
    }
}

pub(super) fn write_group(release: &Release, node: &Node, writer: &mut Writer<'_>) {
    writer.set(Meta::NodeProviderId, &node.provider_id);
    for condition in node.conditions.iter().filter(|_| release.node_conditions) {
        let name = format!("__meta_kubernetes_node_condition_{}", sanitise(&condition.kind.to_lowercase()));
        writer.set_other(&name, &condition.status.to_lowercase());
    }
    writer.set(Meta::NodeName, &node.meta.name);
    writer.pairs(Set::NodeLabels, &node.meta.labels);
    writer.pairs(Set::NodeAnnotations, &node.meta.annotations);
}

pub(super) fn write_target(node: &Node, writer: &mut Writer<'_>) {
    if let Some(address) = address(node) {
        let port = writer.number(node.kubelet_port);
        writer.set_with(Meta::Address, || join_host_port(&address.address, &port));
    }
    writer.set(Meta::Instance, &node.meta.name);
    // Of several addresses of a kind the first is told.
    let mut told = FxHashSet::default();
    for address in node.addresses.iter().filter(|address| told.insert(&address.kind)) {
        let name = format!("__meta_kubernetes_node_address_{}", address.kind);
        writer.set_other(&sanitise(&name), &address.address);
    }
}
