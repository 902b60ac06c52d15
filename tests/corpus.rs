//! The operator's conformance corpus: inputs and results recorded from the code of prometheus-operator 0.93.
//!
//! `PROMWIRE_CORPUS` names the folder with `generate.jsonl`, `versions.jsonl` and `select.jsonl`; without it they are
//! expected beside the checkout. The inputs are not completed by an API server and bypass selection, so each line goes
//! through the stage it was recorded from, with the line's options.
#![allow(clippy::print_stdout, reason = "the counts belong to the result")]

#[allow(dead_code, reason = "the recorded worlds use all of it")]
mod recorded;

use std::fs;

use promwire::model::inventory::Inventory;
use promwire::operator::{
    Admission, Assets, Client, Generator, Monitor, MonitorKind, Parts, Release, Stop, Subject, Switches,
};
use promwire::prom::version::Version;
use promwire::source::document_from_json;
use recorded::{difference, yaml};
use serde_json::{Value, json};

fn lines(name: &str) -> Option<Vec<Value>> {
    let path = recorded::folder("PROMWIRE_CORPUS", "operator-v0.93")?.join(format!("{name}.jsonl"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect())
}

/// The Secrets and `ConfigMaps` of a line, which do not say what they are.
fn inventory(secrets: &[Value], config_maps: &[Value]) -> Inventory {
    let of_kind = |kind: &'static str, objects: &[Value]| {
        objects
            .iter()
            .map(|object| {
                let mut object = object.clone();
                object["apiVersion"] = json!("v1");
                object["kind"] = json!(kind);
                document_from_json("line", &object)
            })
            .collect::<Vec<_>>()
    };
    let documents = of_kind("Secret", secrets).into_iter().chain(of_kind("ConfigMap", config_maps));
    Inventory::builder().documents(documents).build().0
}

fn array<'v>(line: &'v Value, field: &str) -> &'v [Value] {
    line[field].as_array().map_or(&[], Vec::as_slice)
}

fn monitor(kind: MonitorKind, object: &Value) -> Monitor {
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
    Monitor {
        kind,
        namespace: text("namespace"),
        name: text("name"),
        spec: object["spec"].clone(),
        object: None,
    }
}

/// What the generator makes of a line, or the operator's error.
fn generate(line: &Value) -> Result<Value, String> {
    let inventory = inventory(array(line, "secrets"), array(line, "configMaps"));
    let assets = Assets::new(&inventory, Client::Recorded);
    let prometheus = &line["prometheus"];
    let text = |field: &str| prometheus["metadata"][field].as_str().unwrap_or_default();
    let option = |name: &str| line["options"][name].as_bool().unwrap_or(false);
    let subject = Subject {
        is_agent: line["mode"] == "agent",
        namespace: text("namespace"),
        name: text("name"),
        spec: &prometheus["spec"],
    };
    let switches = Switches {
        endpoint_slices: option("endpointSliceSupported"),
        pod_topology_labels: option("podTopologyLabels"),
        shard_retention: option("retentionPolicies"),
        topology_sharding: option("topologySharding"),
        daemon_set: option("daemonSet"),
        inline_tls: option("inlineTLSConfig"),
    };
    let kinds = [
        (MonitorKind::Service, "serviceMonitors"),
        (MonitorKind::Pod, "podMonitors"),
        (MonitorKind::Probe, "probes"),
        (MonitorKind::ScrapeConfig, "scrapeConfigs"),
    ];
    let monitors: Vec<Monitor> = kinds
        .into_iter()
        .flat_map(|(kind, field)| {
            let monitors = line[field].as_object().into_iter().flatten();
            monitors.map(move |(_, object)| monitor(kind, object))
        })
        .collect();
    let version = match prometheus["spec"]["version"].as_str() {
        None | Some("") => Release::newest().default_prometheus,
        Some(version) => version,
    };
    let parts = Parts {
        monitors: &monitors,
        additional_scrape_configs: line["additionalScrapeConfigs"].as_str(),
        additional_alert_relabel_configs: line["additionalAlertRelabelConfigs"].as_str(),
        additional_alertmanager_configs: line["additionalAlertManagerConfigs"].as_str(),
        rule_config_maps: &[],
    };
    let generator = Generator::new(subject, version, switches, &assets).map_err(|error| error.message)?;
    match generator.generate(parts) {
        Ok(config) => Ok(yaml(&config.revealed().to_yaml())),
        Err(Stop::Failed(error)) => Err(error.message),
        Err(Stop::Crashed(words)) => Err(words),
    }
}

/// Compares what has to be equal; what else differs is counted.
fn compare(name: &str) {
    let Some(lines) = lines(name) else { return };
    let (mut failed, mut other) = (Vec::new(), Vec::new());
    for line in &lines {
        let title = format!("{} {}", line["test"].as_str().unwrap_or_default(), line["seq"]);
        match (line["error"].as_str(), generate(line)) {
            (Some(expected), Err(found)) if expected == found => {}
            (Some(expected), found) => {
                failed.push(format!("{title}: expected the error {expected}, found {found:?}"));
            }
            (None, Err(found)) => failed.push(format!("{title}: unexpected error {found}")),
            (None, Ok(found)) => {
                let expected = yaml(line["output"].as_str().unwrap_or_default());
                let part = |value: &Value| json!({"global": value["global"], "scrape_configs": value["scrape_configs"]});
                if let Some(difference) = difference(&part(&expected), &part(&found)) {
                    failed.push(format!("{title}: {difference}"));
                } else if let Some(difference) = difference(&expected, &found) {
                    other.push(format!("{title}: {difference}"));
                }
            }
        }
    }
    println!(
        "{name}: {} of {} lines passed, {} failed",
        lines.len() - failed.len(),
        lines.len(),
        failed.len()
    );
    println!("{name}: in {} lines only other sections differ", other.len());
    for difference in &other {
        println!("  other section: {difference}");
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn generated_configurations() {
    compare("generate");
}

#[test]
fn generated_configurations_by_version() {
    compare("versions");
}

#[test]
fn accepted_and_rejected() {
    let Some(lines) = lines("select") else { return };
    let mut failed = Vec::new();
    for line in &lines {
        // A Secret holds base64, a ConfigMap does not; nothing else tells them apart.
        let is_config_map = |object: &&Value| object["metadata"]["name"] == "configmap";
        let (config_maps, secrets): (Vec<&Value>, Vec<&Value>) =
            array(line, "refs").iter().partition(is_config_map);
        let owned = |objects: Vec<&Value>| objects.into_iter().cloned().collect::<Vec<_>>();
        let inventory = inventory(&owned(secrets), &owned(config_maps));
        let assets = Assets::new(&inventory, Client::Recorded);
        let kind = MonitorKind::ALL.into_iter().find(|kind| Some(kind.name()) == line["kind"].as_str());
        let monitor = monitor(kind.expect("one of the four"), &line["object"]);
        let version =
            Version::parse_tolerant(line["version"].as_str().unwrap_or_default()).expect("a version");
        let admission = Admission::new(&version, &line["prometheus"]["spec"], &assets);
        let found = admission.check(&monitor).err().map(|refusal| refusal.message);
        let expected = line["error"].as_str();
        if found.as_deref() != expected || found.is_none() != line["accepted"].as_bool().unwrap_or_default() {
            let file = &line["file"];
            failed.push(format!("{file}: expected {expected:?}, found {found:?}"));
        }
    }
    println!(
        "select: {} of {} lines passed, {} failed",
        lines.len() - failed.len(),
        lines.len(),
        failed.len()
    );
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
