//! A `PersistentVolume` for every claim that waits for one; the controller manager binds the two.

use std::path::Path;

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use kube::api::{DeleteParams, PostParams};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client};
use serde_json::json;

/// Watches claims, for ever; volumes are folders in `folder`.
pub(super) async fn serve(client: Client, folder: &Path) {
    let claims: Api<PersistentVolumeClaim> = Api::all(client.clone());
    let volumes: Api<PersistentVolume> = Api::all(client);
    let mut events = std::pin::pin!(watcher(claims, watcher::Config::default()).default_backoff());
    while let Some(event) = events.next().await {
        let done = match event {
            Ok(watcher::Event::Apply(claim) | watcher::Event::InitApply(claim)) => {
                provide(&volumes, folder, &claim).await
            }
            Ok(watcher::Event::Delete(claim)) => retire(&volumes, &claim).await,
            // The watch goes on by itself.
            Ok(_) | Err(_) => Ok(()),
        };
        if let Err(error) = done {
            crate::say(&format!("a volume for a claim: {error}"));
        }
    }
}

fn name(claim: &PersistentVolumeClaim) -> String {
    format!("pvc-{}", claim.metadata.uid.as_deref().unwrap_or_default())
}

async fn provide(
    volumes: &Api<PersistentVolume>,
    folder: &Path,
    claim: &PersistentVolumeClaim,
) -> Result<(), String> {
    let spec = claim.spec.clone().unwrap_or_default();
    let phase = claim.status.as_ref().and_then(|status| status.phase.as_deref());
    let has_one = spec.volume_name.is_some_and(|name| !name.is_empty());
    if has_one || claim.metadata.deletion_timestamp.is_some() || phase == Some("Bound") {
        return Ok(());
    }
    let name = name(claim);
    let path = folder.join(&name);
    super::volumes::empty_folder(&path)?;
    let requests = spec.resources.and_then(|resources| resources.requests).unwrap_or_default();
    let volume = serde_json::from_value(json!({
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "capacity": {"storage": requests.get("storage")},
            "accessModes": spec.access_modes,
            "storageClassName": spec.storage_class_name,
            "persistentVolumeReclaimPolicy": "Retain",
            "volumeMode": spec.volume_mode,
            "hostPath": {"path": path},
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "namespace": claim.metadata.namespace,
                "name": claim.metadata.name,
                "uid": claim.metadata.uid,
            },
        },
    }))
    .map_err(|error| error.to_string())?;
    match volumes.create(&PostParams::default(), &volume).await {
        Err(kube::Error::Api(status)) if status.is_already_exists() => Ok(()),
        Err(error) => Err(error.to_string()),
        Ok(_) => Ok(()),
    }
}

async fn retire(volumes: &Api<PersistentVolume>, claim: &PersistentVolumeClaim) -> Result<(), String> {
    match volumes.delete(&name(claim), &DeleteParams::default()).await {
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        Err(error) => Err(error.to_string()),
        Ok(_) => Ok(()),
    }
}
