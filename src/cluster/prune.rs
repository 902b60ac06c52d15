//! What of an object nobody looks at: taken away while it is read, because a cluster has many objects.

use serde_json::{Map, Value};

type Fields = Map<String, Value>;

/// What `kubectl apply` leaves: the object once more, a Secret's content among it.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// What metadata is kept. The rest is the API server's bookkeeping.
const METADATA: &[&str] =
    &["annotations", "deletionTimestamp", "labels", "name", "namespace", "ownerReferences", "uid"];

/// Takes away what nobody looks at of an object of a kind.
pub(super) fn prune(kind: &str, object: &mut Fields) {
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|key, _| METADATA.contains(&key.as_str()));
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove(LAST_APPLIED);
            if annotations.is_empty() {
                metadata.remove("annotations");
            }
        }
    }
    match kind {
        "Pod" => pod(object),
        "Node" => node(object),
        // Only what it belongs to: its pods are those of its maker.
        "ReplicaSet" if controller(object).is_some() => {
            object.remove("spec");
            object.remove("status");
        }
        _ => {
            object.remove("status");
        }
    }
}

/// The kind of what made an object.
fn controller(object: &Fields) -> Option<&str> {
    let owners = object.get("metadata")?.get("ownerReferences")?.as_array()?;
    owners.iter().find(|owner| owner["controller"] == true)?.get("kind")?.as_str()
}

/// Discovery reads where a Pod is and which ports it has. What else there is to say of it says the template of its maker; of one
/// without, such as a static pod, everything is kept.
fn pod(object: &mut Fields) {
    if let Some(status) = object.get_mut("status").and_then(Value::as_object_mut) {
        let kept = [
            "conditions",
            "containerStatuses",
            "hostIP",
            "initContainerStatuses",
            "phase",
            "podIP",
            "podIPs",
        ];
        status.retain(|key, _| kept.contains(&key.as_str()));
        if let Some(conditions) = status.get_mut("conditions").and_then(Value::as_array_mut) {
            conditions.retain(|condition| condition["type"] == "Ready");
            each(conditions, &["status", "type"]);
        }
        for statuses in ["containerStatuses", "initContainerStatuses"] {
            if let Some(statuses) = status.get_mut(statuses).and_then(Value::as_array_mut) {
                each(statuses, &["containerID", "name"]);
            }
        }
    }
    let is_made = controller(object).is_some_and(|kind| kind != "Node");
    let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut).filter(|_| is_made) else {
        return;
    };
    let kept = ["containers", "hostNetwork", "hostname", "initContainers", "nodeName", "subdomain"];
    spec.retain(|key, _| kept.contains(&key.as_str()));
    for containers in ["containers", "initContainers"] {
        if let Some(containers) = spec.get_mut(containers).and_then(Value::as_array_mut) {
            each(containers, &["image", "name", "ports", "restartPolicy"]);
        }
    }
}

fn node(object: &mut Fields) {
    if let Some(status) = object.get_mut("status").and_then(Value::as_object_mut) {
        status.retain(|key, _| ["addresses", "conditions", "daemonEndpoints"].contains(&key.as_str()));
        if let Some(conditions) = status.get_mut("conditions").and_then(Value::as_array_mut) {
            each(conditions, &["status", "type"]);
        }
    }
}

/// Keeps only these fields of each item.
fn each(items: &mut [Value], kept: &[&str]) {
    for item in items.iter_mut().filter_map(Value::as_object_mut) {
        item.retain(|key, _| kept.contains(&key.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pruned(kind: &str, object: Value) -> Value {
        let Value::Object(mut fields) = object else { panic!("an object") };
        prune(kind, &mut fields);
        Value::Object(fields)
    }

    #[test]
    fn what_kubectl_left_is_gone() {
        let secret = json!({
            "metadata": {
                "name": "a", "resourceVersion": "1", "managedFields": [{}],
                "annotations": {LAST_APPLIED: "{\"data\": \"canary\"}"},
            },
            "data": {"k": "v"},
        });
        assert_eq!(pruned("Secret", secret), json!({"metadata": {"name": "a"}, "data": {"k": "v"}}));
    }

    #[test]
    fn static_pods_keep_their_arguments() {
        let pod = |owner: &str| {
            json!({
                "metadata": {"ownerReferences": [{"controller": true, "kind": owner, "name": "x"}]},
                "spec": {"containers": [{"name": "c", "args": ["--a"]}], "tolerations": []},
                "status": {"podIP": "1.2.3.4", "qosClass": "Burstable", "conditions": [
                    {"type": "Ready", "status": "True", "lastProbeTime": null}, {"type": "Initialized", "status": "True"},
                ]},
            })
        };
        let (fixed, made) = (pruned("Pod", pod("Node")), pruned("Pod", pod("ReplicaSet")));
        assert_eq!(fixed["spec"]["containers"][0]["args"][0], "--a");
        assert_eq!(made["spec"], json!({"containers": [{"name": "c"}]}));
        assert_eq!(made["status"]["conditions"], json!([{"type": "Ready", "status": "True"}]));
        assert_eq!(made["status"].as_object().map(Map::len), Some(2));
    }
}
