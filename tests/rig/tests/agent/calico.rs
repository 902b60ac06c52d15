//! Calico's pages come, move and go with its settings.

use std::time::Duration;

use kube::api::{Patch, PatchParams};
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use promwire_rig::cluster::wait;
use serde_json::{Value, json};

use crate::{World, check, page, text};

pub(crate) async fn pages(world: &World) -> Result<(), String> {
    let namespace = world.cluster.namespace("calico").await?;
    world.apply(&include_str!("calico.yaml").replace("NAMESPACE", &namespace)).await?;
    for pod in ["calico-node", "calico-typha", "calico-kube-controllers"] {
        world.ready(&namespace, pod).await?;
    }
    let node = world.host("worker-1")?.address;
    let controllers = world.pod(&namespace, "calico-kube-controllers").await;
    let controllers = text(&controllers, "/status/podIP").to_owned();

    // Typha asks its environment alone.
    answers(&format!("{node}:9093"), "typha_connections_active").await?;
    // Felix and kube-controllers have no settings to read: their kinds are not served yet.
    silent(&format!("{node}:9091")).await?;
    silent(&format!("{controllers}:9094")).await?;

    world.cluster.install_calico_crds().await?;
    // It takes the API server a while to serve a new kind.
    let path = "/apis/crd.projectcalico.org/v1/kubecontrollersconfigurations/default";
    wait(Duration::from_secs(20), "the kinds of Calico", async || world.get(path).await.is_ok()).await?;
    answers(&format!("{controllers}:9094"), "calico_migration_duration_seconds_count").await?;
    let made = world.get(path).await?;
    check(made["spec"]["prometheusMetricsPort"] == 9094, format!("kube-controllers made {made:#}"))?;
    silent(&format!("{node}:9091")).await?;

    set(world, "FelixConfiguration", json!({"prometheusMetricsEnabled": true})).await?;
    answers(&format!("{node}:9091"), "felix_resync_state 3").await?;
    set(world, "FelixConfiguration", json!({"prometheusMetricsPort": 9191})).await?;
    answers(&format!("{node}:9191"), "felix_resync_state 3").await?;
    silent(&format!("{node}:9091")).await?;
    // On loopback it is there, and nobody outside can tell.
    set(world, "FelixConfiguration", json!({"prometheusMetricsHost": "127.0.0.1"})).await?;
    silent(&format!("{node}:9191")).await?;
    set(world, "FelixConfiguration", json!({"prometheusMetricsHost": null})).await?;
    answers(&format!("{node}:9191"), "felix_resync_state 3").await?;
    set(world, "FelixConfiguration", json!({"prometheusMetricsEnabled": false})).await?;
    silent(&format!("{node}:9191")).await?;

    set(world, "KubeControllersConfiguration", json!({"prometheusMetricsPort": 9095})).await?;
    answers(&format!("{controllers}:9095"), "go_info").await?;
    silent(&format!("{controllers}:9094")).await?;
    set(world, "KubeControllersConfiguration", json!({"prometheusMetricsPort": 0})).await?;
    silent(&format!("{controllers}:9095")).await
}

/// Patches a `default` object as `kubectl patch --type merge` does, or makes it.
async fn set(world: &World, kind: &str, spec: Value) -> Result<(), String> {
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("crd.projectcalico.org", "v1", kind));
    let api = kube::Api::<DynamicObject>::all_with(world.cluster.client(), &resource);
    if api.get_opt("default").await.map_err(|error| error.to_string())?.is_none() {
        let object = json!({"apiVersion": "crd.projectcalico.org/v1", "kind": kind,
            "metadata": {"name": "default"}, "spec": spec});
        return world.cluster.apply(&[object]).await.map_err(|refused| refused.join("\n"));
    }
    let patch = Patch::Merge(json!({"spec": spec}));
    api.patch("default", &PatchParams::default(), &patch).await.map_err(|error| error.to_string())?;
    Ok(())
}

/// A change shows within a second.
const SOON: Duration = Duration::from_secs(1);

async fn answers(address: &str, line: &str) -> Result<(), String> {
    wait(SOON, &format!("{line} at {address}"), async || {
        page(address).await.is_ok_and(|page| page.contains(line))
    })
    .await
}

async fn silent(address: &str) -> Result<(), String> {
    wait(SOON, &format!("silence at {address}"), async || page(address).await.is_err()).await
}
