//! Ports of the node, which only one process can have.

use crate::model::workload::PodTemplate;
use crate::source::Node;

/// Where a workload takes a TCP port of its node: a declared port, or an address to listen on in its arguments.
pub(super) fn takes_node_port(template: PodTemplate<'_>, port: u16) -> Option<Node<'_>> {
    let is_tcp = |node: Node<'_>| matches!(node.get("protocol").and_then(Node::as_str), None | Some("TCP"));
    let declared = template.ports().into_iter().filter(|declared| is_tcp(declared.node)).find(|declared| {
        let host_port = declared.node.get("hostPort").and_then(Node::as_i64);
        host_port == Some(i64::from(port)) || (template.host_network() && declared.number == port)
    });
    let listens = |argument: &Node<'_>| {
        argument.as_str().is_some_and(|text| {
            text.starts_with("--web.listen-address=") && text.ends_with(&format!(":{port}"))
        })
    };
    declared.map(|declared| declared.node).or_else(|| {
        let mut arguments = template
            .containers()
            .flat_map(|container| container.get("args").into_iter().flat_map(Node::items));
        template.host_network().then(|| arguments.find(listens)).flatten()
    })
}
