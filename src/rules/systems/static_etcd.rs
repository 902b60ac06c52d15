use std::collections::BTreeSet;

rule! {
    /// A Service without selector has the addresses of Nodes of the input, and on these run pods of etcd.
    ///
    /// ## Why it matters
    ///
    /// When a node of the control plane is replaced, nobody changes the addresses. A selector follows the pods.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: etcd, namespace: kube-system}
    /// spec:
    ///   clusterIP: None
    ///   ports: [{name: metrics, port: 2381}]
    /// ---
    /// apiVersion: v1
    /// kind: Endpoints
    /// metadata: {name: etcd, namespace: kube-system}
    /// subsets:
    /// - addresses: [{ip: 192.0.2.10}]
    ///   ports: [{name: metrics, port: 2381}]
    /// ---
    /// apiVersion: v1
    /// kind: Node
    /// metadata: {name: master}
    /// status: {addresses: [{type: InternalIP, address: 192.0.2.10}]}
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: etcd-master, namespace: kube-system, labels: {component: etcd}}
    /// spec:
    ///   hostNetwork: true
    ///   nodeName: master
    ///   containers:
    ///   - name: etcd
    ///     image: registry.k8s.io/etcd:3.6.4-0
    ///     command:
    ///     - etcd
    ///     - --listen-metrics-urls=http://127.0.0.1:2381,http://192.0.2.10:2381
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata: {name: etcd, namespace: kube-system}
    /// spec:
    ///   selector: {component: etcd}
    ///   clusterIP: None
    ///   ports: [{name: metrics, port: 2381}]
    /// ---
    /// apiVersion: v1
    /// kind: Node
    /// metadata: {name: master}
    /// status: {addresses: [{type: InternalIP, address: 192.0.2.10}]}
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: etcd-master, namespace: kube-system, labels: {component: etcd}}
    /// spec:
    ///   hostNetwork: true
    ///   nodeName: master
    ///   containers:
    ///   - name: etcd
    ///     image: registry.k8s.io/etcd:3.6.4-0
    ///     command:
    ///     - etcd
    ///     - --listen-metrics-urls=http://127.0.0.1:2381,http://192.0.2.10:2381
    /// ```
    STATIC_NODE_ADDRESSES, Stable, Files, check
}

use super::containers::containers;
use crate::chain::Chain;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::kind::GroupKind;
use crate::rules::rule;
use crate::source::Node;

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let of_etcd: BTreeSet<&str> = containers(chain)
        .filter(|container| container.is("etcd"))
        .filter_map(|container| container.template.spec()?.get("nodeName")?.as_str())
        .collect();
    let nodes = chain.setting.inventory.of_kind(GroupKind::NODE).filter(|node| of_etcd.contains(node.name()));
    let addresses: BTreeSet<&str> = nodes
        .filter_map(|node| node.at(&["status", "addresses"]))
        .flat_map(Node::items)
        .filter_map(|address| address.get("address")?.as_str())
        .collect();
    if addresses.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for backing in chain.backings.all().filter(|backing| !backing.has_selector() && backing.has_addresses()) {
        let of_etcd = backing.ports.iter().any(|port| matches!(port.number, 2379 | 2381));
        let subsets =
            backing.endpoints.and_then(|object| object.at(&["subsets"])).into_iter().flat_map(Node::items);
        let of_endpoints = subsets
            .filter_map(|subset| subset.get("addresses"))
            .flat_map(Node::items)
            .filter_map(|address| address.get("ip"));
        let slices = backing.slices.iter().filter_map(|slice| slice.at(&["endpoints"])).flat_map(Node::items);
        let of_slices = slices.filter_map(|endpoint| endpoint.get("addresses")).flat_map(Node::items);
        let mut written = of_endpoints.chain(of_slices);
        let Some(address) = written.find(|ip| ip.as_str().is_some_and(|ip| addresses.contains(ip))) else {
            continue;
        };
        if !of_etcd {
            continue;
        }
        let message =
            format!("the addresses of `{}` are those of nodes with pods of etcd", backing.service.identity());
        found.push(
            Diagnostic::new(Code::STATIC_NODE_ADDRESSES, message)
                .about(backing.service.subject())
                .at(address.place(), "")
                .with(backing.service.place(), "this Service could select the pods")
                .help("give the Service `selector: {component: etcd}`, and remove the addresses"),
        );
    }
    found
}
