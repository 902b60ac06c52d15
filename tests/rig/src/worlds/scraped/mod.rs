//! What is there to be scraped, and what scrapes it: of the other objects of a world most are about what the operator makes of
//! them; these are right, mostly, and about what Prometheus makes of that.

mod found;
mod monitors;
mod rules;

use serde_json::{Value, json};

use super::random::Random;
use super::setting::Setting;

/// The label, and its value, of monitors that the Prometheuses here select.
const SCRAPED: (&str, &str) = ("scraped", "yes");

/// All of a world. It has randomness of its own: what else a world holds does not change with it.
pub(super) fn make(setting: &Setting, seed: u64) -> Vec<Value> {
    let random = &mut Random::new(seed ^ 0x7461_7267_6574_7300);
    let mut objects = found::make(setting, random, seed);
    objects.extend(monitors::make(setting, random));
    objects.push(prometheus(setting, random, "Prometheus", 0));
    if random.chance(40) {
        let kind = *random.pick(&["Prometheus", "PrometheusAgent", "PrometheusAgent"]);
        objects.push(prometheus(setting, random, kind, 1));
    }
    objects
}

fn prometheus(setting: &Setting, random: &mut Random, kind: &str, number: usize) -> Value {
    let namespace = &random.pick(&setting.namespaces).name;
    let of_world = json!({"matchLabels": {"world": setting.prefix}});
    let mut spec = json!({});
    let is_daemon_set = kind == "PrometheusAgent" && random.chance(20);
    let kinds: &[&str] = if is_daemon_set {
        &["podMonitor"]
    } else {
        &["serviceMonitor", "podMonitor", "probe", "scrapeConfig"]
    };
    for kind in kinds {
        spec[format!("{kind}Selector")] = json!({"matchLabels": {SCRAPED.0: SCRAPED.1}});
        spec[format!("{kind}NamespaceSelector")] = of_world.clone();
    }
    let mut set = |percent: usize, name: &str, value: Value| {
        if random.chance(percent) {
            spec[name] = value;
        }
    };
    set(35, "scrapeInterval", json!("45s"));
    set(25, "scrapeTimeout", json!("5s"));
    set(30, "podTargetLabels", json!(["app", "tier", "a.b"]));
    set(20, "enforcedNamespaceLabel", json!("tenant"));
    set(15, "keepDroppedTargets", json!(2));
    set(10, "targetLimit", json!(3));
    set(10, "ignoreNamespaceSelectors", json!(true));
    set(10, "overrideHonorLabels", json!(true));
    set(12, "scrapeNativeHistograms", json!(true));
    set(12, "convertClassicHistogramsToNHCB", json!(true));
    if is_daemon_set {
        spec["mode"] = json!("DaemonSet");
    } else {
        set(60, "serviceDiscoveryRole", json!("EndpointSlice"));
        match random.below(6) {
            0 => spec["shards"] = json!(2),
            1 => {
                spec["shards"] = json!(random.between(2, 3));
                spec["shardingStrategy"] =
                    json!({"mode": "Topology", "topology": {"values": ["zone-a", "zone-b"]}});
            }
            _ => {}
        }
    }
    if random.chance(40) {
        let class = json!({"name": "usual", "default": true, "attachMetadata": {"node": random.chance(60)},
            "relabelings": rules::of_objects(random, 2)});
        spec["scrapeClasses"] = json!([class]);
    }
    if random.chance(40) {
        spec["version"] = json!(*random.pick(&["v3.13.1", "3.11.0", "v3.5.0", "2.55.1", "v2.45.0"]));
    }
    json!({"apiVersion": if kind == "Prometheus" { "monitoring.coreos.com/v1" } else { "monitoring.coreos.com/v1alpha1" },
        "kind": kind, "metadata": {"name": format!("scraper-{number}"), "namespace": namespace}, "spec": spec})
}
