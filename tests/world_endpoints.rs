//! Worlds recorded from a real cluster (Kubernetes 1.36): from the objects as they were written, the Endpoints, `EndpointSlices`,
//! address families and topology labels come out as the real API server and controllers left them; what was read back stays
//! as it is.
//!
//! `PROMWIRE_WORLDS` names the folder with `worlds.jsonl.gz`; without it, it is expected beside the checkout.
#![allow(clippy::print_stdout, reason = "the counts belong to the result")]

#[allow(dead_code, reason = "each test uses its part")]
mod recorded;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use promwire::diagnostic::TextFile;
use promwire::kubernetes::controllers;
use promwire::kubernetes::snapshot::{
    EndpointSlice, Endpoints, Meta, Pairs, Pod, Reference, Service, Snapshot, find, in_namespace,
};
use promwire::model::inventory::Inventory;
use promwire::model::kind::GroupKind;
use promwire::operator::Reality;
use serde_json::{Value, json};

/// Lines by what they describe.
type Lines = BTreeMap<String, Vec<String>>;

/// When a trigger was seen last is not known beforehand.
const TRIGGER: &str = "endpoints.kubernetes.io/last-change-trigger-time";
const SERVICE_NAME: &str = "kubernetes.io/service-name";
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";

fn inventory(objects: &Value) -> Inventory {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string();
    let reading = promwire::source::read(Arc::new(TextFile::new("world.json", list)));
    Inventory::builder().documents(reading.documents).build().0
}

fn pairs(pairs: &Pairs) -> String {
    let known = pairs.iter().filter(|(key, _)| &***key != TRIGGER);
    known.map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
}

fn head(meta: &Meta) -> String {
    format!("labels {} annotations {}", pairs(&meta.labels), pairs(&meta.annotations))
}

fn target(target: Option<&Reference>) -> String {
    target.map_or_else(String::new, |target| format!("{} {}/{}", target.kind, target.namespace, target.name))
}

/// Everything about an Endpoints object: its head, and each port of each address with whether they are in one subset.
fn endpoints_lines(endpoints: &Endpoints) -> Vec<String> {
    let mut lines = BTreeSet::new();
    for subset in &endpoints.subsets {
        let mut ports: Vec<String> = subset
            .ports
            .iter()
            .map(|port| format!("{:?}:{}/{} {:?}", port.name, port.number, port.protocol, port.app_protocol))
            .collect();
        ports.sort();
        for (addresses, ready) in [(&subset.addresses, "ready"), (&subset.not_ready_addresses, "not ready")] {
            for address in addresses {
                lines.insert(format!(
                    "{ready} {} {:?} {:?} {} {}",
                    address.ip,
                    address.hostname,
                    address.node_name,
                    target(address.target.as_deref()),
                    ports.join(" ")
                ));
            }
        }
    }
    [head(&endpoints.meta)].into_iter().chain(lines).collect()
}

/// Everything about a slice but for its name.
fn slice_line(slice: &EndpointSlice) -> String {
    let ports: BTreeSet<String> = slice.ports.iter().map(|port| format!("{port:?}")).collect();
    let endpoints: BTreeSet<String> = slice
        .endpoints
        .iter()
        .map(|endpoint| {
            format!(
                "{:?} {:?} {:?} {:?} {:?} {}",
                endpoint.addresses,
                endpoint.conditions,
                endpoint.hostname,
                endpoint.node_name,
                endpoint.zone,
                target(endpoint.target.as_deref())
            )
        })
        .collect();
    format!("{} {} ports {ports:?} endpoints {endpoints:?}", slice.address_type.spelling(), head(&slice.meta))
}

/// What is compared of a snapshot.
fn describe(snapshot: &Snapshot) -> Lines {
    let mut lines = Lines::new();
    for endpoints in &snapshot.endpoints {
        let (namespace, name) = endpoints.meta.identity();
        lines.insert(format!("Endpoints {namespace}/{name}"), endpoints_lines(endpoints));
    }
    for slice in &snapshot.endpoint_slices {
        let (namespace, name) = slice.meta.identity();
        let is_generated = slice.meta.labels.get(MANAGED_BY).is_some_and(|value| value.ends_with(".k8s.io"));
        let key = match slice.meta.labels.get(SERVICE_NAME).filter(|_| is_generated) {
            Some(service) => format!("slices of {namespace}/{service}"),
            None => format!("EndpointSlice {namespace}/{name}"),
        };
        lines.entry(key).or_default().push(slice_line(slice));
    }
    for service in &snapshot.services {
        let (namespace, name) = service.meta.identity();
        let families = format!("{:?} {:?}", service.ip_family_policy, service.ip_families);
        lines.insert(format!("families of {namespace}/{name}"), vec![families]);
    }
    for pod in &snapshot.pods {
        let (namespace, name) = pod.meta.identity();
        let (ip, phase) = (&pod.ip, &pod.phase);
        let pod = format!("labels {} ip {ip} phase {phase}", pairs(&pod.meta.labels));
        lines.insert(format!("Pod {namespace}/{name}"), vec![pod]);
    }
    for lines in lines.values_mut() {
        lines.sort();
    }
    lines
}

/// The parts of the description that differ, each with both sides.
fn differences(expected: &Lines, found: &Lines) -> Vec<String> {
    let keys: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    let side =
        |lines: Option<&Vec<String>>| lines.map_or("(none)".to_owned(), |lines| lines.join("\n      "));
    keys.into_iter()
        .filter(|key| expected.get(*key) != found.get(*key))
        .map(|key| {
            format!(
                "{key}\n    recorded:\n      {}\n    found:\n      {}",
                side(expected.get(key)),
                side(found.get(key))
            )
        })
        .collect()
}

/// Why the recorded endpoints of a Service are not what the objects come to.
fn caveat(key: &str, recorded: &Snapshot, settled: &Snapshot) -> Option<&'static str> {
    let (kind, identity) = key.rsplit_once(' ')?;
    let (namespace, name) = identity.split_once('/')?;
    let service = find(&recorded.services, namespace, name)?;
    let selector = service.selector.as_ref()?;
    let is_selected =
        |pod: &&Pod| selector.iter().all(|(key, value)| pod.meta.labels.get(key) == Some(value));
    let mut pods = in_namespace(&recorded.pods, Some(namespace)).iter().filter(is_selected);
    if kind == "Endpoints" && pods.any(|pod| !pod.ip.is_empty() && pod.node_name.is_empty()) {
        return Some(
            "a pod with an address and without a node: the API server refuses every update of the Endpoints",
        );
    }
    let addresses = |snapshot: &Snapshot| -> BTreeSet<String> {
        let slices = in_namespace(&snapshot.endpoint_slices, Some(namespace)).iter();
        let own = slices
            .filter(|slice| slice.meta.labels.get(SERVICE_NAME).is_some_and(|service| **service == *name));
        let endpoints = own.flat_map(|slice| &slice.endpoints);
        endpoints.flat_map(|endpoint| &endpoint.addresses).map(ToString::to_string).collect()
    };
    let endpoints = find(&recorded.endpoints, namespace, name)?;
    let known: BTreeSet<String> = endpoints
        .subsets
        .iter()
        .flat_map(|subset| subset.addresses.iter().chain(&subset.not_ready_addresses))
        .map(|address| address.ip.to_string())
        .collect();
    let is_behind = kind == "slices of" && known != addresses(recorded) && known == addresses(settled);
    is_behind.then_some("read before the slices were up to date: the recorded Endpoints already are")
}

#[derive(Default)]
struct Count {
    compared: BTreeMap<String, usize>,
    operands: usize,
    caveats: BTreeMap<&'static str, Vec<String>>,
    from_objects: Vec<String>,
    from_live: Vec<String>,
}

/// The Services the operator puts before what it runs, where one resource decides about them; how many were compared.
fn compare_governing_services(
    objects: &Inventory,
    recorded: &Snapshot,
    differences: &mut Vec<String>,
) -> usize {
    let mut snapshot = Snapshot::read(objects);
    promwire::operator::add_operands(objects, &Reality::default(), &mut snapshot);
    let settled = controllers::settle(objects, snapshot);
    let mut compared = 0;
    for (kind, name) in [
        (GroupKind::PROMETHEUS, "prometheus-operated"),
        (GroupKind::PROMETHEUS_AGENT, "prometheus-agent-operated"),
    ] {
        for service in recorded.services.iter().filter(|service| &*service.meta.name == name) {
            let namespace = &*service.meta.namespace;
            if objects.in_namespace(kind, Some(namespace)).len() != 1 {
                continue;
            }
            compared += 1;
            let told = |service: &Service| {
                let Service { cluster_ip, ip_family_policy, ip_families, selector, ports, .. } = service;
                let labels = pairs(&service.meta.labels);
                format!("{labels} {cluster_ip} {ip_family_policy:?} {ip_families:?} {selector:?} {ports:?}")
            };
            let found = find(&settled.services, namespace, name).map_or("(none)".to_owned(), told);
            if found != told(service) {
                differences.push(format!("Service {namespace}/{name}\n    {}\n    {found}", told(service)));
            }
        }
    }
    compared
}

fn compare(world: &Value, count: &mut Count) {
    let (objects, live) = (inventory(&world["objects"]), inventory(&world["live"]));
    let recorded = Snapshot::read(&live);
    let settled = controllers::settle(&objects, Snapshot::read(&objects));
    // What is the API server's own, or made by the operator for its objects, nobody wrote.
    let is_authored = |key: &str| {
        let identity = key.rsplit(' ').next().unwrap_or_default();
        let (namespace, name) = identity.split_once('/').unwrap_or_default();
        let is_service =
            key.starts_with("Endpoints") || key.starts_with("slices") || key.starts_with("families");
        let has_service = find(&settled.services, namespace, name).is_some();
        let has_endpoints = find(&settled.endpoints, namespace, name).is_some();
        !is_service || has_service || has_endpoints
    };
    let mut expected = describe(&recorded);
    let own_slices = |key: &String| key.starts_with("EndpointSlice default/kubernetes");
    expected.retain(|key, _| is_authored(key) && !own_slices(key));
    for key in expected.keys() {
        let kind = key.split(' ').next().unwrap_or_default().to_owned();
        *count.compared.entry(kind).or_default() += 1;
    }
    let name = |difference: String| format!("world {}: {difference}", world["seed"]);
    let mut found = describe(&settled);
    for key in expected.keys().cloned().collect::<Vec<_>>() {
        if expected.get(&key) != found.get(&key)
            && let Some(caveat) = caveat(&key, &recorded, &settled)
        {
            expected.remove(&key);
            found.remove(&key);
            count.caveats.entry(caveat).or_default().push(format!("world {} {key}", world["seed"]));
        }
    }
    count.from_objects.extend(differences(&expected, &found).into_iter().map(name));
    count.operands += compare_governing_services(&objects, &recorded, &mut count.from_objects);
    let before = describe(&recorded);
    let mut again = recorded;
    promwire::operator::add_operands(&live, &Reality::default(), &mut again);
    let after = describe(&controllers::settle(&live, again));
    count.from_live.extend(differences(&before, &after).into_iter().map(name));
}

#[test]
fn endpoints_of_worlds() {
    let Some(worlds) = recorded::worlds() else { return };
    let mut count = Count::default();
    for world in &worlds {
        compare(world, &mut count);
    }
    let worlds = worlds.len();
    println!(
        "endpoints: {worlds} worlds, compared {:?} and {} governing Services",
        count.compared, count.operands
    );
    for (caveat, keys) in &count.caveats {
        println!("endpoints: {} left out, {caveat}: {}", keys.len(), keys.join(", "));
    }
    println!("endpoints: {} differences from objects", count.from_objects.len());
    for difference in count.from_objects.iter().take(40) {
        println!("  {difference}");
    }
    println!("endpoints: {} changes to what was read back", count.from_live.len());
    for difference in count.from_live.iter().take(20) {
        println!("  {difference}");
    }
    assert!(count.from_objects.is_empty() && count.from_live.is_empty());
}
