//! What is discovered: Nodes, Pods with their statuses, Services of every shape, Endpoints and slices by hand, Ingresses,
//! workloads.

use serde_json::{Map, Value, json};

use super::random::Random;
use super::setting::{APPS, PORTS, Setting, TEAMS, TIERS};

const NUMBERS: &[u16] = &[8080, 9100, 80, 2379, 9115];
const ZONES: &[&str] = &["zone-a", "zone-b"];

/// All of a world. Objects with a status have it as read back.
pub(super) fn make(setting: &Setting, random: &mut Random, seed: u64) -> Vec<Value> {
    let mut objects = Vec::new();
    let nodes: Vec<String> =
        (0..random.between(1, 2)).map(|number| format!("{}-node-{number}", setting.prefix)).collect();
    for (number, name) in nodes.iter().enumerate() {
        objects.push(node(name, number, random));
    }
    let mut address = Addresses { seed, next: 1 };
    for namespace in &setting.namespaces {
        let namespace = namespace.name.as_str();
        for number in 0..random.between(1, 4) {
            objects.push(pod(namespace, number, &nodes, &mut address, random));
        }
        for number in 0..random.between(1, 3) {
            objects.extend(service(namespace, number, &mut address, random));
        }
        if random.chance(30) {
            objects.push(ingress(namespace, random));
        }
        if random.chance(20) {
            objects.push(workload(namespace, random));
        }
    }
    objects
}

/// Addresses of pods and hosts: of no range that Kubernetes refuses, and of one world only.
struct Addresses {
    seed: u64,
    next: u8,
}

impl Addresses {
    fn next(&mut self) -> String {
        let number = self.next;
        self.next = self.next.wrapping_add(1).max(1);
        format!("10.{}.{}.{number}", 128 + self.seed / 250 % 100, self.seed % 250)
    }
}

fn labels(random: &mut Random) -> Map<String, Value> {
    let mut labels = Map::from_iter([("app".to_owned(), json!(random.pick(APPS)))]);
    if random.chance(50) {
        labels.insert("team".to_owned(), json!(random.pick(TEAMS)));
    }
    if random.chance(30) {
        labels.insert("tier".to_owned(), json!(random.pick(TIERS)));
    }
    if random.chance(15) {
        // Sanitised they are one name.
        labels.insert("a.b".to_owned(), json!("dot"));
    }
    labels
}

fn annotations(random: &mut Random) -> Map<String, Value> {
    if random.chance(70) {
        return Map::new();
    }
    Map::from_iter([("example.com/note".to_owned(), json!(random.pick(&["", "true", "ü", "two\nlines"])))])
}

fn node(name: &str, number: usize, random: &mut Random) -> Value {
    let mut labels = Map::from_iter([("kubernetes.io/hostname".to_owned(), json!(name))]);
    if random.chance(80) {
        labels.insert("topology.kubernetes.io/zone".to_owned(), json!(random.pick(ZONES)));
    }
    let mut addresses = vec![json!({"type": "InternalIP", "address": format!("10.250.0.{}", number + 1)})];
    if random.chance(30) {
        addresses.push(json!({"type": "Hostname", "address": name}));
    }
    json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}, "spec": {},
        "status": {"addresses": addresses, "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "conditions": [{"type": "Ready", "status": "True"}]}})
}

fn container(name: &str, random: &mut Random) -> Value {
    let mut ports: Vec<Value> = Vec::new();
    for _ in 0..random.below(3) {
        let number = random.pick(NUMBERS);
        let mut port = json!({"containerPort": number});
        if random.chance(75) {
            port["name"] = json!(random.pick(PORTS));
        }
        if random.chance(10) {
            port["protocol"] = json!("UDP");
        }
        if !ports
            .iter()
            .any(|other| other["name"] == port["name"] || other["containerPort"] == port["containerPort"])
        {
            ports.push(port);
        }
    }
    json!({"name": name, "image": "example/app:1", "ports": ports})
}

fn pod(
    namespace: &str,
    number: usize,
    nodes: &[String],
    address: &mut Addresses,
    random: &mut Random,
) -> Value {
    let containers: Vec<Value> =
        (0..random.between(1, 2)).map(|index| container(&format!("c{index}"), random)).collect();
    let mut spec = json!({"containers": containers, "nodeName": random.pick(nodes)});
    if random.chance(15) {
        spec["initContainers"] = json!([container("init", random)]);
        if random.chance(60) {
            spec["initContainers"][0]["restartPolicy"] = json!("Always");
        }
    }
    let phase = *random.pick(&["Running", "Running", "Running", "Running", "Pending", "Succeeded", "Failed"]);
    let mut status = json!({"phase": phase});
    if phase != "Pending" || random.chance(30) {
        let own = address.next();
        status["podIPs"] = json!([{"ip": own}]);
        if random.chance(10) {
            status["podIPs"] = json!([{"ip": own}, {"ip": format!("fd00::{}", number + 1)}]);
        }
        status["podIP"] = json!(own);
        status["hostIP"] = json!("10.250.0.1");
        status["hostIPs"] = json!([{"ip": "10.250.0.1"}]);
    }
    if random.chance(85) {
        let ready = if random.chance(80) { "True" } else { "False" };
        status["conditions"] = json!([{"type": "Ready", "status": ready}]);
    }
    json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": format!("pod-{number}"), "namespace": namespace, "labels": labels(random),
            "annotations": annotations(random)},
        "spec": spec, "status": status})
}

fn ports(random: &mut Random) -> Vec<Value> {
    let count = random.between(1, 2);
    let mut ports: Vec<Value> = Vec::new();
    for index in 0..count {
        let mut port = json!({"port": NUMBERS[index % NUMBERS.len()] + u16::from(random.chance(20))});
        if count > 1 || random.chance(80) {
            port["name"] = json!(PORTS[(index + random.below(2) * 2) % PORTS.len()]);
        }
        match random.below(3) {
            0 => port["targetPort"] = json!(random.pick(PORTS)),
            1 => port["targetPort"] = json!(random.pick(NUMBERS)),
            _ => {}
        }
        if !ports.iter().any(|other| other["name"] == port["name"] || other["port"] == port["port"]) {
            ports.push(port);
        }
    }
    ports
}

/// A Service, with what stands behind it where no selector does.
fn service(namespace: &str, number: usize, address: &mut Addresses, random: &mut Random) -> Vec<Value> {
    let name = format!("{}-{number}", random.pick(&["api", "web", "db"]));
    let metadata = json!({"name": name, "namespace": namespace, "labels": labels(random), "annotations": annotations(random)});
    let object =
        |spec: Value| json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec});
    if random.chance(8) {
        return vec![object(
            json!({"type": "ExternalName", "externalName": "db.example", "ports": ports(random)}),
        )];
    }
    let mut spec = json!({"ports": ports(random)});
    if random.chance(30) {
        spec["clusterIP"] = json!("None");
    } else if random.chance(15) {
        spec["type"] = json!(random.pick(&["NodePort", "LoadBalancer"]));
    }
    if random.chance(15) {
        spec["publishNotReadyAddresses"] = json!(true);
    }
    if random.chance(15) {
        spec["ipFamilyPolicy"] = json!("PreferDualStack");
    }
    if random.chance(80) {
        spec["selector"] = json!({"app": random.pick(APPS)});
        return vec![object(spec)];
    }
    let behind = match random.below(3) {
        0 => endpoints(&name, namespace, address, random),
        _ => slice(&name, namespace, address, random),
    };
    vec![object(spec), behind]
}

fn endpoints(name: &str, namespace: &str, address: &mut Addresses, random: &mut Random) -> Value {
    let mut subset =
        json!({"addresses": [{"ip": address.next()}], "ports": [{"name": random.pick(PORTS), "port": 9100}]});
    if random.chance(40) {
        subset["notReadyAddresses"] = json!([{"ip": address.next(), "hostname": "host"}]);
    }
    json!({"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": name, "namespace": namespace, "labels": labels(random)},
        "subsets": [subset]})
}

fn slice(name: &str, namespace: &str, address: &mut Addresses, random: &mut Random) -> Value {
    let mut labels = labels(random);
    if random.chance(90) {
        labels.insert("kubernetes.io/service-name".to_owned(), json!(name));
    }
    let (family, own) = match random.below(4) {
        0 => ("IPv6", "fd00::9".to_owned()),
        1 => ("FQDN", "host.example".to_owned()),
        _ => ("IPv4", address.next()),
    };
    let mut endpoint = json!({"addresses": [own]});
    if random.chance(40) {
        endpoint["conditions"] = json!({"ready": random.chance(50), "serving": true});
    }
    if random.chance(30) {
        endpoint["zone"] = json!(random.pick(ZONES));
    }
    let mut port = json!({"port": 9100});
    if random.chance(80) {
        port["name"] = json!(random.pick(PORTS));
    }
    json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
        "metadata": {"name": format!("{name}-by-hand"), "namespace": namespace, "labels": labels},
        "addressType": family, "endpoints": [endpoint], "ports": [port]})
}

fn ingress(namespace: &str, random: &mut Random) -> Value {
    let backend = json!({"service": {"name": "web-0", "port": {"number": 80}}});
    let mut spec = json!({"rules": [{"host": "a.example", "http": {"paths": [
        {"path": "/x", "pathType": "Prefix", "backend": backend}]}}]});
    if random.chance(50) {
        spec["tls"] = json!([{"hosts": [random.pick(&["a.example", "*.example", "b.example"])]}]);
    }
    if random.chance(40) {
        spec["ingressClassName"] = json!("nginx");
    }
    if random.chance(30) {
        spec["rules"] = json!([{"host": "b.example"}, spec["rules"][0]]);
    }
    json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": {"name": "site", "namespace": namespace, "labels": labels(random)}, "spec": spec})
}

/// A workload whose pods nobody runs: no node takes them.
fn workload(namespace: &str, random: &mut Random) -> Value {
    let labels = labels(random);
    let kind = *random.pick(&["Deployment", "StatefulSet", "DaemonSet"]);
    let mut spec = json!({"selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container("app", random)]}}});
    if kind != "DaemonSet" {
        spec["replicas"] = json!(1);
    }
    if kind == "StatefulSet" {
        spec["serviceName"] = json!("db-0");
    }
    json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "app", "namespace": namespace, "labels": labels}, "spec": spec})
}
