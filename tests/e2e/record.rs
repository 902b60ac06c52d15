//! Writing what was seen into a case, in the shape of the recorded worlds: `objects` as applied, `live` as read back,
//! the operator's configuration and Prometheus' targets in `results`.

use std::collections::BTreeMap;
use std::io::Read as _;

use k8s_openapi::api::core::v1::{Event, Secret};
use kube::api::{DynamicObject, ListParams};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Api, ResourceExt as _};
use regex::{Captures, Regex};
use serde_json::{Value, json};

use crate::case::Case;
use crate::judge;
use crate::world::World;

/// The kinds a predictor of selection and discovery needs, as they stand in the cluster.
const LIVE: &[(&str, &str, &str)] = &[
    ("", "v1", "Namespace"),
    ("", "v1", "Node"),
    ("", "v1", "Pod"),
    ("", "v1", "Service"),
    ("", "v1", "Endpoints"),
    ("discovery.k8s.io", "v1", "EndpointSlice"),
    ("networking.k8s.io", "v1", "Ingress"),
    ("rbac.authorization.k8s.io", "v1", "ClusterRole"),
    ("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding"),
    ("rbac.authorization.k8s.io", "v1", "Role"),
    ("rbac.authorization.k8s.io", "v1", "RoleBinding"),
    ("monitoring.coreos.com", "v1", "ServiceMonitor"),
    ("monitoring.coreos.com", "v1", "PodMonitor"),
    ("monitoring.coreos.com", "v1", "Probe"),
    ("monitoring.coreos.com", "v1alpha1", "ScrapeConfig"),
    ("monitoring.coreos.com", "v1", "Prometheus"),
    ("monitoring.coreos.com", "v1alpha1", "PrometheusAgent"),
];

/// Writes `recorded.json`. A case with certificates is not recorded: its Secrets hold keys.
pub(crate) async fn write(world: &World, case: &Case, objects: &[Value]) -> Result<(), String> {
    if !case.says.certificates.is_empty() {
        return Ok(());
    }
    let recorded = json!({
        "operator": case.says.operator,
        "objects": objects,
        "live": live(world, case, objects).await?,
        "results": [result(world, case).await?],
        "events": events(world, case).await?,
    });
    let path = case.folder.join("recorded.json");
    std::fs::write(&path, steady(&format!("{recorded:#}\n")))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// Replaces what differs from run to run by what does not, the same wherever it stands: uids and pod addresses by
/// numbers in the order of their appearance, versions and times by constants.
fn steady(text: &str) -> String {
    let uid =
        Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").expect("it is valid");
    let text = numbered(text, &uid, |number| format!("00000000-0000-4000-8000-{number:012}"));
    // Nodes have 10.77.1.N, which does not change.
    let address = Regex::new(r"\b10\.77\.([89]|[1-9]\d+)\.\d+\b").expect("it is valid");
    let text = numbered(&text, &address, |number| format!("10.77.8.{number}"));
    let version = Regex::new(r#""resourceVersion": "\d+""#).expect("it is valid");
    let text = version.replace_all(&text, "\"resourceVersion\": \"1\"");
    let time = Regex::new(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z").expect("it is valid");
    time.replace_all(&text, "2026-01-01T00:00:00Z").into_owned()
}

fn numbered(text: &str, pattern: &Regex, name: impl Fn(usize) -> String) -> String {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let replace = |found: &Captures<'_>| {
        let next = known.len() + 1;
        known.entry(found[0].to_owned()).or_insert_with(|| name(next)).clone()
    };
    pattern.replace_all(text, replace).into_owned()
}

/// Objects of the case's namespaces and those without one; of RBAC what the cluster does not make by itself, of Secrets
/// and `ConfigMaps` what the case made.
async fn live(world: &World, case: &Case, objects: &[Value]) -> Result<Vec<Value>, String> {
    let authored =
        objects.iter().filter(|object| matches!(object["kind"].as_str(), Some("Secret" | "ConfigMap")));
    let mut all: Vec<Value> = authored.cloned().collect();
    for (group, version, kind) in LIVE {
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
        let api: Api<DynamicObject> = Api::all_with(world.cluster.client(), &resource);
        let list = api.list(&ListParams::default()).await.map_err(|error| format!("{kind}: {error}"))?;
        for mut object in list {
            if !belongs(case, &object) || object.labels().contains_key("kubernetes.io/bootstrapping") {
                continue;
            }
            object.metadata.managed_fields = None;
            object.types = Some(kube::api::TypeMeta {
                api_version: resource.api_version.clone(),
                kind: (*kind).to_owned(),
            });
            all.push(serde_json::to_value(object).map_err(|error| error.to_string())?);
        }
    }
    Ok(all)
}

fn belongs(case: &Case, object: &DynamicObject) -> bool {
    let of_case = case.namespaces();
    match object.namespace() {
        Some(namespace) => case.says.is_alone() || of_case.contains(namespace.as_str()),
        None if object.types.as_ref().is_some_and(|types| types.kind == "Namespace") => true,
        None => !object.name_any().starts_with("system:"),
    }
}

async fn result(world: &World, case: &Case) -> Result<Value, String> {
    let (namespace, name) = case.says.prometheus.split_once('/').ok_or("`prometheus` is NAMESPACE/NAME")?;
    let (prometheus, pod) = judge::prometheus(world, case).await?;
    let (targets, mut pools) = tokio::try_join!(prometheus.targets(), prometheus.pools())?;
    pools.sort();
    let mut targets = targets.recorded(&pools);
    targets["env"] = json!({"POD_NAME": pod, "SHARD": "0"});
    Ok(json!({
        "kind": "Prometheus",
        "namespace": namespace,
        "name": name,
        "config": config(world, namespace, name).await?,
        "targets": targets,
    }))
}

/// What the operator said against objects.
async fn events(world: &World, case: &Case) -> Result<Vec<Value>, String> {
    let mut said = Vec::new();
    for namespace in case.namespaces() {
        let events: Api<Event> = Api::namespaced(world.cluster.client(), namespace);
        for event in events.list(&ListParams::default()).await.map_err(|error| error.to_string())? {
            if event.reason.as_deref() == Some("InvalidConfiguration") {
                said.push(json!({
                    "kind": event.involved_object.kind,
                    "namespace": namespace,
                    "name": event.involved_object.name,
                    "reason": event.reason,
                    "message": event.message,
                    "controller": event.reporting_component,
                }));
            }
        }
    }
    said.sort_by_key(Value::to_string);
    Ok(said)
}

/// The configuration the operator wrote.
async fn config(world: &World, namespace: &str, name: &str) -> Result<String, String> {
    let secrets: Api<Secret> = Api::namespaced(world.cluster.client(), namespace);
    let secret = secrets.get(&format!("prometheus-{name}")).await.map_err(|error| error.to_string())?;
    let packed = secret
        .data
        .unwrap_or_default()
        .remove("prometheus.yaml.gz")
        .ok_or("the Secret has no configuration")?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed.0.as_slice())
        .read_to_string(&mut text)
        .map_err(|error| error.to_string())?;
    Ok(text)
}
