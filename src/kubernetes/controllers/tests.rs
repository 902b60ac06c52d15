use std::sync::Arc;

use super::settle;
use crate::diagnostic::TextFile;
use crate::kubernetes::snapshot::{Pod, Snapshot, find};
use crate::model::inventory::Inventory;

fn settled(text: &str) -> Snapshot {
    let reading = crate::source::read(Arc::new(TextFile::new("a.yaml", text)));
    assert!(reading.findings.is_empty(), "{:?}", reading.findings);
    let (inventory, _) = Inventory::builder().documents(reading.documents).build();
    settle(&inventory, Snapshot::read(&inventory))
}

/// The pods of a workload of this kind, `count` or what stands for it in its specification.
fn pods(kind: &str, spec: &str, more: &str) -> Vec<Pod> {
    let version = if kind.ends_with("Job") { "batch/v1" } else { "apps/v1" };
    let template = "template: {metadata: {labels: {app: api}}, spec: {containers: [{name: c, ports: [{name: web, containerPort: 80}]}]}}";
    let spec = match kind {
        "CronJob" => format!("jobTemplate: {{spec: {{{template}}}}}, {spec}"),
        _ => format!("{template}, {spec}"),
    };
    settled(&format!(
        "{{apiVersion: {version}, kind: {kind}, metadata: {{name: api, namespace: shop}}, spec: {{{spec}}}}}\n---\n{more}"
    ))
    .pods
}

fn names(pods: &[Pod]) -> Vec<&str> {
    pods.iter().map(|pod| &*pod.meta.name).collect()
}

#[test]
fn a_workload_has_as_many_pods_as_it_asks_for() {
    for (kind, spec, expected) in [
        ("Deployment", "", 1),
        ("Deployment", "replicas: 3", 3),
        ("Deployment", "replicas: 0", 0),
        ("Deployment", "replicas: -1", 0),
        ("Deployment", "replicas: 99999999999", 10_000),
        ("ReplicaSet", "replicas: 2", 2),
        ("StatefulSet", "replicas: 2", 2),
        ("DaemonSet", "replicas: 7", 1),
        ("Job", "", 1),
        ("Job", "parallelism: 3", 3),
        ("Job", "parallelism: 3, completions: 2", 2),
        ("Job", "suspend: true", 0),
        ("CronJob", "", 1),
        ("CronJob", "suspend: true", 0),
    ] {
        assert_eq!(pods(kind, spec, "").len(), expected, "{kind} {spec}");
    }
}

#[test]
fn an_autoscaler_keeps_replicas_between_what_it_allows() {
    let autoscaler = "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a, namespace: shop}, \
                      spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}, minReplicas: 2, maxReplicas: 4}}";
    for (replicas, expected) in [("", 2), ("replicas: 3", 3), ("replicas: 9", 4), ("replicas: 0", 0)] {
        assert_eq!(pods("Deployment", replicas, autoscaler).len(), expected, "{replicas}");
    }
}

#[test]
fn pods_say_what_they_stand_for() {
    let found = pods("StatefulSet", "replicas: 2, serviceName: api, ordinals: {start: 3}", "");
    assert_eq!(names(&found), ["api-3", "api-4"]);
    assert_eq!((&*found[0].hostname, &*found[0].subdomain), ("api-3", "api"));
    assert_eq!(found[1].meta.labels.get("apps.kubernetes.io/pod-index").map(|value| &**value), Some("4"));
    assert_eq!(&*found[0].ip, "pod-of~statefulset~api~0");
    let found = pods("Deployment", "replicas: 2", "");
    assert_eq!(names(&found), ["pod-of~deployment~api~0", "pod-of~deployment~api~1"]);
    assert!(found.iter().all(Pod::is_ready));
    let controller = found[0].controller.as_ref().expect("a ReplicaSet");
    assert_eq!((&*controller.kind, &*controller.name), ("ReplicaSet", "api-*"));
}

#[test]
fn pods_that_are_there_count_instead() {
    let pod = |owner: &str| {
        format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: real, namespace: shop, uid: u, ownerReferences: [{owner}]}}, \
             status: {{podIP: 10.0.0.1}}}}"
        )
    };
    for (kind, owner) in [
        ("Deployment", "{kind: ReplicaSet, name: api-5d8f}"),
        ("DaemonSet", "{kind: DaemonSet, name: api}"),
        ("CronJob", "{kind: Job, name: api-123}"),
    ] {
        assert_eq!(names(&pods(kind, "", &pod(owner))), ["real"], "{kind}");
    }
    assert_eq!(pods("Deployment", "", &pod("{kind: ReplicaSet, name: other-5d8f}")).len(), 2);
    let set = "{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: api-1, namespace: shop, ownerReferences: \
               [{kind: Deployment, name: api}]}, spec: {template: {}}}";
    assert_eq!(pods("Deployment", "", set).len(), 1, "a ReplicaSet is not counted beside its Deployment");
    let authored = "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: shop}, spec: {}}";
    let found = pods("Deployment", "replicas: 0", authored);
    assert_eq!((&*found[0].ip, &*found[0].phase), ("pod-of~pod~p~0", "Running"));
}

#[test]
fn a_daemon_set_runs_where_it_fits() {
    let nodes = "{apiVersion: v1, kind: Node, metadata: {name: a, labels: {os: linux, size: '5'}}, status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}}\n---\n\
                 {apiVersion: v1, kind: Node, metadata: {name: b, labels: {os: windows}}}\n---\n\
                 {apiVersion: v1, kind: Node, metadata: {name: c, labels: {os: linux}}, spec: {taints: [{key: k, value: v, effect: NoSchedule}]}}\n---\n\
                 {apiVersion: v1, kind: Node, metadata: {name: d, labels: {os: linux}}, spec: {taints: [{key: node.kubernetes.io/not-ready, effect: NoExecute}, {key: x, effect: PreferNoSchedule}]}}";
    let on = |spec: &str| -> Vec<String> {
        let text = format!(
            "{{apiVersion: apps/v1, kind: DaemonSet, metadata: {{name: x, namespace: z}}, spec: {{template: {{spec: {{{spec}}}}}}}}}\n---\n{nodes}"
        );
        settled(&text).pods.iter().map(|pod| format!("{} {}", pod.node_name, pod.ip)).collect()
    };
    let term = |expression: &str| {
        format!(
            "affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{{{expression}}}]}}}}}}, \
             tolerations: [{{operator: Exists}}]"
        )
    };
    let nodes_of =
        |spec: &str| -> String { on(spec).iter().filter_map(|pod| pod.split(' ').next()).collect() };
    for (spec, expected) in [
        ("", "abd"),
        ("nodeSelector: {os: linux}", "ad"),
        ("nodeName: b", "b"),
        ("tolerations: [{operator: Exists}]", "abcd"),
        ("tolerations: [{key: k, operator: Equal, value: v}]", "abcd"),
        ("tolerations: [{key: k, value: v, effect: NoExecute}]", "abd"),
        ("tolerations: [{key: k, value: w}]", "abd"),
        (&term("matchExpressions: [{key: os, operator: In, values: [linux]}]"), "acd"),
        (&term("matchExpressions: [{key: os, operator: NotIn, values: [linux]}]"), "b"),
        (&term("matchExpressions: [{key: size, operator: Gt, values: ['4']}]"), "a"),
        (&term("matchExpressions: [{key: size, operator: DoesNotExist}]"), "bcd"),
        (&term("matchFields: [{key: metadata.name, operator: In, values: [c]}]"), "c"),
        (&term(""), ""),
    ] {
        assert_eq!(nodes_of(spec), expected, "{spec}");
    }
    assert_eq!(on("hostNetwork: true, nodeName: a"), ["a 192.0.2.1"]);
    assert_eq!(on("nodeName: a"), ["a pod-of~daemonset~x~0"]);
}

#[test]
fn services_of_authored_workloads_have_endpoints() {
    let snapshot = settled(
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: api, namespace: shop}, spec: {replicas: 2, template: \
         {metadata: {labels: {app: api}}, spec: {containers: [{name: c, ports: [{name: web, containerPort: 8080}]}]}}}}\n---\n\
         {apiVersion: v1, kind: Service, metadata: {name: api, namespace: shop, labels: {team: a}}, spec: {selector: {app: api}, \
         ports: [{name: http, port: 80, targetPort: web}, {name: none, port: 81, targetPort: nobody}, {name: fix, port: 82}]}}\n---\n\
         {apiVersion: v1, kind: Service, metadata: {name: empty, namespace: shop}, spec: {selector: {app: nobody}, ports: [{port: 1}]}}\n---\n\
         {apiVersion: v1, kind: Service, metadata: {name: elsewhere, namespace: shop}, spec: {type: ExternalName, externalName: a.b, \
         selector: {app: api}}}\n",
    );
    let endpoints = find(&snapshot.endpoints, "shop", "api").expect("they are made");
    let ports: Vec<(&str, u16)> =
        endpoints.subsets[0].ports.iter().map(|port| (&*port.name, port.number)).collect();
    assert_eq!(ports, [("http", 8080), ("fix", 82)]);
    assert_eq!((endpoints.subsets.len(), endpoints.subsets[0].addresses.len()), (1, 2));
    let slices: Vec<_> = snapshot.endpoint_slices.iter().collect();
    let told: Vec<(&str, usize, usize)> =
        slices.iter().map(|slice| (&*slice.meta.name, slice.endpoints.len(), slice.ports.len())).collect();
    assert_eq!(told, [("api-*", 2, 2), ("empty-*", 0, 0)]);
    assert!(find(&snapshot.endpoints, "shop", "elsewhere").is_none());
    assert!(find(&snapshot.endpoints, "shop", "empty").expect("they are made").subsets.is_empty());
}

#[test]
fn many_endpoints_fill_several_slices_and_are_cut_where_they_are_too_many() {
    let snapshot = settled(
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: api, namespace: shop}, spec: {replicas: 1203, template: \
         {metadata: {labels: {app: api}}}}}\n---\n\
         {apiVersion: v1, kind: Service, metadata: {name: api, namespace: shop}, spec: {selector: {app: api}, ports: [{port: 80}]}}\n",
    );
    let lengths: Vec<usize> = snapshot.endpoint_slices.iter().map(|slice| slice.endpoints.len()).collect();
    assert_eq!((lengths.len(), lengths.iter().sum::<usize>()), (13, 1203));
    let endpoints = &snapshot.endpoints[0];
    assert_eq!(endpoints.subsets[0].addresses.len(), 1000);
    assert!(endpoints.meta.annotations.get("endpoints.kubernetes.io/over-capacity").is_some());
}
