use std::sync::Arc;

use super::*;
use crate::diagnostic::TextFile;
use crate::kubernetes::snapshot::{TargetPort, find, in_namespace};

fn snapshot(text: &str) -> Snapshot {
    let reading = source::read_all(text);
    Snapshot::read(&reading)
}

mod source {
    use super::*;

    pub(super) fn read_all(text: &str) -> Inventory {
        let reading = crate::source::read(Arc::new(TextFile::new("a.yaml", text)));
        Inventory::builder().documents(reading.documents).build().0
    }
}

#[test]
fn what_the_api_server_fills_in_is_there() {
    let snapshot = snapshot(
        "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: b}, spec: {ports: [{port: 80}, {port: 81, targetPort: web}]}}\n\
         ---\n{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: b}, spec: {containers: [{name: c, ports: [{containerPort: 9}]}]}}\n\
         ---\n{apiVersion: v1, kind: Namespace, metadata: {name: b}}\n\
         ---\n{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s, namespace: b}, addressType: IPv4, ports: [{port: 1}]}\n",
    );
    let service = find(&snapshot.services, "b", "a").expect("it is there");
    assert_eq!((&*service.kind, &service.ports[0].target), ("ClusterIP", &TargetPort::Number(80)));
    assert_eq!(service.ports[1].target, TargetPort::Name("web".into()));
    let pod = &snapshot.pods[0];
    assert_eq!((&*pod.phase, &*pod.containers[0].ports[0].protocol), ("Pending", "TCP"));
    assert_eq!(snapshot.namespaces[0].meta.labels.get(NAMESPACE_NAME).map(|value| &**value), Some("b"));
    let port = &snapshot.endpoint_slices[0].ports[0];
    assert_eq!((port.name.as_deref(), port.protocol.as_deref()), (Some(""), Some("TCP")));
    assert_eq!(in_namespace(&snapshot.pods, Some("c")).len(), 0);
}

#[test]
fn authored_pods_get_the_zone_of_their_node() {
    let mut snapshot = snapshot(
        "{apiVersion: v1, kind: Node, metadata: {name: n1, labels: {topology.kubernetes.io/zone: z}}}\n\
         ---\n{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {nodeName: n1}}\n\
         ---\n{apiVersion: v1, kind: Pod, metadata: {name: q, uid: u}, spec: {nodeName: n1}}\n",
    );
    snapshot.add_topology_labels();
    let zones: Vec<_> = snapshot.pods.iter().map(|pod| pod.meta.labels.len()).collect();
    assert_eq!(zones, [1, 0]);
}
