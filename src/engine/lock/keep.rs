//! What of an object a lock keeps: what links hang on, nothing that changes with every rollout, and nothing secret.

use serde_json::{Map, Value};

use crate::kubernetes::data::WITHHELD;
use crate::model::kind::MONITORING;

type Fields = Map<String, Value>;

/// What is kept of an object of this kind; None where nothing is.
pub(super) fn keep(kind: &str, object: &Value) -> Option<Value> {
    let mut kept = object.as_object()?.clone();
    if is_made(kind, &kept) || is_built_in(&kept) || is_left_out(kind) {
        return None;
    }
    kept.remove("status");
    metadata(kind, kept.get_mut("metadata")?.as_object_mut()?);
    match kind {
        "Secret" => only(&mut kept, &["data", "stringData", "type"]),
        "ConfigMap" => only(&mut kept, &["data", "binaryData"]),
        "ServiceAccount" => only(&mut kept, &[]),
        "Namespace" | "StorageClass" => only(&mut kept, &["provisioner"]),
        _ => {}
    }
    for field in ["data", "stringData", "binaryData"] {
        let values = kept.get_mut(field).and_then(Value::as_object_mut);
        values.into_iter().flat_map(Map::values_mut).for_each(|value| *value = WITHHELD.into());
    }
    if let Some(spec) = kept.get_mut("spec").and_then(Value::as_object_mut) {
        match kind {
            "Pod" => pod_spec(spec),
            "Service" => service(spec),
            _ if WORKLOADS.contains(&kind) => workload(spec),
            _ => {}
        }
    }
    let mut kept = Value::Object(kept);
    scrub(&mut kept);
    Some(kept)
}

/// Whether nothing of a kind is kept: its objects come and go, or no link of a manifest needs them.
pub(super) fn is_left_out(kind: &str) -> bool {
    ["HorizontalPodAutoscaler", "Node", "PrometheusRule"].contains(&kind)
}

const WORKLOADS: &[&str] =
    &["CronJob", "DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"];

/// Whether a controller of Kubernetes makes it anew from something that is kept.
fn is_made(kind: &str, object: &Fields) -> bool {
    let metadata = &object["metadata"];
    let owners = metadata["ownerReferences"].as_array();
    let mut owners = owners.into_iter().flatten().filter_map(|owner| owner["kind"].as_str());
    let managed = &metadata["labels"]["endpointslice.kubernetes.io/managed-by"];
    match kind {
        "EndpointSlice" => managed.as_str().is_some_and(|by| by.ends_with(".k8s.io")),
        // The controller of Endpoints signs what it makes.
        "Endpoints" => {
            metadata["annotations"].get("endpoints.kubernetes.io/last-change-trigger-time").is_some()
                || !metadata["labels"]["endpoints.kubernetes.io/managed-by"].is_null()
        }
        "ConfigMap" => metadata["name"] == "kube-root-ca.crt" || is_of_the_operator(metadata),
        "Secret" => is_of_the_operator(metadata),
        "ServiceAccount" => metadata["name"] == "default",
        _ => owners.any(|owner| WORKLOADS.contains(&owner)),
    }
}

/// Whether prometheus-operator makes it: nobody refers to these.
fn is_of_the_operator(metadata: &Value) -> bool {
    let owners = metadata["ownerReferences"].as_array();
    let mut versions = owners.into_iter().flatten().filter_map(|owner| owner["apiVersion"].as_str());
    versions.any(|version| version.starts_with(MONITORING))
}

/// Whether every cluster has it, so that it is known without.
fn is_built_in(object: &Fields) -> bool {
    object["metadata"]["labels"]["kubernetes.io/bootstrapping"] == "rbac-defaults"
}

fn only(object: &mut Fields, kept: &[&str]) {
    object.retain(|key, _| {
        ["apiVersion", "kind", "metadata"].contains(&key.as_str()) || kept.contains(&key.as_str())
    });
}

fn metadata(kind: &str, metadata: &mut Fields) {
    // Relabelling reads annotations of what is discovered, and the operator those of Prometheus.
    let is_read = ["Ingress", "Prometheus", "PrometheusAgent", "Service"].contains(&kind);
    metadata.retain(|key, _| {
        ["labels", "name", "namespace"].contains(&key.as_str()) || (key == "annotations" && is_read)
    });
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        annotations.retain(|_, value| value.as_str().is_some_and(|text| text.len() <= 256));
        if annotations.is_empty() {
            metadata.remove("annotations");
        }
    }
}

fn service(spec: &mut Fields) {
    // Addresses are given anew with every cluster; that there is none is said.
    spec.retain(|key, value| match key.as_str() {
        "clusterIP" => value == "None",
        "clusterIPs" | "healthCheckNodePort" => false,
        _ => true,
    });
    for port in spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(port) = port.as_object_mut() {
            port.remove("nodePort");
        }
    }
}

fn workload(spec: &mut Fields) {
    if let Some(template) = spec.get_mut("jobTemplate").and_then(|template| template.get_mut("spec")) {
        if let Some(spec) = template.as_object_mut() {
            workload(spec);
        }
        spec.retain(|key, _| ["jobTemplate", "schedule"].contains(&key.as_str()));
        return;
    }
    // How many there are changes with the load, that there are none does not.
    spec.retain(|key, value| match key.as_str() {
        "selector" | "serviceName" | "template" => true,
        "replicas" => *value == 0,
        _ => false,
    });
    let Some(template) = spec.get_mut("template").and_then(Value::as_object_mut) else { return };
    if let Some(metadata) = template.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|key, _| key == "labels");
    }
    if let Some(spec) = template.get_mut("spec").and_then(Value::as_object_mut) {
        pod_spec(spec);
    }
}

fn pod_spec(spec: &mut Fields) {
    let kept = ["containers", "hostNetwork", "initContainers", "serviceAccountName"];
    spec.retain(|key, _| kept.contains(&key.as_str()));
    for field in ["containers", "initContainers"] {
        for container in spec.get_mut(field).and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(container) = container.as_object_mut() else { continue };
            container.retain(|key, _| ["image", "name", "ports", "restartPolicy"].contains(&key.as_str()));
            if let Some(image) = container.get_mut("image")
                && let Some(text) = image.as_str()
            {
                *image = without_version(text).into();
            }
        }
    }
}

/// An image without its version, which changes with every rollout.
fn without_version(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    let name = image.rfind('/').map_or(0, |slash| slash + 1);
    image[name..].find(':').map_or(image, |colon| &image[..name + colon])
}

/// Takes away what may be secret although it is in no Secret: variables, and passwords in URLs.
fn scrub(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|key, value| !(["env", "envFrom"].contains(&key.as_str()) && value.is_array()));
            fields.values_mut().for_each(scrub);
        }
        Value::Array(items) => items.iter_mut().for_each(scrub),
        Value::String(text) => {
            if let Some(scrubbed) = without_password(text) {
                *text = scrubbed;
            }
        }
        _ => {}
    }
}

/// A URL without the password in it, if there is one: `https://user:pw@host/`.
fn without_password(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user, _) = authority.rsplit_once('@')?.0.split_once(':')?;
    let after = &rest[authority.rfind('@')?..];
    Some(format!("{scheme}://{user}:{WITHHELD}{after}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_secrets_the_keys_are_kept() {
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a", "annotations": {"x": "canary"}},
            "type": "Opaque", "data": {"tls.key": "Y2FuYXJ5"}, "stringData": {"b": "canary"},
        });
        let kept = keep("Secret", &secret).expect("a Secret is kept");
        assert_eq!(kept["data"], json!({"tls.key": WITHHELD}));
        let text = kept.to_string();
        assert!(!text.contains("canary") && !text.contains("Y2FuYXJ5"), "{text}");
    }

    #[test]
    fn what_may_be_secret_elsewhere_is_taken_away() {
        let prometheus = json!({
            "apiVersion": "monitoring.coreos.com/v1", "kind": "Prometheus", "metadata": {"name": "a"},
            "spec": {
                "containers": [{"name": "proxy", "env": [{"name": "TOKEN", "value": "canary"}]}],
                "remoteWrite": [{"url": "https://me:canary@example.com/api?x=1"}],
            },
        });
        let kept = keep("Prometheus", &prometheus).expect("a Prometheus is kept");
        assert!(!kept.to_string().contains("canary"), "{kept}");
        assert_eq!(kept["spec"]["remoteWrite"][0]["url"], "https://me:<withheld>@example.com/api?x=1");
        assert_eq!(without_password("https://example.com/a:b@c"), None);
    }

    #[test]
    fn a_rollout_changes_nothing() {
        let deployment = |image: &str, replicas: u32| {
            json!({
                "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "uid": image},
                "spec": {"replicas": replicas, "selector": {}, "template": {
                    "metadata": {"labels": {"app": "a"}, "annotations": {"restartedAt": image}},
                    "spec": {"containers": [{"name": "c", "image": image, "args": [image], "ports": []}]},
                }},
            })
        };
        let one = keep("Deployment", &deployment("r.example:5000/a:1@sha256:0", 1));
        assert_eq!(one, keep("Deployment", &deployment("r.example:5000/a:2", 3)));
        let template = &one.expect("it is kept")["spec"]["template"];
        assert_eq!(template["spec"]["containers"][0]["image"], "r.example:5000/a");
    }
}
