//! The four kinds of monitors.

use std::collections::BTreeSet;

use generated_crds::schema::Table;
use serde_json::{Map, Value, json};

use super::maker::Maker;
use super::random::Random;
use super::setting::{APPS, Setting, TEAMS};
use super::{Intent, properties};

/// The kinds, and how many of each a world has at least and at most, besides those its wanted properties ask for.
pub(super) const KINDS: &[(&str, usize, usize)] =
    &[("ServiceMonitor", 2, 4), ("PodMonitor", 1, 3), ("Probe", 1, 2), ("ScrapeConfig", 1, 2)];

/// So many worlds in a row together have every property.
pub const ROUND: u64 = 30;

/// The properties that this world has to have: a share of all, so that some worlds in a row have every one.
pub(super) fn share(properties: &[String], seed: u64) -> Vec<String> {
    let is_due = |index: usize| u64::try_from(index).is_ok_and(|index| index % ROUND == seed % ROUND);
    let due = properties.iter().enumerate().filter(|(index, _)| is_due(*index));
    due.map(|(_, path)| path.clone()).collect()
}

/// Takes those out that go into one object: of so many parts of its spec, and not too many.
pub(super) fn take_some(due: &mut Vec<String>, most: usize, most_parts: usize) -> BTreeSet<String> {
    let part = |path: &str| path.split('.').nth(1).unwrap_or_default().trim_end_matches("[]").to_owned();
    let mut parts: Vec<String> = Vec::new();
    let mut taken = BTreeSet::new();
    due.retain(|path| {
        let part = part(path);
        if taken.len() >= most || (parts.len() == most_parts && !parts.contains(&part)) {
            return true;
        }
        if !parts.contains(&part) {
            parts.push(part);
        }
        taken.insert(path.clone());
        false
    });
    taken
}

/// All monitors of a world.
pub(super) fn make(
    setting: &Setting,
    random: &mut Random,
    seed: u64,
    intents: &mut Vec<Intent>,
) -> Vec<Value> {
    let mut objects = Vec::new();
    for (kind, least, most) in KINDS {
        let mut due = share(&properties::all(kind), seed);
        let plain = random.between(*least, *most);
        // What does not go together with something else gets another try.
        let mut tries = due.len() + plain;
        let mut number = 0;
        while number < plain || (!due.is_empty() && tries > 0) {
            tries = tries.saturating_sub(1);
            let wanted = take_some(&mut due, 10, 3);
            let (object, made) = monitor(setting, random, kind, number, wanted.clone());
            let has = properties::of(kind, &object);
            due.extend(wanted.into_iter().filter(|path| !has.contains(path)));
            if due.len() > 1 {
                // Those that did not go together are not tried together again.
                let first = random.below(due.len());
                due.rotate_left(first);
            }
            intents.extend(Intent::of(&object, &made));
            objects.push(object);
            number += 1;
        }
    }
    objects
}

fn monitor(
    setting: &Setting,
    random: &mut Random,
    kind: &str,
    number: usize,
    wanted: BTreeSet<String>,
) -> (Value, Vec<&'static str>) {
    let namespace = random.below(setting.namespaces.len());
    let density = *random.pick(&[8, 18, 30]);
    // Most objects are right; those that are not have one or two mistakes.
    let mistakes = if random.chance(30) { 60 } else { 0 };
    let name = format!("{}-{number}", random.pick(&["api", "web", "a.b", "etcd.v2", "x", "node"]));
    let mut labels = Map::new();
    if random.chance(85) {
        labels.insert("team".to_owned(), json!(random.pick(TEAMS)));
    }
    if random.chance(30) {
        labels.insert("app".to_owned(), json!(random.pick(APPS)));
    }
    let mut maker =
        Maker { random, setting, namespace, wanted, density, mistakes, made: Vec::new(), pair: 0 };
    let node = Table::monitoring().node(properties::spec(kind));
    let Value::Object(mut spec) = maker.block(node, "spec") else { unreachable!("a spec is an object") };
    complete(kind, &mut maker, &mut spec);
    let made = std::mem::take(&mut maker.made);
    let api_version = properties::kind(kind).api_version();
    let metadata = json!({"name": name, "namespace": setting.namespaces[namespace].name, "labels": labels});
    (json!({"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}), made)
}

/// What a monitor needs to be of use, unless it is left out on purpose.
fn complete(kind: &str, maker: &mut Maker<'_>, spec: &mut Map<String, Value>) {
    match kind {
        "ServiceMonitor" | "PodMonitor" => {
            let list = if kind == "PodMonitor" { "podMetricsEndpoints" } else { "endpoints" };
            let endpoints = spec.entry(list).or_insert_with(|| json!([{}]));
            for endpoint in endpoints.as_array_mut().into_iter().flatten() {
                let has_port =
                    ["port", "targetPort", "portNumber"].iter().any(|name| endpoint.get(name).is_some());
                if !has_port && maker.random.chance(80) {
                    endpoint["port"] = json!(maker.random.pick(super::setting::PORTS));
                }
            }
        }
        "Probe" => {
            if !spec.contains_key("targets") && !maker.mistake("probe without targets") {
                spec.insert(
                    "targets".to_owned(),
                    json!({"staticConfig": {"static": ["a.example", "b.example:80"]}}),
                );
            }
            if !spec.contains_key("prober") && maker.random.chance(80) {
                spec.insert("prober".to_owned(), json!({"url": "prober.example:9115"}));
            }
        }
        _ => {
            if !spec.keys().any(|key| key.ends_with("SDConfigs")) && maker.random.chance(70) {
                spec.insert(
                    "staticConfigs".to_owned(),
                    json!([{"targets": ["a.example:80", "10.0.0.7:9100"]}]),
                );
            }
        }
    }
}
