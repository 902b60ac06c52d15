use rustc_hash::FxHashMap;

rule! {
    /// Two DaemonSets of the input take the same port of the node, with `hostNetwork` or `hostPort`, and run on the same nodes.
    ///
    /// ## Why it matters
    ///
    /// Only one process has a port of a node. Where the port is declared, the pods of the second one stay Pending; where not, they
    /// fail with `address already in use`.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: {name: one, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: one}}
    ///   template:
    ///     metadata: {labels: {app: one}}
    ///     spec:
    ///       hostNetwork: true
    ///       containers: [{name: main, image: "one:1", ports: [{name: metrics, containerPort: 9100}]}]
    /// ---
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: {name: two, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: two}}
    ///   template:
    ///     metadata: {labels: {app: two}}
    ///     spec:
    ///       hostNetwork: true
    ///       containers: [{name: main, image: "two:1", ports: [{name: metrics, containerPort: 9100}]}]
    /// ```
    ///
    /// ## Use instead
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: {name: one, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: one}}
    ///   template:
    ///     metadata: {labels: {app: one}}
    ///     spec:
    ///       hostNetwork: true
    ///       containers: [{name: main, image: "one:1", ports: [{name: metrics, containerPort: 9100}]}]
    /// ---
    /// apiVersion: apps/v1
    /// kind: DaemonSet
    /// metadata: {name: two, namespace: shop}
    /// spec:
    ///   selector: {matchLabels: {app: two}}
    ///   template:
    ///     metadata: {labels: {app: two}}
    ///     spec:
    ///       hostNetwork: true
    ///       containers: [{name: main, image: "two:1", ports: [{name: metrics, containerPort: 9110}]}]
    /// ```
    NODE_PORT_CLASH, Stable, Files, check
}

use crate::chain::Chain;
use crate::chain::runtime;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::kind::GroupKind;
use crate::model::object::Object;
use crate::model::workload::{ContainerPort, PodTemplate};
use crate::rules::chain::wording;
use crate::rules::rule;
use crate::source::Node;

fn check(chain: &Chain<'_>) -> Vec<Diagnostic> {
    let mut taken: FxHashMap<(i64, &str, String), (Object<'_>, Node<'_>)> = FxHashMap::default();
    let mut found = Vec::new();
    let daemons = chain.workloads.all().filter(|workload| {
        workload.object.group_kind() == GroupKind::DAEMON_SET && !runtime::is_made(workload.object)
    });
    for workload in daemons {
        // Where its pods run: nobody compares expressions.
        let spec = workload.template.spec();
        if spec.is_some_and(|spec| spec.get("affinity").is_some()) {
            continue;
        }
        let nodes = spec.and_then(|spec| spec.get("nodeSelector")).map(|nodes| nodes.to_json().to_string());
        for port in workload.template.ports() {
            let Some((number, protocol)) = of_node(workload.template, &port) else { continue };
            let key = (number, protocol, nodes.clone().unwrap_or_default());
            match taken.get(&key) {
                Some((other, node)) if other.id() != workload.object.id() => {
                    let message = format!(
                        "`{}` and `{}` want port {number} of every node",
                        other.identity(),
                        workload.object.identity()
                    );
                    found.push(
                        Diagnostic::new(Code::NODE_PORT_CLASH, message)
                            .about(workload.object.subject())
                            .at(wording::first_line(port.node.place()), "")
                            .with(wording::first_line(node.place()), "it is taken here"),
                    );
                }
                Some(_) => {}
                None => {
                    taken.insert(key, (workload.object, port.node));
                }
            }
        }
    }
    found
}

/// The port of the node that a declared port takes.
fn of_node<'w>(template: PodTemplate<'w>, port: &ContainerPort<'w>) -> Option<(i64, &'w str)> {
    let host_port = port.node.get("hostPort").and_then(Node::as_i64).filter(|number| *number != 0);
    let number = host_port.or_else(|| template.host_network().then_some(i64::from(port.number)))?;
    Some((number, port.node.get("protocol").and_then(Node::as_str).unwrap_or("TCP")))
}
