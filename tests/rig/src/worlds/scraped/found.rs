//! What discovery finds besides: Pods and Services that fit each other, slices and Endpoints with every field, Nodes, Ingresses.

use serde_json::{Value, json};

use crate::worlds::random::Random;
use crate::worlds::setting::{APPS, PORTS, Setting, TEAMS, TIERS};

const ZONES: &[&str] = &["zone-a", "zone-b", "zone-c"];

/// All of a world.
pub(super) fn make(setting: &Setting, random: &mut Random, seed: u64) -> Vec<Value> {
    let node = format!("{}-node-x", setting.prefix);
    let mut objects = vec![self::node(&node, random)];
    for (index, namespace) in setting.namespaces.iter().enumerate() {
        let namespace = namespace.name.as_str();
        let app = *random.pick(APPS);
        let addresses: Vec<String> = (1..=4)
            .map(|host| format!("10.{}.{}.{}", 228 + seed / 250 % 20, seed % 250, 10 * (index + 1) + host))
            .collect();
        for (number, address) in addresses.iter().take(2).enumerate() {
            objects.push(pod(namespace, number, app, &node, address, random));
        }
        objects.push(service(namespace, app, random));
        match random.below(3) {
            0 => objects.extend(by_hand(namespace, &addresses[2..], &node, random)),
            1 => objects.push(slice(namespace, &addresses[2..], &node, random)),
            _ => {}
        }
        if random.chance(50) {
            objects.push(ingress(namespace, random));
        }
        if random.chance(30) {
            objects.push(json!({"apiVersion": "v1", "kind": "Service",
                "metadata": {"name": "balanced", "namespace": namespace, "labels": labels("web", random)},
                "spec": {"type": "LoadBalancer", "loadBalancerIP": "10.9.8.7", "ports": [{"name": "web", "port": 80}, {"name": "udp", "port": 53, "protocol": "UDP"}]},
                "status": {"loadBalancer": {"ingress": [{"ip": "10.9.8.6"}]}}}));
        }
    }
    objects
}

fn labels(app: &str, random: &mut Random) -> Value {
    let mut labels = json!({"app": app});
    if random.chance(60) {
        labels["team"] = json!(random.pick(TEAMS));
    }
    if random.chance(40) {
        labels["tier"] = json!(random.pick(TIERS));
    }
    if random.chance(20) {
        labels["a.b"] = json!("dot");
    }
    if random.rarely(15) {
        // Sanitised they are one name: which value it has is up to chance.
        labels["a.b"] = json!("dot");
        labels["a-b"] = json!("dash");
    }
    labels
}

fn annotations(random: &mut Random) -> Value {
    let mut annotations = json!({});
    if random.chance(50) {
        annotations["prometheus.io/port"] = json!(random.pick(&["9100", "8080", "none"]));
    }
    if random.chance(40) {
        annotations["prometheus.io/path"] = json!(random.pick(&["/m", "metrics", "/a?b=c d", ""]));
    }
    if random.chance(30) {
        annotations["example.com/note"] = json!(random.pick(&["", "ü", "two\nlines", "$1"]));
    }
    annotations
}

fn node(name: &str, random: &mut Random) -> Value {
    let every = [
        json!({"type": "ExternalIP", "address": "203.0.113.9"}),
        json!({"type": "InternalDNS", "address": "n.internal"}),
        json!({"type": "Hostname", "address": name}),
        json!({"type": "InternalIP", "address": "10.250.1.1"}),
    ];
    let conditions = json!([{"type": "Ready", "status": random.pick(&["True", "False", "Unknown"])},
        {"type": "MemoryPressure", "status": "False"}]);
    json!({"apiVersion": "v1", "kind": "Node",
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": random.pick(ZONES), "app": "node"},
            "annotations": annotations(random)},
        "spec": {"providerID": "cloud:///zone/instance-1"},
        "status": {"addresses": random.several(&every, 1), "daemonEndpoints": {"kubeletEndpoint": {"Port": random.pick(&[10250, 10255])}},
            "conditions": conditions}})
}

fn pod(namespace: &str, number: usize, app: &str, node: &str, address: &str, random: &mut Random) -> Value {
    let mut ports = vec![json!({"name": "metrics", "containerPort": 9100})];
    if random.chance(60) {
        ports.push(json!({"name": random.pick(&PORTS[1..]), "containerPort": 8080}));
    }
    if random.chance(20) {
        ports.push(json!({"containerPort": 53, "protocol": "UDP"}));
    }
    let mut containers = vec![json!({"name": "app", "image": "example/app:1", "ports": ports})];
    match random.below(4) {
        0 => containers.push(json!({"name": "side", "image": "example/side:2"})),
        1 => containers.push(json!({"name": "side", "image": "example/side:2", "ports": [{"name": "telemetry", "containerPort": 9100}]})),
        2 => containers.push(json!({"name": "side", "image": "example/side:2", "ports": [{"name": "grpc", "containerPort": 9115}]})),
        _ => {}
    }
    let mut spec = json!({"nodeName": node, "containers": containers});
    if random.chance(20) {
        spec["initContainers"] = json!([{"name": "first", "image": "example/first:3", "restartPolicy": "Always",
            "ports": [{"name": "web", "containerPort": 8081}]}]);
    }
    if random.chance(10) {
        spec["hostNetwork"] = json!(true);
        for container in spec["containers"].as_array_mut().into_iter().flatten() {
            for port in container["ports"].as_array_mut().into_iter().flatten() {
                port["hostPort"] = port["containerPort"].clone();
            }
        }
        // One port of a host is not taken twice.
        if let Some(containers) = spec["containers"].as_array_mut() {
            containers.truncate(1);
        }
    }
    let phase = *random.pick(&["Running", "Running", "Running", "Running", "Pending", "Failed"]);
    let ready = *random.pick(&["True", "True", "True", "False", "Unknown"]);
    json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": format!("fit-{number}"), "namespace": namespace, "labels": labels(app, random), "annotations": annotations(random)},
        "spec": spec,
        "status": {"phase": phase, "podIP": address, "podIPs": [{"ip": address}], "hostIP": "10.250.1.1", "hostIPs": [{"ip": "10.250.1.1"}],
            "conditions": [{"type": "Ready", "status": ready}]}})
}

fn service(namespace: &str, app: &str, random: &mut Random) -> Value {
    let mut ports =
        vec![json!({"name": "metrics", "port": 9100, "targetPort": random.pick(&["metrics", "web"])})];
    if random.chance(50) {
        ports.push(json!({"name": "web", "port": 80, "targetPort": 8080, "appProtocol": "http"}));
    }
    if random.chance(20) {
        ports.push(json!({"name": "undeclared", "port": 7, "targetPort": 7777}));
    }
    let mut spec = json!({"selector": {"app": app}, "ports": ports});
    if random.chance(30) {
        spec["clusterIP"] = json!("None");
    }
    if random.chance(25) {
        spec["publishNotReadyAddresses"] = json!(true);
    }
    json!({"apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "fit", "namespace": namespace, "labels": labels(app, random), "annotations": annotations(random)}, "spec": spec})
}

/// A Service without selector, and the Endpoints somebody wrote for it, which become slices, too.
fn by_hand(namespace: &str, addresses: &[String], node: &str, random: &mut Random) -> [Value; 2] {
    let labels = labels("db", random);
    let target = |name: &&str| json!({"kind": "Pod", "name": name, "namespace": namespace});
    let mut first = json!({"ip": addresses[0], "nodeName": node});
    if random.chance(50) {
        first["targetRef"] = target(random.pick(&["fit-0", "fit-1", "gone"]));
    }
    let mut subset = json!({"addresses": [first],
        "ports": [{"name": random.pick(PORTS), "port": 9100}, {"name": "second", "port": 8080, "appProtocol": "http"}]});
    if random.chance(60) {
        subset["notReadyAddresses"] =
            json!([{"ip": addresses[1], "hostname": "second", "targetRef": {"kind": "Node", "name": node}}]);
    }
    let metadata = json!({"name": "by-hand", "namespace": namespace, "labels": labels, "annotations": annotations(random)});
    [
        json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata,
            "spec": {"ports": [{"name": "a", "port": 9100}, {"name": "second", "port": 8080}]}}),
        json!({"apiVersion": "v1", "kind": "Endpoints", "metadata": metadata, "subsets": [subset]}),
    ]
}

fn slice(namespace: &str, addresses: &[String], node: &str, random: &mut Random) -> Value {
    let mut labels = labels("web", random);
    if random.chance(80) {
        labels["kubernetes.io/service-name"] = json!(random.pick(&["fit", "api-0", "nobody"]));
    }
    let mut endpoints = Vec::new();
    for address in addresses {
        let mut endpoint = json!({"addresses": [address]});
        let conditions = ["ready", "serving", "terminating"];
        for condition in conditions {
            if random.chance(50) {
                endpoint["conditions"][condition] = json!(random.chance(60));
            }
        }
        if random.chance(40) {
            endpoint["zone"] = json!(random.pick(ZONES));
        }
        if random.chance(40) {
            endpoint["hostname"] = json!("host-1");
        }
        if random.chance(50) {
            endpoint["nodeName"] = json!(node);
        }
        if random.chance(30) {
            endpoint["deprecatedTopology"] = json!({"example.com/rack": "r1"});
        }
        if random.chance(50) {
            endpoint["targetRef"] = json!({"kind": "Pod", "namespace": namespace, "name": random.pick(&["fit-0", "fit-1", "gone"])});
        }
        endpoints.push(endpoint);
    }
    let mut ports =
        vec![json!({"name": random.pick(PORTS), "port": 9100, "appProtocol": "kubernetes.io/h2c"})];
    if random.chance(40) {
        ports.push(json!({"name": "second", "port": 8080, "protocol": "TCP"}));
    }
    if random.chance(15) {
        // All ports.
        ports = vec![json!({"name": ""})];
    }
    json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
        "metadata": {"name": "whole", "namespace": namespace, "labels": labels, "annotations": annotations(random)},
        "addressType": "IPv4", "endpoints": endpoints, "ports": ports})
}

fn ingress(namespace: &str, random: &mut Random) -> Value {
    let backend = json!({"service": {"name": "fit", "port": {"number": 80}}});
    let path = |path: &str| json!({"path": path, "pathType": "Prefix", "backend": backend});
    let mut spec = json!({"rules": [
        {"host": "a.example", "http": {"paths": [path("/"), path("/x")]}},
        {"host": "*.wild.example", "http": {"paths": [path("/w")]}},
        {"http": {"paths": [path("/any")]}}]});
    if random.chance(60) {
        spec["tls"] = json!([{"hosts": ["*.example", "deep.wild.example"]}, {"secretName": "tls"}]);
    }
    if random.chance(50) {
        spec["ingressClassName"] = json!("nginx");
    }
    json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": {"name": "fit", "namespace": namespace, "labels": labels("web", random), "annotations": annotations(random)}, "spec": spec})
}
