//! Monitors that find something.

use serde_json::{Value, json};

use super::{SCRAPED, rules};
use crate::worlds::random::Random;
use crate::worlds::setting::{APPS, PORTS, Setting, TEAMS};

/// Keys that are sanitised, and plain ones.
const KEYS: &[&str] = &["app", "team", "tier", "a.b", "app.kubernetes.io/name"];

/// The monitors of a world.
pub(super) fn make(setting: &Setting, random: &mut Random) -> Vec<Value> {
    let mut objects = Vec::new();
    for number in 0..random.between(2, 4) {
        let spec = service_monitor(setting, random);
        objects.push(object(setting, random, "ServiceMonitor", number, &spec));
    }
    for number in 0..random.between(1, 2) {
        let spec = pod_monitor(setting, random);
        objects.push(object(setting, random, "PodMonitor", number, &spec));
    }
    let spec = probe(setting, random);
    objects.push(object(setting, random, "Probe", 0, &spec));
    for number in 0..random.between(1, 2) {
        let spec = scrape_config(setting, random);
        objects.push(object(setting, random, "ScrapeConfig", number, &spec));
    }
    objects
}

fn object(setting: &Setting, random: &mut Random, kind: &str, number: usize, spec: &Value) -> Value {
    let version = if kind == "ScrapeConfig" { "v1alpha1" } else { "v1" };
    let namespace = &random.pick(&setting.namespaces).name;
    json!({"apiVersion": format!("monitoring.coreos.com/{version}"), "kind": kind,
        "metadata": {"name": format!("scraped-{number}"), "namespace": namespace, "labels": {SCRAPED.0: SCRAPED.1}}, "spec": spec})
}

fn selector(random: &mut Random) -> Value {
    match random.below(8) {
        0..=3 => json!({}),
        4 => json!({"matchLabels": {"app": random.pick(APPS)}}),
        5 => {
            json!({"matchExpressions": [{"key": "app", "operator": "In", "values": [random.pick(APPS), "api", "web"]}]})
        }
        6 => {
            json!({"matchExpressions": [{"key": random.pick(KEYS), "operator": random.pick(&["Exists", "DoesNotExist"])}]})
        }
        _ => {
            json!({"matchExpressions": [{"key": "team", "operator": "NotIn", "values": [random.pick(TEAMS)]}]})
        }
    }
}

fn namespaces(setting: &Setting, random: &mut Random) -> Value {
    match random.below(10) {
        0 => json!({"any": true}),
        1..=5 => {
            let names: Vec<&str> = setting.namespaces.iter().map(|one| one.name.as_str()).collect();
            json!({"matchNames": random.several(&names, 1)})
        }
        _ => json!({}),
    }
}

/// What endpoints of ServiceMonitors and PodMonitors have in common.
fn endpoint(random: &mut Random) -> Value {
    let mut endpoint = json!({});
    let rules = rules::of_objects(random, 4);
    let mut set = |percent: usize, name: &str, value: Value| {
        if random.chance(percent) {
            endpoint[name] = value;
        }
    };
    set(60, "port", json!("metrics"));
    set(20, "path", json!("/federate"));
    set(15, "scheme", json!("https"));
    set(15, "interval", json!("90s"));
    set(10, "interval", json!("1m30s"));
    set(15, "scrapeTimeout", json!("2s500ms"));
    set(15, "params", json!({"module": ["a", "b"], "match[]": ["{job=\"x\"}"]}));
    set(10, "honorLabels", json!(true));
    if !rules.is_empty() {
        set(70, "relabelings", json!(rules));
    }
    if endpoint.get("port").is_some() {
        endpoint["port"] = json!(random.pick(PORTS));
    }
    endpoint
}

/// Labels that become labels of targets, and limits.
fn common(random: &mut Random, spec: &mut Value) {
    if random.chance(30) {
        spec["jobLabel"] = json!(random.pick(KEYS));
    }
    if random.chance(40) {
        spec["podTargetLabels"] = json!(random.several(KEYS, 1));
    }
    if random.chance(30) {
        spec["attachMetadata"] = json!({"node": true});
    }
    if random.chance(10) {
        spec["targetLimit"] = json!(random.between(1, 3));
    }
    if random.chance(10) {
        spec["keepDroppedTargets"] = json!(random.between(1, 40));
    }
    if random.chance(15) {
        spec["selectorMechanism"] = json!("RoleSelector");
    }
}

fn service_monitor(setting: &Setting, random: &mut Random) -> Value {
    let endpoints: Vec<Value> = (0..random.between(1, 2))
        .map(|_| {
            let mut endpoint = endpoint(random);
            if endpoint.get("port").is_none() {
                match random.below(4) {
                    0 => endpoint["targetPort"] = json!(random.pick(PORTS)),
                    1 | 2 => endpoint["targetPort"] = json!(random.pick(&[8080, 9100, 80])),
                    _ => {}
                }
            }
            if random.chance(15) {
                endpoint["filterRunning"] = json!(false);
            }
            endpoint
        })
        .collect();
    let mut spec = json!({"endpoints": endpoints, "selector": selector(random),
        "namespaceSelector": namespaces(setting, random)});
    common(random, &mut spec);
    if random.chance(40) {
        spec["targetLabels"] = json!(random.several(KEYS, 1));
    }
    if random.chance(25) {
        spec["serviceDiscoveryRole"] = json!(random.pick(&["EndpointSlice", "Endpoints"]));
    }
    spec
}

fn pod_monitor(setting: &Setting, random: &mut Random) -> Value {
    let endpoints: Vec<Value> = (0..random.between(1, 2))
        .map(|_| {
            let mut endpoint = endpoint(random);
            if endpoint.get("port").is_none() && random.chance(50) {
                endpoint["portNumber"] = json!(random.pick(&[8080, 9100, 80]));
            }
            if random.chance(25) {
                endpoint["filterRunning"] = json!(false);
            }
            endpoint
        })
        .collect();
    let mut spec = json!({"podMetricsEndpoints": endpoints, "selector": selector(random),
        "namespaceSelector": namespaces(setting, random)});
    common(random, &mut spec);
    spec
}

fn probe(setting: &Setting, random: &mut Random) -> Value {
    let rules = rules::of_objects(random, 3);
    let targets = if random.chance(50) {
        json!({"ingress": {"selector": selector(random), "namespaceSelector": namespaces(setting, random),
            "relabelingConfigs": rules}})
    } else {
        json!({"staticConfig": {"static": ["a.example", "b.example:80", "http://c.example/x", "[fd00::2]:9"],
            "labels": {"team": "shop", "x1": random.pick(&["", "y"])}, "relabelingConfigs": rules}})
    };
    let mut spec = json!({"targets": targets, "prober": {"url": "prober.example:9115"}});
    if random.chance(30) {
        spec["prober"]["scheme"] = json!("https");
        spec["prober"]["path"] = json!("/check");
    }
    if random.chance(60) {
        spec["module"] = json!("http_2xx");
    }
    if random.chance(30) {
        spec["jobName"] = json!("probes");
    }
    spec
}

fn scrape_config(setting: &Setting, random: &mut Random) -> Value {
    let role = *random.pick(&["Pod", "Endpoints", "EndpointSlice", "Service", "Node", "Ingress"]);
    let mut discovery = json!({"role": role});
    if role != "Node" {
        match random.below(4) {
            0 => discovery["namespaces"] = json!({"ownNamespace": true}),
            1 | 2 => {
                let names: Vec<&str> = setting.namespaces.iter().map(|one| one.name.as_str()).collect();
                discovery["namespaces"] = json!({"names": random.several(&names, 1)});
                if random.chance(30) {
                    discovery["namespaces"]["ownNamespace"] = json!(true);
                }
            }
            _ => {}
        }
    }
    if random.chance(35) {
        let label = *random.pick(&[
            "app=api",
            "app in (api,web,db)",
            "!tier",
            "team!=x",
            "a.b",
            "app,app notin (etcd)",
        ]);
        let field = match role {
            "Pod" => *random.pick(&["status.phase=Running", "spec.nodeName!=x", "metadata.name!=pod-0"]),
            "Service" => *random.pick(&["spec.type=ClusterIP", "spec.clusterIP!=None", "metadata.name!=x"]),
            _ => "metadata.name!=x",
        };
        let mut selector = json!({"role": role});
        if random.chance(70) {
            selector["label"] = json!(label);
        }
        if selector.get("label").is_none() || random.chance(40) {
            selector["field"] = json!(field);
        }
        discovery["selectors"] = json!([selector]);
        if role.starts_with("Endpoint") && random.chance(40) {
            let other = *random.pick(&["Pod", "Service"]);
            discovery["selectors"] = json!([selector, {"role": other, "label": "app"}]);
        }
    }
    if matches!(role, "Pod" | "Endpoints" | "EndpointSlice") && random.chance(50) {
        discovery["attachMetadata"] = json!({"node": true});
    }
    let mut rules = rules::of_objects(random, 4);
    if rules.is_empty() {
        rules.push(json!({"sourceLabels": ["__meta_kubernetes_namespace"], "targetLabel": "namespace"}));
    }
    let mut spec = json!({"kubernetesSDConfigs": [discovery], "relabelings": rules});
    let mut set = |percent: usize, name: &str, value: Value| {
        if random.chance(percent) {
            spec[name] = value;
        }
    };
    set(
        40,
        "staticConfigs",
        json!([{"targets": ["a.example:80", "10.0.0.7:9100"], "labels": {"team": "x", "job": "own"}}]),
    );
    set(25, "jobName", json!("of-its-own"));
    set(25, "metricsPath", json!("/m"));
    set(20, "scheme", json!("HTTPS"));
    set(20, "params", json!({"target": ["x"], "module": ["a", "b"]}));
    set(15, "keepDroppedTargets", json!(3));
    set(15, "scrapeInterval", json!("2m"));
    spec
}
