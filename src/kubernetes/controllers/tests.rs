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
    let read_back = settled(&format!(
        "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: api, namespace: shop, uid: v}}, spec: {{template: {{}}}}}}\n---\n{}",
        pod("{kind: Job, name: other}")
    ));
    assert_eq!(names(&read_back.pods), ["real"], "pods that were read back are all there are");
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

/// A pod as it is read back, of a Service that selects `app: x`.
fn pod(name: &str, ips: &str, more: &str, status: &str) -> String {
    let first = ips.split(',').next().unwrap_or_default().trim();
    let ips: Vec<String> = ips.split(',').map(|ip| format!("{{ip: '{}'}}", ip.trim())).collect();
    format!(
        "{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: shop, uid: u-{name}, labels: {{app: x}}, {more}}}, \
         spec: {{nodeName: n-1, containers: [{{name: c, ports: [{{name: web, containerPort: 80}}]}}]}}, \
         status: {{podIP: '{first}', podIPs: [{}], {status}}}}}\n---\n",
        ips.join(", ")
    )
}

const READY: &str = "phase: Running, conditions: [{type: Ready, status: 'True'}]";

fn service(spec: &str) -> String {
    format!(
        "{{apiVersion: v1, kind: Service, metadata: {{name: s, namespace: shop, labels: {{team: a}}}}, spec: {{{spec}}}}}\n---\n\
         {{apiVersion: v1, kind: Node, metadata: {{name: n-1, labels: {{topology.kubernetes.io/zone: z}}}}}}\n---\n"
    )
}

/// The Endpoints of the Service: ready addresses, and after a bar the others.
fn addresses(snapshot: &Snapshot) -> String {
    let Some(endpoints) = find(&snapshot.endpoints, "shop", "s") else { return "none".to_owned() };
    let list = |all: Vec<&str>| all.join(" ");
    let ready = endpoints.subsets.iter().flat_map(|subset| &subset.addresses).map(|address| &*address.ip);
    let others =
        endpoints.subsets.iter().flat_map(|subset| &subset.not_ready_addresses).map(|address| &*address.ip);
    format!("{} | {}", list(ready.collect()), list(others.collect()))
}

/// The slices of the Service: family, addresses and conditions.
fn slices(snapshot: &Snapshot) -> Vec<String> {
    let told = snapshot.endpoint_slices.iter().map(|slice| {
        let endpoints = slice.endpoints.iter().map(|endpoint| {
            let condition = |value: Option<bool>, letter: &'static str| match value {
                Some(true) => letter,
                Some(false) => "-",
                None => "?",
            };
            let conditions = endpoint.conditions;
            format!(
                " {}:{}{}{}",
                endpoint.addresses.join("+"),
                condition(conditions.ready, "r"),
                condition(conditions.serving, "s"),
                condition(conditions.terminating, "t")
            )
        });
        format!("{}{}", slice.address_type.spelling(), endpoints.collect::<String>())
    });
    told.collect()
}

#[test]
fn a_pod_is_an_endpoint_by_its_state() {
    let deleted = "deletionTimestamp: '2026-01-01T00:00:00Z'";
    for (spec, pods, endpoints, in_slices) in [
        ("ports: [{port: 80}]", pod("p", "10.0.0.1", "", READY), "10.0.0.1 | ", "IPv4 10.0.0.1:rs-"),
        (
            "ports: [{port: 80}]",
            pod("p", "10.0.0.1", "", "phase: Running"),
            " | 10.0.0.1",
            "IPv4 10.0.0.1:---",
        ),
        (
            "ports: [{port: 80}], publishNotReadyAddresses: true",
            pod("p", "10.0.0.1", "", "phase: Pending"),
            "10.0.0.1 | ",
            "IPv4 10.0.0.1:r--",
        ),
        ("ports: [{port: 80}]", pod("p", "10.0.0.1", "", "phase: Failed"), " | ", "IPv4"),
        ("ports: [{port: 80}]", pod("p", "10.0.0.1", "", "phase: Succeeded"), " | ", "IPv4"),
        ("ports: [{port: 80}]", pod("p", "10.0.0.1", deleted, READY), " | ", "IPv4 10.0.0.1:-st"),
        (
            "ports: [{port: 80}], publishNotReadyAddresses: true",
            pod("p", "10.0.0.1", deleted, READY),
            "10.0.0.1 | ",
            "IPv4 10.0.0.1:rst",
        ),
        (
            "ports: [{port: 80, targetPort: web}]",
            pod("p", "10.0.0.1", "", READY),
            "10.0.0.1 | ",
            "IPv4 10.0.0.1:rs-",
        ),
        // A name that no container has: no port in Endpoints, and an endpoint without ports in a slice.
        ("ports: [{port: 80, targetPort: x}]", pod("p", "10.0.0.1", "", READY), " | ", "IPv4 10.0.0.1:rs-"),
        (
            "ports: [{port: 80, targetPort: web, protocol: UDP}]",
            pod("p", "10.0.0.1", "", READY),
            " | ",
            "IPv4 10.0.0.1:rs-",
        ),
        ("clusterIP: None", pod("p", "10.0.0.1", "", READY), "10.0.0.1 | ", "IPv4 10.0.0.1:rs-"),
        // No address of the family.
        ("ports: [{port: 80}]", pod("p", "fd00::1", "", READY), " | ", "IPv4"),
        (
            "ports: [{port: 80}], ipFamilies: [IPv6]",
            pod("p", "10.0.0.1, fd00:0::1", "", READY),
            "fd00:0::1 | ",
            "IPv6 fd00::1:rs-",
        ),
        // A pod that is nowhere keeps the whole object from being written.
        (
            "ports: [{port: 80}]",
            pod("p", "10.0.0.1", "", READY).replace("nodeName: n-1, ", ""),
            "none",
            "IPv4",
        ),
        ("ports: [{port: 80}]", pod("p", "10.0.0.1", "", READY).replace("n-1", "n-2"), "10.0.0.1 | ", "IPv4"),
    ] {
        let snapshot = settled(&format!("{}{pods}", service(&format!("selector: {{app: x}}, {spec}"))));
        assert_eq!(addresses(&snapshot), endpoints, "{spec} {pods}");
        assert_eq!(slices(&snapshot), [in_slices], "{spec} {pods}");
    }
}

#[test]
fn a_service_of_two_families_has_slices_of_both() {
    let pods = pod("p", "10.0.0.1, fd00::1", "", READY) + &pod("q", "10.0.0.2", "", READY);
    let spec = "selector: {app: x}, ports: [{port: 80}], ipFamilyPolicy: PreferDualStack, ipFamilies: [IPv6]";
    let snapshot = settled(&format!("{}{pods}", service(spec)));
    assert_eq!(addresses(&snapshot), "fd00::1 | ");
    assert_eq!(slices(&snapshot), ["IPv6 fd00::1:rs-", "IPv4 10.0.0.1:rs- 10.0.0.2:rs-"]);
    let zones: Vec<_> =
        snapshot.endpoint_slices[1].endpoints.iter().map(|endpoint| endpoint.zone.as_deref()).collect();
    assert_eq!(zones, [Some("z"), Some("z")]);
}

#[test]
fn ports_that_differ_by_pod_make_several_subsets_and_slices() {
    let pods = pod("p", "10.0.0.1", "", READY)
        + &pod("q", "10.0.0.2", "", READY).replace("containerPort: 80", "containerPort: 81");
    let spec =
        "selector: {app: x}, ports: [{name: a, port: 1, targetPort: web}, {name: b, port: 2, targetPort: 9}]";
    let snapshot = settled(&format!("{}{pods}", service(spec)));
    let endpoints = find(&snapshot.endpoints, "shop", "s").expect("they are made");
    let told: Vec<String> = endpoints
        .subsets
        .iter()
        .map(|subset| {
            let ports = subset.ports.iter().map(|port| format!("{}={}", port.name, port.number));
            let addresses = subset.addresses.iter().map(|address| &*address.ip);
            format!("{} at {}", addresses.collect::<Vec<_>>().join(" "), ports.collect::<Vec<_>>().join(" "))
        })
        .collect();
    assert_eq!(told, ["10.0.0.1 at a=80", "10.0.0.2 at a=81", "10.0.0.1 10.0.0.2 at b=9"]);
    let ports: Vec<usize> = snapshot.endpoint_slices.iter().map(|slice| slice.ports.len()).collect();
    assert_eq!((slices(&snapshot).len(), ports), (2, vec![2, 2]));
}

#[test]
fn hand_written_endpoints_are_mirrored() {
    let endpoints = |metadata: &str| {
        format!(
            "{{apiVersion: v1, kind: Endpoints, metadata: {{name: s, namespace: shop, {metadata}}}, subsets: [\
             {{addresses: [{{ip: 10.0.0.9}}, {{ip: 'fd00:0::9', hostname: h}}, {{ip: a.b}}], notReadyAddresses: [{{ip: 10.0.0.8}}], \
             ports: [{{name: m, port: 9}}]}}, {{addresses: [{{ip: 10.0.0.8}}], ports: [{{name: m, port: 9}}]}}]}}\n---\n"
        )
    };
    let mirrored = |spec: &str, metadata: &str| {
        let snapshot = settled(&format!("{}{}", service(spec), endpoints(metadata)));
        slices(&snapshot)
    };
    let both = ["IPv4 10.0.0.8:-?? 10.0.0.9:r??", "IPv6 fd00::9:r??"];
    assert_eq!(mirrored("clusterIP: None", ""), both);
    assert_eq!(mirrored("type: ExternalName, externalName: a.b", ""), both);
    let none: [&str; 0] = [];
    assert_eq!(
        mirrored("clusterIP: None", "labels: {endpointslice.kubernetes.io/skip-mirror: 'true'}"),
        none
    );
    assert_eq!(
        mirrored("clusterIP: None", "annotations: {control-plane.alpha.kubernetes.io/leader: x}"),
        none
    );
    // The controller of Endpoints writes its own in their place.
    assert_eq!(mirrored("selector: {app: x}", ""), ["IPv4"]);
    let snapshot = settled(&format!(
        "{}{}",
        service("clusterIP: None"),
        endpoints("labels: {a: b}, annotations: {c: d, endpoints.kubernetes.io/last-change-trigger-time: x}")
    ));
    let meta = &snapshot.endpoint_slices[0].meta;
    let label = |key| meta.labels.get(key).map(|value| &**value);
    assert_eq!((label("a"), label("kubernetes.io/service-name")), (Some("b"), Some("s")));
    assert_eq!(meta.annotations.len(), 1);
    // Nobody says which family its endpoints have, so that it takes both.
    assert_eq!(snapshot.services[0].ip_family_policy.as_deref(), Some("RequireDualStack"));
}
