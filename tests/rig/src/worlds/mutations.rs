//! One thing changed in a world that fits: a label, a name, a key, a version.

use serde_json::{Value, json};

use super::Intent;
use super::random::Random;

/// Changes something in some of the objects.
pub(super) fn apply(objects: &mut [Value], random: &mut Random, intents: &mut Vec<Intent>) {
    for object in objects {
        if !random.chance(4) {
            continue;
        }
        let changed = match object["kind"].as_str().unwrap_or_default() {
            "ServiceMonitor" | "PodMonitor" | "Probe" | "ScrapeConfig" | "Service" | "Pod" => {
                label(object, random)
            }
            "Namespace" => namespace_label(object, random),
            "Secret" => key(object, "stringData", random).or_else(|| key(object, "data", random)),
            "ConfigMap" => key(object, "data", random),
            "Prometheus" | "PrometheusAgent" => version(object),
            _ => None,
        };
        if let Some(mistake) = changed {
            intents.extend(Intent::of(object, &[mistake]));
        }
    }
}

fn label(object: &mut Value, random: &mut Random) -> Option<&'static str> {
    let labels = object["metadata"]["labels"].as_object_mut()?;
    let keys: Vec<String> = labels.keys().cloned().collect();
    if keys.is_empty() {
        return None;
    }
    let key = random.pick(&keys).clone();
    let value = labels.remove(&key)?;
    if random.chance(50) {
        labels.insert(key, json!("changed"));
        Some("value of a label changed")
    } else {
        labels.insert(format!("{key}x"), value);
        Some("key of a label changed")
    }
}

fn namespace_label(object: &mut Value, random: &mut Random) -> Option<&'static str> {
    let labels = object["metadata"]["labels"].as_object_mut()?;
    labels.insert("team".to_owned(), json!(random.pick(&["changed", "shop"])));
    Some("label of a namespace changed")
}

fn key(object: &mut Value, part: &str, random: &mut Random) -> Option<&'static str> {
    let data = object.get_mut(part)?.as_object_mut()?;
    let keys: Vec<String> = data.keys().cloned().collect();
    if keys.is_empty() {
        return None;
    }
    let key = random.pick(&keys).clone();
    let value = data.remove(&key)?;
    data.insert(format!("{key}x"), value);
    Some("key of a Secret or ConfigMap changed")
}

/// The release before: small steps are where gates are.
fn version(object: &mut Value) -> Option<&'static str> {
    let version = object["spec"]["version"].as_str()?;
    let (head, minor) = (version.split('.').next()?, version.split('.').nth(1)?.parse::<u32>().ok()?);
    object["spec"]["version"] = json!(format!("{head}.{}.0", minor.checked_sub(1)?));
    Some("version changed")
}
