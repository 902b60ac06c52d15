use std::net::IpAddr;

rule! {
    /// Endpoints or an EndpointSlice have a loopback or link-local address, or one of another family than the slice.
    ///
    /// ## Why it matters
    ///
    /// The API server refuses the object. A `nodeName` that is none of the Nodes of the input is a warning.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: db, namespace: shop, labels: {app: db}}
    /// spec:
    ///   ports: [{name: metrics, port: 9187}]
    /// ---
    /// apiVersion: discovery.k8s.io/v1
    /// kind: EndpointSlice
    /// metadata: {name: db-1, namespace: shop, labels: {kubernetes.io/service-name: db}}
    /// addressType: IPv4
    /// endpoints: [{addresses: [127.0.0.1]}]
    /// ports: [{name: metrics, port: 9187}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: db, namespace: shop, labels: {app: db}}
    /// spec:
    ///   ports: [{name: metrics, port: 9187}]
    /// ---
    /// apiVersion: discovery.k8s.io/v1
    /// kind: EndpointSlice
    /// metadata: {name: db-1, namespace: shop, labels: {kubernetes.io/service-name: db}}
    /// addressType: IPv4
    /// endpoints: [{addresses: [192.0.2.7]}]
    /// ports: [{name: metrics, port: 9187}]
    /// ```
    UNREACHABLE_ADDRESS, Stable, Files, check
}

use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::rules::rule;
use crate::source::Node;

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let inventory = chain.setting.inventory;
    let mut found = Vec::new();
    for slice in inventory.of_kind(GroupKind::ENDPOINT_SLICE) {
        let family = slice.at(&["addressType"]).and_then(Node::as_str).unwrap_or_default();
        for endpoint in slice.at(&["endpoints"]).into_iter().flat_map(Node::items) {
            for address in endpoint.get("addresses").into_iter().flat_map(Node::items) {
                found.extend(judge(slice, address, family));
            }
            found.extend(node_of(chain, slice, endpoint));
        }
    }
    for object in inventory.of_kind(GroupKind::ENDPOINTS) {
        let subsets = || object.at(&["subsets"]).into_iter().flat_map(Node::items);
        for field in ["addresses", "notReadyAddresses"] {
            for address in subsets().filter_map(|subset| subset.get(field)).flat_map(Node::items) {
                found.extend(address.get("ip").and_then(|ip| judge(object, ip, "")));
                found.extend(node_of(chain, object, address));
            }
        }
    }
    found
}

fn judge(object: Object<'_>, address: Node<'_>, family: &str) -> Option<Diagnostic> {
    let text = address.as_str()?;
    let ip: IpAddr = match text.parse() {
        Ok(ip) => ip,
        Err(_) if family == "FQDN" => return None,
        Err(_) => return Some(finding(object, address, format!("`{text}` is no address"))),
    };
    let is_link_local = match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => (ip.segments()[0] & 0xffc0) == 0xfe80,
    };
    let why = if ip.is_loopback() {
        "an address of the loopback"
    } else if is_link_local {
        "a link-local address"
    } else if ip.is_unspecified() || ip.is_multicast() {
        "no address of a target"
    } else if (family == "IPv4" && ip.is_ipv6()) || (family == "IPv6" && ip.is_ipv4()) {
        "of another family than the slice"
    } else {
        return None;
    };
    Some(finding(object, address, format!("`{text}` is {why}")))
}

fn finding(object: Object<'_>, address: Node<'_>, why: String) -> Diagnostic {
    Diagnostic::new(Code::UNREACHABLE_ADDRESS, why)
        .about(object.subject())
        .at(address.place(), format!("the API server refuses `{}`", object.identity()))
}

/// A node that is none of those of the input.
fn node_of(chain: &Chain<'_>, object: Object<'_>, endpoint: Node<'_>) -> Option<Diagnostic> {
    let written = endpoint.get("nodeName")?;
    let name = written.as_str()?;
    let mut nodes = chain.setting.inventory.of_kind(GroupKind::NODE).peekable();
    nodes.peek()?;
    if nodes.any(|node| node.name() == name) {
        return None;
    }
    let message = format!("`{}` names the node `{name}`, which is none of the input", object.identity());
    Some(
        Diagnostic::new(Code::UNREACHABLE_ADDRESS, message)
            .level(Level::Warning)
            .unknown()
            .about(object.subject())
            .at(written.place(), ""),
    )
}
