//! The nodes: made, kept ready and free of the taint that only a node lifecycle controller would remove.

use std::time::Duration;

use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Node;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, Time};
use k8s_openapi::jiff::Timestamp;
use kube::api::{Patch, PatchParams};
use kube::{Api, Client};
use serde_json::{Value, json};

use super::NodeSpec;
use crate::network::Host;

/// What a node offers.
pub(super) const CPU: &str = "16";
/// What a node offers.
pub(super) const MEMORY: &str = "64Gi";

/// Who writes what a kubelet writes.
pub(super) const FIELD_MANAGER: &str = "rig-agent";

/// Makes the node if it is not there, and renews what a kubelet renews.
///
/// # Errors
///
/// What the API server said.
pub(super) async fn keep(client: &Client, spec: &NodeSpec, host: &Host, version: &str) -> Result<(), String> {
    let nodes: Api<Node> = Api::all(client.clone());
    let leases: Api<Lease> = Api::namespaced(client.clone(), "kube-node-lease");
    let text = |error: kube::Error| error.to_string();
    let apply = PatchParams::apply(FIELD_MANAGER).force();
    let merge = PatchParams::default();
    nodes.patch(&spec.name, &apply, &Patch::Apply(node(spec))).await.map_err(text)?;
    // Admission adds a taint to every new node; a list is replaced as a whole.
    let taints = json!({"spec": {"taints": spec.taints}});
    nodes.patch(&spec.name, &merge, &Patch::Merge(taints)).await.map_err(text)?;
    nodes.patch_status(&spec.name, &merge, &Patch::Merge(status(spec, host, version))).await.map_err(text)?;
    let lease = json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": spec.name},
        "spec": {
            "holderIdentity": spec.name,
            "leaseDurationSeconds": 40,
            "renewTime": MicroTime(Timestamp::now()),
        },
    });
    leases.patch(&spec.name, &apply, &Patch::Apply(lease)).await.map_err(text)?;
    Ok(())
}

/// How often a kubelet renews its lease.
pub(super) const PERIOD: Duration = Duration::from_secs(10);

fn node(spec: &NodeSpec) -> Value {
    let mut labels = json!({
        "kubernetes.io/hostname": spec.name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": architecture(),
        "beta.kubernetes.io/os": "linux",
        "beta.kubernetes.io/arch": architecture(),
    });
    for (key, value) in &spec.labels {
        labels[key] = json!(value);
    }
    json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": spec.name, "labels": labels}})
}

fn status(spec: &NodeSpec, host: &Host, version: &str) -> Value {
    let now = Time(Timestamp::now());
    let condition = |name: &str, status: &str, reason: &str| {
        json!({"type": name, "status": status, "reason": reason, "lastHeartbeatTime": now,
               "lastTransitionTime": now})
    };
    let resources = json!({"cpu": CPU, "memory": MEMORY, "pods": "250", "ephemeral-storage": "100Gi"});
    json!({"status": {
        "addresses": [
            {"type": "InternalIP", "address": host.address},
            {"type": "Hostname", "address": spec.name},
        ],
        "capacity": resources,
        "allocatable": resources,
        "conditions": [
            condition("MemoryPressure", "False", "KubeletHasSufficientMemory"),
            condition("DiskPressure", "False", "KubeletHasNoDiskPressure"),
            condition("PIDPressure", "False", "KubeletHasSufficientPID"),
            condition("Ready", "True", "KubeletReady"),
        ],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "nodeInfo": {
            "architecture": architecture(),
            "operatingSystem": "linux",
            "kubeletVersion": version,
            "kubeProxyVersion": "",
            "osImage": "promwire rig",
            "kernelVersion": "",
            "containerRuntimeVersion": "rig://1",
            "machineID": "",
            "systemUUID": "",
            "bootID": "",
        },
    }})
}

/// As Go names it.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
